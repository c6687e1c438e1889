-- A Redshift user's first days, along the steps of the guides' tutorials: make
-- tables, load, check, tune, queues, documents, people and their rights, unload,
-- look back. Each statement ends with a semicolon at the end of a line.

-- Look around.
SELECT current_database(), current_schema(), current_user, version() LIKE '%Redshift%' AS redshift;
SHOW search_path;
SELECT node, slice FROM stv_slices ORDER BY slice;
CREATE SCHEMA ferry;
CREATE SCHEMA IF NOT EXISTS ferry;
SET search_path TO ferry, public;
SELECT current_schemas(false);

-- Tables with their distribution, sort keys and encodings.
CREATE TABLE ports (
  id SMALLINT NOT NULL PRIMARY KEY,
  name VARCHAR(30) NOT NULL ENCODE zstd,
  country CHAR(2),
  lat DECIMAL(8,5), lon DECIMAL(8,5)
) DISTSTYLE ALL SORTKEY (id);
CREATE TABLE passengers (
  id INTEGER NOT NULL DISTKEY SORTKEY,
  name VARCHAR(60) ENCODE lzo,
  email VARCHAR(100) DEFAULT 'unknown',
  joined DATE ENCODE az64,
  newsletter BOOLEAN
);
CREATE TABLE sailings (
  id INTEGER NOT NULL PRIMARY KEY,
  from_port SMALLINT REFERENCES ports (id),
  to_port SMALLINT REFERENCES ports (id),
  departs TIMESTAMP,
  seats SMALLINT
) DISTKEY (id) COMPOUND SORTKEY (departs, from_port);
CREATE TABLE bookings (
  id BIGINT,
  sailing INTEGER NOT NULL,
  passenger INTEGER NOT NULL,
  fare DECIMAL(8,2),
  booked TIMESTAMP
) DISTKEY (sailing) SORTKEY (booked);
CREATE TABLE broken (a INTEGER) DISTSTYLE KEY;
CREATE TABLE broken (a UUID);
SELECT "column", type, encoding, distkey, sortkey, "notnull" FROM pg_table_def WHERE schemaname = 'ferry' AND tablename = 'sailings';

-- A few rows by hand, and what does not fit.
INSERT INTO ports VALUES (9, 'Nowhere', 'XX', NULL, NULL), (10, 'Test', NULL, 1.5, -1.5);
INSERT INTO ports (id, name, country) VALUES (11, 'Long', 'ABC');
SELECT * FROM ports ORDER BY id;
DELETE FROM ports WHERE id >= 9;

-- Load from S3.
COPY ports FROM 's3://emulator/ferry/ports.txt' IAM_ROLE default;
COPY passengers FROM 's3://emulator/ferry/passengers.csv' IAM_ROLE default CSV IGNOREHEADER 1 EMPTYASNULL;
COPY sailings FROM 's3://emulator/ferry/sailings.tsv' IAM_ROLE default DELIMITER '\t' TIMEFORMAT 'DD/MM/YYYY HH24:MI' REGION 'us-east-1';
COPY bookings FROM 's3://emulator/ferry/manifests.json' IAM_ROLE default JSON 'auto' TIMEFORMAT 'auto' MANIFEST;
SELECT pg_last_copy_count();
COPY sailings FROM 's3://emulator/ferry/sailings_bad.tsv' IAM_ROLE default DELIMITER '\t' TIMEFORMAT 'DD/MM/YYYY HH24:MI';
SELECT line_number, trim(colname) AS colname, trim(type) AS type, trim(raw_field_value) AS value, trim(err_reason) AS reason FROM stl_load_errors ORDER BY line_number;
COPY sailings FROM 's3://emulator/ferry/sailings_bad.tsv' IAM_ROLE default DELIMITER '\t' TIMEFORMAT 'DD/MM/YYYY HH24:MI' MAXERROR 5;
SELECT pg_last_copy_count(), count(*) FROM sailings;
COPY sailings FROM 's3://emulator/ferry/nothing/' IAM_ROLE default;

