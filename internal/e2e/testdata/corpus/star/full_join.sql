-- FULL JOIN of aggregates, with USING.
SELECT cust, w.n AS web, p.n AS phone
FROM (SELECT cust, COUNT(*) AS n FROM sale WHERE channel = 'web' GROUP BY cust) w
FULL JOIN (SELECT cust, COUNT(*) AS n FROM sale WHERE channel = 'phone' GROUP BY cust) p USING (cust)
WHERE cust < 300 ORDER BY cust
