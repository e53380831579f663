#!/usr/bin/env python3
"""Lifeboat's dumps and restores beside what people use now, on one machine: the same database, the same S3 server, in turn.

Usage: bench/dumps.py [STAGE...] [--dir D] [--size GB] [--rounds R] [--tools T,...] [--csv F]

Without a stage it does all of them and removes what it made, but for the figures:
  up       starts PostgreSQL, MinIO and Temporal, fills the database, builds its indexes
  dump     each way to dump it, in turn
  restore  each way to restore it beside the live one, in turn
  verify   Lifeboat's restore into a throw-away server
  table    medians and ratios of what was measured, beside the goals
  down     ends the servers and removes the folder

The ways, which --tools chooses from:
  floor               pg_dump -Fc -Z0 > /dev/null: what one connection can give
  fc-z1               pg_dump -Fc -Z1 into a local file
  fd-j2               pg_dump -Fd -j2 into a local folder, then as a tar into the bucket
  script              pg_dump -Fc | gzip | aws s3 cp, as the platform's script
  pg-restore          pg_restore -j2 of a local pg_dump -Fc
  lifeboat            daily-dump, dump-restore --into, restore-verification
  lifeboat-encrypted  the same with encryption

What this checkout has no runbook for is said and left out. Needs PostgreSQL 15 or newer, openssl, a JDK, engines/install.sh, and
aws ($AWS, else the one on PATH; 'pip install awscli'). As root it runs PostgreSQL as the user postgres.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import figures
from pitr import Bench, say
from servers import BUCKET, DATABASE, ROOT, Missing, free_port, own, start_minio, start_temporal
from tools import Lifeboat, Tool, seconds, steps

ALL = ("up", "dump", "restore", "verify", "table", "down")
COPY = "copy_of_shop"
INDEXES = (
    "create index docs_customer on docs (((attributes->>'customer')::int))",
    "create index docs_state on docs ((attributes->>'state'), id)",
    "create index docs_attributes on docs using gin (attributes jsonb_path_ops)",
    "create index docs_body on docs (md5(body))",
    "create index accounts_balance on pgbench_accounts (bid, abalance)",
)


class Peer(Tool):
    """One way without Lifeboat, through the local socket, as cron would on the database's host."""

    needs_aws = False

    def prepare(self):
        self.place.path("peer").mkdir(exist_ok=True)

    def begin(self):
        """It has no process that waits."""

    def end(self):
        for entry in self.place.path("peer").iterdir():
            if entry.name != "local.dump":
                self._drop(entry)
        self._forget(self.name)

    def pg(self, program, *options):
        host = f"-h {self.place.path('run')} -p {self.cluster.port} -U postgres"
        return f"{self.cluster.bin / program} {host} {' '.join(options)}"

    def aws(self, *words):
        return f"{Aws.program()} --endpoint-url https://127.0.0.1:{self.place['s3_port']} s3 {' '.join(words)}"

    def shell(self, command):
        """Any part of a pipe that fails fails it."""
        began = time.monotonic()
        subprocess.run(
            ["bash", "-c", "set -euo pipefail; " + command], check=True, cwd=self.place.path("peer"), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**os.environ, **Aws.environment(self.place)})
        return time.monotonic() - began

    def local(self, name):
        """Bytes of a local file or folder."""
        path = self.place.path("peer", name)
        files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
        return sum(each.stat().st_size for each in files) / 1e6

    def stored(self):
        """What MinIO keeps of it, in MB; it has one file with the bytes, and what it knows of them beside."""
        folder = self.place.path("minio", BUCKET, self.name)
        return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6


