"""Who is on duty for a grid: by the roster, by the post, else further up; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from hub.access import accounts
from hub.access.grants import Grant, Window
from hub.duty import leave, rostering
from hub.duty.service import is_on_duty, roster, roster_in
from hub.store.db import Database
from hub.types.duty import Roster
from hub.types.staff import Role
from tests.unit.duty.town import COUNTY, EAST, PATH, START, TOWN, VILLAGE, WEST, County, moment

NOON = moment("2026-11-25 12:00")
"""A Wednesday."""
MIDNIGHT = moment("2026-11-25 23:59")
EIGHT, FOUR = moment("2026-11-25 08:00"), moment("2026-11-25 16:00")
WEST_PATH = (COUNTY, TOWN, VILLAGE, WEST)


@pytest.fixture
def county(db: Database) -> Iterator[County]:
    with db.write() as tx:
        yield County.of(tx)


def on(
    county: County, at: float = NOON, path: tuple[str, ...] = PATH, role: Role = Role.WORKER
) -> list[tuple[str, str | None, str]]:
    """Name, grid and why of those on duty; `is_on_duty` says the same of each of them."""
    found = roster(county.tx, path, role, at)
    assert all(is_on_duty(county.tx, each.account, at) for each in found)
    return [(each.name, each.grid, each.why) for each in found]


def test_where_no_roster_is_kept_the_holder_of_the_post_is_there_day_and_night(
    county: County,
) -> None:
    county.worker("lin")
    assert on(county) == on(county, MIDNIGHT) == [("lin", EAST, "post")]


def test_where_one_is_kept_only_those_in_their_turn_count(county: County) -> None:
    lin, _wu = county.worker("lin"), county.worker("wu")
    county.worker("chen", VILLAGE)
    county.turn(lin, EIGHT, FOUR)
    assert on(county) == [("lin", EAST, "shift")]
    assert on(county, FOUR) == [("chen", VILLAGE, "parent")]
    assert not is_on_duty(county.tx, lin, FOUR)


def test_a_roster_of_another_week_or_role_or_grid_says_nothing(county: County) -> None:
    lin = county.person("lin", Grant(Role.WORKER, EAST), Grant(Role.CHIEF, EAST))
    county.worker("zhao", WEST)
    county.turn(lin, EIGHT, FOUR)
    assert on(county, MIDNIGHT, role=Role.CHIEF) == [("lin", EAST, "post")]
    assert on(county, MIDNIGHT, path=WEST_PATH) == [("zhao", WEST, "post")]
    assert on(county, MIDNIGHT + 7 * 86400) == [("lin", EAST, "post")]
    assert on(county, MIDNIGHT) == []


def test_a_night_of_sunday_runs_into_the_week_that_keeps_no_roster(county: County) -> None:
    lin, _wu = county.worker("lin"), county.worker("wu")
    county.turn(lin, moment("2026-11-22 22:00"), moment("2026-11-23 06:00"))
    assert on(county, moment("2026-11-23 05:59")) == [("lin", EAST, "shift")]
    both = [("lin", EAST, "post"), ("wu", EAST, "post")]
    assert on(county, moment("2026-11-23 06:00")) == both


def test_who_stands_on_no_roster_of_the_county_is_the_last_to_be_asked(county: County) -> None:
    boss = county.person("boss", Grant(Role.DISPATCHER))
    assert on(county, role=Role.DISPATCHER) == [("boss", None, "parent")]
    assert on(county, path=(), role=Role.DISPATCHER) == [("boss", None, "post")]
    county.turn(boss, EIGHT, FOUR, grid=COUNTY, role=Role.DISPATCHER, path=(COUNTY,))
    assert on(county, role=Role.DISPATCHER) == [("boss", COUNTY, "parent")]
    assert on(county, MIDNIGHT, role=Role.DISPATCHER) == []
    assert not is_on_duty(county.tx, boss, MIDNIGHT)


def test_nobody_disabled_is_on_duty(county: County) -> None:
    lin, wu = county.worker("lin"), county.worker("wu", TOWN)
    county.turn(lin, EIGHT, FOUR)
    accounts.disable(county.tx, lin, NOON)
    assert on(county) == [("wu", TOWN, "parent")]
    assert not is_on_duty(county.tx, lin, NOON)
    accounts.disable(county.tx, wu, NOON)
    assert on(county) == []


def test_nobody_on_leave_is_and_the_one_above_answers(county: County) -> None:
    lin, wu = county.worker("lin"), county.worker("wu", TOWN)
    off = leave.add(county.tx, lin, EIGHT, FOUR, "boss", START, county.ids)
    assert on(county) == [("wu", TOWN, "parent")]
    assert not is_on_duty(county.tx, lin, NOON)
    assert on(county, FOUR) == [("lin", EAST, "post")]
    county.turn(lin, EIGHT, FOUR)
    assert on(county) == [("wu", TOWN, "parent")]
    leave.end(county.tx, off, "boss", NOON - 60)
    assert on(county) == [("lin", EAST, "shift")]
    leave.add(county.tx, wu, EIGHT, FOUR, "boss", START, county.ids)


def test_a_turn_gives_no_right(county: County) -> None:
    """Whoever loses the role is off the roster, though it still names them."""
    lin = county.worker("lin")
    county.turn(lin, EIGHT, FOUR)
    county.end_grants(lin, NOON - 60)
    assert on(county) == []
    assert not is_on_duty(county.tx, lin, NOON)
    assert on(county, NOON - 61) == [("lin", EAST, "shift")]


def test_a_grant_counts_in_its_hours(county: County) -> None:
    lin = county.worker("lin", window=Window(from_minute=8 * 60, to_minute=16 * 60))
    assert on(county) == [("lin", EAST, "post")]
    assert on(county, MIDNIGHT) == []
    assert not is_on_duty(county.tx, lin, MIDNIGHT)


def test_one_with_the_role_of_the_town_may_stand_in_for_a_grid(county: County) -> None:
    wu = county.worker("wu", TOWN)
    county.turn(wu, EIGHT, FOUR)
    assert on(county) == [("wu", EAST, "shift")]
    # The town's own post is not held day and night by who has a roster this week.
    assert on(county, MIDNIGHT) == []
    assert not is_on_duty(county.tx, wu, MIDNIGHT)


def test_a_person_who_acts_for_two_units_is_told_once(county: County) -> None:
    county.person("lin", Grant(Role.DEPARTMENT, EAST, "fire"), Grant(Role.DEPARTMENT, EAST, "gas"))
    assert on(county, role=Role.DEPARTMENT) == [("lin", EAST, "post")]


def test_of_a_department_the_nearest_of_its_own_people_answer(county: County) -> None:
    """As if the others of the role were not there: they are nearer, and keep a roster."""
    fire = county.person("fire", Grant(Role.DEPARTMENT, None, "fire"))
    police = county.person("police", Grant(Role.DEPARTMENT, TOWN, "police"))
    county.turn(police, EIGHT, FOUR, grid=TOWN, role=Role.DEPARTMENT, path=(COUNTY, TOWN))
    gas = county.person(
        "gas", Grant(Role.DEPARTMENT, TOWN, "gas"), Grant(Role.DEPARTMENT, TOWN, "heat")
    )

    def of(unit: str, at: float = NOON) -> list[tuple[str, str | None, str]]:
        found = roster(county.tx, PATH, Role.DEPARTMENT, at, unit)
        assert all(is_on_duty(county.tx, each.account, at) for each in found)
        assert {each.unit for each in found} <= {unit}
        return [(each.account, each.grid, each.why) for each in found]

    assert of("fire") == [(fire, None, "parent")]
    assert of("police") == [(police, TOWN, "parent")]
    assert of("police", MIDNIGHT) == [], "its roster says who"
    assert of("gas") == of("heat") == [(gas, TOWN, "parent")], "for both of their departments"
    assert of("water") == []


def test_a_swap_changes_nothing_of_what_was(county: County) -> None:
    lin, wu = county.worker("lin"), county.worker("wu")
    entry = county.turn(lin, EIGHT, FOUR)
    rostering.swap(county.tx, entry, wu, PATH, "boss", NOON, county.ids)
    assert on(county, NOON - 1) == [("lin", EAST, "shift")]
    assert on(county, NOON) == [("wu", EAST, "shift")]
    assert on(county, FOUR) == []


def test_a_turn_taken_back_before_it_began_was_never(county: County) -> None:
    lin = county.worker("lin")
    entry = county.turn(lin, EIGHT, FOUR)
    rostering.end(county.tx, entry, "boss", START)
    assert on(county, MIDNIGHT) == [("lin", EAST, "post")]


def test_the_week_is_that_of_the_site(county: County) -> None:
    """Late on a Sunday in Berlin it is Monday in China: the roster of the old week still counts."""
    berlin = ZoneInfo("Europe/Berlin")
    ask: Roster = roster_in(berlin)
    lin = county.worker("lin")
    county.turn(lin, moment("2026-11-22 08:00", berlin), moment("2026-11-22 16:00", berlin))
    late = moment("2026-11-22 23:00", berlin)
    assert ask(county.tx, PATH, Role.WORKER, late) == ()
    assert not is_on_duty(county.tx, lin, late, zone=berlin)
    assert [each.why for each in roster(county.tx, PATH, Role.WORKER, late)] == ["post"]


def test_what_is_told_names_the_person_and_the_unit(county: County) -> None:
    lin = county.person("lin", Grant(Role.DEPARTMENT, TOWN, "fire"))
    (found,) = roster(county.tx, PATH, Role.DEPARTMENT, NOON)
    told = (found.account, found.role, found.grid, found.unit, found.why)
    assert told == (lin, Role.DEPARTMENT, TOWN, "fire", "parent")
