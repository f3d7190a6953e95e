"""Which centre serves a place, and by when."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hub.dispatch import clocks
from hub.dispatch.config import ClockRules, DispatchConfig
from hub.dispatch.routing import RouteWhy, plan
from hub.dispatch.workdays import CalendarConfig
from hub.types.finding import Severity
from hub.types.work import Due
from tests.unit.dispatch.given import CONFIG, PATH


def test_a_grid_that_names_its_own_centre_goes_there() -> None:
    route = plan(PATH, {PATH[-1]: "town", PATH[0]: "city"}, CONFIG)
    assert (route.centre.id, route.why, route.named_by) == ("town", RouteWhy.OWN_GRID, PATH[-1])


def test_otherwise_the_nearest_ancestor_decides() -> None:
    route = plan(PATH, {PATH[1]: "town", PATH[0]: "city"}, CONFIG)
    assert (route.centre.id, route.why, route.named_by) == ("town", RouteWhy.PARENT_GRID, PATH[1])


def test_a_centre_nobody_configured_is_passed_over_and_named() -> None:
    route = plan(PATH, {PATH[3]: "gone", PATH[1]: "town"}, CONFIG)
    assert (route.centre.id, route.unknown) == ("town", (PATH[3],))


def test_what_no_grid_claims_goes_to_the_default_centre() -> None:
    assert plan(PATH, {}, CONFIG).why is RouteWhy.NO_CENTRE_NAMED
    unbound = plan((), {}, CONFIG)
    assert (unbound.centre.id, unbound.why) == ("city", RouteWhy.UNBOUND)


def test_due_times_follow_the_table() -> None:
    rules = ClockRules()
    assert clocks.due(Severity.P1, 1000.0, rules) == Due(1120.0, 1900.0, 8200.0)
    eight = 1_767_573_000.0 - 1800  # Monday, 5 January 2026 in Shanghai, half an hour before work
    two_hours, a_week_later = eight + 1800 + 7200, eight + 1800 + 8 * 86400 + 9.5 * 3600
    assert clocks.due(Severity.P4, eight, rules) == Due(two_hours, None, a_week_later)
    on_the_wall = ClockRules(calendar=CalendarConfig(severities=()))
    assert clocks.due(Severity.P4, 0.0, on_the_wall) == Due(7200.0, None, 7 * 28800.0)
    waits = [rules.timers.of(severity).group_wait_s for severity in Severity]
    assert waits == [0, 10, 30, 60]


def test_an_alert_that_joins_may_hasten_but_never_delay() -> None:
    assert clocks.sooner(Due(10, None, 30), Due(20, 15, 25)) == Due(10, 15, 25)
    assert clocks.sooner(Due(10, None, 30), Due(20, None, 40)) == Due(10, None, 30)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"default_centre": "nowhere"}, "nowhere"),
        ({"centres": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]}, "stands twice"),
        ({"centres": []}, "at least 1"),
        ({"unheard_of": 1}, "unheard_of"),
        ({"dead_letter_after": 0}, "dead_letter_after"),
        ({"timers": {"P1": {"accept_s": -1}}}, "accept_s"),
    ],
)
def test_a_wrong_configuration_is_refused_by_name(change: dict[str, object], named: str) -> None:
    good = {"centres": [{"id": "a", "name": "A"}], "default_centre": "a"}
    DispatchConfig.model_validate(good)
    with pytest.raises(ValidationError, match=named):
        DispatchConfig.model_validate(good | change)


def test_names_of_the_streams_follow_the_centre_unless_told() -> None:
    plain, named = DispatchConfig.model_validate(
        {
            "centres": [{"id": "a", "name": "A"}, {"id": "b", "name": "B", "stream": "x:b"}],
            "default_centre": "a",
        }
    ).centres
    assert (plain.stream, plain.dead_stream) == ("dispatch:a", "dispatch:a:dead")
    assert (named.stream, named.dead_stream, named.receipts_stream) == (
        "x:b",
        "x:b:dead",
        "receipts:b",
    )
