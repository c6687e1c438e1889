-- Outer joins written (+).
SELECT n_name, COUNT(s_suppkey) AS suppliers FROM nation, supplier
WHERE n_nationkey = s_nationkey (+) AND s_acctbal (+) > 0 GROUP BY n_name ORDER BY suppliers DESC, n_name
-- postgresql
SELECT n_name, COUNT(s_suppkey) AS suppliers FROM nation LEFT JOIN supplier ON n_nationkey = s_nationkey AND s_acctbal > 0
GROUP BY n_name ORDER BY suppliers DESC, n_name
