-- Sales above the average of their part's brand.
SELECT s.sale_id, s.qty FROM sale s JOIN part p ON p.p_partkey = s.part
WHERE s.qty > (SELECT 1.9 * AVG(x.qty::float8) FROM sale x JOIN part y ON y.p_partkey = x.part WHERE y.p_brand = p.p_brand)
ORDER BY s.sale_id
