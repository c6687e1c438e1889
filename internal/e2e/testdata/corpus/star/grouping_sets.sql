-- Sets of groups, one of them empty.
SELECT channel, closed, DATE_PART(month, day) AS m, COUNT(*) AS n
FROM sale GROUP BY GROUPING SETS ((channel, closed), (m), ())
ORDER BY channel, closed, m, n
-- postgresql
SELECT channel, closed, DATE_PART('month', day) AS m, COUNT(*) AS n
FROM sale GROUP BY GROUPING SETS ((channel, closed), (DATE_PART('month', day)), ())
ORDER BY channel, closed, m, n
