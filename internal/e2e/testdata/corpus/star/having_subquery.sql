-- HAVING against a subquery, with an aggregate of an expression.
SELECT part, SUM(qty * amount) AS weight FROM sale GROUP BY part
HAVING SUM(qty * amount) > (SELECT 3 * AVG(w) FROM (SELECT SUM(qty * amount)::float8 AS w FROM sale GROUP BY part) x)
ORDER BY weight DESC, part
