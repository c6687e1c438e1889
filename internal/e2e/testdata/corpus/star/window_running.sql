-- Running and moving sums with frames of rows.
SELECT sale_id, qty,
  SUM(qty) OVER (PARTITION BY channel ORDER BY day, sale_id ROWS UNBOUNDED PRECEDING) AS running,
  SUM(qty) OVER (PARTITION BY channel ORDER BY day, sale_id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS last3,
  SUM(qty) OVER (PARTITION BY channel ORDER BY day, sale_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS rest,
  COUNT(discount) OVER (PARTITION BY channel ORDER BY day, sale_id ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING) AS known,
  MIN(amount) OVER (PARTITION BY channel ORDER BY day, sale_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS least,
  MAX(amount) OVER (PARTITION BY channel) AS most
FROM sale WHERE sale_id < 1500 ORDER BY sale_id
