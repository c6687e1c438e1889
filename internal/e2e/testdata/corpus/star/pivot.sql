-- Channels as columns (PIVOT).
SELECT * FROM (SELECT closed, channel, qty FROM sale)
PIVOT (SUM(qty) FOR channel IN ('web', 'store', 'phone'))
ORDER BY closed
-- postgresql
SELECT closed, SUM(qty) FILTER (WHERE channel = 'web') AS web, SUM(qty) FILTER (WHERE channel = 'store') AS store, SUM(qty) FILTER (WHERE channel = 'phone') AS phone
FROM sale GROUP BY closed ORDER BY closed
