#!/bin/sh
# restore_command of a copy that Lifeboat recovers: restore-wal.sh WORKSPACE NAME TARGET
#
# The worker puts verified files into WORKSPACE/wal; this script renames them to where the server wants them.
#   exit 0    the file is there, whole
#   exit 1    not in the archive: the store was asked after this very request and said so. Recovery may end here.
#   exit 200  nobody answered in time: the server stops and can be started again. Recovery must not end here.
workspace=$1
name=$2
target=$3
waits=${4:-600}

case $name in
    '' | */* | .*) exit 200 ;;
esac

if mv -f -- "$workspace/wal/$name" "$target" 2>/dev/null; then
    exit 0
fi

request="$$.$(date +%s%N)"
rm -f -- "$workspace/absent/$name"
printf '%s' "$request" >"$workspace/want/.$name" && mv -f -- "$workspace/want/.$name" "$workspace/want/$name" || exit 200

while [ "$waits" -gt 0 ]; do
    # The server that asked was killed: what comes now is for the next one, which asks anew.
    kill -0 "$PPID" 2>/dev/null || exit 200
    if [ -e "$workspace/wal/$name" ] && mv -f -- "$workspace/wal/$name" "$target" 2>/dev/null; then
        rm -f -- "$workspace/want/$name"
        exit 0
    fi
    if [ -e "$workspace/absent/$name" ]; then
        answer=$(cat "$workspace/absent/$name")
        if [ "$answer" = "$request" ]; then
            rm -f -- "$workspace/want/$name" "$workspace/absent/$name"
            exit 1
        fi
        if [ "$answer" = "stop" ]; then
            rm -f -- "$workspace/want/$name"
            exit 200
        fi
    fi
    if [ "$waits" -gt 590 ]; then sleep 0.01; else sleep 0.1; fi
    waits=$((waits - 1))
done
exit 200
