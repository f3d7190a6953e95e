"""What is past its time goes, what is held stays, and both can be shown."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from hub.app.desk import unfenced
from hub.app.retention import RetentionStep
from hub.kit.clock import SimClock
from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import counted_ids
from hub.kit.metrics import Metrics
from hub.privacy.holds import service as holds
from hub.privacy.holds.service import HoldReason, Word
from hub.privacy.retention import repository, service
from hub.privacy.retention.classes import Kind, classes, unlinked
from hub.privacy.retention.verify import Verdict, verify
from hub.privacy.settings import Retention
from hub.store import media
from hub.store.audit import verify as audit
from hub.store.audit.logs import LOGS
from hub.store.audit.sealer import seal_once
from hub.store.db import Database
from hub.store.media import MediaKind, MediaStore
from hub.store.tables.access import accounts, login_failures, looks, sessions
from hub.store.tables.alerts import transitions
from hub.store.tables.audit import person_salts
from hub.store.tables.dispatch import incidents
from hub.store.tables.privacy import camera_files
from tests.unit.privacy.rows import DAY, NOW, put, put_alert, put_incident, put_media

KEEP = Retention()


@pytest.fixture
def clock() -> SimClock:
    return SimClock(NOW)


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


@pytest.fixture
def step(db: Database, store: MediaStore, clock: SimClock) -> RetentionStep:
    return RetentionStep(db, store, clock, counted_ids("del"), unfenced, Metrics())


def show(store: MediaStore, *ids: str) -> None:
    for id_ in ids:
        store.put(id_, MediaKind.PICTURE, b"a picture")
        store.put(id_, MediaKind.CLIP, b"a clip")


def there(db: Database, store: MediaStore, *ids: str) -> set[str]:
    """Those of the ids that are linked and on the disk; both or neither is asserted."""
    with db.read() as tx:
        linked = media.linked(tx, ids)
    assert linked == {id_ for id_ in ids if store.sizes(id_)}
    return linked


def verdict_of(db: Database, store: MediaStore, now: float = NOW) -> Verdict:
    with db.read() as tx:
        return verify(tx, (*classes(KEEP), unlinked(KEEP)), store, now, slack_s=0.0)


def ledger(db: Database) -> dict[str, set[str]]:
    with db.read() as tx:
        rows = service.deletions(tx)
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.kind, set()).update(row.ids)
    return found


def test_evidence_goes_by_its_class_and_leaves_a_proof(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    with db.write() as tx:
        put_alert(tx, "nothing-8d", NOW - 8 * DAY, verdict="false")
        put_alert(tx, "nothing-6d", NOW - 6 * DAY, verdict="false")
        put_alert(tx, "alone-31d", NOW - 31 * DAY)
        put_alert(tx, "alone-29d", NOW - 29 * DAY)
        put_incident(tx, "old", "archived", NOW - 91 * DAY)
        put_alert(tx, "of-old", NOW - 95 * DAY, incident="old")
        put_media(tx, "photo-of-old", "incident:old", NOW - 95 * DAY)
        put_incident(tx, "young", "closed", NOW - 89 * DAY)
        put_alert(tx, "of-young", NOW - 95 * DAY, incident="young")
        put_incident(tx, "open", "on_scene", None)
        put_alert(tx, "of-open", NOW - 900 * DAY, incident="open")
        put_alert(tx, "false-of-open", NOW - 900 * DAY, incident="open", verdict="false")
        put_media(tx, "zip-8d", "export:one", NOW - 8 * DAY)
    every = [
        *("pic-nothing-8d", "pic-nothing-6d", "pic-alone-31d", "pic-alone-29d", "pic-of-old"),
        *("photo-of-old", "pic-of-young", "pic-of-open", "pic-false-of-open", "zip-8d"),
    ]
    show(store, *every)

    step.run_through(KEEP)

    stays = {"pic-nothing-6d", "pic-alone-29d", "pic-of-young", "pic-of-open", "pic-false-of-open"}
    assert there(db, store, *every) == stays
    told = ledger(db)
    assert told[Kind.FALSE_ALARMS] == {"pic-nothing-8d"}
    assert told[Kind.ALERTS] == {"pic-alone-31d"}
    assert told[Kind.INCIDENTS] == {"pic-of-old", "photo-of-old"}
    assert told[Kind.EXPORTS] == {"zip-8d"}
    found = verdict_of(db, store)
    assert found.sound, found
    with db.read() as tx:
        row = next(d for d in service.deletions(tx) if d.kind == Kind.INCIDENTS)
        words = repository.noted(tx, [row.id])[row.id]
    digest = hashlib.sha256(b"photo-of-old\npic-of-old").hexdigest()
    assert words == f"incidents 2 sha256:{digest}"
    assert (row.first_at, row.last_at) == (NOW - 91 * DAY, NOW - 91 * DAY)


def test_a_cameras_file_says_how_long_its_own_evidence_is_kept(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    with db.write() as tx:
        for version, days in ((1, 15), (2, 60)):
            put(
                tx, camera_files, id=f"f{version}", camera_id="bank", version=version,
                retention_days=days, written_at=NOW,
            )  # fmt: skip
        put_alert(tx, "at-bank", NOW - 40 * DAY, source="bank")
        put_alert(tx, "older", NOW - 61 * DAY, source="bank")
        put_alert(tx, "elsewhere", NOW - 40 * DAY)
    show(store, "pic-at-bank", "pic-elsewhere", "pic-older")
    step.run_through(KEEP)
    assert there(db, store, "pic-at-bank", "pic-elsewhere", "pic-older") == {"pic-at-bank"}


def test_what_was_merged_is_over_with_the_case_it_went_into(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    with db.write() as tx:
        put_incident(tx, "top", "on_scene", None)
        put_incident(tx, "part", "merged", NOW - 500 * DAY, merged_into="top")
        put_alert(tx, "of-part", NOW - 500 * DAY, incident="part")
    show(store, "pic-of-part")
    step.run_through(KEEP)
    assert there(db, store, "pic-of-part") == {"pic-of-part"}
    with db.write() as tx:
        tx.execute(
            update(incidents)
            .where(incidents.c.id == "top")
            .values(state="closed", closed_at=NOW - 91 * DAY)
        )
    step.run_through(KEEP)
    assert there(db, store, "pic-of-part") == set()


def test_batches_are_small_and_each_is_written_down(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    with db.write() as tx:
        for number in range(service.BATCH + 5):
            put_alert(tx, f"a{number:03d}", NOW - 40 * DAY)
    step.run_through(KEEP)
    with db.read() as tx:
        rows = [row for row in service.deletions(tx) if row.kind == Kind.ALERTS]
    assert sorted(row.total for row in rows) == [5, service.BATCH]


def test_what_nothing_refers_to_is_swept_and_written_down(
    db: Database, store: MediaStore, step: RetentionStep, tmp_path: Path
) -> None:
    show(store, "lost-one")
    folder = tmp_path / "media" / "ne" / "lost-one"
    os.utime(folder, (NOW - 2 * DAY, NOW - 2 * DAY))
    step.run_through(KEEP)
    assert ledger(db)[Kind.UNLINKED] == {"lost-one"}
    assert verdict_of(db, store).sound


def test_rows_about_logins_go(db: Database, store: MediaStore, step: RetentionStep) -> None:
    with db.write() as tx:
        put(tx, login_failures, login_hash="old", failed_at=NOW - 2 * DAY, locked_until=None)
        put(tx, login_failures, login_hash="locked", failed_at=NOW - 2 * DAY, locked_until=NOW + 9)
        put(tx, login_failures, login_hash="new", failed_at=NOW - 60, locked_until=None)
        put(tx, sessions, id_hash="over", expires_at=NOW - 40 * DAY, ended_at=None)
        put(tx, sessions, id_hash="open", expires_at=NOW + DAY, ended_at=None)
    step.run_through(KEEP)
    with db.read() as tx:
        kept = set(tx.execute(select(login_failures.c.login_hash)).scalars())
        left = set(tx.execute(select(sessions.c.id_hash)).scalars())
    assert (kept, left) == ({"locked", "new"}, {"open"})
    with db.write() as tx:  # the same login fails again: that is no row that should be gone
        put(tx, login_failures, login_hash="old", failed_at=NOW, locked_until=None)
    assert verdict_of(db, store).sound


# -- holds -------------------------------------------------------------------------------------


def hold(tx: Connection, incident: str, until: float | None = None) -> str:
    word = Word("Chen", NOW, "letter 12")
    ids = counted_ids(f"hold-{incident}")
    return holds.place(tx, incident, HoldReason.COURT, until, word, ids).id


def test_nothing_of_a_held_incident_goes_until_another_entry_ends_the_hold(
    db: Database, store: MediaStore, step: RetentionStep, clock: SimClock
) -> None:
    with db.write() as tx:
        put_incident(tx, "case", "archived", NOW - 1900 * DAY, handled_by="Wang")
        put_incident(tx, "part", "merged", NOW - 1950 * DAY, merged_into="case")
        put_alert(tx, "shown", NOW - 1950 * DAY, incident="case")
        put_alert(tx, "false", NOW - 1950 * DAY, incident="part", verdict="false")
        put_media(tx, "photo", "incident:case", NOW - 1950 * DAY)
        act(tx, "incident", "case", "Wang", NOW - 1950 * DAY)
        act(tx, "alert", "shown", "Li", NOW - 1950 * DAY)
        look(tx, "picture/pic-shown", "Zhao", NOW - 1950 * DAY)
        held = hold(tx, "case")
    every = ("pic-shown", "pic-false", "photo")
    show(store, *every)
    step.run_through(KEEP)
    assert there(db, store, *every) == set(every)
    assert names_in(db) == {"Wang", "Li", "Zhao", "Chen"}
    assert ledger(db) == {}

    with db.write() as tx:
        word = Word("Chen", clock.now(), "the court has given it back")
        ended = holds.end(tx, held, word, counted_ids("end"))
    assert (ended.ended_by, ended.ended_note) == ("Chen", "the court has given it back")
    step.run_through(KEEP)
    assert there(db, store, *every) == set()
    assert names_in(db) == {"Chen"}
    with db.read() as tx:
        assert tx.execute(select(incidents.c.handled_by)).scalars().all() == [None, None]
    assert verdict_of(db, store).sound


def test_a_hold_until_a_day_ends_by_itself(
    db: Database, store: MediaStore, step: RetentionStep, clock: SimClock
) -> None:
    with db.write() as tx:
        put_incident(tx, "case", "archived", NOW - 900 * DAY)
        put_alert(tx, "shown", NOW - 900 * DAY, incident="case")
        held = hold(tx, "case", until=NOW + DAY)
    show(store, "pic-shown")
    step.run_through(KEEP)
    assert there(db, store, "pic-shown")
    clock.advance(DAY + 1)
    step.run_through(KEEP)
    assert not there(db, store, "pic-shown")
    with db.write() as tx, pytest.raises(Conflict, match="over"):
        holds.end(tx, held, Word("Chen", clock.now(), "done"), counted_ids("end"))


def test_what_a_hold_takes_meanwhile_is_left_alone(db: Database, store: MediaStore) -> None:
    """The step looked, then somebody placed a hold, then the step deletes."""
    of = next(each for each in classes(KEEP) if each.name == Kind.INCIDENTS)
    with db.write() as tx:
        put_incident(tx, "case", "archived", NOW - 900 * DAY)
        put_alert(tx, "shown", NOW - 900 * DAY, incident="case")
        seen = service.due(tx, of, NOW)
        hold(tx, "case")
    assert list(seen) == ["pic-shown"]
    show(store, "pic-shown")
    with db.write() as tx:
        assert service.delete(tx, of, seen, store, now=NOW, new=counted_ids("d")) is None
    assert there(db, store, "pic-shown")


def test_a_hold_names_a_case_and_a_day_to_come(db: Database) -> None:
    with db.write() as tx:
        put_incident(tx, "case", "archived", NOW)
        word = Word("Chen", NOW, "")
        with pytest.raises(Refused, match="future"):
            holds.place(tx, "case", HoldReason.COURT, NOW, word, counted_ids("h"))
        with pytest.raises(NotFound):
            holds.place(tx, "none", HoldReason.COURT, None, word, counted_ids("h"))


# -- people ------------------------------------------------------------------------------------


def act(tx: Connection, entity: str, id_: str, actor: str, at: float) -> None:
    put(
        tx, transitions, entity=entity, entity_id=id_, version=int(at), at=at,
        actor=actor, device=None,
    )  # fmt: skip


def look(tx: Connection, subject: str, actor: str, at: float) -> None:
    put(tx, looks, subject=subject, actor=actor, at=at)


def names_in(db: Database) -> set[str]:
    """Names that the sealed logs show, but the hub's own."""
    with db.read() as tx:
        shown = {name for log in LOGS for name in tx.execute(select(log.people[0])).scalars()}
    return {name for name in shown if not name.startswith("ref:")} - {"hub"}


