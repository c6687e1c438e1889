-- What small orders of a part bring in a year.
-- compare: ~
SELECT SUM(l_extendedprice) / 7.0 AS avg_yearly
FROM lineitem, part
WHERE p_partkey = l_partkey AND p_brand = 'Brand#23' AND p_container IN ('SM BOX', 'MED BOX', 'LG BOX', 'JUMBO BOX')
  AND l_quantity < (SELECT 0.2 * AVG(l_quantity::float8) FROM lineitem WHERE l_partkey = p_partkey)
