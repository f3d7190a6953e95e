"""What the clocks told, read from the logs and from what people hear, judged by what was due."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from bench.prove.due import LEVELS, SENT, SUPERVISED, WHOLE, Due, hears
from hub.store.tables.alerts import transitions
from hub.store.tables.dispatch import tasks
from hub.store.tables.notices import notices
from hub.store.tables.timers import supervisions

SLACK_TICKS = 1
"""A death before the commit costs a tick."""
SAME_S = 1.0
CLIMB = "climb"
WORDS = {*(level for levels in LEVELS.values() for level in levels), "leader"}
NOTICED = {"escalated": CLIMB}
"""The word of a notice, where it is not the level's own."""

What = tuple[str, str, str]
"""Subject, step, and what is told of it."""
Parts = tuple[str, ...]
"""A subject, and what else tells things apart."""
Times = Sequence[tuple[float, float]]
"""Of each tick the earliest and the latest time that may be acted by."""


class Judged(StrEnum):
    """What is found of one thing that was due, or told."""

    IN_TIME = "in_time"
    MISSED = "missed"
    NOT_DUE = "not_due"
    EARLY = "early"
    LATE = "late"
    NO_SUCH_TIME = "no_such_time"


@dataclass(frozen=True, slots=True)
class Told:
    """A line in a log: when it says it was, and in which tick it was there first."""

    subject_id: str
    step: str
    told: str
    at: float
    tick: int


class Ear:
    """Hears what was written since it last listened; of those that wait, only that they went."""

    def __init__(self, waiting: Collection[str]) -> None:
        self._waiting = waiting
        self._heard_to = 0
        self._sent: set[str] = set()
        self.told: list[Told] = []

    def listen(self, tx: Connection, tick: int) -> None:
        """What is new in this tick."""
        lines = select(transitions).where(
            transitions.c.seq > self._heard_to, transitions.c.what.in_(WORDS)
        )
        for row in tx.execute(lines.order_by(transitions.c.seq)):
            self._heard_to = row.seq
            if row.entity_id not in self._waiting:
                step = row.reason.split(":")[0]  # climbing names the grids after it
                self.told.append(Told(row.entity_id, step, row.what, row.at, tick))
        errands = select(tasks).where(tasks.c.incident_id.in_(self._waiting))
        for row in tx.execute(errands):
            if row.id not in self._sent:
                self._sent.add(row.id)
                self.told.append(Told(row.incident_id, "wait", SENT, row.created_at, tick))


def judge(due: Sequence[Due], told: Sequence[Told], times: Times) -> Tally[Judged]:
    """How many there are of each; what is due after the last tick is none of them."""
    heard: dict[What, list[Told]] = {}
    for each in told:
        heard.setdefault((each.subject_id, each.step, each.told), []).append(each)
    found: Tally[Judged] = Tally()
    before: dict[tuple[str, str], Told | None] = {}
    for one in due:
        came = heard.get((one.subject_id, one.step, one.told), [])
        line = came.pop(0) if came else None
        last = before.get((one.subject_id, one.step))
        before[one.subject_id, one.step] = line
        at, since = one.at, one.since_tick
        if at is None and last is not None:
            at, since = last.at + one.after_s, last.tick + 1
        if at is None:  # what it counts from never came
            found[Judged.NOT_DUE] += line is not None
            continue
        first, latest = _window(at, since, times)
        if line is not None:
            found[_in_time(line, first, latest, times)] += 1
        elif latest < len(times):
            found[Judged.MISSED] += 1
    found[Judged.NOT_DUE] += sum(len(rest) for rest in heard.values())
    return found


def _window(at: float, since: int, times: Times) -> tuple[int, int]:
    """The ticks in which it may come first and has to have come."""
    ticks = range(since, len(times))
    never = len(times)
    first = next((tick for tick in ticks if times[tick][1] >= at), never)
    surely = next((tick for tick in ticks if times[tick][0] >= at), never)
    return first, surely + SLACK_TICKS


def _in_time(line: Told, first: int, latest: int, times: Times) -> Judged:
    earliest_s, latest_s = times[line.tick]
    if line.tick < first:
        return Judged.EARLY
    if line.tick > latest:
        return Judged.LATE
    if not earliest_s - SAME_S <= line.at <= latest_s + SAME_S:
        return Judged.NO_SUCH_TIME
    return Judged.IN_TIME


def not_once(tx: Connection, told: Sequence[Told], waiting: Collection[str]) -> int:
    """Roles that did not hear of a line, heard twice, or of one level while a graver one came.

    And lines with no supervision of their own, and those with more than one.
    """
    lines = [each for each in told if each.told != SENT]
    together: dict[tuple[str, str, int], list[str]] = {}
    for each in lines:
        together.setdefault((each.subject_id, each.step, each.tick), []).append(each.told)
    wanted: Tally[Parts] = Tally(
        (each.subject_id, each.told, role)
        for each in lines
        for role in _hear(each, together[each.subject_id, each.step, each.tick])
    )
    words = {*WORDS, *NOTICED} - {CLIMB}
    rows = tx.execute(select(notices).where(notices.c.kind.in_(words)))
    heard: Tally[Parts] = Tally(
        (row.about.split("/")[1], NOTICED.get(row.kind, row.kind), role)
        for row in rows
        for role in row.roles
    )
    asked: Tally[Parts] = Tally(
        (e.subject_id, e.step, e.told) for e in lines if e.told in SUPERVISED
    )
    open_: Tally[Parts] = Tally(
        (r.subject_id, r.step, r.level) for r in tx.execute(select(supervisions))
    )
    return _apart(wanted, heard, waiting) + _apart(asked, open_, waiting)


def _hear(line: Told, together: Collection[str]) -> set[str]:
    """Each is told once of what comes at the same time, of the gravest that is theirs."""
    mine = WHOLE.get(line.told)
    graver = (each for each in together if mine is not None and WHOLE.get(each, 0.0) > mine)
    return hears(line.step, line.told).difference(*(hears(line.step, each) for each in graver))


def _apart(one: Tally[Parts], other: Tally[Parts], but: Collection[str]) -> int:
    keys = {key for key in (*one, *other) if key[0] not in but}
    return sum(abs(one[key] - other[key]) for key in keys)
