-- All ranks, with ties and NULLs in their places.
-- compare: = = = = = = f f
SELECT sale_id, discount,
  RANK() OVER (ORDER BY discount) AS r, DENSE_RANK() OVER (ORDER BY discount DESC) AS d,
  ROW_NUMBER() OVER (ORDER BY discount NULLS FIRST, sale_id) AS n,
  NTILE(4) OVER (ORDER BY discount DESC NULLS LAST, sale_id) AS quarter,
  PERCENT_RANK() OVER (ORDER BY qty) AS p, CUME_DIST() OVER (ORDER BY qty) AS c
FROM sale WHERE sale_id < 1000 ORDER BY sale_id
