-- Parts of dates, truncation, ends of months and weeks.
SELECT DISTINCT DATE_TRUNC('week', day)::date AS monday, DATE_TRUNC('quarter', day)::date AS quarter, LAST_DAY(day) AS last,
  DATE_PART(dow, day) AS dow, EXTRACT(doy FROM day) AS doy, DATE_PART(week, day) AS week, TO_CHAR(day, 'DD.MM.YYYY Q IW') AS written
FROM sale WHERE cust < 100 ORDER BY 1, 3, 4
-- postgresql
SELECT DISTINCT DATE_TRUNC('week', day)::date AS monday, DATE_TRUNC('quarter', day)::date AS quarter, (DATE_TRUNC('month', day) + INTERVAL '1 month - 1 day')::date AS last,
  DATE_PART('dow', day) AS dow, EXTRACT(doy FROM day) AS doy, DATE_PART('week', day) AS week, TO_CHAR(day, 'DD.MM.YYYY Q IW') AS written
FROM sale WHERE cust < 100 ORDER BY 1, 3, 4
