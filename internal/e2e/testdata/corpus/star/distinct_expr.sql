-- DISTINCT over expressions, ordered by position.
SELECT DISTINCT channel || '-' || CASE WHEN closed THEN 'closed' ELSE 'open' END AS state, LEN(channel) AS l FROM sale ORDER BY 2 DESC, 1
-- postgresql
SELECT DISTINCT channel || '-' || CASE WHEN closed THEN 'closed' ELSE 'open' END AS state, LENGTH(channel) AS l FROM sale ORDER BY 2 DESC, 1