class Aws:
    @staticmethod
    def program():
        found = os.environ.get("AWS") or shutil.which("aws")
        if not found:
            raise Missing("there is no aws: run 'pip install awscli', or name one in $AWS")
        real = subprocess.run([found, "--version"], capture_output=True, text=True)
        if real.returncode != 0:
            raise Missing(f"{found} does not run: {real.stderr.strip()}")
        return found

    @staticmethod
    def environment(place):
        return {
            "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench-secret", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CA_BUNDLE": str(place.path("certs", "public.crt")), "AWS_CONFIG_FILE": "/dev/null"}


class Floor(Peer):
    name = "floor"

    def dump(self):
        return {"dump": self.shell(self.pg("pg_dump", "-Fc", "-Z0", DATABASE) + " > /dev/null")}


class CustomZ1(Peer):
    name = "fc-z1"

    def dump(self):
        taken = self.shell(self.pg("pg_dump", "-Fc", "-Z1", "-f", "z1.dump", DATABASE))
        return {"dump": taken, "stored-mb": self.local("z1.dump")}


class DirectoryJ2(Peer):
    name = "fd-j2"
    needs_aws = True

    def dump(self):
        folder = self.shell(self.pg("pg_dump", "-Fd", "-j2", "-f", "folder", DATABASE))
        sent = self.shell(f"tar c folder | {self.aws('cp', '-', f's3://{BUCKET}/{self.name}/folder.tar')}")
        return {"dump": folder + sent, "dump-folder": folder, "stored-mb": self.stored()}


class Script(Peer):
    name = "script"
    needs_aws = True

    def dump(self):
        upload = self.aws("cp", "-", f"s3://{BUCKET}/{self.name}/shop.dump.gz")
        return {"dump": self.shell(self.pg("pg_dump", "-Fc", DATABASE) + f" | gzip | {upload}"), "stored-mb": self.stored()}


class PgRestore(Peer):
    name = "pg-restore"

    def restore(self):
        dump = self.place.path("peer", "local.dump")
        if not dump.exists():
            self.shell(self.pg("pg_dump", "-Fc", "-f", "local.dump", DATABASE))
        self.cluster.sql(f"create database {COPY}", "postgres")
        return {"restore": self.shell(self.pg("pg_restore", "-j2", "-e", "-d", COPY, "local.dump"))}


class LifeboatDumps(Lifeboat):
    def needed(self):
        """Runbooks of this checkout that are not there yet."""
        return [name for name in ("daily-dump", "dump-restore", "restore-verification") if not has_runbook(name)]

    def run(self, runbook, *inputs):
        began = time.monotonic()
        report = json.loads(self._run("start", runbook, "--cluster", "main", *inputs, "--yes", "-o", "json"))
        self._keep(report)
        return report, time.monotonic() - began

    def dump(self):
        self._forget(self.home, "postgres", "daily")
        report, wall = self.run("daily-dump", "--database", DATABASE)
        # The others do not read their dump back.
        return {"dump": seconds(report, "dump-databases"), "dump-wall": wall, "stored-mb": self.stored(), **steps(report)}

    def restore(self):
        report, wall = self.run("dump-restore", "--database", DATABASE, "--into", COPY, "--jobs", "2")
        # pg_restore neither analyses nor compares; creating and loading is what both do.
        return {"restore": seconds(report, "create-database", "load-dump"), "restore-wall": wall, **steps(report)}

    def verify(self):
        report, wall = self.run("restore-verification", "--database", DATABASE)
        return {"verify": seconds(report, "load-dump"), "verify-wall": wall, **steps(report)}

    def stored(self):
        folder = self.place.path("minio", BUCKET, self.home, "postgres", "daily")
        return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6


class EncryptedDumps(LifeboatDumps):
    name = home = "lifeboat-encrypted"

    def prepare(self):
        keys = self.place.path(self.home, "keys")
        keys.mkdir(parents=True, exist_ok=True)
        made = subprocess.run(
            [str(ROOT / "lifeboat"), "keys", "generate", "--out", str(keys / "bench")], cwd="/", capture_output=True, text=True)
        if made.returncode != 0:
            raise Absent(f"no keys can be made: {made.stderr.strip()}")
        super().prepare()

    def encryption(self):
        return "  encryption: { recipients: [keys/bench.pub], identity: file:keys/bench.key }\n"


class Absent(Exception):
    """Something of Lifeboat's that this checkout has not got yet."""


def has_runbook(name):
    return (ROOT / "runbooks" / name / "runbook.yaml").exists()


KINDS = {kind.name: kind for kind in (Floor, CustomZ1, DirectoryJ2, Script, PgRestore, LifeboatDumps, EncryptedDumps)}


class Dumps(Bench):
    @property
    def tools(self):
        return [KINDS[name](self.place, self.cluster) for name in self.options.tools.split(",")
                if name not in self.place.get("absent", [])]

    def up(self):
        self.place.make()
        for folder in ("run", "log", "data", "copies"):
            self.place.path(folder).mkdir(mode=0o700 if folder == "data" else 0o755)
            own(self.place.path(folder))
        self.place.remember(port=free_port(), size=self.options.size, copy_port=free_port())
        self.cluster.create()
        self.cluster.start()
        self.cluster.await_writable()
        self.fill()
        for index in INDEXES:
            self.cluster.sql(index)
        self.cluster.sql("vacuum analyze")
        self.cluster.sql("checkpoint")
        size = int(self.cluster.sql(f"select pg_database_size('{DATABASE}')"))
        indexes = int(self.cluster.sql("select sum(pg_indexes_size(oid)) from pg_class where relkind = 'r'"))
        self.place.remember(bytes=size)
        say(f"database of {size / 1e9:.2f} GB, of which indexes {indexes / 1e9:.2f} GB")
        start_minio(self.place)
        self.place.path("certs").chmod(0o755)
        start_temporal(self.place)
        for tool in self.tools:
            self.prepare(tool)

    def documents(self, count):
        """About a kilobyte each, two thirds of it as hard to compress as photographs and tokens are: the whole dump shrinks to
        a quarter or a fifth, as that of a business does, and not to a thirtieth."""
        digests = " || ".join(f"sha512((n || '{letter}')::bytea)" for letter in "abcdefgh")
        self.cluster.sql(f"""
            insert into docs
            select n, 'Order ' || n || ' of customer ' || n % 9973 || ' was sent to ' || md5(n::text) || '. '
                    || encode(sha384((n || 'z')::bytea), 'base64') || ' will arrive in the next days; thank you for your patience.',
                jsonb_build_object('customer', n % 9973, 'state', (array['new','paid','sent'])[1 + n % 3], 'total', n * 17 % 100000,
                    'tags', jsonb_build_array(md5((n / 7)::text), n % 31, 'north'), 'note', md5(n::text || 'x')),
                {digests}
            from generate_series(1, {count}) n""")

    def prepare(self, tool):
        missing = tool.needed() if isinstance(tool, LifeboatDumps) else []
        if missing:
            say(f"{tool.name}: this checkout has no runbook {', '.join(missing)} yet; what needs it is left out")
        if len(missing) == 3:
            self.place.remember(absent=[*self.place.get("absent", []), tool.name])
            return
        try:
            tool.prepare()
        except Absent as e:
            say(f"{tool.name}: left out: {e}")
            self.place.remember(absent=[*self.place.get("absent", []), tool.name])
            return
        if isinstance(tool, LifeboatDumps) and has_runbook("restore-verification"):
            self.base_backup(tool)

    def base_backup(self, tool):
        """The verification rehearses a point-in-time recovery too, which is none of what is measured here."""
        tool.begin()
        self.archive_with(tool)
        tool.run("base-backup")
        self.cluster.sql("select pg_switch_wal()")
        self.finish(tool)
        # Peers do not archive what a restore writes; a worker of Lifeboat would, and its archiver be measured with it.
        self.cluster.set("archive_command", "/bin/true")
        self.cluster.reload()

    def dump(self):
        self.each("dump", "daily-dump")

    def restore(self):
        self.each("restore", "dump-restore")

    def verify(self):
        self.each("verify", "restore-verification")

    def each(self, stage, runbook):
        for number in range(self.options.rounds):
            for tool in self.tools:
                if not hasattr(tool, stage) or isinstance(tool, LifeboatDumps) and not has_runbook(runbook):
                    continue
                tool.begin()
                try:
                    if isinstance(tool, LifeboatDumps) and stage != "dump" and tool.stored() == 0:
                        tool.dump()
                    self.cluster.sql("checkpoint")
                    self.settle()
                    self.note(stage, number, tool, lambda: self.measured(stage, tool))
                finally:
                    self.cluster.sql(f"drop database if exists {COPY} with (force)", "postgres")
                    tool.end()

    def measured(self, stage, tool):
        figures_ = getattr(tool, stage)()
        if stage == "restore":
            counts = "select (select count(*) from docs) || ' ' || (select count(*) from pgbench_accounts)"
            if self.cluster.sql(counts, COPY) != self.cluster.sql(counts):
                raise RuntimeError(f"{tool.name} restored other rows than the database has")
        return figures_

    def table(self):
        print(figures.dump_table(self.csv), end="")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="*", metavar="STAGE")
    parser.add_argument("--dir")
    parser.add_argument("--size", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tools", default=",".join(KINDS))
    parser.add_argument("--csv")
    parser.add_argument("--label", default="")
    options = parser.parse_args()
    unknown = [stage for stage in options.stages if stage not in ALL] + [
        name for name in options.tools.split(",") if name not in KINDS]
    if unknown:
        parser.error(f"'{unknown[0]}' is none; the stages are {', '.join(ALL)}, the tools {', '.join(KINDS)}")
    options.label = options.label or f"{options.size:g} GB"
    options.csv = options.csv or os.path.join(os.getcwd(), "dumps.csv") if not options.stages else options.csv
    options.dir = options.dir or tempfile.mkdtemp(prefix="lifeboat-bench-")
    bench = Dumps(options)
    try:
        if any(KINDS[name].needs_aws for name in options.tools.split(",") if issubclass(KINDS[name], Peer)):
            Aws.program()
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
