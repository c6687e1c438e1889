-- Customers of one channel alone (MINUS).
SELECT cust FROM sale WHERE channel = 'web' MINUS SELECT cust FROM sale WHERE channel <> 'web' OR channel IS NULL ORDER BY 1 LIMIT 50
-- postgresql
SELECT cust FROM sale WHERE channel = 'web' EXCEPT SELECT cust FROM sale WHERE channel <> 'web' OR channel IS NULL ORDER BY 1 LIMIT 50
