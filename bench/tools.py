"""The two that are compared, each through its own front door."""

import json
import os
import pathlib
import shutil
import subprocess
import time

from servers import BUCKET, DATABASE, ROOT, Missing, Postgres, as_server_user, await_true, own, server_user

POINT = "bench"


class Tool:
    def __init__(self, place, cluster):
        self.place, self.cluster = place, cluster

    def _forget(self, *parts):
        """Out of the store's own folder, so that the next push finds an empty place."""
        folder = self.place.path("minio", BUCKET, *parts)
        if folder.exists():
            shutil.rmtree(folder)

    def _drop(self, folder):
        subprocess.run(["rm", "-rf", str(folder)], check=True)


class PgBackRest(Tool):
    """Its best settings on S3: zstd level 1, two processes, bundles, asynchronous archiving."""

    name = "pgbackrest"

    @staticmethod
    def program():
        named = os.environ.get("PGBACKREST")
        for candidate in (named, shutil.which("pgbackrest"), "/usr/bin/pgbackrest"):
            if candidate and os.access(candidate, os.X_OK):
                return str(pathlib.Path(candidate).resolve())
        raise Missing(
            "there is no pgBackRest: build release/2.59.1 and set PGBACKREST to its program, or run 'apt-get install"
            " pgbackrest' (older; say so beside the figures)")

    def version(self):
        return subprocess.run([self.program(), "version"], check=True, capture_output=True, text=True).stdout.strip()

    def prepare(self):
        for folder in ("spool", "lock"):
            self.place.path("pgbackrest", folder).mkdir(parents=True, exist_ok=True)
            own(self.place.path("pgbackrest", folder))
        config = self.place.path("pgbackrest", "pgbackrest.conf")
        config.write_text(f"""[global]
repo1-type=s3
repo1-path=/pgbackrest
repo1-s3-bucket={BUCKET}
repo1-s3-endpoint=127.0.0.1
repo1-storage-port={self.place["s3_port"]}
repo1-s3-region=us-east-1
repo1-s3-key=bench
repo1-s3-key-secret=bench-secret
repo1-s3-uri-style=path
repo1-storage-ca-file={self.place.path("certs", "public.crt")}
repo1-bundle=y
compress-type=zst
compress-level=1
process-max=2
archive-async=y
archive-get-queue-max=1GiB
spool-path={self.place.path("pgbackrest", "spool")}
lock-path={self.place.path("pgbackrest", "lock")}
log-level-console=warn
log-level-file=off
start-fast=y
repo1-retention-full=9

[main]
pg1-path={self.cluster.data}
pg1-port={self.cluster.port}
pg1-socket-path={self.place.path("run")}
pg1-user=postgres
pg1-database=postgres
""")
        own(config)
        self.place.path("certs").chmod(0o755)
        self._run("stanza-create")

    def _command(self, *arguments):
        return [self.program(), f"--config={self.place.path('pgbackrest', 'pgbackrest.conf')}", "--stanza=main", *arguments]

    def _run(self, *arguments):
        subprocess.run(as_server_user(self._command(*arguments)), check=True, cwd="/", stdin=subprocess.DEVNULL)

    def archive_command(self):
        return " ".join(self._command("archive-push", "%p"))

    def begin(self):
        """It has no process that waits."""

    def end(self):
        # It remembers here what it has sent.
        subprocess.run(["find", self.place.path("pgbackrest", "spool"), "-mindepth", "1", "-delete"], check=True)

    def backup(self):
        began = time.monotonic()
        self._run("backup", "--type=full")
        return {"backup": time.monotonic() - began}

    def choose_backup(self):
        """For a restore point it would take the newest one, also when that is later."""
        answer = subprocess.run(
            as_server_user(self._command("info", "--output=json")), check=True, cwd="/", capture_output=True, text=True)
        self.place.remember(pgbackrest_set=json.loads(answer.stdout)[0]["backup"][-1]["label"])

    def forget_wal(self):
        stanza = self.place.path("minio", BUCKET, "pgbackrest", "archive", "main")
        for folder in stanza.iterdir():
            if not folder.name.startswith("archive.info"):
                self._forget(*folder.relative_to(self.place.path("minio", BUCKET)).parts)

    def recover(self, number):
        target = self.place.path("copies", f"pgbackrest-{number}")
        target.mkdir(mode=0o700)
        own(target)
        port = self.place["copy_port"]
        copy = Postgres(self.place, target, port, self.place.path("log", f"pgbackrest-copy-{number}.log"))
        began = time.monotonic()
        self._run(
            "restore", f"--set={self.place['pgbackrest_set']}", f"--pg1-path={target}", "--type=name", f"--target={POINT}", "--target-action=promote",
            "--archive-mode=off")
        restored = time.monotonic()
        # As in Lifeboat's copy; and only without it does the server's state tell the end of recovery.
        copy.start(f"-c port={port}", "-c hot_standby=off")
        copy.await_writable()
        ended = time.monotonic()
        sums = self.place_sums(copy)
        copy.stop("immediate")
        self._drop(target)
        return {"restore": restored - began, "replay": ended - restored, "pitr": ended - began}, sums

    @staticmethod
    def place_sums(copy):
        return copy.sql(SUMS)


SUMS = """select (select count(*) || ' ' || sum(abalance) from pgbench_accounts), (select sum(bbalance) from pgbench_branches),
 (select count(*) from pgbench_history), (select count(*) || ' ' || sum(length(body)) || ' ' || sum(length(payload)) from docs)"""


