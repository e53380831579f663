#!/bin/sh
# How long 'lifeboat list' takes, as a person waits for it: the promise is 0.7 s.
# Usage: bench/list.sh [CONFIG]    CONFIG is that of a running lab ('./lifeboat lab up' prints it).
# Needs hyperfine (apt-get install hyperfine). Prints the median and the slowest of 20 runs each.
set -eu
root=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd -P)
config=${1:-}
[ -z "$config" ] || config=$(readlink -f "$config")
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
cd "$empty"
unset LIFEBOAT_CONFIG

printf 'temporal: { address: "127.0.0.1:1" }\nbucket: { url: "s3://none" }\npostgres: { main: { data-directory: d, bin-directory: b } }\n' \
    >away.yaml

measure() {
    what=$1
    shift
    "$@" >/dev/null 2>&1 || { echo "'$*' does not run" >&2; exit 1; }
    hyperfine -N -w 3 -r 20 --export-csv result.csv "$*" >/dev/null 2>&1
    # command,mean,stddev,median,user,system,min,max
    awk -F, -v what="$what" 'NR == 2 { printf "%-42s %5.2f s   %5.2f s\n", what, $(NF-4), $NF }' result.csv
}

printf '%-42s %7s   %7s\n' '' median slowest
measure 'without configuration' "$root/lifeboat" list
measure 'Temporal away' "$root/lifeboat" --config away.yaml list
[ -z "$config" ] || measure 'Temporal and worker there' "$root/lifeboat" --config "$config" list
