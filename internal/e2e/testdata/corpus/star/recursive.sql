-- A series of months, with and without sales (WITH RECURSIVE).
WITH RECURSIVE months (m, n) AS (
  SELECT DATE '1996-01-01', 1 UNION ALL SELECT DATEADD(month, 1, m)::date, n + 1 FROM months WHERE n < 24)
SELECT m, n, COUNT(sale_id) AS sales, NVL(SUM(qty), 0) AS qty
FROM months LEFT JOIN sale ON DATE_TRUNC('month', day) = m AND channel = 'web'
GROUP BY m, n ORDER BY m
-- postgresql
WITH RECURSIVE months (m, n) AS (
  SELECT DATE '1996-01-01', 1 UNION ALL SELECT (m + INTERVAL '1 month')::date, n + 1 FROM months WHERE n < 24)
SELECT m, n, COUNT(sale_id) AS sales, COALESCE(SUM(qty), 0) AS qty
FROM months LEFT JOIN sale ON DATE_TRUNC('month', day) = m AND channel = 'web'
GROUP BY m, n ORDER BY m
