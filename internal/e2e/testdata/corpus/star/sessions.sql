-- Gaps and islands: sales less than 100 days apart.
WITH marked AS (
  SELECT cust, day, sale_id, CASE WHEN DATEDIFF(day, LAG(day) OVER (PARTITION BY cust ORDER BY day, sale_id), day) <= 100 THEN 0 ELSE 1 END AS fresh
  FROM sale WHERE cust < 500),
islands AS (SELECT cust, day, SUM(fresh) OVER (PARTITION BY cust ORDER BY day, sale_id ROWS UNBOUNDED PRECEDING) AS island FROM marked)
SELECT cust, island, MIN(day) AS first, MAX(day) AS last, COUNT(*) AS n, DATEDIFF(month, MIN(day), MAX(day)) AS months
FROM islands GROUP BY cust, island HAVING COUNT(*) > 2 ORDER BY cust, island
-- postgresql
WITH marked AS (
  SELECT cust, day, sale_id, CASE WHEN day - LAG(day) OVER (PARTITION BY cust ORDER BY day, sale_id) <= 100 THEN 0 ELSE 1 END AS fresh
  FROM sale WHERE cust < 500),
islands AS (SELECT cust, day, SUM(fresh) OVER (PARTITION BY cust ORDER BY day, sale_id ROWS UNBOUNDED PRECEDING) AS island FROM marked)
SELECT cust, island, MIN(day) AS first, MAX(day) AS last, COUNT(*) AS n,
  (EXTRACT(year FROM MAX(day)) * 12 + EXTRACT(month FROM MAX(day)) - EXTRACT(year FROM MIN(day)) * 12 - EXTRACT(month FROM MIN(day)))::int AS months
FROM islands GROUP BY cust, island HAVING COUNT(*) > 2 ORDER BY cust, island
