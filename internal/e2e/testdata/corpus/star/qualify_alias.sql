-- QUALIFY over an alias of the select list and an aggregate.
SELECT cust, SUM(amount) AS total, COUNT(*) AS n, ROW_NUMBER() OVER (ORDER BY SUM(amount) DESC, cust) AS r
FROM sale GROUP BY cust HAVING COUNT(*) > 3
QUALIFY r <= 12
ORDER BY r
-- postgresql
SELECT * FROM (SELECT cust, SUM(amount) AS total, COUNT(*) AS n, ROW_NUMBER() OVER (ORDER BY SUM(amount) DESC, cust) AS r
FROM sale GROUP BY cust HAVING COUNT(*) > 3) x WHERE r <= 12 ORDER BY r
