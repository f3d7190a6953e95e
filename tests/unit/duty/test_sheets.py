"""Sheets of people and of turns, line by line: what they would do, and why some are refused."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from hub.duty import people, rosters, sheet
from hub.duty.onduty import Holder
from hub.duty.people import Change, Known
from hub.duty.rostering import Entry
from hub.duty.rosters import Given, Person
from hub.duty.sheet import LineOutcome
from hub.kit.errors import Refused
from hub.types.staff import Role
from tests.unit.duty.town import EARLY, EAST, NIGHT, PATH, SHANGHAI, START, WEST, moment

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
GIVEN = frozenset(Role) - {Role.ADMIN}
RULES = people.Rules({EAST, WEST}, {Role.DEPARTMENT, Role.OWNER}, GIVEN, LOGIN, {"fire", "消防"})
LI = Known("a1", "李娜", frozenset({(Role.WORKER, EAST, None)}))


def changes(
    text: str, known: dict[str, Known] | None = None, *, encoding: str = "utf-8"
) -> list[Change]:
    read = sheet.read(text.encode(encoding), people.HEADS, people.NEEDED)
    names = {each.name for each in (known or {}).values()} | {"wall token"}
    return people.plan(read.rows, known or {}, names, RULES)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_sheet_as_excel_and_as_counties_write_it(encoding: str) -> None:
    text = f"登录名,姓名,角色,网格,单位,手机\r\nli.na,李娜,网格员,{EAST},,13800000000\r\n\r\n"
    read = sheet.read(text.encode(encoding), people.HEADS, people.NEEDED)
    assert read.ignored == ("手机",)
    (row,) = read.rows
    assert (row.number, row.cells["name"], row.cells["grid"]) == (2, "李娜", EAST)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "no column login"),
        (b"login,name\nli,Li\n", "no column roles"),
        (b"login,login,name,roles\n", "stands twice"),
        (b"login,account,name,roles\n", "stands twice"),
        (b'login,name,roles\n"li,Li\n', "no CSV"),
        ("登录名,姓名,角色".encode("utf-16"), "UTF-8 or GB18030"),
        (b"login,name,roles\n" + b"li,Li,worker\n" * (sheet.ROWS_MAX + 1), "at most"),
    ],
)
def test_what_is_no_sheet(raw: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        sheet.read(raw, people.HEADS, people.NEEDED)
    assert refused.value.code == "bad_sheet"


def test_tabs_and_semicolons_do_as_well() -> None:
    for mark in "\t;":
        text = mark.join(("login", "name", "roles")) + "\n" + mark.join(("li", "Li", "worker"))
        read = sheet.read(text.encode(), people.HEADS, people.NEEDED)
        assert read.rows[0].cells["roles"] == "worker"


def test_people_are_made_changed_or_left() -> None:
    text = f"""login,name,roles,grid,unit
