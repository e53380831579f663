#!/bin/sh
# 'lifeboat' inside the image: the programs are built already, so only the right one is started.
set -eu
home=${LIFEBOAT_HOME:-/opt/lifeboat}
if [ "${1:-}" = worker ]; then
    shift
    exec java -Xmx256m -XX:+UseSerialGC -XX:Tier4InvocationThreshold=40000 -XX:Tier4MinInvocationThreshold=20000 \
        -XX:Tier4CompileThreshold=80000 -Dlifeboat.root="$home" -cp "$home/worker-app/*" dev.lifeboat.worker.WorkerApplication "$@"
fi
terminal=
for stream in 0 1 2; do
    [ ! -t $stream ] || terminal=$terminal$stream
done
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx192m -Dlifeboat.root="$home" -Dlifeboat.terminal="$terminal" \
    -cp "$home/starter-cli/*" dev.lifeboat.cli.Lifeboat "$@"