-- Check the load.
SELECT 'ports' AS what, count(*) FROM ports UNION ALL SELECT 'passengers', count(*) FROM passengers UNION ALL SELECT 'sailings', count(*) FROM sailings UNION ALL SELECT 'bookings', count(*) FROM bookings ORDER BY 1;
SELECT table_name, status, loaded_rows, error_count, source_file_count FROM sys_load_history ORDER BY start_time;
SELECT name, coalesce(email, 'none') AS email, newsletter FROM passengers ORDER BY id;
SELECT trim(filename) AS file, lines_scanned FROM stl_load_commits ORDER BY curtime;

-- Questions.
SELECT p.name, count(*) AS trips, sum(b.fare) AS paid, avg(b.fare) AS mean FROM bookings b JOIN passengers p ON p.id = b.passenger GROUP BY p.name ORDER BY paid DESC;
SELECT f.name || ' - ' || t.name AS line, s.departs, sum(b.fare) AS income FROM sailings s JOIN ports f ON f.id = s.from_port JOIN ports t ON t.id = s.to_port LEFT JOIN bookings b ON b.sailing = s.id GROUP BY 1, 2 ORDER BY 2;
SELECT date_trunc('month', booked) AS month, count(*), listagg(passenger, ',') WITHIN GROUP (ORDER BY passenger) AS who FROM bookings GROUP BY 1 ORDER BY 1;
SELECT sailing, fare, rank() OVER (PARTITION BY sailing ORDER BY fare DESC) AS place, ratio_to_report(fare) OVER (PARTITION BY sailing) AS share FROM bookings ORDER BY 1, 3, 2;
SELECT passenger, booked, datediff(day, lag(booked) OVER (PARTITION BY passenger ORDER BY booked), booked) AS gap FROM bookings QUALIFY gap IS NOT NULL ORDER BY 1;
SELECT passenger, booked, datediff(day, lag(booked) OVER (PARTITION BY passenger ORDER BY booked), booked) AS gap FROM bookings b QUALIFY gap IS NOT NULL ORDER BY 1;
SELECT TOP 2 to_char(departs, 'Dy DD Mon YYYY HH24:MI') AS leaves, dateadd(hour, 17, departs) AS arrives FROM sailings ORDER BY departs;
SELECT nvl2(lat, 'mapped', 'not mapped') AS state, decode(country, 'GB', 'Britain', 'DK', 'Denmark', 'elsewhere') AS land FROM ports ORDER BY id;
SELECT median(fare), percentile_cont(0.25) WITHIN GROUP (ORDER BY fare) AS quarter, stddev(fare)::DECIMAL(8,3) FROM bookings;
WITH RECURSIVE hops (port, n) AS (SELECT 1, 0 UNION ALL SELECT s.to_port, n + 1 FROM hops h JOIN sailings s ON s.from_port = h.port WHERE n < 3 AND s.id < 104) SELECT n, name FROM hops JOIN ports ON id = port ORDER BY n;
SELECT country, count(*) FROM ports GROUP BY ROLLUP (country) ORDER BY 1;
SELECT generate_series(1, 3);
SELECT array_agg(id) FROM ports;

-- Tune.
EXPLAIN SELECT * FROM sailings s JOIN bookings b ON s.id = b.sailing;
ALTER TABLE passengers ALTER DISTSTYLE ALL;
ALTER TABLE passengers ALTER SORTKEY (joined, id);
ALTER TABLE passengers ALTER COLUMN email TYPE VARCHAR(200);
ALTER TABLE passengers ALTER COLUMN name ENCODE zstd;
ALTER TABLE passengers ADD COLUMN points INTEGER DEFAULT 0 NOT NULL;
SELECT "column", type, encoding, sortkey FROM pg_table_def WHERE tablename = 'passengers' ORDER BY "column";
CREATE TABLE bookings_copy DISTKEY (passenger) SORTKEY (passenger) AS SELECT * FROM bookings;
INSERT INTO bookings_copy (SELECT * FROM bookings);
SELECT "table", diststyle, sortkey1, tbl_rows FROM svv_table_info WHERE schema = 'ferry' ORDER BY 1;
VACUUM FULL bookings TO 99 PERCENT;
VACUUM DELETE ONLY;
ANALYZE bookings (sailing, passenger);
ANALYZE;
DROP TABLE bookings_copy;

