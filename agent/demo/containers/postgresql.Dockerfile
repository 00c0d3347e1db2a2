# The fleet's database with the two roles: one owns the tables, the server's own can neither change nor remove evidence.
FROM postgres:17-bookworm
COPY agent/demo/containers/roles.sql /docker-entrypoint-initdb.d/roles.sql
