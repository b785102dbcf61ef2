#!/bin/sh
# Run once by the PostgreSQL container on an empty volume: the role that owns the tables, the role that serves, and the
# database. They are the ones that app.storage.embedded makes for a laptop.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$OWNER_PASSWORD" --set serve_password="$SERVE_PASSWORD" <<'SQL'
CREATE ROLE carnet_owner LOGIN PASSWORD :'owner_password'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
CREATE ROLE carnet_serve LOGIN PASSWORD :'serve_password'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
CREATE DATABASE carnet OWNER carnet_owner;
REVOKE ALL ON DATABASE carnet FROM PUBLIC;
GRANT CONNECT ON DATABASE carnet TO carnet_serve;
SQL
