-- INTERSECT binds more tightly than UNION and EXCEPT; NULLs are equal.
SELECT channel FROM sale WHERE sale_id < 100
UNION SELECT 'mail' INTERSECT SELECT CAST('mail' AS VARCHAR)
EXCEPT SELECT 'phone'
ORDER BY channel
