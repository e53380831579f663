#!/bin/sh
# One host of a database: a PostgreSQL server and the Lifeboat worker beside its data directory.
#
# A cluster is made only in a place where none has ever been. In the middle of a recovery the data directory is gone for a
# moment, and a container that is started again then must leave that to the worker.
set -eu

place=${LIFEBOAT_PLACE:-/var/lib/postgresql/15}
bin=${LIFEBOAT_BIN:-/usr/lib/postgresql/15/bin}
data=$place/main

as_postgres() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

make_cluster() {
    [ "$(id -u)" != 0 ] || chown postgres: "$place"
    passwords=$(mktemp)
    printf '%s\n' "${PGPASSWORD:?the password of the superuser}" >"$passwords"
    [ "$(id -u)" != 0 ] || chown postgres: "$passwords"
    as_postgres "$bin/initdb" -D "$data" -U postgres -k -E UTF8 --locale=C.UTF-8 \
        --auth-local=peer --auth-host=scram-sha-256 --pwfile="$passwords" >/dev/null
    rm -f "$passwords"
    printf '%s\n' "listen_addresses = '*'" "port = ${LIFEBOAT_PORT:-5432}" \
        "unix_socket_directories = '${LIFEBOAT_SOCKETS:-/var/run/postgresql}'" >>"$data/postgresql.conf"
    echo 'host all all all scram-sha-256' >>"$data/pg_hba.conf"
    echo "database-host: made a new cluster in $data"
}

end() {
    trap '' TERM INT
    [ -z "${worker:-}" ] || { kill -TERM "$worker" 2>/dev/null && wait "$worker" || :; }
    as_postgres "$bin/pg_ctl" stop -s -D "$data" -m fast -t 100 || :
    exit 0
}

if [ -z "$(ls -A "$place" 2>/dev/null | grep -v '^lost+found$')" ]; then
    make_cluster
fi
trap end TERM INT
if [ -s "$data/PG_VERSION" ]; then
    # A server that does not start is what the worker is here for: it starts all the same.
    as_postgres "$bin/pg_ctl" start -s -D "$data" -l "$place/server.log" -t 60 \
        || echo "database-host: the server of $data did not start; see $place/server.log" >&2
else
    echo "database-host: $data is not there, and $place is not empty: no cluster is made; recover with lifeboat" >&2
fi
# The server outlives its worker, and a worker that died comes back; one that cannot use its configuration does not.
while :; do
    lifeboat worker --role postgres --cluster main &
    worker=$!
    code=0
    wait "$worker" || code=$?
    if [ "$code" = 2 ]; then
        as_postgres "$bin/pg_ctl" stop -s -D "$data" -m fast -t 100 || :
        exit 2
    fi
    echo "database-host: the worker ended with $code and is started again" >&2
    sleep "${LIFEBOAT_PAUSE:-2}"
done
