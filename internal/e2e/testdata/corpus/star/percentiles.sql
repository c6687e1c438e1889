-- Percentiles, continuous and discrete, and the median.
-- compare: = f f
SELECT channel, PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY rating) AS p90, MEDIAN(rating) AS mid
FROM sale GROUP BY channel ORDER BY channel
-- postgresql
SELECT channel, PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY rating) AS p90, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY rating) AS mid
FROM sale GROUP BY channel ORDER BY channel
