-- Scalar subqueries in the list, one without a row.
SELECT r_name, (SELECT COUNT(*) FROM nation WHERE n_regionkey = r_regionkey) AS nations,
  (SELECT MAX(c_acctbal) FROM customer, nation WHERE c_nationkey = n_nationkey AND n_regionkey = r_regionkey) AS richest,
  (SELECT n_name FROM nation WHERE n_regionkey = r_regionkey AND n_name LIKE 'Z%') AS none
FROM region ORDER BY r_name
