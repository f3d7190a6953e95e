"""Fixtures that many tests share: the clock, the two databases, the two Redis servers."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py

from hub.kit.clock import SimClock
from hub.store.db import Database
from hub.store.stream import connect
from hub.store.tables import metadata
from hub.store.valkey import EmbeddedValkey
from tests import servers

_numbers = itertools.count(1)


@pytest.fixture
def clock() -> SimClock:
    """A clock that moves only when told."""
    return SimClock()


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder with a short path: unix sockets allow 107 bytes, pytest's own folders are long."""
    folder = Path(tempfile.mkdtemp(prefix="hub-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_server(short_folder: Path) -> Iterator[str]:
    """A real PostgreSQL whose database `spine` holds empty tables; gives its socket's folder."""
    folder = short_folder / "pg"
    folder.mkdir()
    short_folder.chmod(0o755)
    try:
        with servers.postgresql(folder) as socket_folder:
            template = Database(servers.create_database(socket_folder, "spine"))
            metadata.create_all(template.engine)
            template.close()
            yield socket_folder
    except servers.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that holds the empty tables."""
    path = tmp_path_factory.mktemp("sqlite") / "spine.db"
    template = Database(f"sqlite:///{path}")
    metadata.create_all(template.engine)
    with template.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.rollback()
    template.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with empty tables, once in SQLite and once in PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "hub.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    socket_folder = request.getfixturevalue("postgresql_server")
    servers.empty_tables(socket_folder, "spine", list(metadata.tables))
    return servers.database_url(socket_folder, "spine")


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table, once in SQLite and once in PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    socket_folder = request.getfixturevalue("postgresql_server")
    name = f"bare_{next(_numbers)}"
    yield servers.create_database(socket_folder, name)
    servers.drop_database(socket_folder, name)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """A fresh database with empty tables, once in SQLite and once in PostgreSQL."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def valkey_server(short_folder: Path) -> Iterator[EmbeddedValkey]:
    """The embedded Valkey, one for the whole run."""
    server = EmbeddedValkey(short_folder / "valkey")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(valkey_server: EmbeddedValkey) -> Iterator[redis_py.Redis]:
    """A client of the embedded Valkey, which is empty."""
    client = connect(valkey_server.url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def redis_url(short_folder: Path) -> Iterator[str]:
    """The address of Debian's redis-server, one for the whole run."""
    folder = short_folder / "redis"
    folder.mkdir()
    try:
        with servers.debian_redis(folder) as url:
            yield url
    except servers.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def redis_server(redis_url: str) -> Iterator[redis_py.Redis]:
    """A client of Debian's redis-server, which is empty. Mark the test `redis`."""
    client = connect(redis_url)
    client.flushall()
    yield client
    client.close()