-- Changes in transactions.
BEGIN;
UPDATE bookings SET fare = fare * 1.1 WHERE sailing = 102;
SELECT sum(fare) FROM bookings WHERE sailing = 102;
ROLLBACK;
SELECT sum(fare) FROM bookings WHERE sailing = 102;
BEGIN;
SELECT 1 / 0;
SELECT 1;
COMMIT;
CREATE TEMP TABLE stage (LIKE bookings);
INSERT INTO stage VALUES (6, 103, 2, 111.00, '2026-01-20 13:10:00'), (7, 103, 3, 99.00, '2026-01-21 08:00:00');
MERGE INTO bookings USING stage ON bookings.id = stage.id WHEN MATCHED THEN UPDATE SET fare = stage.fare WHEN NOT MATCHED THEN INSERT VALUES (stage.id, stage.sailing, stage.passenger, stage.fare, stage.booked);
SELECT id, fare FROM bookings WHERE sailing = 103 ORDER BY id;
VACUUM;
BEGIN;
VACUUM;
ROLLBACK;

-- Queues.
SET query_group TO 'reports';
SELECT count(*) AS reported FROM bookings;
RESET query_group;
SET statement_timeout TO 60000;
SHOW statement_timeout;
SET nonsense TO 1;
SET enable_result_cache_for_session TO off;

-- Documents.
CREATE TABLE cargo (ship VARCHAR(20), load SUPER);
COPY cargo FROM 's3://emulator/ferry/cargo.json' IAM_ROLE default FORMAT JSON 'auto';
SELECT ship, load.deck, load.items[0].kind FROM cargo ORDER BY ship, json_serialize(load.deck);
SELECT c.ship, i.kind::VARCHAR AS kind, i.kg::DECIMAL(8,1) AS kg FROM cargo c, c.load.items i ORDER BY kg;
SELECT c.ship, tag FROM cargo c, c.load.items i, i.tags AS tag;
SELECT c.ship, label, at FROM cargo c, c.load.items i, i.tags AS label AT at ORDER BY at;
SELECT json_typeof(load.deck) AS type, get_array_length(load.items) AS items FROM cargo ORDER BY 1, 2;
INSERT INTO cargo SELECT 'Loki', json_parse('{"deck": null, "items": [1, "two", {"three": 3.0}]}');
SELECT load FROM cargo WHERE ship = 'Loki';
SELECT is_array(load.items), is_object(load.items[2]), load.items[1] IS NULL AS missing, load.nowhere FROM cargo WHERE ship = 'Loki';
SELECT json_parse('{"a": ');
SELECT can_json_parse('[1, 2'), json_extract_path_text('{"a": {"b": "c"}}', 'a', 'b');

-- Data outside.
CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'lake' IAM_ROLE 'arn:aws:iam::123456789012:role/spectrum';
SELECT schemaname, databasename FROM svv_external_schemas;

-- Views, functions, procedures.
CREATE VIEW departures AS SELECT s.id, p.name AS port, s.departs FROM sailings s JOIN ports p ON p.id = s.from_port;
SELECT * FROM departures WHERE port LIKE 'H%' ORDER BY id;
DROP TABLE ports;
CREATE MATERIALIZED VIEW income AS SELECT sailing, sum(fare) AS total FROM bookings GROUP BY sailing;
INSERT INTO bookings VALUES (8, 100, 4, 10.00, '2026-01-30 00:00:00');
REFRESH MATERIALIZED VIEW income;
SELECT * FROM income ORDER BY sailing;
CREATE FUNCTION f_with_tax (DECIMAL(8,2)) RETURNS DECIMAL(10,2) STABLE AS $$ SELECT $1 * 1.25 $$ LANGUAGE sql;
SELECT id, f_with_tax(fare) FROM bookings WHERE id < 3 ORDER BY id;
CREATE OR REPLACE PROCEDURE give_points (p_each IN INTEGER, p_given OUT INTEGER) AS $$
BEGIN
  UPDATE passengers SET points = points + p_each WHERE id IN (SELECT passenger FROM bookings);
  GET DIAGNOSTICS p_given := ROW_COUNT;
  RAISE INFO '% passengers have points', p_given;