li.na,李娜,网格员,{EAST},
li.na,李娜,网格员、网格长,{WEST},
Wu,吴强,worker;chief,{EAST},
wu,吴强,department,{EAST},消防
"""
    done = changes(text, {"li.na": LI})
    assert [each.line.outcome for each in done] == ["unchanged", "changed", "created", "changed"]
    assert done[1].gives == ((Role.WORKER, WEST, None), (Role.CHIEF, WEST, None))
    assert done[1].account == "a1"
    assert (done[2].login, done[2].account) == ("wu", None)
    assert done[3].gives == ((Role.DEPARTMENT, EAST, "消防"),)


def test_another_name_is_a_change_and_is_told() -> None:
    (done,) = changes(f"login,name,roles,grid\nli.na,李小娜,worker,{EAST}\n", {"li.na": LI})
    assert (done.line.outcome, done.renames, done.gives) == (LineOutcome.CHANGED, True, ())
    assert done.line.text == "李娜 → 李小娜"


def test_a_name_under_which_something_stands_is_not_changed() -> None:
    known = {"li.na": replace(LI, written=True)}
    text = f"login,name,roles,grid\nli.na,李小娜,worker,{EAST}\nli.na,李娜,chief,{EAST}\n"
    done = changes(text, known)
    assert [each.line.code for each in done] == ["name_stands", None]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x,李,worker,,", "bad_login"),
        ("wu,,worker,,", "bad_name"),
        ("wu,吴,,,", "no_role"),
        ("wu,吴,mayor,,", "unknown_role"),
        ("wu,吴,admin,,", "role_not_given"),
        ("wu,吴,worker,nowhere,", "unknown_grid"),
        (f"wu,吴,department,{EAST},", "unit_wanted"),
        (f"wu,吴,department,{EAST},消方", "unknown_unit"),
        (f"wu,吴,worker,{EAST},消防", "unit_not_wanted"),
        (f"wu,李娜,worker,{EAST},", "name_taken"),
        (f"wu,wall token,worker,{EAST},", "name_taken"),
        (f"old,Old,worker,{EAST},", "disabled"),
    ],
)
def test_lines_of_people_that_are_refused(line: str, code: str) -> None:
    known = {"li.na": LI, "old": Known("a2", "Old", frozenset(), disabled=True)}
    (done,) = changes(f"login,name,roles,grid,unit\n{line}\n", known)
    assert (done.line.outcome, done.line.code, done.gives) == (LineOutcome.REFUSED, code, ())


def test_a_sheet_may_not_call_a_new_login_two_names() -> None:
    done = changes(f"login,name,roles,grid\nwu,吴强,worker,{EAST}\nwu,吴刚,worker,{WEST}\n")
    assert [each.line.code for each in done] == [None, "two_names"]


def test_a_refused_line_takes_no_name() -> None:
    done = changes(f"login,name,roles,grid\nx,吴强,worker,{EAST}\nwu,吴强,worker,{EAST}\n")
    assert [each.line.outcome for each in done] == ["refused", "created"]


# -- turns ----------------------------------------------------------------------------------------

NOW = moment("2026-11-23 12:00")
LIN = Person("lin", "林", False, (Holder("lin", "林", Role.WORKER, EAST),))
SHIFTS = (EARLY, NIGHT)
TURNS = rosters.Rules(
    {"lin": LIN, "wu": Person("wu", "吴", False), "old": Person("old", "Old", True)},
    {EAST: PATH, WEST: (*PATH[:-1], WEST)},
    SHIFTS,
    SHANGHAI,
    NOW,
)


def given(lines: str, there: tuple[Entry, ...] = (), rules: rosters.Rules = TURNS) -> list[Given]:
    text = f"登录名,网格,角色,班次,开始日期,结束日期\n{lines}\n"
    read = sheet.read(text.encode(), rosters.HEADS, rosters.NEEDED)
    return rosters.plan(read.rows, there, rules)


def entry(day: str, starts: str, ends: str, ended_at: float | None = None) -> Entry:
    span = moment(starts), moment(ends)
    return Entry("e", "lin", "林", EAST, Role.WORKER, "early", day, *span, ended_at)


def test_a_line_is_a_turn_a_day() -> None:
    (done,) = given(f"lin,{EAST},网格员,夜班,2026/11/30,2026年12月6日")
    assert done.line.outcome is LineOutcome.CREATED
    assert [each.day for each in done.adds] == [date(2026, 11, 30)] + [
        date(2026, 12, day) for day in range(1, 7)
    ]
    assert done.adds[-1].ends_at == moment("2026-12-07 06:00")


def test_days_that_are_over_are_left_out() -> None:
    (done,) = given(f"lin,{EAST},worker,early,2026-11-20,2026-11-24")
    assert [each.starts_at for each in done.adds] == [NOW, moment("2026-11-24 08:00")]


def test_the_same_sheet_again_changes_nothing() -> None:
    there = (
        entry("2026-11-23", "2026-11-23 08:00", "2026-11-23 16:00"),
        entry("2026-11-24", "2026-11-24 08:00", "2026-11-24 16:00"),
    )
    line = f"lin,{EAST},worker,early,2026-11-23,2026-11-24"
    (done,) = given(line, there)
    assert (done.line.outcome, done.adds) == (LineOutcome.UNCHANGED, ())
    (more,) = given(f"{line[:-2]}25", there)
    assert (more.line.outcome, len(more.adds)) == (LineOutcome.CHANGED, 1)


def test_turns_that_were_taken_back_are_in_nobody_s_way() -> None:
    gone = entry("2026-11-24", "2026-11-24 09:00", "2026-11-24 17:00", ended_at=START)
    (done,) = given(f"lin,{EAST},worker,early,2026-11-24,", (gone,))
    assert done.line.outcome is LineOutcome.CREATED


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"nobody,{EAST},worker,early,2026-11-24,", "unknown_account"),
        (f"old,{EAST},worker,early,2026-11-24,", "unknown_account"),
        ("lin,nowhere,worker,early,2026-11-24,", "unknown_grid"),
        (f"lin,{EAST},admin,early,2026-11-24,", "unknown_role"),
        (f"lin,{EAST},mayor,early,2026-11-24,", "unknown_role"),
        (f"lin,{EAST},worker,dawn,2026-11-24,", "unknown_shift"),
        (f"lin,{EAST},worker,early,soon,", "bad_days"),
        (f"lin,{EAST},worker,early,2026-11-24,2026-11-23", "bad_days"),
        (f"lin,{EAST},worker,early,2026-11-24,2028-11-23", "bad_days"),
        (f"lin,{WEST},worker,early,2026-11-24,", "not_entitled"),
        (f"wu,{EAST},worker,early,2026-11-24,", "not_entitled"),
        (f"lin,{EAST},worker,early,2026-11-22,", "turn_over"),
    ],
)
def test_lines_of_turns_that_are_refused(line: str, code: str) -> None:
    (done,) = given(line)
    assert (done.line.outcome, done.line.code, done.adds) == (LineOutcome.REFUSED, code, ())


def test_a_line_that_meets_another_turn_adds_nothing() -> None:
    other = entry("2026-11-25", "2026-11-25 09:00", "2026-11-25 17:00")
    (met,) = given(f"lin,{EAST},worker,early,2026-11-24,2026-11-26", (other,))
    assert (met.line.code, met.adds) == ("overlaps", ())
    twice = f"lin,{EAST},worker,early,2026-11-24,"
    assert [each.line.code for each in given(f"{twice}\n{twice}")] == [None, "overlaps"]


def test_the_stamp_is_of_the_sheet_and_of_what_comes_of_it() -> None:
    line = f"lin,{EAST},worker,early,2026-11-24,"
    first = [each.line for each in given(line)]
    later = [each.line for each in given(f"{line}\n{line}")]
    assert sheet.stamp_of(b"a", first) == sheet.stamp_of(b"a", first)
    assert len({sheet.stamp_of(b"a", first), sheet.stamp_of(b"b", first)}) == 2
    assert sheet.stamp_of(b"a", later) != sheet.stamp_of(b"a", first)