class Lifeboat(Tool):
    """The worker as the launcher starts it, the operator's tool as a person types it."""

    name = "lifeboat"
    # Its folder, and what it writes below in the bucket.
    home = "lifeboat"

    def encryption(self):
        """More lines below bucket:."""
        return ""

    def prepare(self):
        home = self.place.path(self.home)
        home.mkdir(exist_ok=True)
        (home / "secret").write_text("bench-secret\n")
        (home / "key").write_text("bench\n")
        run_as = f"    run-as: {server_user()}\n" if os.getuid() == 0 else ""
        (home / "lifeboat.yaml").write_text(f"""platform: bench
temporal:
  address: 127.0.0.1:{self.place["temporal_port"]}
  namespace: default
bucket:
  url: s3://{BUCKET}/{self.home}
  endpoint: https://127.0.0.1:{self.place["s3_port"]}
  region: us-east-1
  access-key: file:key
  secret-key: file:secret
{self.encryption()}postgres:
  main:
    data-directory: {self.cluster.data}
    bin-directory: {self.cluster.bin}
{run_as}    host: 127.0.0.1
    port: {self.cluster.port}
    user: postgres
    database: {DATABASE}
    marker-interval: PT1H
    objectives: {{ rto: PT1H, rpo: PT1H }}
    smoke-tests:
      - {{ name: accounts are there, sql: "select count(*) from pgbench_branches", at-least: 1 }}
      - {{ name: documents are there, sql: "select count(*) from (select 1 from docs limit 10) as few", equals: "10" }}
""")
        self.begin()
        self._run("setup", "postgres", "main", "--apply")
        command = self.cluster.sql("select setting from pg_file_settings where name = 'archive_command' order by seqno desc limit 1")
        self.place.remember(lifeboat_archive_command=command)
        self.cluster.set("archive_command", "")
        self.cluster.set("archive_timeout", "0")
        self.cluster.reload()
        self.end()

    def _command(self, *arguments):
        return [str(ROOT / "lifeboat"), "--config", str(self.place.path(self.home, "lifeboat.yaml")), *arguments]

    def _run(self, *arguments):
        answer = subprocess.run(
            self._command(*arguments), cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if answer.returncode != 0:
            raise RuntimeError(f"lifeboat {' '.join(arguments)} exited with {answer.returncode}: {answer.stderr}{answer.stdout}")
        return answer.stdout

    def archive_command(self):
        return self.place["lifeboat_archive_command"]

    def begin(self):
        trust = f"-Djavax.net.ssl.trustStore={self.place.path('trust.p12')} -Djavax.net.ssl.trustStorePassword=changeit"
        more = os.environ.get("BENCH_WORKER_OPTIONS", "")
        log = self.place.path("log", f"worker-{time.time_ns()}.log")
        self.place.start(
            "worker", [ROOT / "lifeboat", "worker", "--config", self.place.path(self.home, "lifeboat.yaml")],
            {"JAVA_TOOL_OPTIONS": f"{trust} {more}".strip()}, log)
        await_true("the worker", lambda: "serving " in log.read_text())

    def end(self):
        self.place.stop("worker")

    def backup(self):
        began = time.monotonic()
        report = json.loads(self._run("start", "base-backup", "--cluster", "main", "--yes", "-o", "json"))
        wall = time.monotonic() - began
        self._keep(report)
        # pgBackRest does not read its backup back; taking it and waiting for its WAL is what both do.
        taking = seconds(report, "take-base-backup", "await-wal")
        return {"backup": taking, "backup-wall": wall, **steps(report)}

    def choose_backup(self):
        """Its plan does."""

    def forget_wal(self):
        self._forget(self.home, "postgres", "wal")

    def recover(self, number):
        target = self.place.path("copies", f"lifeboat-{number}")
        began = time.monotonic()
        report = json.loads(self._run(
            "start", "pitr-recovery", "--cluster", "main", "--target-name", POINT, "--into", str(target), "--port",
            str(self.place["copy_port"]), "--yes", "-o", "json"))
        wall = time.monotonic() - began
        self._keep(report)
        copy = Postgres(self.place, target, self.place["copy_port"], None)
        sums = self.place_sums(copy)
        copy.stop("immediate")
        self._drop(target)
        working = seconds(report, *WORK)
        figures = {
            "restore": seconds(report, "restore-base-backup"),
            "replay": seconds(report, "replay-wal"),
            "pitr": iso(report["achieved"]["recoveryTime"]),
            "pitr-wall": wall,
            "overhead": wall - working,
        }
        return {**figures, **steps(report)}, sums

    @staticmethod
    def place_sums(copy):
        return copy.sql(SUMS)

    def _keep(self, report):
        folder = self.place.path("reports")
        folder.mkdir(exist_ok=True)
        (folder / f"{report['run'].replace('/', '_')}-{report['runId']}.json").write_text(json.dumps(report, indent=1))


# Moving, replaying or checking data; all else of a run is Lifeboat's own overhead.
WORK = ("save-wal", "restore-base-backup", "replay-wal", "prove-recovery-point", "smoke-test-copy", "make-durable",
        "smoke-test-live", "take-base-backup", "check-indexes")


def iso(duration):
    """PT1M2.5S in seconds."""
    total, number = 0.0, ""
    for sign in duration.removeprefix("PT"):
        if sign in "HMS":
            total += float(number) * {"H": 3600, "M": 60, "S": 1}[sign]
            number = ""
        else:
            number += sign
    return total


def seconds(report, *names):
    return sum(iso(step["duration"]) for step in report["steps"] if step["id"] in names and step.get("duration"))


def steps(report):
    return {"step:" + step["id"]: iso(step["duration"]) for step in report["steps"] if step.get("duration")}
