-- ORDER BY what is not selected, LIMIT and OFFSET.
SELECT p_name FROM part ORDER BY p_retailprice DESC, p_partkey LIMIT 7 OFFSET 3
