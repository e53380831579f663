#!/usr/bin/env python3
"""Lifeboat beside pgBackRest on one machine: the same cluster, the same WAL, the same S3 server, in turn.

Usage: bench/pitr.py [STAGE...] [--dir D] [--size GB] [--segments N] [--rounds R] [--tools T,...] [--csv F] [--stream GB]

Without a stage it does all of them and removes what it made, but for the figures:
  up       starts PostgreSQL, MinIO and Temporal and fills the cluster
  backup   a full base backup with each, in turn
  wal      N segments and a restore point, not archived yet
  push     all these segments through PostgreSQL's own archiver with each, in turn
  recover  base restore, replay to the restore point, promotion with each, in turn
  table    medians and ratios of what was measured
  down     ends the servers and removes the folder

And one of its own:
  stream   a base backup of 20 GB (--stream) by a worker whose heap the launcher limits to 256 MB: takes no more disk than
           the cluster, since one file of it is linked into the data directory again and again

Needs PostgreSQL 15 or newer, openssl, a JDK, engines/install.sh, and pgBackRest: $PGBACKREST, else the one on PATH, else
Debian's. As root it runs PostgreSQL and pgBackRest as the user postgres.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import figures
from servers import DATABASE, Missing, Place, Postgres, await_true, free_port, own, start_minio, start_temporal, threads
from tools import POINT, SUMS, Lifeboat, PgBackRest

ALL = ("up", "backup", "wal", "push", "recover", "table", "down")
STAGES = (*ALL, "stream")
MEASURED = {"backup", "push", "recover"}
FIRST = "first_segment"


class Bench:
    def __init__(self, options):
        self.options = options
        self.place = Place(options.dir)
        self.csv = pathlib.Path(options.csv or self.place.path("figures.csv"))

    @property
    def cluster(self):
        return Postgres(self.place, self.place.path("data"), self.place["port"], self.place.path("log", "postgres.log"))

    @property
    def tools(self):
        known = {tool.name: tool for tool in (PgBackRest, Lifeboat)}
        return [known[name](self.place, self.cluster) for name in self.options.tools.split(",")]

    def run(self, stage):
        say(f"== {stage}")
        getattr(self, stage)()

    def up(self):
        self.place.make()
        for folder in ("run", "log", "data", "copies"):
            self.place.path(folder).mkdir(mode=0o700 if folder == "data" else 0o755)
            own(self.place.path(folder))
        self.place.remember(port=free_port(), size=self.options.size)
        self.place.remember(copy_port=free_port())
        self.cluster.create()
        self.cluster.start()
        self.cluster.await_writable()
        self.fill()
        start_minio(self.place)
        start_temporal(self.place)
        for tool in self.tools:
            tool.prepare()

    def fill(self):
        cluster, size = self.cluster, self.options.size
        cluster.sql(f"create database {DATABASE}", "postgres")
        cluster.run(
            cluster.bin / "pgbench", "-i", "-q", "-s", max(1, round(50 * size)), "-h", self.place.path("run"), "-p",
            cluster.port, "-U", "postgres", DATABASE)
        cluster.sql("create table docs (id bigint primary key, body text, attributes jsonb, payload bytea)")
        self.documents(round(270_000 * size))
        cluster.sql("checkpoint")
        cluster.sql("vacuum analyze")
        say(f"cluster of {int(cluster.sql('select sum(pg_database_size(oid)) from pg_database')) / 1e9:.2f} GB")

    def documents(self, count):
        """About a kilobyte each."""
        self.cluster.sql(f"""
            insert into docs
            select n, 'Order ' || n || ' of customer ' || n % 9973 || ' was sent to ' || md5(n::text) || '. '
                    || repeat('It will arrive in the next days; thank you for your patience. ', 4),
                jsonb_build_object('customer', n % 9973, 'state', (array['new','paid','sent'])[1 + n % 3], 'total', n * 17 % 100000,
                    'tags', jsonb_build_array(md5((n / 7)::text), n % 31, 'north'), 'note', md5(n::text || 'x')),
                decode(repeat(md5(n::text || 'a') || md5(n::text || 'b'), 4), 'hex')
            from generate_series((select coalesce(max(id), 0) from docs) + 1, (select coalesce(max(id), 0) from docs) + {count}) n""")

    def backup(self):
        # What filled the cluster is no backup's.
        self.cluster.sql("select pg_switch_wal()")
        self.mark("ready", "done")
        self.cluster.set("wal_keep_size", "0")
        self.cluster.reload()
        self.cluster.sql("checkpoint")
        self.cluster.set("wal_keep_size", "60GB")
        self.cluster.reload()
        # What recovery may need is pushed again by both, from here on.
        self.place.remember(**{FIRST: self.cluster.sql("select pg_walfile_name(pg_current_wal_lsn())", "postgres")})
        for number in range(self.options.rounds):
            for tool in self.tools:
                tool.begin()
                self.archive_with(tool)
                self.settle()
                self.note("backup", number, tool, lambda: (tool.backup(), None)[0])
                self.finish(tool)

    def wal(self):
        cluster, wanted = self.cluster, self.options.segments
        for tool in self.tools:
            tool.choose_backup()
        cluster.sql("select pg_switch_wal()")
        first = self.current_segment()
        number = 0
        while self.current_segment() - first < wanted:
            number += 1
            left = wanted - (self.current_segment() - first)
            if number % 2:
                self.documents(min(40_000, 8_000 * left))
            else:
                cluster.run(
                    cluster.bin / "pgbench", "-n", "-c", 4, "-j", 2, "-t", min(6000, 300 * left), "-h",
                    self.place.path("run"), "-p", cluster.port, "-U", "postgres", DATABASE,
                    env={**os.environ, "PGOPTIONS": "-c synchronous_commit=off"})
        cluster.sql("select pg_switch_wal()")
        sums = cluster.sql(SUMS)
        cluster.sql(f"select pg_create_restore_point('{POINT}')", "postgres")
        cluster.sql("delete from docs where id <= 1000")
        cluster.sql("select pg_switch_wal()")
        self.place.remember(sums=sums, segments=self.current_segment() - first)
        # Waiting segments are hidden as long as nobody is to archive them; wal_keep_size keeps them.
        self.mark("ready", "done")
        say(f"{self.place['segments']} segments")

    def current_segment(self):
        lsn = self.cluster.sql("select pg_current_wal_lsn() - '0/0'::pg_lsn", "postgres")
        return int(lsn) // (16 << 20)

    def push(self):
        for number in range(self.options.rounds):
            for tool in self.tools:
                tool.forget_wal()
                tool.begin()
                self.archive_with(None)
                self.settle()
                self.note("push", number, tool, lambda: self.pushed(tool))
                self.finish(tool)

    def pushed(self, tool):
        began = time.monotonic()
        count = self.mark("done", "ready")
        self.archive_with(tool)
        await_true("the archiver", lambda: self.waiting() == 0, 900, 0.05)
        taken = time.monotonic() - began
        return {"push": taken, "push-files": count}

    def finish(self, tool):
        """An archive command that is taken its ground away would keep the next tool's waiting."""
        await_true("the archiver", lambda: self.waiting() == 0, 60, 0.05)
        self.archive_with(None)
        tool.end()

    def states(self, state):
        folder = self.place.path("data", "pg_wal", "archive_status")
        first = self.place.get(FIRST, "")
        return sorted(name for name in os.listdir(folder) if name.endswith("." + state) and name.split(".")[0] >= first)

    def waiting(self):
        return len(self.states("ready"))

    def mark(self, before, after):
        folder = self.place.path("data", "pg_wal", "archive_status")
        names = self.states(before)
        for name in names:
            os.rename(folder / name, folder / (name.rsplit(".", 1)[0] + "." + after))
        return len(names)

    def recover(self):
        for number in range(self.options.rounds):
            for tool in self.tools:
                tool.begin()
                self.settle()
                self.note("recover", number, tool, lambda: self.recovered(tool, number))
                tool.end()

    def recovered(self, tool, number):
        figures_, sums = tool.recover(number)
        if sums != self.place["sums"]:
            raise RuntimeError(f"{tool.name} recovered {sums}, the cluster had {self.place['sums']}")
        return figures_

    def stream(self):
        data = self.place.path("data")
        files = [path for path in (data / "base").rglob("*") if path.is_file()]
        largest = max(files, key=lambda path: path.stat().st_size)
        size, padding = largest.stat().st_size, data / "padding"
        padding.mkdir()
        own(padding)
        for number in range(int(self.options.stream * 1e9 / size) + 1):
            os.link(largest, padding / str(number))
        tool = Lifeboat(self.place, self.cluster)
        tool.begin()
        self.archive_with(tool)
        worker = self.place["pids"]["worker"]

        def streamed():
            measured = {"stream": tool.backup()["backup"], "stream-gb": self.options.stream}
            status = pathlib.Path(f"/proc/{worker}/status").read_text()
            return {**measured, "stream-process-mb": int(status.split("VmHWM:")[1].split()[0]) / 1024}

        try:
            self.note("stream", 0, tool, streamed)
            self.finish(tool)
        finally:
            shutil.rmtree(padding)

    def archive_with(self, tool):
        self.cluster.set("archive_command", tool.archive_command() if tool else "")
        self.cluster.reload()

    @staticmethod
    def settle():
        """What was written before is not this measurement's, and what others do is none either."""
        os.sync()
        end = time.monotonic() + 45
        while True:
            before = cpu_seconds()
            time.sleep(1)
            busy = cpu_seconds() - before
            if busy < 0.2:
                return
            if time.monotonic() > end:
                say(f"measured although others take {busy:.1f} cores")
                return

    def note(self, stage, number, tool, work):
        before, worker = cpu_seconds(), self.place.get("pids", {}).get("worker")
        threads_before = threads(worker) if worker else {}
        measured = work()
        measured["cpu:" + stage] = cpu_seconds() - before
        if worker:
            used = {name: value - threads_before.get(name, 0) for name, value in threads(worker).items()}
            measured["cpu:worker"] = sum(used.values())
            say("CPU of the worker's threads: " + ", ".join(
                f"{name} {value:.2f}" for name, value in used.items() if value >= 0.05))
        figures.append(self.csv, [(self.options.label, number, tool.name, name, value) for name, value in measured.items()])
        say(f"{stage} {number} {tool.name}: " + ", ".join(
            f"{name} {value:.2f}" for name, value in measured.items() if not name.startswith("step:")))

    def table(self):
        print(figures.table(self.csv), end="")

    def down(self):
        for name in ("worker", "temporal", "minio"):
            self.place.stop(name)
        if self.place.get("port"):
            self.cluster.stop("immediate")
        subprocess.run(["rm", "-rf", str(self.place.folder)], check=True)


