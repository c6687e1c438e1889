-- LISTAGG over a partition.
SELECT n_name, LISTAGG(RTRIM(n_name), '/') WITHIN GROUP (ORDER BY n_nationkey) OVER (PARTITION BY n_regionkey) AS neighbours
FROM nation ORDER BY n_nationkey
-- postgresql
SELECT n_name, (SELECT STRING_AGG(RTRIM(x.n_name), '/' ORDER BY x.n_nationkey) FROM nation x WHERE x.n_regionkey = n.n_regionkey) AS neighbours
FROM nation n ORDER BY n_nationkey
