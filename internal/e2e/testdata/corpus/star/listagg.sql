-- Names in order, with a delimiter (LISTAGG).
SELECT r_name, LISTAGG(TRIM(n_name), ', ') WITHIN GROUP (ORDER BY n_name DESC) AS nations, MIN(letters) AS letters
FROM region JOIN nation ON n_regionkey = r_regionkey
JOIN (SELECT n_regionkey AS key, LISTAGG(DISTINCT LEFT(n_name, 1)) WITHIN GROUP (ORDER BY LEFT(n_name, 1)) AS letters FROM nation GROUP BY n_regionkey) ON key = r_regionkey
GROUP BY r_name ORDER BY r_name
-- postgresql
SELECT r_name, STRING_AGG(TRIM(n_name), ', ' ORDER BY n_name DESC) AS nations,
  (SELECT STRING_AGG(l, '' ORDER BY l) FROM (SELECT DISTINCT LEFT(x.n_name, 1) AS l FROM nation x WHERE x.n_regionkey = r_regionkey) d) AS letters
FROM region JOIN nation ON n_regionkey = r_regionkey GROUP BY r_regionkey, r_name ORDER BY r_name
