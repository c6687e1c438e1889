-- Totals by year and channel (ROLLUP, GROUPING).
SELECT EXTRACT(year FROM day) AS y, channel, COUNT(*) AS n, SUM(amount) AS total, GROUPING(y, channel) AS g
FROM sale GROUP BY ROLLUP (y, channel)
ORDER BY g, y, channel
-- postgresql
SELECT EXTRACT(year FROM day) AS y, channel, COUNT(*) AS n, SUM(amount) AS total, GROUPING(EXTRACT(year FROM day), channel) AS g
FROM sale GROUP BY ROLLUP (EXTRACT(year FROM day), channel)
ORDER BY g, y, channel
