"""Turns given, ended, swapped and copied; what is over stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from hub.access import accounts
from hub.access.grants import Grant
from hub.duty import leave, rostering
from hub.duty.rostering import Entry
from hub.duty.turns import week_from
from hub.kit.errors import Conflict, NotFound, Refused
from hub.store.db import Database
from hub.types.staff import Role
from tests.unit.duty.town import (
    EARLY,
    EAST,
    NIGHT,
    PATH,
    SHANGHAI,
    START,
    TOWN,
    WEST,
    County,
    moment,
)

MONDAY = date(2026, 11, 23)
WEEK = week_from(MONDAY, SHANGHAI)
NEXT = week_from(MONDAY + timedelta(days=7), SHANGHAI)
EIGHT, FOUR = moment("2026-11-25 08:00"), moment("2026-11-25 16:00")


@pytest.fixture
def county(db: Database) -> Iterator[County]:
    with db.write() as tx:
        yield County.of(tx)


def roster(county: County, account: str, now: float = START) -> list[Entry]:
    """Early from Monday to Wednesday."""
    days = [MONDAY + timedelta(days=n) for n in range(3)]
    wanted = rostering.by_shift(account, EAST, Role.WORKER, EARLY, days, SHANGHAI, now)
    return rostering.add(county.tx, wanted, PATH, "boss", now, county.ids)


def of(county: County, week: object = WEEK) -> list[tuple[str, str, str | None, bool]]:
    """Day, name, shift and whether it was taken back."""
    found = rostering.of_week(county.tx, EAST, week)  # type: ignore[arg-type]
    return [(each.day, each.name, each.shift, each.void) for each in found]


def test_a_shift_is_given_for_some_days(county: County) -> None:
    roster(county, county.worker("lin"))
    days = ("2026-11-23", "2026-11-24", "2026-11-25")
    assert of(county) == [(day, "lin", "early", False) for day in days]
    assert of(county, NEXT) == []


def test_days_that_are_over_are_left_out_and_a_turn_that_runs_begins_now(county: County) -> None:
    now = moment("2026-11-24 10:00")
    made = roster(county, county.worker("lin"), now)
    assert [each.starts_at for each in made] == [now, EIGHT]
    with pytest.raises(Refused, match="over"):
        roster(county, county.worker("wu"), moment("2026-11-26 00:00"))


def test_one_person_has_one_turn_at_a_time_in_a_role_on_a_grid(county: County) -> None:
    lin = county.worker("lin")
    roster(county, lin)
    with pytest.raises(Conflict) as refused:
        county.turn(lin, FOUR - 60, FOUR + 3600)
    assert refused.value.code == "overlaps"
    county.turn(lin, FOUR, FOUR + 3600)


def test_a_turn_is_given_to_who_holds_the_role_there_or_above(county: County) -> None:
    county.turn(county.worker("wu", TOWN), EIGHT, FOUR)
    for account in (county.worker("zhao", WEST), county.person("li", Grant(Role.CHIEF, EAST))):
        with pytest.raises(Refused) as refused:
            county.turn(account, EIGHT, FOUR)
        assert refused.value.code == "not_entitled"


def test_nobody_closed_and_nobody_unknown_is_put_on_the_roster(county: County) -> None:
    lin = county.worker("lin")
    accounts.disable(county.tx, lin, START)
    for account in (lin, "nobody"):
        with pytest.raises(Refused) as refused:
            county.turn(account, EIGHT, FOUR)
        assert refused.value.code == "not_entitled"


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "code"),
    [
        (FOUR, FOUR, "bad_turn"),
        (FOUR, EIGHT, "bad_turn"),
        (EIGHT, EIGHT + 7 * 86400 + 1, "bad_turn"),
        (START - 3600, START + 3600, "turn_over"),
    ],
)
def test_hours_that_cannot_be(county: County, starts_at: float, ends_at: float, code: str) -> None:
    lin = county.worker("lin")
    with pytest.raises(Refused) as refused:
        county.turn(lin, starts_at, ends_at)
    assert refused.value.code == code


def test_roles_that_nobody_has_to_be_there_for(county: County) -> None:
    admin = county.person("root", Grant(Role.ADMIN))
    with pytest.raises(Refused) as refused:
        county.turn(admin, EIGHT, FOUR, role=Role.ADMIN)
    assert refused.value.code == "no_posted_role"


def test_what_is_over_is_not_ended(county: County) -> None:
    entry = county.turn(county.worker("lin"), EIGHT, FOUR)
    with pytest.raises(Conflict) as refused:
        rostering.end(county.tx, entry, "boss", FOUR)
    assert refused.value.code == "turn_over"
    rostering.end(county.tx, entry, "boss", FOUR - 1)
    again = rostering.get(county.tx, entry.id)
    assert again.until == FOUR - 1
    with pytest.raises(Conflict):
        rostering.end(county.tx, again, "boss", FOUR - 1)
    with pytest.raises(NotFound):
        rostering.get(county.tx, "none")


def test_a_swap_leaves_both_on_file(county: County) -> None:
    entry = county.turn(county.worker("lin"), EIGHT, FOUR)
    made = rostering.swap(county.tx, entry, county.worker("wu"), PATH, "boss", START, county.ids)
    assert (made.starts_at, made.ends_at, made.day) == (EIGHT, FOUR, "2026-11-25")
    assert sorted(of(county)) == [
        ("2026-11-25", "lin", None, True),
        ("2026-11-25", "wu", None, False),
    ]


def test_a_week_is_copied_once(county: County) -> None:
    lin, wu = county.worker("lin"), county.worker("wu")
    roster(county, lin)
    rostering.end(county.tx, county.turn(wu, EIGHT, FOUR), "boss", START)

    def copy() -> tuple[int, int]:
        done = rostering.copy_week(
            county.tx, EAST, PATH, WEEK, NEXT, SHANGHAI, "boss", START, county.ids
        )
        return len(done.made), done.left

    assert copy() == (3, 0)
    days = ("2026-11-30", "2026-12-01", "2026-12-02")
    assert of(county, NEXT) == [(day, "lin", "early", False) for day in days]
    assert copy() == (0, 3)


def test_who_holds_the_role_no_more_is_not_copied(county: County) -> None:
    lin = county.worker("lin")
    roster(county, lin)
    county.end_grants(lin, START)
    done = rostering.copy_week(
        county.tx, EAST, PATH, WEEK, NEXT, SHANGHAI, "boss", START, county.ids
    )
    assert (done.made, done.left) == ([], 3)


def test_a_copied_week_keeps_to_the_clock_on_the_wall(county: County) -> None:
    """The Sunday on which clocks are put forward lies between the two weeks."""
    berlin, lin = ZoneInfo("Europe/Berlin"), county.worker("lin")
    first = date(2027, 3, 22)
    now = START
    wanted = rostering.by_shift(lin, EAST, Role.WORKER, NIGHT, [first], berlin, now)
    rostering.add(county.tx, wanted, PATH, "boss", now, county.ids)
    done = rostering.copy_week(
        county.tx,
        EAST,
        PATH,
        week_from(first, berlin),
        week_from(first + timedelta(days=7), berlin),
        berlin,
        "boss",
        now,
        county.ids,
    )
    (made,) = done.made
    assert made.starts_at == moment("2027-03-29 22:00", berlin)
    assert made.ends_at == moment("2027-03-30 06:00", berlin)


def test_leave_is_of_the_future_and_ends_once(county: County) -> None:
    lin = county.worker("lin")
    with pytest.raises(Refused, match="later than now"):
        leave.add(county.tx, lin, START - 7200, START - 3600, "boss", START, county.ids)
    with pytest.raises(Refused, match="no account"):
        leave.add(county.tx, "nobody", EIGHT, FOUR, "boss", START, county.ids)
    ill = leave.add(county.tx, lin, EIGHT, FOUR, "boss", EIGHT + 60, county.ids)
    assert ill.starts_at == EIGHT + 60  # what was asked of eight o'clock keeps its answer
    assert leave.lasting(county.tx, START) == [ill]
    leave.end(county.tx, ill, "boss", EIGHT + 120)
    with pytest.raises(Conflict, match="over"):
        leave.end(county.tx, leave.get(county.tx, ill.id), "boss", EIGHT + 180)
    assert leave.lasting(county.tx, EIGHT + 180) == []
