-- Names of WITH that use each other, one of them twice.
WITH monthly AS (SELECT DATE_TRUNC('month', day)::date AS m, SUM(amount) AS total FROM sale GROUP BY 1),
     best (m, total) AS (SELECT m, total FROM monthly WHERE total > (SELECT 1.5 * AVG(total::float8) FROM monthly))
SELECT b.m, b.total, p.total AS year_before
FROM best b LEFT JOIN monthly p ON p.m = ADD_MONTHS(b.m, -12)::date ORDER BY b.m
-- postgresql
WITH monthly AS (SELECT DATE_TRUNC('month', day)::date AS m, SUM(amount) AS total FROM sale GROUP BY 1),
     best (m, total) AS (SELECT m, total FROM monthly WHERE total > (SELECT 1.5 * AVG(total::float8) FROM monthly))
SELECT b.m, b.total, p.total AS year_before
FROM best b LEFT JOIN monthly p ON p.m = (b.m - INTERVAL '12 months')::date ORDER BY b.m
