"""What lies beside the cases of the invented year: duty, whistles, registers, and the figures."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.app.seed import duty, registers, repository
from hub.app.seed.alarms import Spot
from hub.app.seed.ground import COUNTY, Plot
from hub.app.seed.lives import Life
from hub.app.seed.people import Staff
from hub.app.seed.whistles import whistles
from hub.dispatch.config import DispatchConfig
from hub.dispatch.timers import repository as timers
from hub.indicators import refresh
from hub.store.audit.logs import TRANSITIONS
from hub.store.audit.settled import look
from hub.store.tables import access as access_tables
from hub.store.tables import alerts as alert_tables
from hub.store.tables import drills as drill_tables
from hub.store.tables import duty as duty_tables
from hub.store.tables import grids as grid_tables
from hub.store.tables import notices as notice_tables
from hub.store.tables import timers as timer_tables
from hub.store.tables import whistles as whistle_tables


@dataclass(frozen=True, slots=True)
class Year:
    """What was written so far, and the year it lies in (UTC epoch seconds)."""

    plots: Sequence[Plot]
    people: Staff
    spots: Sequence[Spot]
    lives: Sequence[Life]
    since: float
    until: float


def write(
    tx: Connection, year: Year, config: DispatchConfig, rng: random.Random, looks: int
) -> dict[str, int]:
    """Write all of it, `looks` lines of look-ups among them; returns how many of what."""
    return {
        **_duty(tx, year, rng),
        **_whistles(tx, year, config, rng),
        **_registers(tx, year, rng, looks),
        **_roll_calls(tx, year, rng),
    }


def _towns(year: Year) -> list[str]:
    codes = (p.grid.code for p in year.plots if p.grid.parent_code == COUNTY)
    return [code for code in codes if code.endswith("000000")]


def _duty(tx: Connection, year: Year, rng: random.Random) -> dict[str, int]:
    people, towns = year.people.people, _towns(year)
    repository.write(tx, duty_tables.shifts, duty.shifts(towns, year.since))
    repository.write(tx, duty_tables.posts, duty.posts(towns, year.since))
    leaves = duty.absences(people, rng, year.until)
    repository.write(tx, duty_tables.absences, leaves)
    turns = duty.roster(people, year.since, year.until)
    return {"turns": repository.write(tx, duty_tables.roster, turns)}


def _whistles(
    tx: Connection, year: Year, config: DispatchConfig, rng: random.Random
) -> dict[str, int]:
    called = list(whistles(year.lives, year.people, config, rng, year.until))
    rows = (each.row for each in called)
    lines = (line for each in called for line in each.lines)
    repository.write(tx, alert_tables.transitions, lines)
    timers.write(tx, [], [row for each in called if each.open for row in each.clocks])
    return {"whistles": repository.write(tx, whistle_tables.whistles, rows)}


def _registers(tx: Connection, year: Year, rng: random.Random, looks: int) -> dict[str, int]:
    lives, people = year.lives, year.people
    redraws = registers.redraws(len(year.plots), year.since)
    repository.write(tx, grid_tables.grid_versions, redraws)
    repository.write(tx, notice_tables.notices, registers.notices(lives))
    told = registers.deliveries(lives, people, rng)
    late = registers.supervisions(lives, people, rng)
    times = [rng.uniform(year.since, year.until) for _ in range(looks)]
    seen = registers.looks(people.people, year.spots, rng, times)
    return {
        "deliveries": repository.write(tx, notice_tables.deliveries, told),
        "supervisions": repository.write(tx, timer_tables.supervisions, late),
        "looks": repository.write(tx, access_tables.looks, seen),
    }


def _roll_calls(tx: Connection, year: Year, rng: random.Random) -> dict[str, int]:
    calls = registers.RollCalls(_towns(year), year.spots, year.since, year.until)
    repository.write(tx, drill_tables.drill_items, calls.items(rng))
    return {"roll calls": repository.write(tx, drill_tables.drills, calls.rows())}


def derive(tx: Connection, year: Year, zone: ZoneInfo) -> None:
    """The figures of the whole log at once: line by line the centre would need minutes for it."""
    ids = [life.begin.id for life in year.lives]
    refresh.derive(tx, ids, look(tx, TRANSITIONS).top, (year.since, year.until), zone)
