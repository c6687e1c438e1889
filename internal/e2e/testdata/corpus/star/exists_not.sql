-- EXISTS, NOT EXISTS, and NOT IN with NULLs among the values.
SELECT COUNT(*) AS n,
  SUM(CASE WHEN EXISTS (SELECT 1 FROM sale s WHERE s.cust = c.c_custkey) THEN 1 ELSE 0 END) AS buyers,
  SUM(CASE WHEN c.c_custkey NOT IN (SELECT cust FROM sale WHERE cust IS NOT NULL) THEN 1 ELSE 0 END) AS others,
  SUM(CASE WHEN 'mail' NOT IN (SELECT channel FROM sale) THEN 1 ELSE 0 END) AS unknown
FROM customer c
