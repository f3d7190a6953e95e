"""What is done once before the processes start: tables, configuration, models, the first token."""

from __future__ import annotations

from hub.access import service as access
from hub.app.setup import Setup
from hub.app.sync import sync_files
from hub.config import load_or_refuse
from hub.kit.clock import Clock
from hub.kit.ids import random_id
from hub.store.db import Database
from hub.store.migrations import upgrade
from hub.store.secrets import SecretBox


def prepare(setup: Setup, clock: Clock) -> str | None:
    """Bring the database up to date with program and files; the admin token on the first start.

    Raises Misconfigured with everything that is wrong with the configuration.
    """
    config = load_or_refuse(setup.config, setup.profile)
    setup.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    db = Database(setup.database)
    try:
        upgrade(db)
        box = SecretBox(setup.key_file)
        with db.write() as tx:
            sync_files(tx, config, box, clock.now(), random_id)
            return access.first_admin(tx, clock.now(), random_id)
    finally:
        db.close()