END;
$$ LANGUAGE plpgsql;
CALL give_points(5);

-- People and their rights.
CREATE USER clerk PASSWORD 'Clerk12345';
CREATE USER short PASSWORD 'abc';
CREATE GROUP desk WITH USER clerk;
CREATE ROLE auditor;
GRANT USAGE ON SCHEMA ferry TO GROUP desk;
GRANT SELECT ON sailings, ports TO GROUP desk;
GRANT ROLE auditor TO clerk;
SET SESSION AUTHORIZATION clerk;
SELECT current_user, session_user;
SELECT count(*) FROM ports;
SELECT count(*) FROM bookings;
UPDATE ports SET name = 'x';
RESET SESSION AUTHORIZATION;
GRANT SELECT (id, sailing) ON bookings TO ROLE auditor;
SELECT has_table_privilege('clerk', 'ferry.ports', 'select') AS reads, has_table_privilege('clerk', 'ferry.ports', 'insert') AS writes;
SELECT identity_name, privilege_type, relation_name FROM svv_relation_privileges WHERE namespace_name = 'ferry' AND identity_name = 'desk' ORDER BY 3;
DROP USER clerk;
REVOKE ALL ON ALL TABLES IN SCHEMA ferry FROM GROUP desk;

-- Unload and read back.
UNLOAD ('SELECT * FROM bookings WHERE fare > 50 ORDER BY id') TO 's3://emulator/out/bookings_' IAM_ROLE default CSV HEADER PARALLEL OFF;
UNLOAD ('SELECT * FROM bookings') TO 's3://emulator/out/bookings_' IAM_ROLE default CSV;
UNLOAD ('SELECT *, date_part(year, booked) AS y FROM bookings') TO 's3://emulator/lake/bookings/' IAM_ROLE default FORMAT PARQUET PARTITION BY (y);
UNLOAD ('SELECT *, extract(year FROM booked) AS y FROM bookings') TO 's3://emulator/lake/bookings/' IAM_ROLE default FORMAT PARQUET PARTITION BY (y);
SELECT trim(path) AS path, line_count FROM stl_unload_log ORDER BY path;
SELECT file_format, unloaded_rows, unloaded_files_count, error_message FROM sys_unload_history ORDER BY start_time;
CREATE TABLE back (LIKE bookings INCLUDING DEFAULTS);
COPY back FROM 's3://emulator/out/bookings_000' IAM_ROLE default CSV IGNOREHEADER 1;
SELECT count(*) FROM (SELECT * FROM bookings WHERE fare > 50 MINUS SELECT * FROM back) AS d;
TRUNCATE back;

-- Look back.
SELECT query_type, status, count(*) FROM sys_query_history WHERE query_type IN ('COPY', 'UNLOAD') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT trim(querytxt) AS querytxt, aborted FROM stl_query WHERE label = 'reports';
SELECT trim(query_text) AS query_text, trim(error_message) AS error_message FROM sys_query_history WHERE status = 'failed' AND query_type = 'SELECT' ORDER BY start_time;
SELECT sequence, text FROM stl_ddltext WHERE text LIKE 'CREATE TABLE passengers%' ORDER BY sequence;
SELECT trim(query_label) AS query_label, returned_rows, result_cache_hit, compute_type FROM sys_query_history WHERE query_label = 'reports';
SELECT count(*) FROM stl_utilitytext WHERE text LIKE 'VACUUM%';
SELECT trim(u.usename) AS usename, count(*) > 20 AS many FROM stl_query q JOIN pg_user u ON u.usesysid = q.userid GROUP BY 1 ORDER BY 1;
SELECT trim(username) AS username, trim(event) AS event FROM stl_connection_log ORDER BY recordtime;
SELECT status, count(*) > 3 AS several FROM sys_transaction_history WHERE status = 'rolledback' GROUP BY 1;
SELECT trim(user_name) AS user_name, trim(status) AS status FROM stv_recents WHERE status = 'Running';
SHOW TABLE bookings;
SHOW TABLES FROM SCHEMA dev.ferry;
DROP SCHEMA ferry;
DROP SCHEMA ferry CASCADE;
