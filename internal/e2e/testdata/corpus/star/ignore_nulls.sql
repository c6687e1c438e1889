-- The last known discount (LAG, LAST_VALUE and NTH_VALUE with IGNORE NULLS).
SELECT sale_id, discount,
  LAG(discount IGNORE NULLS) OVER (ORDER BY sale_id) AS known,
  LAST_VALUE(discount IGNORE NULLS) OVER (ORDER BY sale_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS filled,
  FIRST_VALUE(rating IGNORE NULLS) OVER (PARTITION BY channel ORDER BY sale_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_rating
FROM sale WHERE sale_id < 1200 ORDER BY sale_id
-- postgresql
SELECT sale_id, discount,
  (SELECT s.discount FROM sale s WHERE s.sale_id < t.sale_id AND s.sale_id < 1200 AND s.discount IS NOT NULL ORDER BY s.sale_id DESC LIMIT 1) AS known,
  (SELECT s.discount FROM sale s WHERE s.sale_id <= t.sale_id AND s.sale_id < 1200 AND s.discount IS NOT NULL ORDER BY s.sale_id DESC LIMIT 1) AS filled,
  (SELECT s.rating FROM sale s WHERE s.sale_id >= t.sale_id AND s.sale_id < 1200 AND s.channel IS NOT DISTINCT FROM t.channel AND s.rating IS NOT NULL ORDER BY s.sale_id LIMIT 1) AS next_rating
FROM sale t WHERE sale_id < 1200 ORDER BY sale_id
