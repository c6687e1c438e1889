-- Aggregates of booleans and bits.
SELECT channel, BOOL_AND(qty > 0) AS a, BOOL_OR(closed) AS o, BIT_AND(qty) AS b, BIT_OR(qty) AS c, COUNT(DISTINCT part) AS parts
FROM sale GROUP BY channel ORDER BY channel