def cpu_seconds():
    """Of the whole machine, so that servers are counted too."""
    with open("/proc/stat") as stat:
        ticks = [int(value) for value in stat.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="*", metavar="STAGE")
    parser.add_argument("--dir")
    parser.add_argument("--size", type=float, default=2)
    parser.add_argument("--segments", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tools", default="pgbackrest,lifeboat")
    parser.add_argument("--stream", type=float, default=20)
    parser.add_argument("--csv")
    parser.add_argument("--label", default="")
    options = parser.parse_args()
    unknown = [stage for stage in options.stages if stage not in STAGES]
    if unknown:
        parser.error(f"there is no stage {unknown[0]}; the stages are {', '.join(STAGES)}")
    options.label = options.label or f"{options.size:g} GB, {options.segments} segments"
    options.dir = options.dir or tempfile.mkdtemp(prefix="lifeboat-bench-")
    options.csv = options.csv or os.path.join(os.getcwd(), "figures.csv") if not options.stages else options.csv
    bench = Bench(options)
    try:
        if "pgbackrest" in options.tools.split(",") and MEASURED.intersection(options.stages or ALL):
            PgBackRest.program()
        for stage in options.stages or ALL:
            bench.run(stage)
    except Missing as e:
        print(f"bench: error: {e}", file=sys.stderr)
        return 8
    except subprocess.CalledProcessError as e:
        print(f"bench: error: {e}\n{e.stderr or ''}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
