"""What grows with every day goes in its time: notices, members of storms, the ledger's own ids."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select, update

from hub.app.retention import RetentionStep
from hub.kit.clock import SimClock
from hub.kit.ids import counted_ids
from hub.privacy.retention import service
from hub.privacy.retention.classes import Kind, classes
from hub.privacy.retention.verify import What
from hub.store.db import Database
from hub.store.media import MediaStore
from hub.store.names import key_of
from hub.store.tables.access import accounts, login_failures, names
from hub.store.tables.alerts import alerts
from hub.store.tables.notices import deliveries, notices, tries
from hub.store.tables.privacy import deletions
from hub.store.tables.storms import storm_members
from hub.store.tables.whistles import whistles
from tests.unit.privacy.rows import DAY, NOW, put, put_alert, put_incident
from tests.unit.privacy.test_retention import KEEP, hold, ledger, verdict_of
from tests.unit.privacy.test_retention import clock as clock
from tests.unit.privacy.test_retention import step as step
from tests.unit.privacy.test_retention import store as store

BLIND = (Kind.LOGIN_FAILURES, "people/names/1095")
GROWN = (Kind.TRIES, Kind.DELIVERIES, Kind.NOTICES)


def put_notice(
    tx: Connection, key: str, about: str, at: float, state: str = "sent", **more: Any
) -> None:
    """A notice with one delivery and one try of it, all of that moment."""
    times = {"at": at, "resolve_at": at, "resolved_at": at}
    put(tx, notices, key=key, about=about, grid_path=["county"], **(times | more))
    said = {"notice_key": key, "state": state, "created_at": at, "paused_at": None}
    times = dict.fromkeys(("next_try_at", "sent_at", "acked_at", "dead_at"), at)
    put(tx, deliveries, id=f"d-{key}", account=f"a-{key}", **said, **times)
    seq = (tx.execute(select(func.max(tries.c.seq))).scalar() or 0) + 1
    put(tx, tries, seq=seq, delivery_id=f"d-{key}", at=at)


def keys(db: Database) -> dict[str, set[str]]:
    """What is left, by the key of its notice."""
    with db.read() as tx:
        return {
            Kind.NOTICES: set(tx.execute(select(notices.c.key)).scalars()),
            Kind.DELIVERIES: set(tx.execute(select(deliveries.c.notice_key)).scalars()),
            Kind.TRIES: {
                one.removeprefix("d-") for one in tx.execute(select(tries.c.delivery_id)).scalars()
            },
        }


def test_a_notice_goes_with_its_deliveries_and_tries(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    long_ago = NOW - 500 * DAY
    with db.write() as tx:
        put_incident(tx, "over", "closed", NOW - 181 * DAY)
        put_incident(tx, "young", "closed", NOW - 179 * DAY)
        put_incident(tx, "open", "on_scene", None)
        put_incident(tx, "held", "closed", NOW - 400 * DAY)
        put_alert(tx, "of-open", long_ago, incident="open")
        put_alert(tx, "lone", long_ago)
        put_alert(tx, "live", long_ago)
        tx.execute(update(alerts).values(life="cleared").where(alerts.c.id == "lone"))
        tx.execute(update(alerts).values(life="active").where(alerts.c.id != "lone"))
        put(tx, whistles, id="w1", incident_id="held")
        hold(tx, "held")
        put_notice(tx, "n-over", "incident/over", long_ago)
        put_notice(tx, "n-lone", "alert/lone", long_ago)
        put_notice(tx, "n-grid", "grid/east", NOW - 181 * DAY)
        put_notice(tx, "n-fresh", "grid/east", NOW - 100 * DAY)
        for name, about in (
            ("young", "incident/young"),
            ("open", "incident/open"),
            ("of-open", "alert/of-open"),
            ("live", "alert/live"),
            ("held", "incident/held"),
            ("whistle", "whistle/w1"),
        ):
            put_notice(tx, f"n-{name}", about, long_ago)
        put_notice(tx, "n-waits", "grid/east", long_ago, state="waiting")

    step.run_through(KEEP)

    stays = {"n-open", "n-of-open", "n-live", "n-held", "n-whistle", "n-waits"}
    of_young = {"n-young", "n-fresh"}
    assert keys(db) == {
        Kind.NOTICES: stays | of_young,
        Kind.DELIVERIES: stays | of_young,
        Kind.TRIES: stays,
    }, "tries have a shorter time of their own"
    told = ledger(db)
    assert told[Kind.NOTICES] == {"n-over", "n-lone", "n-grid"}
    assert told[Kind.DELIVERIES] == {"d-n-over", "d-n-lone", "d-n-grid"}
    assert len(told[Kind.TRIES]) == 5, "counted"
    assert verdict_of(db, store).sound


def test_who_was_told_of_an_open_or_a_held_case_is_not_erased(
    db: Database, step: RetentionStep
) -> None:
    with db.write() as tx:
        put_incident(tx, "open", "on_scene", None)
        put_incident(tx, "held", "closed", NOW - 900 * DAY)
        hold(tx, "held")
        for name in ("open", "held"):
            put_notice(tx, f"n-{name}", f"incident/{name}", NOW - 900 * DAY, account="wang")
    step.run_through(KEEP)
    with db.read() as tx:
        told = set(tx.execute(select(deliveries.c.account)).scalars())
        asked = set(tx.execute(select(notices.c.account)).scalars())
    assert (told, asked) == ({"a-n-open", "a-n-held"}, {"wang"})


def test_members_of_a_storm_go_long_after_its_alert(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    def storm(tx: Connection, id_: str, cleared: float | None, incident: str | None = None) -> None:
        put_alert(tx, id_, NOW - 900 * DAY, incident=incident)
        life = "active" if cleared is None else "cleared"
        of = update(alerts).where(alerts.c.id == id_)
        tx.execute(of.values(life=life, cleared_at=cleared, merged_into=None))
        over = NOW - 900 * DAY
        put(tx, storm_members, storm_id=id_, fingerprint="cam-1", over_at=over)

    with db.write() as tx:
        put_incident(tx, "open", "on_scene", None)
        put_incident(tx, "held", "closed", NOW - 900 * DAY)
        hold(tx, "held")
        storm(tx, "old", NOW - 401 * DAY)
        storm(tx, "young", NOW - 399 * DAY)
        storm(tx, "lasts", None)
        storm(tx, "of-open", NOW - 800 * DAY, "open")
        storm(tx, "of-held", NOW - 800 * DAY, "held")
        put(tx, storm_members, storm_id="old", fingerprint="cam-2", over_at=None)
    step.run_through(KEEP)
    with db.read() as tx:
        rows = tx.execute(select(storm_members.c.storm_id, storm_members.c.fingerprint))
        left = {tuple(row) for row in rows}
    of_cam_1 = {(storm, "cam-1") for storm in ("young", "lasts", "of-open", "of-held")}
    assert left == of_cam_1 | {("old", "cam-2")}
    assert ledger(db)[Kind.STORM_MEMBERS] == {"old/cam-1"}
    assert verdict_of(db, store).sound


def test_the_ledger_forgets_ids_and_keeps_the_proof(
    db: Database, store: MediaStore, clock: SimClock, step: RetentionStep
) -> None:
    with db.write() as tx:
        put_notice(tx, "n1", "grid/east", NOW - 500 * DAY)
    step.run_through(KEEP)
    with db.read() as tx:
        [before] = service.deletions(tx, Kind.NOTICES)
    clock.advance(1096 * DAY)
    step.run_through(KEEP)
    with db.read() as tx:
        [after] = service.deletions(tx, Kind.NOTICES)
        [last] = service.deletions(tx, Kind.LEDGER)
    assert (before.ids, after.ids) == (("n1",), ())
    assert (after.total, after.digest, after.sealed_words) == (
        before.total,
        before.digest,
        before.sealed_words,
    )
    assert before.id in last.ids
    found = verdict_of(db, store, clock.now())
    assert found.sound, found
    clock.advance(5000 * DAY)
    step.run_through(KEEP)
    with db.read() as tx:
        assert service.deletions(tx, Kind.LEDGER)[-1].ids, "that it forgot is not forgotten"


TYPED = key_of("Wu Lan")
"""As who has the database may try: the hash of a name, or of what was typed as a login."""


def put_hashes(tx: Connection) -> None:
    put(tx, accounts, id="left", disabled_at=0.0)
    put(tx, names, key=TYPED, account_id="left", token_id=None)
    put(tx, login_failures, login_hash=TYPED, failed_at=NOW - 9 * DAY, locked_until=None)


def test_the_ledger_counts_what_it_must_not_name(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    with db.write() as tx:
        put_hashes(tx)
    step.run_through(KEEP)
    with db.read() as tx:
        assert tx.execute(select(names.c.key)).first() is None
        rows = service.deletions(tx)
    counted = {row.kind: row for row in rows if row.kind in (*BLIND, Kind.LEDGER)}
    assert {kind: (row.total, row.ids) for kind, row in counted.items()} == dict.fromkeys(
        BLIND, (1, ())
    )
    assert {row.digest for row in counted.values()} == {service.digest_of(())}, "nor a hash of it"
    assert verdict_of(db, store).sound


def test_what_was_named_before_is_forgotten_at_once(
    db: Database, store: MediaStore, clock: SimClock, step: RetentionStep
) -> None:
    kinds = {each.name: each for each in classes(KEEP)}
    with db.write() as tx:
        for number, kind in enumerate(BLIND):
            once = replace(kinds[kind], blind=False)
            new = counted_ids(f"old-{number}")
            service.write_down(tx, once, {TYPED: 0.0}, now=NOW - 5 * DAY, new=new)
    step.run_through(KEEP)
    with db.read() as tx:
        rows = {row.kind: row for row in service.deletions(tx)}
    assert [(rows[kind].total, rows[kind].ids) for kind in BLIND] == [(1, ())] * 2
    assert rows[Kind.LEDGER].total == 2
    assert verdict_of(db, store).sound
    clock.advance(5000 * DAY)
    step.run_through(KEEP)
    assert verdict_of(db, store, clock.now()).sound


def test_ids_that_somebody_took_away_are_seen(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    with db.write() as tx:
        put_notice(tx, "n1", "grid/east", NOW - 500 * DAY)
    step.run_through(KEEP)
    with db.write() as tx:
        tx.execute(update(deletions).where(deletions.c.kind == Kind.NOTICES).values(ids=""))
    assert [fault.what for fault in verdict_of(db, store).faults] == [What.CHANGED]


def test_a_try_that_came_back_is_seen(db: Database, store: MediaStore, step: RetentionStep) -> None:
    with db.write() as tx:
        put_notice(tx, "n1", "grid/east", NOW - 500 * DAY)
    step.run_through(KEEP)
    with db.write() as tx:
        put(tx, tries, seq=1, delivery_id="d-n1", at=NOW - 500 * DAY)
    faults = verdict_of(db, store).faults
    assert [(fault.kind, fault.what) for fault in faults] == [(Kind.TRIES, What.STILL_THERE)]
