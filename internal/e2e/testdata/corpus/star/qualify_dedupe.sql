-- The last sale of each customer, by QUALIFY without the window in the list.
SELECT cust, sale_id, day FROM sale
WHERE cust < 400
QUALIFY ROW_NUMBER() OVER (PARTITION BY cust ORDER BY day DESC, sale_id DESC) = 1
ORDER BY cust
-- postgresql
SELECT DISTINCT ON (cust) cust, sale_id, day FROM sale WHERE cust < 400 ORDER BY cust, day DESC, sale_id DESC
