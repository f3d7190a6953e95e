"""Figure 7 finds what it is there to find: with clocks that are broken its lines do not hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bench.prove import clocks
from bench.prove.due import worked
from bench.prove.installation import Installation, Kind
from hub.dispatch.due import repository as due
from hub.dispatch.notices import repository as notices
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.timers import fire
from hub.dispatch.whistles import late as whistles
from hub.dispatch.workdays import CalendarConfig
from hub.kit.clock import Steady
from tests.unit.dispatch.given import NOW

SEED, SHORT_H = 4, 1.0
"""With jumps that are undone and that last, restarts and deaths."""
Broken = Callable[[pytest.MonkeyPatch], None]
MISSED, EARLY = "clocks missed", "clocks before their time"
NOT_ONCE = "notices and supervisions more or fewer than lines"


class Believing(Steady):
    """Every jump of the wall clock is the time at once."""

    def now(self) -> float:
        return self._clock.now()


class Ahead(Steady):
    """What is due in ten hours is due."""

    def now(self) -> float:
        return super().now() + 36_000.0


class Standing(Steady):
    """Nothing is ever due."""

    def now(self) -> float:
        return super().now() - 36_000.0


def steady(kind: type[Steady]) -> Broken:
    return lambda patch: patch.setattr(clocks, "Steady", kind)


def nothing(where: Any, name: str) -> Broken:
    return lambda patch: patch.setattr(where, name, lambda *_given, **_named: [])


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    return Installation(Kind.EMBEDDED, tmp_path, ExitStack())


def broken_lines(place: Installation) -> list[str]:
    return [line.what for line in clocks.timing(place, SEED, SHORT_H) if not line.holds]


def test_clocks_that_go_hold(place: Installation) -> None:
    found = clocks.timing(place, SEED, SHORT_H)
    assert [line for line in found if not line.holds] == []
    told = {line.what: line.measured for line in found}
    assert told["what their clocks told"] > 80
    for what in ("jumps of the wall clock by an hour", "restarts", "deaths before the commit"):
        assert told[what] >= 1, what


@pytest.mark.parametrize(
    ("how", "line"),
    [
        pytest.param(steady(Believing), EARLY, id="a jump is believed at once"),
        pytest.param(steady(Ahead), EARLY, id="all fires hours early"),
        pytest.param(steady(Standing), MISSED, id="none fires"),
        pytest.param(nothing(due, "wait_ids"), MISSED, id="group waits do not end"),
        pytest.param(nothing(whistles, "fire"), MISSED, id="no department is told"),
        pytest.param(nothing(notices, "put"), NOT_ONCE, id="nobody is told"),
        pytest.param(nothing(supervisions, "begin"), NOT_ONCE, id="nobody is asked why"),
        pytest.param(nothing(fire, "graver"), NOT_ONCE, id="each hears of each level"),
    ],
)
def test_clocks_that_are_broken_do_not(
    place: Installation, monkeypatch: pytest.MonkeyPatch, how: Broken, line: str
) -> None:
    how(monkeypatch)
    assert line in broken_lines(place)


def test_a_clock_that_lags_is_late(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lagging(Steady):
        def now(self) -> float:
            return super().now() - 300.0

    monkeypatch.setattr(clocks, "Steady", Lagging)
    assert "clocks later than a tick and a minute" in broken_lines(place)


def test_work_time_is_counted_by_hand() -> None:
    """The fake clock starts at 06:13:20 of a Wednesday in Shanghai; work begins at 08:30."""
    opens = NOW + 2 * 3600 + 16 * 60 + 40
    calendar = CalendarConfig()
    assert worked(calendar, NOW, 60) == opens + 60
    assert worked(calendar, opens, 4 * 3600) == opens + 5.5 * 3600, "with the break at noon"
