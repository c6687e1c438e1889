-- Customers by the year of their first sale, and how many came back.
WITH first AS (SELECT cust, MIN(day) AS began FROM sale GROUP BY cust)
SELECT DATE_PART(year, began) AS cohort, DATEDIFF(year, began, s.day) AS later, COUNT(DISTINCT s.cust) AS customers
FROM first f JOIN sale s ON s.cust = f.cust GROUP BY 1, 2 ORDER BY 1, 2
-- postgresql
WITH first AS (SELECT cust, MIN(day) AS began FROM sale GROUP BY cust)
SELECT DATE_PART('year', began) AS cohort, DATE_PART('year', s.day) - DATE_PART('year', began) AS later, COUNT(DISTINCT s.cust) AS customers
FROM first f JOIN sale s ON s.cust = f.cust GROUP BY 1, 2 ORDER BY 1, 2
