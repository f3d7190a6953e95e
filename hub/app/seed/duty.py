"""Shifts and rosters of the invented county: desks around the clock, workers on weekdays."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from hub.app.seed.ground import COUNTY
from hub.app.seed.people import Person
from hub.types.staff import Role

DAY_S, HOUR_S = 86400.0, 3600.0
SITE_UTC_S = 8 * HOUR_S
"""The county lies in one zone without summer time."""
AHEAD_DAYS = 14
DESKS = (Role.OPERATOR, Role.SHIFT_LEADER, Role.DISPATCHER)
_SHIFTS = (("early", 8), ("late", 16), ("night", 0))
FIELD_DAYS = 56
"""Workers' turns are written so many days back; desks' for the whole year."""

Row = Mapping[str, Any]


def shifts(towns: Sequence[str], since: float) -> Iterator[Row]:
    """A summer pattern of each town, beside those of duty.yaml."""
    for town in towns:
        yield {
            "id": f"ss-{town}",
            "name": "夏季早班",
            "grid": town,
            "from_minute": 7 * 60,
            "to_minute": 15 * 60,
            "made_at": since,
        }


def posts(towns: Sequence[str], since: float) -> Iterator[Row]:
    """One that is set by hand in each town."""
    for town in towns:
        yield {
            "id": f"sp-{town}",
            "grid": town,
            "role": Role.WORKER.value,
            "wanted": 1,
            "title": "机动网格员",
            "made_at": since,
            "made_by": "hub",
        }


def roster(people: Sequence[Person], since: float, until: float) -> Iterator[Row]:
    """A row a turn; those of a desk take its shifts in turns."""
    desks: dict[tuple[Role, str], list[Person]] = defaultdict(list)
    field = []
    for person in people:
        if person.grant.role in DESKS:
            desks[person.grant.role, person.grant.grid or COUNTY].append(person)
        elif person.grant.role is Role.WORKER:
            field.append(person)
    first, last = _day(since), _day(until) + AHEAD_DAYS
    for (_, grid), crew in desks.items():
        for day in range(first, last):
            for number, (shift, hour) in enumerate(_SHIFTS):
                person = crew[(day * len(_SHIFTS) + number) % len(crew)]
                yield _turn(person, grid, day, shift, hour)
    for person in field:
        for day in range(max(first, last - AHEAD_DAYS - FIELD_DAYS), last):
            if _weekday(day) < 5:
                yield _turn(person, person.grant.grid or COUNTY, day, "early", 8)


def absences(people: Sequence[Person], rng: random.Random, until: float) -> Iterator[Row]:
    """A week's leave each, some of them now."""
    for person in people:
        starts_at = until - rng.uniform(-30, 300) * DAY_S
        yield {
            "id": f"{person.id}-l",
            "account_id": person.id,
            "starts_at": starts_at,
            "ends_at": starts_at + 7 * DAY_S,
            "made_at": starts_at - 7 * DAY_S,
            "made_by": "hub",
        }


def _day(at: float) -> int:
    """The number of the site's day."""
    return int((at + SITE_UTC_S) // DAY_S)


def _weekday(day: int) -> int:
    """0 is Monday; day 0 was a Thursday."""
    return (day + 3) % 7


def _turn(person: Person, grid: str, day: int, shift: str, hour: int) -> Row:
    starts_at = day * DAY_S - SITE_UTC_S + hour * HOUR_S
    return {
        "id": f"{person.id}-{day}-{shift}",
        "account_id": person.id,
        "grid": grid,
        "role": person.grant.role.value,
        "shift": shift,
        "day": _text(day),
        "starts_at": starts_at,
        "ends_at": starts_at + 8 * HOUR_S,
        "made_at": starts_at - 7 * DAY_S,
        "made_by": "hub",
    }


def _text(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()
