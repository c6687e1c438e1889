-- Each channel's share (RATIO_TO_REPORT).
-- compare: = = f
SELECT channel, SUM(qty) AS total, RATIO_TO_REPORT(SUM(qty)) OVER () AS share
FROM sale GROUP BY channel ORDER BY channel
-- postgresql
SELECT channel, SUM(qty) AS total, SUM(qty)::float8 / SUM(SUM(qty)) OVER ()::float8 AS share
FROM sale GROUP BY channel ORDER BY channel
