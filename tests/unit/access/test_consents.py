"""Consents on file: a new one takes the place of the old, and nothing is ever deleted."""

from __future__ import annotations

import pytest

from hub.access.consent import Consent, Mode, Terms
from hub.access.consents import service
from hub.access.grants import Window
from hub.kit.errors import Conflict, NotFound
from hub.kit.ids import counted_ids
from hub.store.db import Database
from hub.types.staff import Role

SCHOOL = "Liuxi school"
IDS = counted_ids("consent")
HOURS = Window(weekdays=frozenset({1, 3}), from_minute=420, to_minute=1080)


def give(db: Database, terms: Terms, now: float = 100.0, starts_at: float | None = None) -> Consent:
    with db.write() as tx:
        return service.give(
            tx,
            terms,
            agreed_by="the head",
            document="letter 7",
            starts_at=starts_at,
            entered_by="Li Na",
            now=now,
            ids=IDS,
        )


def on_file(db: Database) -> list[Consent]:
    with db.read() as tx:
        return service.list_consents(tx)


def in_force(db: Database, now: float) -> list[str]:
    with db.read() as tx:
        standing = service.standing(tx, now, {SCHOOL}).get(SCHOOL, [])
    return [each.id for each in standing if each.in_force(now)]


def test_it_comes_back_as_it_was_given(db: Database) -> None:
    roles = frozenset({Role.OPERATOR, Role.CHIEF})
    made = give(db, Terms(SCHOOL, Mode.SCHEDULE, "gate-1", (HOURS,), roles))
    assert on_file(db) == [made]
    assert (made.starts_at, made.entered_by, made.ended_at) == (100.0, "Li Na", None)


def test_a_new_one_ends_the_old_when_it_begins(db: Database) -> None:
    first = give(db, Terms(SCHOOL, Mode.ALWAYS))
    of_camera = give(db, Terms(SCHOOL, Mode.ALWAYS, "gate-1"))
    other = give(db, Terms("the mill", Mode.ALWAYS))
    second = give(db, Terms(SCHOOL, Mode.INCIDENT), now=200.0, starts_at=300.0)
    assert set(in_force(db, 299.0)) == {first.id, of_camera.id}
    assert set(in_force(db, 300.0)) == {second.id, of_camera.id}
    by_id = {each.id: each for each in on_file(db)}
    assert (by_id[first.id].ended_at, by_id[first.id].ended_by) == (300.0, "Li Na")
    assert by_id[other.id].ended_at is None


def test_what_was_to_begin_later_gives_way_too(db: Database) -> None:
    later = give(db, Terms(SCHOOL, Mode.ALWAYS), starts_at=1_000.0)
    now = give(db, Terms(SCHOOL, Mode.INCIDENT), now=200.0)
    assert in_force(db, 2_000.0) == [now.id]
    assert {each.id for each in on_file(db)} == {later.id, now.id}


def test_it_does_not_begin_in_the_past(db: Database) -> None:
    assert give(db, Terms(SCHOOL, Mode.ALWAYS), now=100.0, starts_at=5.0).starts_at == 100.0


def test_it_ends_at_once_and_stays_on_file(db: Database) -> None:
    made = give(db, Terms(SCHOOL, Mode.ALWAYS))
    with db.write() as tx:
        ended = service.end(tx, made.id, "Zhao Min", 150.0)
    assert (ended.ended_at, ended.ended_by) == (150.0, "Zhao Min")
    assert in_force(db, 149.0) == [made.id]
    assert in_force(db, 150.0) == []
    assert on_file(db) == [ended]
    with db.write() as tx, pytest.raises(Conflict) as again:
        service.end(tx, made.id, "somebody", 160.0)
    assert again.value.code == "ended"
    with db.write() as tx, pytest.raises(NotFound):
        service.end(tx, "none", "somebody", 160.0)


def test_one_that_has_not_begun_never_does(db: Database) -> None:
    made = give(db, Terms(SCHOOL, Mode.ALWAYS), starts_at=1_000.0)
    with db.write() as tx:
        service.end(tx, made.id, "Li Na", 150.0)
    assert in_force(db, 2_000.0) == []
    with db.write() as tx, pytest.raises(Conflict):
        service.end(tx, made.id, "Li Na", 160.0)
