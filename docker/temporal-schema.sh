#!/bin/sh
# Brings Temporal's two databases to the schema of this release; a second run changes nothing more.
set -eu

tool() {
    database=$1
    shift
    temporal-sql-tool --plugin "$DB" --ep "$POSTGRES_SEEDS" -p "$DB_PORT" -u "$POSTGRES_USER" --db "$database" "$@"
}

for each in temporal:temporal temporal_visibility:visibility; do
    database=${each%:*}
    tool "$database" create
    # Says so and goes on where the schema is already set up.
    tool "$database" setup-schema -v 0.0
    tool "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/${each#*:}/versioned"
done
