#!/bin/sh
# Lifeboat's answer to PostgreSQL's archive_command, called with %p and %f in the data directory.
#
# The worker beside this server copies finished WAL files to the bucket by itself and notes here what is durable there.
# This script says yes (0) only to such a note about this very file: same cluster, same name, same inode, size and time.
# With no note within a few seconds it says no (1), and PostgreSQL keeps the file and asks again.
# PostgreSQL waits for this script with every segment, so it starts as few programs as it can.
set -u

path=$1
name=$2
case $0 in
    */*) folder=${0%/*}/../archive/done ;;
    *) folder=../archive/done ;;
esac

# Unquoted, so that the blanks in front of the number go.
# shellcheck disable=SC2046
set -- $(od -A n -N 8 -t u8 global/pg_control)
system=${1:-}
[ -n "$system" ] || exit 1
file=$(stat -L -c '%i %s %Y' -- "$path") || exit 1

tries=0
while [ "$tries" -lt 60 ]; do
    noted=
    # A note has no end of line, which makes read say that it failed.
    [ ! -f "$folder/$name" ] || { read -r noted <"$folder/$name" || :; } 2>/dev/null
    [ "$noted" != "$system $file" ] || exit 0
    # A worker that is at work is only a moment behind; one that is away is not waited for in such a hurry.
    if [ "$tries" -lt 25 ]; then sleep 0.02 2>/dev/null || sleep 1; else sleep 0.1 2>/dev/null || sleep 1; fi
    tries=$((tries + 1))
done
echo "lifeboat: $name is not in the bucket yet; is the worker running?" >&2
exit 1
