-- What psql's own commands say.
CREATE SCHEMA sales;
CREATE TABLE sales.bill (id INT PRIMARY KEY, note VARCHAR(20) DEFAULT 'x' NOT NULL, amount NUMERIC(10,2)) DISTKEY (id) SORTKEY (note);
CREATE TABLE sales.line (bill INT REFERENCES sales.bill (id), n BIGINT IDENTITY(1,1), day DATE, UNIQUE (n));
CREATE VIEW sales.notes AS SELECT note FROM sales.bill;
CREATE TABLE public.calls (id INT);
CREATE FUNCTION sales.f_net (NUMERIC(10,2), INT) RETURNS NUMERIC(10,2) STABLE AS $$ SELECT $1 / $2 $$ LANGUAGE sql;
CREATE PROCEDURE sales.sp_close (day IN DATE, done OUT INT) AS $$ BEGIN done := 1; END; $$ LANGUAGE plpgsql;
CREATE GROUP clerks;
CREATE USER ann PASSWORD 'Secret123' CREATEDB IN GROUP clerks VALID UNTIL '2030-01-01' CONNECTION LIMIT 5;
CREATE ROLE auditor;
GRANT ROLE auditor TO ann;
GRANT SELECT ON sales.bill TO GROUP clerks;
GRANT SELECT (bill), UPDATE (day) ON sales.line TO ann;
ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO GROUP clerks;
COMMENT ON TABLE sales.bill IS 'what is to be paid';
COMMENT ON COLUMN sales.bill.note IS 'as printed';
SET search_path TO sales, public;
\d
\dt
\dt+
\dt sales.*
\dv
\dv+
\di
\di+
\ds
\dn
\dn+
\d bill
\d+ bill
\d line
\d notes
\d+ notes
\d bill_pkey
\d public.*
\d nowhere
\d pg_catalog.pg_language
\dS stv_sl*
\du
\du ann
\dg clerks
\l
\df
\df+
\df sales.f_*
\dp
\dp line
\ddp
\dT
\dT num*
\dD
\da sales.*
\db
\sv notes
