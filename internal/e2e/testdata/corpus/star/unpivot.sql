-- Columns as rows (UNPIVOT), without the NULLs.
SELECT sale_id, measure, v FROM (SELECT sale_id, amount, discount FROM sale WHERE sale_id < 400)
UNPIVOT (v FOR measure IN (amount, discount))
ORDER BY sale_id, measure
-- postgresql
SELECT * FROM (SELECT sale_id, 'amount' AS measure, amount AS v FROM sale WHERE sale_id < 400
UNION ALL SELECT sale_id, 'discount', discount FROM sale WHERE sale_id < 400) x WHERE v IS NOT NULL ORDER BY sale_id, measure
