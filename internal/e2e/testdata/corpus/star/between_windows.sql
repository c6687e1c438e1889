-- A window over an aggregate, compared with the group before.
SELECT DATE_PART(year, day) AS y, SUM(amount) AS total, LAG(SUM(amount)) OVER (ORDER BY DATE_PART(year, day)) AS before,
  SUM(SUM(amount)) OVER (ORDER BY DATE_PART(year, day) ROWS UNBOUNDED PRECEDING) AS running
FROM sale GROUP BY DATE_PART(year, day) ORDER BY y
-- postgresql
SELECT DATE_PART('year', day) AS y, SUM(amount) AS total, LAG(SUM(amount)) OVER (ORDER BY DATE_PART('year', day)) AS before,
  SUM(SUM(amount)) OVER (ORDER BY DATE_PART('year', day) ROWS UNBOUNDED PRECEDING) AS running
FROM sale GROUP BY DATE_PART('year', day) ORDER BY y
