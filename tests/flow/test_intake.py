"""The centre's intake: order, repeats, floods, a record that cannot be worked on, a lost lease."""

from __future__ import annotations

import time
from dataclasses import fields, replace

import pytest
from sqlalchemy import Connection

from hub.alerts import service as alerts
from hub.app.desk import Desk
from hub.app.intake import BATCH, POISON_TRIES, IntakeDesk
from hub.kit.errors import Conflict, Retryable
from hub.kit.metrics import Metrics
from hub.store import marks
from hub.store.lease import Lease
from hub.store.spool import Record
from hub.types.finding import Outcome, Phase
from tests.flow.centre import WORKER, Centre
from tests.flow.memory import Poisoned, Stream

OPENED, UPDATED = Phase.OPENED, Phase.UPDATED


def intake_of(centre: Centre, stream: Stream) -> IntakeDesk:
    return IntakeDesk(centre.db, stream, centre.clock, Metrics(), lambda: None)


def episodes(centre: Centre, count: int) -> list[Record]:
    """Findings that each open an episode at a place of their own."""
    return [centre.finding(OPENED, episode_id=f"e{n}", place=f"p{n}") for n in range(count)]


def settled(centre: Centre) -> dict[Outcome, int]:
    with centre.db.read() as tx:
        return {outcome: len(ids) for outcome, ids in alerts.ledger(tx).ids.items() if ids}


def mark(centre: Centre) -> int:
    with centre.db.read() as tx:
        return marks.read(tx).get(WORKER, 0)


def test_what_comes_too_early_is_sent_away_and_comes_again(centre: Centre) -> None:
    one, two, three = episodes(centre, 3)
    stream = Stream([one, three, one])
    intake = intake_of(centre, stream)
    intake.step(centre.desk)
    assert (mark(centre), stream.published, stream.entries) == (1, {WORKER: 1}, {})
    assert not intake.step(centre.desk)
    assert intake.awake_since
    stream.send(two, three)
    intake.step(centre.desk)
    assert (mark(centre), settled(centre)) == (3, {Outcome.OPENED: 3})


@pytest.mark.slow
def test_ten_thousand_findings_at_once(centre: Centre) -> None:
    """A power cut, as one batch after the other: 50 episodes that are told over and over."""
    told = episodes(centre, 50)
    again = [
        centre.finding(UPDATED, episode_id=f"e{n % 50}", place=f"p{n % 50}")
        for n in range(10_000 - len(told))
    ]
    stream = Stream([*told, *again])
    intake = intake_of(centre, stream)
    began, turns = time.perf_counter(), 0
    while stream.entries:
        intake.step(centre.desk)
        turns += 1
    assert (turns, mark(centre)) == (10_000 // BATCH, 10_000)
    assert settled(centre) == {Outcome.OPENED: 50, Outcome.MERGED: 9_950}
    assert len(centre.tasks()) == 50
    assert time.perf_counter() - began < 150, "no day's work for one power cut"


def test_one_bad_record_is_set_aside_and_the_others_go_on(centre: Centre) -> None:
    records = episodes(centre, 8)
    stream = Stream(records)
    intake = intake_of(centre, stream)
    parts = {field.name: getattr(centre.desk, field.name) for field in fields(Desk)}
    bad = Poisoned(**parts, poison=records[4].id)
    failures = 0
    while stream.entries:
        try:
            intake.step(bad)
        except ZeroDivisionError:
            failures += 1
    assert failures == 2 * POISON_TRIES, "the batch, then the one; not once more for its neighbours"
    assert settled(centre) == {Outcome.OPENED: 7, Outcome.REJECTED: 1}
    assert mark(centre) == 8
    stream.send(*episodes(centre, 3))
    intake.step(bad)
    assert mark(centre) == 11, "and batches are batches again"


def test_a_county_that_only_waits_sets_nothing_aside(centre: Centre) -> None:
    stream = Stream(episodes(centre, 3))
    intake = intake_of(centre, stream)

    def away(tx: Connection) -> None:
        raise Retryable("the disk is full", code="database_busy")

    for _ in range(5 * POISON_TRIES):
        with pytest.raises(Retryable):
            intake.step(replace(centre.desk, fence=away))
    intake.step(centre.desk)
    assert settled(centre) == {Outcome.OPENED: 3}


def test_a_centre_that_was_overtaken_writes_nothing_and_sets_nothing_aside(centre: Centre) -> None:
    ours, theirs = Lease("centre", "a", centre.clock), Lease("centre", "b", centre.clock)
    with centre.db.write() as tx:
        old = ours.acquire(tx)
        assert theirs.acquire(tx) is None
        centre.clock.advance(60)
        new = theirs.acquire(tx)
    assert old is not None
    assert new == old + 1
    fenced = replace(centre.desk, fence=lambda tx: ours.check(tx, old))
    stream = Stream(episodes(centre, 3))
    intake = intake_of(centre, stream)
    for _ in range(5 * POISON_TRIES):
        with pytest.raises(Conflict, match="token"):
            intake.step(fenced)
    assert (settled(centre), mark(centre), len(stream.entries)) == ({}, 0, 3)
    intake.step(replace(centre.desk, fence=lambda tx: theirs.check(tx, new)))
    assert settled(centre) == {Outcome.OPENED: 3}


def test_marks_that_another_centre_has_moved_are_read_again(centre: Centre) -> None:
    records = episodes(centre, 4)
    stream = Stream(records[:1])
    intake = intake_of(centre, stream)
    intake.step(centre.desk)
    centre.take(*records[1:3])  # by the other one, while ours was paused
    stream.send(*records[1:])
    with pytest.raises(Conflict) as caught:
        intake.step(centre.desk)
    assert caught.value.code == "stale_marks"
    intake.step(centre.desk)
    assert (mark(centre), settled(centre)) == (4, {Outcome.OPENED: 4})


def test_a_commit_whose_answer_was_lost_is_not_done_twice(centre: Centre) -> None:
    stream = Stream([centre.reading(95)])
    centre.take(*[record for _, record in stream.read(1, 0)])
    intake = intake_of(centre, stream)
    intake.step(centre.desk)
    assert stream.entries == {}
    centre.wait(3)
    assert len(centre.alerts("attic")) == 1
