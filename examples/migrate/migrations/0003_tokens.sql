-- migrate: without transaction
-- Redshift alters some things only outside of one. Each statement of such a
-- file is kept by itself, so it should be one that may be repeated.
ALTER TABLE calls ADD COLUMN tokens BIGINT;
