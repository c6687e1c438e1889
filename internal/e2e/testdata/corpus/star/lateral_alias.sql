-- An alias is used in the same list, and in WHERE's place a subquery.
SELECT sale_id, amount * 2 AS twice, twice + 1 AS more, CASE WHEN more > 100000 THEN 'large' ELSE 'small' END AS size
FROM sale WHERE sale_id < 500 ORDER BY sale_id
-- postgresql
SELECT sale_id, amount * 2 AS twice, amount * 2 + 1 AS more, CASE WHEN amount * 2 + 1 > 100000 THEN 'large' ELSE 'small' END AS size
FROM sale WHERE sale_id < 500 ORDER BY sale_id
