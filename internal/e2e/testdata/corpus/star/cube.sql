-- Every combination of channel and state (CUBE).
SELECT channel, closed, COUNT(*) AS n, SUM(qty) AS q, GROUPING(channel) AS gc, GROUPING(closed) AS gs
FROM sale GROUP BY CUBE (channel, closed)
ORDER BY gc, gs, channel, closed
