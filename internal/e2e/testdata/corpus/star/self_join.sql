-- Pairs of sales of one customer on one day.
SELECT a.cust, a.sale_id AS one, b.sale_id AS other, b.day - a.day AS days
FROM sale a JOIN sale b ON a.cust = b.cust AND b.sale_id > a.sale_id AND b.day BETWEEN a.day AND a.day + 3
ORDER BY 1, 2, 3
