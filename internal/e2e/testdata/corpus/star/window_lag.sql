-- The sale before and after, over groups and with an offset.
SELECT sale_id, LAG(amount) OVER (PARTITION BY cust ORDER BY sale_id) AS before,
  LEAD(amount, 2) OVER (PARTITION BY cust ORDER BY sale_id) AS after2,
  amount - LAG(amount, 1) OVER (PARTITION BY cust ORDER BY sale_id) AS change
FROM sale WHERE cust BETWEEN 1 AND 250 ORDER BY sale_id
