-- Customers of two channels (INTERSECT).
SELECT cust FROM sale WHERE channel = 'web' INTERSECT SELECT cust FROM sale WHERE channel = 'store' ORDER BY cust
