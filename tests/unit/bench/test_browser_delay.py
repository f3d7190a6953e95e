"""The browser's delay: what was read against what was sent, and what counts as growth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.browser_delay import Delay, Way, grown, report, table, way
from bench.browser_page import Memory, Reading
from bench.browser_sent import SendLine

SENT = {"a": SendLine(1, {n: 1000.0 + n / 10 for n in range(1, 301)})}
READINGS = [Reading("a", 1000.1 + n / 10 + 0.3, n) for n in range(100)]


def test_every_picture_that_is_read_tells_its_delay() -> None:
    found = way("tiles", 1.0, READINGS, SENT)
    assert (found.sent, len(found.delays), found.bad) == (100, 100, 0)
    assert (found.at(0.5), found.at(1.0)) == pytest.approx((0.3, 0.3))
    assert [each.holds for each in found.judged()] == [True, True]
    assert table([found]).row_count == 1


def test_a_picture_painted_again_is_no_delay_and_a_spoilt_one_is_counted() -> None:
    again = [each for one in READINGS for each in (one, replace(one, moment=one.moment + 0.05))]
    found = way("tiles", 1.0, [*again, Reading("a", 1020.0, None)], SENT)
    assert (len(found.delays), found.bad) == (100, 1)
    assert found.at(1.0) == pytest.approx(0.3)
    unknown = Reading("a", 1020.0, 599)
    assert way("tiles", 1.0, [*READINGS, unknown], SENT).bad == 1


def test_the_slow_twentieth_decides_and_what_was_not_shown_spoils_it() -> None:
    late = [replace(each, moment=each.moment + 1.0) for each in READINGS[:10]]
    assert [j.holds for j in way("t", 1.0, late + READINGS[10:], SENT).judged()] == [False, True]
    few = [*READINGS[:40], *READINGS[90:]]
    assert [j.holds for j in way("t", 1.0, few, SENT).judged()] == [True, False]


def test_a_page_that_shows_no_number_ends_the_run() -> None:
    with pytest.raises(SystemExit, match="no number"):
        way("tiles", 1.0, [Reading("a", 1000.5, None)], SENT)


def run(heap_mib: float = 0.0, rss_mib: float = 0.0, late_s: float = 0.0) -> list[bool]:
    """Half an hour in which these are added in the last third; whether each bound holds."""
    extra = {False: 0.0, True: 1.0}
    times = [(float(at), extra[at > 1205]) for at in range(1801)]
    delays = tuple(Delay(at, at + 0.4 + late_s * last) for at, last in times)
    weighed = [
        Memory(at, 40.0 + heap_mib * last, 300.0 + rss_mib * last) for at, last in times[::10]
    ]
    found = Way("tiles", 1.0, 1801, 0, delays)
    judged = grown(found, weighed)
    said = report([found], weighed, judged)
    assert [each["holds"] for each in said["judged"]] == [each.holds for each in judged]
    return [each.holds for each in judged]


def test_what_grows_in_the_last_third_does_not_hold() -> None:
    assert run() == [True, True, True]
    assert run(heap_mib=1.9, rss_mib=14, late_s=0.2) == [True, True, True]
    assert run(heap_mib=2.1) == [False, True, True]
    assert run(rss_mib=16) == [True, False, True]
    assert run(late_s=0.3) == [True, True, False]
    assert run(heap_mib=-30, rss_mib=-100, late_s=-0.3) == [True, True, True]


def test_a_run_too_short_to_weigh_ends_without_a_verdict() -> None:
    found = way("tiles", 1.0, READINGS, SENT)
    with pytest.raises(SystemExit, match="too short"):
        grown(found, [Memory(1005.0, 40.0, 300.0)])
