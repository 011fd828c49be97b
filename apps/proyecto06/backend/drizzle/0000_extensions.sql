-- Searching by an index in what contains a text; trusted, so that a database's owner may add it:
-- https://www.postgresql.org/docs/15/pgtrgm.html
CREATE EXTENSION IF NOT EXISTS pg_trgm;
