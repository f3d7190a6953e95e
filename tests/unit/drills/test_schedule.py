"""When a roll call is held, and what an answer is."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hub.drills.checklist import FAULTS, Kind, Result, checked
from hub.drills.schedule import Weekly
from hub.kit.errors import Refused

CN, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def at(zone: ZoneInfo, *when: int) -> float:
    year, month, day, hour, minute = (*when, 0, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=zone).timestamp()


def test_it_is_held_each_week_at_its_minute() -> None:
    friday = Weekly(5, 9 * 60 + 30, 3600)
    first = friday.after(at(CN, 2026, 11, 23), CN)
    assert first == at(CN, 2026, 11, 27, 9, 30)
    assert friday.after(first, CN) == at(CN, 2026, 12, 4, 9, 30)
    assert friday.after(first - 1, CN) == first


def test_the_minute_is_the_sites_whatever_its_clocks_do() -> None:
    sunday = Weekly(7, 9 * 60, 600)
    before = sunday.after(at(BERLIN, 2026, 10, 20), BERLIN)
    assert before == at(BERLIN, 2026, 10, 25, 9)
    assert sunday.after(before, BERLIN) - before == 7 * 86400
    assert before - sunday.after(before - 7 * 86400 - 3600, BERLIN) in (0, 7 * 86400 + 3600)
    spring = Weekly(7, 2 * 60 + 30, 600).after(at(BERLIN, 2026, 3, 28), BERLIN)
    assert spring == at(BERLIN, 2026, 3, 29, 3, 30), "a minute that is left out is an hour later"


@pytest.mark.parametrize(
    "week", [Weekly(0, 0, 600), Weekly(8, 0, 600), Weekly(1, 1440, 600), Weekly(1, 0, 1)]
)
def test_what_no_week_has_is_refused(week: Weekly) -> None:
    with pytest.raises(Refused) as refused:
        week.check()
    assert refused.value.code == "bad_schedule"


@pytest.mark.parametrize(
    ("result", "faults", "code"),
    [
        (Result.MISSED, (), "bad_result"),
        (Result.OPEN, (), "bad_result"),
        (Result.FAULTY, (), "fault_needed"),
        (Result.GOOD, ("frozen",), "fault_needed"),
        (Result.FAULTY, ("haunted",), "no_such_fault"),
    ],
)
def test_what_is_no_answer(result: Result, faults: tuple[str, ...], code: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(Kind.CAMERA, result, faults)
    assert refused.value.code == code


def test_each_kind_has_a_list_of_its_own() -> None:
    checked(Kind.CAMERA, Result.FAULTY, ("frozen", "covered"))
    checked(Kind.POST, Result.GOOD, ())
    with pytest.raises(Refused):
        checked(Kind.POST, Result.FAULTY, ("covered",))
    assert not FAULTS[Kind.CAMERA].keys() & FAULTS[Kind.POST].keys()
