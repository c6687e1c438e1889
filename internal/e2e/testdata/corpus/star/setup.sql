-- A fact table with what is missing in TPC-H's: NULLs, ties, a floating measure.
DROP TABLE IF EXISTS sale;
CREATE TABLE sale (
  sale_id BIGINT, day DATE, cust INTEGER, part INTEGER, channel VARCHAR(10), qty INTEGER,
  amount NUMERIC(12,2), discount NUMERIC(12,2), rating DOUBLE PRECISION, closed BOOLEAN);
INSERT INTO sale
SELECT l_orderkey * 10 + l_linenumber, l_shipdate, o_custkey, l_partkey,
       CASE l_orderkey % 4 WHEN 0 THEN 'web' WHEN 1 THEN 'store' WHEN 2 THEN 'phone' END,
       CAST(l_quantity AS INTEGER), l_extendedprice, NULLIF(l_discount, 0.05),
       CASE WHEN l_linenumber % 3 <> 0 THEN CAST(l_quantity AS DOUBLE PRECISION) / 4 END,
       CASE l_linestatus WHEN 'F' THEN true WHEN 'O' THEN l_linenumber % 2 = 0 END
FROM lineitem JOIN orders ON o_orderkey = l_orderkey
WHERE l_orderkey < 1500;
