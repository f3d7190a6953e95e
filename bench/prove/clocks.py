"""Figure 7: every clock is told once and in its time, whatever befalls the machine's clock.

When is judged by tables of its own (`due.py`), and by a time that is kept here: what has passed,
and how far somebody set the wall clock for longer than the moment in which it is doubted.
"""

from __future__ import annotations

import random
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy import Connection

from bench.prove.figures import Line
from bench.prove.installation import Installation
from bench.prove.planted import Planted, Planter
from bench.prove.tellings import Ear, Judged, judge, not_once
from hub.app import registry
from hub.app.desk import Desk, unfenced
from hub.flow import Chore, clock_flow
from hub.kit.clock import SimClock, Steady
from hub.kit.ids import random_id
from hub.kit.supervise import Key
from hub.store.db import Database
from tests.unit.dispatch.given import CONFIG, NOW

TICK_S, JUMP_S = 60.0, 3600.0
HOURS = 8.5
"""The last of the first cases is told of after six, and a jump may take one from them."""
EVERY_TICKS = 12
"""Something happens so often, and finds the clock believed."""
BRIEF_TICKS, LONG_TICKS = 1, EVERY_TICKS - 3
"""After so long a jump is undone."""
DOUBT_S = 60.0
"""A jump that was undone by then never was; one that lasts is the time (docs/design/clocks.md)."""


class Trouble(StrEnum):
    """What befalls the centre. `death`: between what it did and its commit."""

    JUMP = "jump"
    RESTART = "restart"
    DEATH = "death"


class Died(Exception):
    """The centre, before its commit."""


@dataclass(slots=True)
class Course:
    """A centre over hours, and what was done to it."""

    db: Database
    clock: SimClock
    planted: Planted
    ear: Ear
    troubles: Tally[Trouble] = field(default_factory=Tally)
    shifts: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])
    """Since when (seconds from the start) the wall clock is off by how much, for longer."""
    times: list[tuple[float, float]] = field(default_factory=list)
    """Of each tick the earliest and the latest time that may be acted by."""

    def set_off(self, shift_s: float, *, lasting: bool) -> None:
        """Somebody sets the wall clock."""
        self.clock.set_wall(NOW + self.clock.monotonic() + shift_s)
        if lasting:
            self.shifts.append((self.clock.monotonic(), shift_s))

    def note_time(self) -> None:
        """What the time may be: the shift of now, and while that is doubted the one before."""
        passed = self.clock.monotonic()
        ends = [since for since, _ in self.shifts[1:]] + [passed]
        held = [
            shift
            for (_, shift), end in zip(self.shifts, ends, strict=True)
            if end >= passed - DOUBT_S
        ]
        self.times.append((NOW + passed + min(held), NOW + passed + max(held)))


def timing(place: Installation, seed: int, hours: float = HOURS) -> list[Line]:
    """Figure 7: jumps, restarts and deaths while clocks of every kind run."""
    with place.tables("jumps") as db:
        course = _run(db, random.Random(seed), round(hours * 3600 / TICK_S))
        told, planted = course.ear.told, course.planted
        with db.read() as tx:
            twice = not_once(tx, told, planted.waiting)
    found, happened = judge(planted.due, told, course.times), course.troubles
    return [
        Line(7, "cases, alerts and whistles with clocks", planted.subjects),
        Line(7, "what their clocks told", len(told)),
        Line(7, "jumps of the wall clock by an hour", happened[Trouble.JUMP]),
        Line(7, "restarts", happened[Trouble.RESTART]),
        Line(7, "deaths before the commit", happened[Trouble.DEATH]),
        Line(7, "clocks missed", found[Judged.MISSED], 0),
        Line(7, "clocks that were not due", found[Judged.NOT_DUE], 0),
        Line(7, "clocks before their time", found[Judged.EARLY], 0),
        Line(7, "clocks later than a tick and a minute", found[Judged.LATE], 0),
        Line(7, "clocks at a time that it was not", found[Judged.NO_SUCH_TIME], 0),
        Line(7, "notices and supervisions more or fewer than lines", twice, 0),
    ]


def _run(db: Database, rng: random.Random, ticks: int) -> Course:
    clock = SimClock(NOW)
    with db.write() as tx:
        planted = Planter(tx, NOW).everything()
    course = Course(db, clock, planted, Ear(planted.waiting))
    desk, undo_at, dying = _start(course), -1, False
    for tick in range(ticks):
        clock.advance(TICK_S)
        if tick == undo_at:
            course.set_off(0.0, lasting=tick % EVERY_TICKS == LONG_TICKS)
        if tick % EVERY_TICKS == 0:
            dying = False
            match rng.choice(list(Trouble)):
                case Trouble.JUMP:
                    ticks_off = rng.choice((BRIEF_TICKS, LONG_TICKS))
                    course.set_off(rng.choice((JUMP_S, -JUMP_S)), lasting=ticks_off == LONG_TICKS)
                    undo_at = tick + ticks_off
                    course.troubles[Trouble.JUMP] += 1
                case Trouble.RESTART:
                    desk = _start(course)
                    course.troubles[Trouble.RESTART] += 1
                case Trouble.DEATH:
                    dying = True  # as soon as there is something to lose
        course.note_time()
        try:
            stages = desk.stages()
            chores = [_deadly(each) for each in stages.chores] if dying else stages.chores
            clock_flow(db, replace(stages, chores=chores))
        except Died:
            desk, dying = _start(course), False  # another process goes on
            course.troubles[Trouble.DEATH] += 1
        with db.read() as tx:
            course.ear.listen(tx, tick)
        if tick % EVERY_TICKS == EVERY_TICKS - 1:
            _plant_more(course, tick)
    return course


def _start(course: Course) -> Desk:
    """A process that knows what stands in the database, and no time from before."""
    with course.db.read() as tx:
        snapshot = registry.load(tx)
    steady = Steady(course.clock)
    steady.now()
    return Desk(
        snapshot, CONFIG, course.clock, random_id, unfenced, lambda: None, steady=steady.now
    )


def _deadly(chore: Chore) -> Chore:
    """It does its work, and dies before the commit."""

    def do(tx: Connection, keys: Sequence[Key]) -> None:
        chore.do(tx, keys)
        raise Died

    return replace(chore, do=do)


def _plant_more(course: Course, tick: int) -> None:
    with course.db.write() as tx:
        more = Planter(tx, course.clock.now()).short()
    course.planted.due += [replace(each, since_tick=tick + 1) for each in more.due]
    course.planted.subjects += more.subjects