def seal(db: Database) -> None:
    for log in LOGS:
        with db.write() as tx:
            top = tx.execute(select(log.table.c.seq).order_by(log.table.c.seq.desc())).scalar()
            seal_once(tx, log, top or 0, NOW)


def test_names_in_the_logs_grow_old_row_by_row_and_the_chain_stays_sound(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    with db.write() as tx:
        act(tx, "mute", "m1", "Wang", NOW - 1100 * DAY)
        act(tx, "mute", "m2", "Wang", NOW - 10 * DAY)
        act(tx, "mute", "m3", "Gone", NOW - 1100 * DAY)
        look(tx, "clip/one", "Wang", NOW - 181 * DAY)
        look(tx, "clip/two", "Li", NOW - 179 * DAY)
    seal(db)
    step.run_through(KEEP)
    with db.read() as tx:
        shown = dict(map(tuple, tx.execute(select(transitions.c.entity_id, transitions.c.actor))))
        seen = dict(map(tuple, tx.execute(select(looks.c.subject, looks.c.actor))))
        keys = set(tx.execute(select(person_salts.c.key)).scalars())
    assert shown["m2"] == "Wang"
    assert seen["clip/two"] == "Li"
    assert shown["m1"] == seen["clip/one"] != "Wang"
    assert shown["m3"].startswith("ref:")
    assert hashlib.sha256(b"Gone").hexdigest() not in keys
    assert hashlib.sha256(b"Wang").hexdigest() in keys
    seal(db)
    with db.read() as tx:
        assert [audit.verify(tx, log).first for log in LOGS] == [None, None]
    step.run_through(KEEP)
    told = ledger(db)
    assert len(told[Kind.LOGS]) == 2
    assert len(told[Kind.LOOKS]) == 1
    assert verdict_of(db, store).sound


def test_names_of_a_case_that_goes_on_stay_however_old(db: Database, step: RetentionStep) -> None:
    with db.write() as tx:
        put_incident(tx, "case", "suspended", None)
        act(tx, "incident", "case", "Wang", NOW - 1500 * DAY)
    step.run_through(KEEP)
    assert names_in(db) == {"Wang"}


def test_an_account_in_use_keeps_its_name(db: Database, step: RetentionStep) -> None:
    with db.write() as tx:
        put(tx, accounts, id="used", login="li", name="Li", disabled_at=None)
        put(tx, accounts, id="left", login="wu", name="Wu", disabled_at=NOW - 1096 * DAY)
        put(tx, accounts, id="late", login="xu", name="Xu", disabled_at=NOW - 1094 * DAY)
    step.run_through(KEEP)
    with db.read() as tx:
        found = dict(map(tuple, tx.execute(select(accounts.c.id, accounts.c.name))))
    assert found == {"used": "Li", "left": "erased:left", "late": "Xu"}
