"""Figures 7 and 11: clocks under jumps and restarts, and the auditor's heartbeat."""

from __future__ import annotations

import random
import time
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from sqlalchemy import select, update

from bench.chaos import READY_S, until
from bench.prove.counter import Counter, counter
from bench.prove.figures import Line
from bench.prove.installation import Installation
from hub.dispatch.auditing.repository import LATE_S, ROUND_S
from hub.dispatch.cases import errands, reporting, verifying
from hub.dispatch.lives import Verb
from hub.dispatch.timers.fire import fire_due
from hub.dispatch.timers.rows import TimerState
from hub.kit.clock import SimClock, Steady
from hub.store.db import Database
from hub.store.tables.alerts import transitions
from hub.store.tables.timers import auditor_beats, timers
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.work import TaskAction
from tests.unit.dispatch.given import NOW
from tests.unit.dispatch.people import Town

Told = Callable[[str], None]
Key = tuple[str, str, str]
TICK_S, HORIZON_S = 60.0, 6.5 * 3600.0
JUMP_S = 3600.0
EVERY_TICKS = 12
"""A restart, a crash or a jump so often; a jump is undone two ticks later or stays for good."""
DRIFT_S = 2 * JUMP_S
LEVELS = ("yellow", "red", "climb", "supervision", "leader")


class Died(Exception):
    """The centre, between firing and its commit."""


@dataclass(slots=True)
class Course:
    """What fired in one run, and what was done to it."""

    fired: set[Key] = field(default_factory=set)
    lines: Tally[tuple[str, str, str]] = field(default_factory=Tally)
    jumps: int = 0
    restarts: int = 0
    crashes: int = 0
    cases: int = 0


def timing(place: Installation, seed: int) -> list[Line]:
    """Figure 7: the same cases with and without disturbance."""
    with place.tables("calm") as db:
        calm = _run(db, None)
    with place.tables("jumps") as db:
        rough = _run(db, random.Random(seed))
    more = {line: count for line, count in rough.lines.items() if count > calm.lines[line]}
    return [
        Line(7, "states with clocks that cases stand in", rough.cases),
        Line(7, "clocks that are due in them", len(calm.fired)),
        Line(7, "jumps of the wall clock by an hour", rough.jumps),
        Line(7, "restarts, and deaths before the commit", rough.restarts + rough.crashes),
        Line(7, "clocks missed", len(calm.fired - rough.fired), 0),
        Line(7, "clocks that were not due", len(rough.fired - calm.fired), 0),
        Line(7, "lines of the log told more often than in calm", len(more), 0),
    ]


def _run(db: Database, rng: random.Random | None) -> Course:
    clock, course = SimClock(NOW), Course()
    with db.write() as tx:
        town = Town(tx)
        course.cases = _one_of_each(town)
        office, began = town.office, town.now
    clock.advance(began - NOW)
    steady, undo_at, undone = Steady(clock), -1, 0.0
    steady.now()
    for tick in range(int((HORIZON_S + DRIFT_S) / TICK_S)):
        clock.advance(TICK_S)
        doomed = False
        if rng is not None and tick == undo_at:
            clock.set_wall(clock.now() - undone)
        elif rng is not None and tick % EVERY_TICKS == 0:
            match rng.choice(("jump", "restart", "crash")):
                case "jump":
                    undone = rng.choice((JUMP_S, -JUMP_S))
                    clock.set_wall(clock.now() + undone)
                    undo_at = tick + rng.choice((1, EVERY_TICKS - 1))
                    course.jumps += 1
                case "restart":
                    steady = Steady(clock)
                    course.restarts += 1
                case "crash":
                    doomed = True
                    course.crashes += 1
        try:
            with db.write() as tx:
                fire_due(tx, now=steady.now(), office=office)
                if doomed:
                    raise Died
        except Died:
            steady = Steady(clock)  # another process goes on
    _read(db, course)
    return course


def _one_of_each(town: Town) -> int:
    """A grave case in every state in which a clock runs; returns how many."""
    p1 = Severity.P1
    made = [town.report(p1).id]
    made.append(town.report(p1).id)
    reporting.triage(town.tx, made[-1], town.word(Role.OPERATOR))
    made.append(town.filed(p1, hold=True).id)
    made.append(town.filed(p1).id)
    made.append(town.filed(p1).id)
    errands.give_back(town.tx, made[-1], town.word(Role.WORKER, "not_mine"))
    steps = (TaskAction.ACCEPT, TaskAction.ON_WAY, TaskAction.ON_SCENE, TaskAction.DONE)
    for count in range(1, len(steps) + 1):
        made.append(town.filed(p1).id)
        town.act(made[-1], *steps[:count])
    made.append(town.filed(p1).id)
    town.act(made[-1], TaskAction.ACCEPT)
    town.granted(made[-1], Verb.SUSPEND, Role.WORKER, "weather")
    made.append(town.filed(p1).id)
    town.handled(made[-1])
    verifying.begin(town.tx, made[-1], town.word(Role.SUPERVISOR))
    return len(made)


def _read(db: Database, course: Course) -> None:
    with db.read() as tx:
        rows = tx.execute(select(timers).where(timers.c.state == TimerState.FIRED.value))
        course.fired = {(row.subject_id, row.step, row.level) for row in rows}
        told = tx.execute(select(transitions).where(transitions.c.what.in_(LEVELS)))
        course.lines = Tally((row.entity_id, row.what, row.reason) for row in told)


# -- the auditor ---------------------------------------------------------------------------------


def heartbeat(place: Installation, short: bool, told: Told) -> list[Line]:
    """Figure 11: the auditor's process is killed, and another process says so."""
    with counter(place, "auditor") as desk, desk.client() as http:
        until(lambda: _word(http) in ("good", "degraded"), READY_S + ROUND_S, "the first round")
        looked = _beat(desk)
        desk.hub.engine.stop("centre", 0.0)  # killed, and nobody starts it again
        began = time.monotonic()
        told("the auditor is dead")
        if short:
            with desk.db.write() as tx:  # as if it had been dead for that long
                tx.execute(update(auditor_beats).values(at=auditor_beats.c.at - LATE_S))
        until(lambda: _word(http) == "bad", LATE_S + ROUND_S, "the alarm", pause_s=0.5)
        took_s = time.monotonic() - began
        at_rest = _beat(desk)
    return [
        Line(11, "rounds before it was killed", looked),
        Line(11, "rounds after it was killed", at_rest - looked, 0),
        Line(11, "the api's health is bad after", round(took_s, 1), LATE_S + 5.0, "s"),
    ]


def _word(http: httpx.Client) -> str:
    """What the api says of the auditor."""
    parts = http.get("/health").json()["parts"]
    return next((str(each["word"]) for each in parts if each["part"] == "auditor"), "")


def _beat(desk: Counter) -> int:
    with desk.db.read() as tx:
        return int(tx.execute(select(auditor_beats.c.rounds)).scalar() or 0)
