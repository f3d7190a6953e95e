"""The tables' history. `upgrade` brings a database to the newest revision at each start.

A new revision is one file in `versions/`, written by hand after `hub/store/tables` was changed;
tests/integration/test_store_migrations.py says what differs between the two.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select, text

from hub.kit.errors import Misconfigured
from hub.store.db import Database

UPGRADE_LOCK = 0x68756200  # beside feed.FEED_LOCK in PostgreSQL's one space of advisory locks


def upgrade(db: Database) -> str:
    """Bring the database to the newest revision, all or nothing; returns its name.

    Processes that start at once wait for each other. Raises Misconfigured (`newer_database`)
    when a later version of the hub has been here, Retryable when the database is away.
    """
    with db.write() as tx:
        if db.dialect == "postgresql":
            tx.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))
            # An index over a county takes its time.
            tx.execute(text("SET LOCAL statement_timeout = 0"))
        config = _config(tx)
        scripts = ScriptDirectory.from_config(config)
        present = MigrationContext.configure(tx).get_current_revision()
        known = {script.revision for script in scripts.walk_revisions()}
        if present is not None and present not in known:
            raise Misconfigured(
                f"the database is at revision {present}, which this version of the hub does not"
                " know: install the version that wrote it",
                code="newer_database",
            )
        command.upgrade(config, "head")
        return str(scripts.get_current_head())


def _config(tx: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = tx
    return config
