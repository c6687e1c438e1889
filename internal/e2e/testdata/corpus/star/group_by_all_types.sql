-- Groups by a boolean, a date and a NULL.
SELECT closed, day, channel, MIN(rating) AS least, COUNT(rating) AS known, COUNT(*) AS n FROM sale
WHERE day BETWEEN '1996-02-01' AND '1996-03-15' GROUP BY closed, day, channel ORDER BY day, closed, channel
