"""The servers that a comparison needs: PostgreSQL, MinIO over TLS, Temporal. Each is known by its process id, and only it is ended."""

import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEARCH_ATTRIBUTES = ["Runbook", "Target", "Mode", "Step", "WaitingFor", "Verdict"]
BUCKET = "bench"
DATABASE = "shop"


class Missing(Exception):
    """Something that this machine lacks; the text says what and how to get it."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def engine(name):
    folder = pathlib.Path(os.environ.get("LIFEBOAT_ENGINES") or os.path.expanduser("~/.cache/lifeboat/engines"))
    program = folder / name
    if not os.access(program, os.X_OK):
        raise Missing(f"there is no {program}; run 'engines/install.sh temporal minio'")
    return str(program)


def postgres_bin():
    on_path = shutil.which("pg_basebackup")
    server = pathlib.Path(on_path).resolve().parent if on_path else None
    if server and (server / "initdb").exists():
        return server
    for version in (18, 17, 16, 15):
        folder = pathlib.Path(f"/usr/lib/postgresql/{version}/bin")
        if (folder / "initdb").exists():
            return folder
    raise Missing("there is no PostgreSQL server; run 'apt-get install postgresql-15'")


def await_true(what, question, limit=60.0, pause=0.02):
    end = time.monotonic() + limit
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {limit:.0f} s")
        time.sleep(pause)


def threads(pid):
    """CPU seconds of each kind of thread of a process, the busiest first."""
    used = {}
    process = pathlib.Path(f"/proc/{pid}")
    for task in (process / "task").iterdir():
        name = (task / "comm").read_text().strip().rstrip("0123456789-#")
        used[name] = used.get(name, 0) + cpu_of(task)
    used["threads that have ended"] = cpu_of(process) - sum(used.values())
    return dict(sorted(used.items(), key=lambda item: -item[1]))


def cpu_of(task):
    fields = (task / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Place:
    """A folder for everything, and what is remembered between two calls."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "state.json"
        self.state = json.loads(self.file.read_text()) if self.file.exists() else {}

    def make(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)

    def remember(self, **facts):
        self.state.update(facts)
        self.file.write_text(json.dumps(self.state, indent=1))

    def __getitem__(self, name):
        return self.state[name]

    def get(self, name, default=None):
        return self.state.get(name, default)

    def path(self, *parts):
        return self.folder.joinpath(*parts)

    def start(self, name, command, env=None, log=None):
        """As a process of its own, which outlives this one."""
        out = open(self.path(log or name + ".log"), "ab")
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True, cwd="/", env={**os.environ, **(env or {})})
        self.remember(pids={**self.get("pids", {}), name: process.pid})
        return process

    def stop(self, name, how=signal.SIGTERM):
        pid = self.get("pids", {}).pop(name, None)
        if pid is None:
            return
        try:
            os.kill(pid, how)
            await_true(f"end of {name}", lambda: not is_alive(pid), 60)
        except ProcessLookupError:
            pass
        self.remember()


def is_alive(pid):
    try:
        ended, _ = os.waitpid(pid, os.WNOHANG)
        return ended == 0
    except ChildProcessError:
        try:
            os.kill(pid, 0)
            return True
        except ProcessLookupError:
            return False


def as_server_user(command):
    """PostgreSQL refuses root."""
    command = [str(part) for part in command]
    return ["runuser", "-u", "postgres", "--"] + command if os.getuid() == 0 else command


def server_user():
    return "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


def own(path):
    if os.getuid() == 0:
        shutil.chown(path, "postgres", "postgres")


class Postgres:
    """The cluster that is protected, or a copy of it."""

    def __init__(self, place, data, port, log):
        self.place, self.data, self.port, self.log = place, pathlib.Path(data), port, log
        self.bin = postgres_bin()

    def run(self, *command, **more):
        return subprocess.run(
            as_server_user(command), check=True, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True,
            **more)

    def sql(self, text, database=DATABASE):
        return self.run(
            self.bin / "psql", "-X", "-At", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.place.path("run"), "-p", self.port,
            "-U", "postgres", "-d", database, "-c", text).stdout.strip()

    def create(self):
        self.run(self.bin / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-k", "--no-sync")
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.write(
                f"\nport = {self.port}\nlisten_addresses = '127.0.0.1'\n"
                f"unix_socket_directories = '{self.place.path('run')}'\n"
                "shared_buffers = 256MB\nmax_wal_size = 4GB\nwal_keep_size = 60GB\n"
                "archive_mode = on\narchive_command = ''\narchive_timeout = 0\nautovacuum = off\nlog_checkpoints = on\n")

    def start(self, *options):
        command = [self.bin / "pg_ctl", "-D", self.data, "start", "-W", "-s", "-l", self.log]
        if options:
            command += ["-o", " ".join(options)]
        subprocess.run(as_server_user(command), check=True, cwd="/", stdin=subprocess.DEVNULL)

    def await_writable(self, limit=900):
        """By the file that the server writes its state to: asking it would take what is measured its cores."""
        def writable():
            try:
                lines = (self.data / "postmaster.pid").read_text().split("\n")
                return len(lines) > 7 and lines[7].strip() == "ready"
            except FileNotFoundError:
                raise RuntimeError(f"the server in {self.data} is gone; its log is {self.log}") from None
        await_true("postmaster.pid", lambda: (self.data / "postmaster.pid").exists(), 30)
        await_true(f"a server on port {self.port}", writable, limit)

    def stop(self, mode="fast"):
        if (self.data / "postmaster.pid").exists():
            self.run(self.bin / "pg_ctl", "-D", self.data, "stop", "-m", mode, "-s", "-t", "300")

    def set(self, name, value):
        quoted = value.replace("'", "''")
        self.sql(f"alter system set {name} = '{quoted}'", "postgres")

    def reload(self):
        self.sql("select pg_reload_conf()", "postgres")


def certificate(place):
    """Of an authority of our own: pgBackRest speaks to S3 over TLS only, so Lifeboat does too."""
    certs = place.path("certs")
    certs.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
         "-keyout", certs / "private.key", "-out", certs / "public.crt", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    trust = place.path("trust.p12")
    subprocess.run(
        ["keytool", "-importcert", "-noprompt", "-alias", "bench", "-file", certs / "public.crt", "-keystore", trust,
         "-storetype", "PKCS12", "-storepass", "changeit"], check=True, capture_output=True)


def start_minio(place):
    certificate(place)
    port = free_port()
    place.path("minio", BUCKET).mkdir(parents=True)
    place.remember(s3_port=port)
    place.start(
        "minio", [engine("minio"), "server", "--quiet", "--address", f"127.0.0.1:{port}", "--certs-dir",
                  place.path("certs"), place.path("minio")],
        {"MINIO_ROOT_USER": "bench", "MINIO_ROOT_PASSWORD": "bench-secret", "MINIO_BROWSER": "off", "MINIO_UPDATE": "off"})
    await_true("MinIO", lambda: answers(port))


def start_temporal(place):
    port = free_port()
    place.remember(temporal_port=port)
    command = [engine("temporal"), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", port,
               "--db-filename", place.path("temporal.db"), "--log-level", "error"]
    for name in SEARCH_ATTRIBUTES:
        command += ["--search-attribute", f"Lifeboat{name}=Keyword"]
    place.start("temporal", command)
    await_true("Temporal", lambda: answers(port))


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
        return True
    except OSError:
        return False
