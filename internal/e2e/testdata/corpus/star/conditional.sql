-- DECODE, NVL2, IIF in CASE, GREATEST and LEAST over NULLs.
-- compare: = = = = = f
SELECT DECODE(channel, 'web', 1, NULL, 2, 3) AS d, NVL2(discount, 'known', 'unknown') AS k,
  COUNT(*) AS n, SUM(GREATEST(discount, 0.03)) AS g, SUM(LEAST(discount, 0.03, NULL)) AS l, SUM(COALESCE(rating, 0)) AS r
FROM sale GROUP BY 1, 2 ORDER BY 1, 2
-- postgresql
SELECT CASE WHEN channel = 'web' THEN 1 WHEN channel IS NULL THEN 2 ELSE 3 END AS d, CASE WHEN discount IS NULL THEN 'unknown' ELSE 'known' END AS k,
  COUNT(*) AS n, SUM(GREATEST(discount, 0.03)) AS g, SUM(LEAST(discount, 0.03, NULL)) AS l, SUM(COALESCE(rating, 0)) AS r
FROM sale GROUP BY 1, 2 ORDER BY 1, 2
