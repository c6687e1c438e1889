-- A key beside ROLLUP, and HAVING on what was rolled up.
SELECT closed, channel, DATE_TRUNC('year', day) AS y, COUNT(*) AS n
FROM sale GROUP BY closed, ROLLUP (channel, DATE_TRUNC('year', day))
HAVING COUNT(*) > 40
ORDER BY closed, channel, y, n
-- postgresql
SELECT closed, channel, DATE_TRUNC('year', day::timestamp) AS y, COUNT(*) AS n
FROM sale GROUP BY closed, ROLLUP (channel, DATE_TRUNC('year', day::timestamp))
HAVING COUNT(*) > 40
ORDER BY closed, channel, y, n
