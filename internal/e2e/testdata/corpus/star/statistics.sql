-- Deviation and variance of samples and populations.
-- compare: = f f f f
SELECT channel, STDDEV(rating) AS s, STDDEV_POP(rating) AS sp, VARIANCE(rating) AS v, VAR_POP(rating) AS vp
FROM sale GROUP BY channel ORDER BY channel
