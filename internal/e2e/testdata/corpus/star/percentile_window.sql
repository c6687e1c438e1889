-- The percentile beside each row.
-- compare: = = f
SELECT DISTINCT closed, PERCENTILE_DISC(0.25) WITHIN GROUP (ORDER BY qty) OVER (PARTITION BY closed) AS low,
  MEDIAN(rating) OVER (PARTITION BY closed) AS mid
FROM sale ORDER BY closed
-- postgresql
SELECT closed, PERCENTILE_DISC(0.25) WITHIN GROUP (ORDER BY qty) AS low, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY rating) AS mid
FROM sale GROUP BY closed ORDER BY closed
