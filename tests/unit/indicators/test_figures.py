"""Counts become rates, spans become camera seconds, days become parts of a series."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.indicators import days, figures
from hub.indicators.cameras import Fault, Known, Seconds, There, followed, seconds, united_s
from hub.indicators.catalog import INDICATORS, SHARES
from hub.indicators.figures import by_id, order, rank, sheet
from hub.indicators.places import places
from hub.kit.errors import Refused
from hub.store.tables.indicators import COUNTS
from hub.types.finding import RuleKind

CN, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
KNOWN = {
    *COUNTS, "filed_or_void",
    "alerts", "findings", "judged", "false_alarms", "incidents",
    "seconds", "online_s", "whole_s", "disabled_s", "registered_s",
}  # fmt: skip


def test_every_indicator_counts_what_is_counted_and_says_how() -> None:
    assert len({each.id for each in INDICATORS}) == len(INDICATORS)
    for each in INDICATORS:
        assert {each.hits, each.of} <= KNOWN, each.id
        assert "÷" in each.formula_zh, each.id
        assert "÷" in each.formula_en, each.id
        assert each.zh, each.id


def test_a_rate_has_its_numbers_and_the_shares_of_the_same_cases_beside_it() -> None:
    told = sheet({"cases": 20, "void": 5, "suspended": 2, "due": 15, "handled": 12, "filed": 14})
    handled = told.figures[[each.id for each in INDICATORS].index("handled")]
    assert (handled.value, handled.hits, handled.of) == (0.8, 12, 15)
    assert dict(told.shares) == {"void": 0.25, "suspended": 0.1, "extended": 0.0, "said_later": 0.0}
    assert set(told.shares) == set(SHARES)


def test_voiding_a_filed_case_does_not_make_filing_more_accurate() -> None:
    def accuracy(**counts: float) -> float | None:
        told = sheet(counts).figures
        return told[[each.id for each in INDICATORS].index("filed_rightly")].value

    assert accuracy(filed=10, filed_rightly=9) == 0.9
    assert accuracy(filed=9, filed_rightly=9, void=1) == 0.9


def test_nothing_to_count_is_neither_good_nor_bad() -> None:
    told = sheet({})
    assert {figure.value for figure in told.figures} == {None}
    assert set(told.shares.values()) == {None}


def test_the_league_has_the_best_first_and_the_idle_last() -> None:
    rows = {
        "a": sheet({"due": 10, "handled": 5, "verified": 10, "reworked": 1}),
        "b": sheet({"due": 10, "handled": 9, "verified": 10, "reworked": 5}),
        "c": sheet({}),
    }
    handled, reworked = by_id("handled"), by_id("reworked")
    assert handled is not None
    assert reworked is not None
    assert order(rows, handled) == ["b", "a", "c"]
    assert order(rows, reworked) == ["a", "b", "c"]
    assert by_id("charisma") is None


@pytest.mark.parametrize(
    ("values", "part", "there"),
    [([], 0.5, None), ([7.0], 0.9, 7.0), ([1, 2, 3, 4], 0.5, 2), (list(range(1, 11)), 0.9, 9)],
)
def test_percentiles_are_values_that_were_there(
    values: list[float], part: float, there: float | None
) -> None:
    assert rank(values, part) == there


def test_a_wait_is_in_order_before_it_is_ranked() -> None:
    told = figures.wait("to_accept", [30.0, 10.0, 20.0])
    assert (told.cases, told.p50_s, told.p90_s) == (3, 20.0, 30.0)


def test_a_thing_counts_for_its_grid_all_above_and_the_whole_site() -> None:
    assert [(each.code, each.parent) for each in places(("county", "town"))] == [
        ("", None),
        ("county", ""),
        ("town", "county"),
    ]
    assert [each.code for each in places(())] == [""]


# -- cameras ---------------------------------------------------------------------------------


GATE = There("gate", 0.0, None, True, ("town",))


def test_faults_that_overlap_are_counted_once() -> None:
    faults = [
        Fault("gate", RuleKind.CAMERA_OFFLINE, 10.0, 30.0),
        Fault("gate", RuleKind.CAMERA_FROZEN, 20.0, 50.0),
        Fault("gate", RuleKind.CAMERA_FROZEN, -40.0, 5.0),  # began before
        Fault("gate", RuleKind.CAMERA_OFFLINE, 90.0, 500.0),  # goes on after the end
        Fault("gate", RuleKind.ZONE_INTRUSION, 0.0, 100.0),  # is no fault
    ]
    told = seconds(GATE, faults, 0.0, 100.0)
    assert (told.cameras, told.in_all) == (1, 100.0)
    assert (told.offline, told.faulty) == (30.0, 55.0)
    assert told.plus(told).in_all == 200.0


def test_a_camera_counts_as_long_as_it_was_in_use() -> None:
    dark = [Fault("gate", RuleKind.CAMERA_OFFLINE, 0.0, 100.0)]
    assert seconds(replace(GATE, since=60.0), dark, 0.0, 100.0) == Seconds(1, 40.0, 40.0, 40.0)
    assert seconds(replace(GATE, until=20.0), dark, 0.0, 100.0) == Seconds(1, 20.0, 20.0, 20.0)
    assert seconds(replace(GATE, enabled=False), dark, 0.0, 100.0) == Seconds(disabled=100.0)
    assert seconds(replace(GATE, since=100.0), dark, 0.0, 100.0) == Seconds()


def test_spans_begin_and_end_when_the_register_said_so() -> None:
    def at(enabled: bool = True, town: str = "town", changed_at: float = 40.0) -> Known:
        return Known(enabled, (town,), changed_at)

    here = {"gate": GATE}
    assert followed(here, {"gate": at()}, 50.0) == ([], [])
    new = There("yard", 40.0, None, True, ("town",))
    assert followed(here, {"gate": at(), "yard": at()}, 50.0) == ([], [new])
    off = (replace(GATE, until=40.0), replace(GATE, since=40.0, enabled=False))
    assert followed(here, {"gate": at(enabled=False)}, 50.0) == ([off[0]], [off[1]])
    moved = (replace(GATE, until=50.0), replace(GATE, since=50.0, path=("other",)))
    assert followed(here, {"gate": at(town="other")}, 50.0) == ([moved[0]], [moved[1]])
    assert followed(here, {}, 50.0) == ([replace(GATE, until=50.0)], [])
    of_before = {"gate": replace(GATE, path=None)}
    assert followed(of_before, {"gate": at()}, 50.0) == ([GATE], [])
    ahead = followed({}, {"gate": at(changed_at=99.0)}, 50.0)
    assert ahead == ([], [replace(GATE, since=50.0)])


_span = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted)


@given(st.lists(_span, max_size=12))
def test_a_union_is_what_is_covered(spans: list[list[int]]) -> None:
    covered = {second for start, end in spans for second in range(start, end)}
    assert united_s([(start, end) for start, end in spans]) == len(covered)


# -- days ------------------------------------------------------------------------------------


def test_a_day_is_the_sites() -> None:
    assert days.day_of(0.0, CN) == date(1970, 1, 1)
    assert days.day_of(16 * 3600.0, CN) == date(1970, 1, 2)
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)):
        start, end = days.bounds(day, BERLIN)
        assert end - start == hours * 3600.0
        assert days.day_of(start, BERLIN) == day == days.day_of(end - 1, BERLIN)


def test_a_series_has_its_empty_parts_as_well() -> None:
    asked = days.period(date(2026, 11, 20), date(2026, 12, 2))
    assert days.parts(asked, days.Step.MONTH) == [date(2026, 11, 1), date(2026, 12, 1)]
    assert days.parts(asked, days.Step.WEEK) == [
        date(2026, 11, 16),
        date(2026, 11, 23),
        date(2026, 11, 30),
    ]
    assert len(days.parts(asked, days.Step.DAY)) == 13


def test_the_period_before_is_as_long_and_ends_the_day_before() -> None:
    asked = days.period(date(2026, 11, 16), date(2026, 11, 22))
    assert days.before(asked) == days.period(date(2026, 11, 9), date(2026, 11, 15))
    assert days.week_of(date(2026, 11, 18)) == asked


@pytest.mark.parametrize("last", [date(2026, 11, 15), date(2029, 12, 31)])
def test_a_period_that_is_none_is_refused(last: date) -> None:
    with pytest.raises(Refused) as refused:
        days.period(date(2026, 11, 16), last)
    assert refused.value.code == "bad_period"
