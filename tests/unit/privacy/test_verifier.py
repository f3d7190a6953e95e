"""What the verifier of deletions sees."""

from __future__ import annotations

import hashlib

from sqlalchemy import update

from hub.app.retention import RetentionStep
from hub.privacy.retention import service
from hub.privacy.retention.classes import Kind
from hub.privacy.retention.verify import What
from hub.store import erasing
from hub.store.audit.logs import TRANSITIONS
from hub.store.db import Database
from hub.store.media import MediaStore
from hub.store.tables.access import accounts
from hub.store.tables.privacy import deletions
from tests.unit.privacy.rows import DAY, NOW, put, put_alert
from tests.unit.privacy.test_retention import KEEP, act, clock, show, step, store, verdict_of

__all__ = ["clock", "step", "store"]
"""The fixtures."""

# -- the verifier sees -------------------------------------------------------------------------


def deleted_one(db: Database, store: MediaStore, step: RetentionStep) -> None:
    with db.write() as tx:
        put_alert(tx, "old", NOW - 40 * DAY)
    show(store, "pic-old")
    step.run_through(KEEP)


def test_it_sees_what_came_back(db: Database, store: MediaStore, step: RetentionStep) -> None:
    deleted_one(db, store, step)
    show(store, "pic-old")
    found = verdict_of(db, store)
    assert [(fault.what, fault.example) for fault in found.faults] == [
        (What.STILL_THERE, "pic-old")
    ]


def test_it_sees_a_ledger_that_was_changed(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    deleted_one(db, store, step)
    with db.write() as tx:
        tx.execute(update(deletions).values(ids="pic-other"))
    assert [fault.what for fault in verdict_of(db, store).faults] == [What.CHANGED]
    with db.write() as tx:  # with a digest that fits: the sealed log says otherwise
        tx.execute(update(deletions).values(digest=service.digest_of(["pic-other"])))
    assert [fault.what for fault in verdict_of(db, store).faults] == [What.NOT_IN_LOG]


def test_it_sees_what_was_never_deleted(db: Database, store: MediaStore) -> None:
    with db.write() as tx:
        put_alert(tx, "old", NOW - 40 * DAY)
    found = verdict_of(db, store)
    assert (found.sound, dict(found.overdue)) == (False, {Kind.ALERTS: 1})


def test_a_name_put_back_is_seen(db: Database, store: MediaStore, step: RetentionStep) -> None:
    with db.write() as tx:
        put(tx, accounts, id="left", login="wu", name="Wu", disabled_at=0.0)
        act(tx, "mute", "m1", "Wang", 0.0)
    step.run_through(KEEP)
    assert verdict_of(db, store).sound
    with db.write() as tx:
        tx.execute(update(accounts).values(name="Wu"))
    found = verdict_of(db, store)
    assert [fault.what for fault in found.faults] == [What.STILL_THERE]
    assert found.overdue == {"people/accounts/1095": 1}


def test_the_digest_is_over_the_sorted_ids() -> None:
    assert service.digest_of(["b", "a"]) == hashlib.sha256(b"a\nb").hexdigest()


def test_every_part_has_a_name_of_its_own() -> None:
    names = [erasing.name_of(part) for part in erasing.parts()]
    assert len(names) == len(set(names))
    assert TRANSITIONS.table.name not in {part.table.name for part in erasing.parts()}
