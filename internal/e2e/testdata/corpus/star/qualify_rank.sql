-- The three largest sales of each channel (QUALIFY).
SELECT channel, sale_id, amount, RANK() OVER (PARTITION BY channel ORDER BY amount DESC, sale_id) AS place
FROM sale
WHERE qty > 5
QUALIFY RANK() OVER (PARTITION BY channel ORDER BY amount DESC, sale_id) <= 3
ORDER BY channel, place
-- postgresql
SELECT * FROM (SELECT channel, sale_id, amount, RANK() OVER (PARTITION BY channel ORDER BY amount DESC, sale_id) AS place
FROM sale WHERE qty > 5) x WHERE place <= 3 ORDER BY channel, place
