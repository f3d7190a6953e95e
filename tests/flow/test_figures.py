"""The figures of a town, derived from the log while things happen, and again from the beginning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, func, select, update

from hub.alerts import service as alerts
from hub.alerts.mute import MuteDraft
from hub.app import sync
from hub.app.figures import DAYS_S, Figures
from hub.dispatch import service as dispatch
from hub.dispatch.cases import errands, reporting, verifying
from hub.dispatch.cases.life import Word
from hub.dispatch.page import TaskFilter
from hub.indicators import repository, service
from hub.indicators.catalog import INDICATORS
from hub.indicators.days import Step, bounds, day_of, period
from hub.indicators.figures import Sheet, by_id
from hub.indicators.service import Asked
from hub.store.tables.alerts import alerts as alert_rows
from hub.store.tables.indicators import alert_days, case_facts, case_places
from hub.store.tables.sources import cameras
from hub.types.finding import Phase, Severity, Verdict
from hub.types.staff import Role
from hub.types.work import Origin, Receipt, TaskAction
from tests.flow.centre import HERE, THERE, Centre
from tests.flow.staff import CHEN, LI, WANG, Staff

ZONE = ZoneInfo("Asia/Shanghai")
COUNTY, TOWN = HERE[:6] + "000000000", HERE[:9] + "000000"
MINUTE_S, DAY_S = 60.0, 86400.0


def value(told: Sheet, name: str) -> tuple[float | None, float, float]:
    figure = told.figures[[each.id for each in INDICATORS].index(name)]
    return figure.value, figure.hits, figure.of


@pytest.fixture
def figures(centre: Centre) -> Figures:
    return Figures(centre.db, centre.clock, centre.fence, lambda: ZONE)


def followed(figures: Figures) -> None:
    """Until there is nothing more to do at this moment."""
    while figures.step() < 1.0:
        pass


def asked(centre: Centre, grid: str = "", days: int = 1) -> Asked:
    now = centre.clock.now()
    first = day_of(now - (days - 1) * DAY_S, ZONE)
    return Asked(grid, period(first, day_of(now, ZONE)), ZONE, now)


def ask(centre: Centre, what: Any, *args: Any) -> Any:
    with centre.db.read() as tx:
        return what(tx, *args)


def handled_and_closed(centre: Centre) -> None:
    staff = Staff(centre)
    [incident] = [each for each in centre.incidents() if each.state == "dispatched"]
    staff.handle(WANG, "劝离并关好侧门", photo_ids=(f"photo-{incident.id}",))
    staff.verify(CHEN, incident.id)
    staff.do(verifying.accept, incident.id, staff.word(CHEN))


def test_a_case_counts_once_its_handling_is_due_and_for_all_grids_above(
    centre: Centre, figures: Figures
) -> None:
    centre.take(centre.finding(Phase.OPENED))
    handled_and_closed(centre)
    followed(figures)
    assert value(ask(centre, service.of_grid, asked(centre)), "closed") == (None, 0, 0), "not yet"
    centre.clock.advance(2 * 3600)
    followed(figures)
    for grid in ("", COUNTY, HERE):
        told = ask(centre, service.of_grid, asked(centre, grid, 2))
        assert value(told, "closed_on_time") == (1.0, 1, 1), grid
        assert value(told, "rightly_bound") == (1.0, 1, 1)
    assert ask(centre, service.of_grid, asked(centre, THERE, 2)).cases == 0
    waited = {each.phase: each for each in ask(centre, service.waits, asked(centre, HERE, 2))}
    assert waited["to_accept"].p50_s == 40.0
    assert waited["to_arrive"].p90_s == 20 + 5 * MINUTE_S
    assert waited["to_close"].cases == 1


def test_what_nobody_took_up_is_late_and_stands_on_the_list(
    centre: Centre, figures: Figures
) -> None:
    centre.take(centre.finding(Phase.OPENED))
    [incident] = centre.incidents()
    centre.clock.advance(2 * 3600 + 60)
    followed(figures)
    told = ask(centre, service.of_grid, asked(centre, HERE, 2))
    assert value(told, "accepted_on_time") == (0.0, 0, 1)
    assert value(told, "closed_on_time") == (0.0, 0, 1)
    [late] = ask(centre, service.overdue, asked(centre, HERE, 2))
    assert (late.id, late.overdue_s) == (incident.id, centre.clock.now() - incident.due.handle_by)


def test_false_alarms_and_compression_are_of_the_day_the_alert_was_raised(
    centre: Centre, figures: Figures
) -> None:
    for camera in ("gate", "yard", "far"):
        centre.take(centre.finding(Phase.OPENED, camera))
        centre.take(centre.finding(Phase.UPDATED, camera))
    raised = day_of(centre.clock.now(), ZONE)
    followed(figures)
    centre.clock.advance(3 * DAY_S)  # a verdict that comes late counts for that day all the same
    centre.judge(centre.alert("far").id, Verdict.FALSE)
    centre.judge(centre.alert("gate").id, Verdict.CONFIRMED)
    followed(figures)
    then = Asked("", period(raised, raised), ZONE, centre.clock.now())
    told = ask(centre, service.of_grid, then)
    assert value(told, "false_alarms") == (0.5, 1, 2)
    assert value(told, "compression") == (2.0, 6, 3)
    by = by_id("false_alarms")
    assert by is not None
    ranks = ask(centre, service.league, Asked(HERE[:12] + "000", then.period, ZONE, then.now), by)
    assert [(rank.grid, value(rank.sheet, "false_alarms")[0]) for rank in ranks] == [
        (HERE, 0.0),
        (THERE, 1.0),
    ]


def test_an_incident_is_counted_once_with_its_first_alert(centre: Centre, figures: Figures) -> None:
    now = centre.clock.now()
    midnight = bounds(day_of(now, ZONE), ZONE)[1]
    centre.clock.advance(midnight - now - 1)
    centre.take(centre.finding(Phase.OPENED, "gate"))
    centre.clock.advance(2)
    centre.take(centre.finding(Phase.OPENED, "far"))
    [first, second] = sorted(centre.alerts(), key=lambda alert: alert.raised_at)
    with centre.db.write() as tx:  # two alerts of one incident, in two grids, across midnight
        here = alert_rows.c.id == second.id
        tx.execute(update(alert_rows).where(here).values(incident_id=centre.incidents()[-1].id))
    followed(figures)
    told = ask(centre, service.of_grid, asked(centre, "", 2))
    assert value(told, "compression")[2] == 1
    assert first.raised_at < midnight < second.raised_at


def test_cameras_are_online_as_long_as_nothing_says_otherwise(
    centre: Centre, figures: Figures
) -> None:
    with centre.db.write() as tx:
        sync.bind_sources(tx, centre.desk.snapshot, None, centre.clock.now())
    now = centre.clock.now()
    midnight = bounds(day_of(now, ZONE), ZONE)[1]
    centre.clock.advance(midnight - now + 6 * 3600)
    centre.take(centre.finding(Phase.OPENED, "gate", "off"))
    gone = centre.alert("gate").captured_at
    centre.clock.advance(6 * 3600)
    centre.take(centre.finding(Phase.CLOSED, "gate", "off"))
    followed(figures)
    told = ask(centre, service.of_grid, asked(centre))
    rate, online, seconds = value(told, "cameras_online")
    assert seconds == 3 * 12 * 3600
    assert seconds - online == centre.clock.now() - gone
    assert rate == online / seconds
    assert value(ask(centre, service.of_grid, asked(centre, THERE)), "cameras_online")[0] == 1.0
    # The end of the day is counted after it is over.
    centre.clock.advance(12 * 3600 + DAYS_S)
    followed(figures)
    yesterday = Asked("", period(*[day_of(gone, ZONE)] * 2), ZONE, centre.clock.now())
    assert value(ask(centre, service.of_grid, yesterday), "cameras_online")[2] == 3 * DAY_S


def whole_day(centre: Centre, figures: Figures) -> Asked:
    """The day that begins at the next midnight, when the next is an hour old.

    `gate` is dark all that day.
    """
    with centre.db.write() as tx:
        sync.bind_sources(tx, centre.desk.snapshot, None, centre.clock.now())
    followed(figures)
    now = centre.clock.now()
    centre.clock.advance(bounds(day_of(now, ZONE), ZONE)[1] - now)
    day = day_of(centre.clock.now(), ZONE)
    centre.take(centre.finding(Phase.OPENED, "gate", "off"))
    for _ in range(25):
        centre.clock.advance(3600)
        centre.take(centre.finding(Phase.UPDATED, "gate", "off"))
        followed(figures)
    return Asked("", period(day, day), ZONE, centre.clock.now())


def enabled(centre: Centre, camera: str, yes: bool) -> None:
    with centre.db.write() as tx:
        values = {"enabled": yes, "updated_at": centre.clock.now()}
        tx.execute(update(cameras).where(cameras.c.id == camera).values(**values))


def test_disabling_a_camera_takes_no_darkness_out_of_a_day_that_is_over(
    centre: Centre, figures: Figures
) -> None:
    day = whole_day(centre, figures)
    before = value(ask(centre, service.of_grid, day), "cameras_online")
    assert before[1] == pytest.approx(2 * DAY_S, abs=3)
    assert before[2] == 3 * DAY_S
    enabled(centre, "gate", False)
    centre.clock.advance(2 * DAYS_S)
    followed(figures)
    assert value(ask(centre, service.of_grid, day), "cameras_online") == before
    # What it is today stands beside the rate of today.
    centre.clock.advance(3600)
    followed(figures)
    told = value(ask(centre, service.of_grid, asked(centre)), "cameras_disabled")
    assert told[1] == 3600 + 2 * DAYS_S


def test_a_camera_counts_since_it_came_into_use(centre: Centre, figures: Figures) -> None:
    enabled(centre, "far", False)
    day = whole_day(centre, figures)
    assert value(ask(centre, service.of_grid, day), "cameras_online")[2] == 2 * DAY_S
    enabled(centre, "far", True)
    centre.clock.advance(2 * DAYS_S)
    followed(figures)
    told = ask(centre, service.of_grid, asked(centre))
    assert value(told, "cameras_online")[2] == 2 * 3600 + 3 * 2 * DAYS_S
    assert value(ask(centre, service.of_grid, day), "cameras_online")[2] == 2 * DAY_S


def test_a_mute_silences_a_dark_camera_and_not_its_figures(
    centre: Centre, figures: Figures
) -> None:
    now = centre.clock.now()
    draft = MuteDraft("maintenance", "李娜", now, now + 3 * DAY_S, source="gate")
    with centre.db.write() as tx:
        alerts.mute(tx, draft, actor=alerts.Actor("李娜"), now=now, ids=centre.ids)
    day = whole_day(centre, figures)
    assert not centre.alerts("gate")
    told = ask(centre, service.of_grid, day)
    assert value(told, "cameras_online")[1] == pytest.approx(2 * DAY_S, abs=3)
    assert value(told, "cameras_whole")[1] == pytest.approx(2 * DAY_S, abs=3)


def everything(tx: Connection) -> list[list[tuple[Any, ...]]]:
    return [
        sorted(tuple(row) for row in tx.execute(select(table)))
        for table in (case_facts, case_places, alert_days)
    ]


def test_derived_again_from_the_first_line_it_is_the_same(centre: Centre, figures: Figures) -> None:
    centre.take(centre.finding(Phase.OPENED))
    followed(figures)
    handled_and_closed(centre)
    centre.take(centre.finding(Phase.OPENED, "far"))
    followed(figures)
    centre.judge(centre.alert("far").id, Verdict.FALSE)
    centre.clock.advance(DAYS_S)
    followed(figures)
    before = ask(centre, everything)
    with centre.db.write() as tx:
        repository.forget_all(tx)
    followed(Figures(centre.db, centre.clock, centre.fence, lambda: ZONE))
    assert ask(centre, everything) == before


def test_exercises_are_in_no_figure(centre: Centre, figures: Figures) -> None:
    centre.take(centre.finding(Phase.OPENED, exercise=True))
    assert len(centre.incidents()) == 1
    centre.clock.advance(3 * 3600)
    followed(figures)
    with centre.db.read() as tx:
        for table in (case_facts, alert_days):
            assert tx.execute(select(func.count()).select_from(table)).scalar() == 0


def test_a_handover_counts_where_the_case_is_then(centre: Centre, figures: Figures) -> None:
    centre.take(centre.finding(Phase.OPENED))
    followed(figures)
    staff = Staff(centre)
    [incident] = centre.incidents()
    word = Word("派遣员", frozenset({Role.DISPATCHER}), centre.clock.now(), "wrong_grid")
    staff.do(errands.hand_over, incident.id, staff.there(THERE), word, staff.office)
    centre.clock.advance(3 * 3600)
    followed(figures)
    assert ask(centre, service.of_grid, asked(centre, HERE)).cases == 0
    told = ask(centre, service.of_grid, asked(centre, THERE))
    assert value(told, "rightly_bound") == (0.0, 0, 1)


def test_a_series_adds_up_to_the_whole(centre: Centre, figures: Figures) -> None:
    for _ in range(3):
        centre.take(centre.finding(Phase.OPENED))
        handled_and_closed(centre)
        centre.take(centre.finding(Phase.CLOSED))
        centre.clock.advance(DAY_S)
    followed(figures)
    parts = ask(centre, service.series, asked(centre, "", 5), Step.DAY)
    assert len(parts) == 5
    assert sum(part.sheet.cases for part in parts) == 3
    assert ask(centre, service.of_grid, asked(centre, "", 5)).cases == 3
    rows = ask(centre, service.hours, asked(centre, "", 5))
    assert sum(map(sum, rows)) == 3
    assert isinstance(parts[0].first, date)
    assert "王强" not in str(ask(centre, everything)), "nothing derived names anybody"


def test_an_acceptance_in_time_is_the_workers(centre: Centre, figures: Figures) -> None:
    centre.take(centre.finding(Phase.OPENED))
    Staff(centre).act(WANG, TaskAction.ACCEPT, 100)
    centre.clock.advance(3 * 3600)
    followed(figures)
    told = ask(centre, service.of_grid, asked(centre, HERE))
    assert value(told, "accepted_on_time") == (1.0, 1, 1)
    assert value(told, "arrived_on_time") == (0.0, 0, 1)


def test_reopening_makes_nothing_timely_that_was_late(centre: Centre, figures: Figures) -> None:
    centre.take(centre.finding(Phase.OPENED))
    centre.clock.advance(3 * 3600)
    handled_and_closed(centre)
    followed(figures)
    [case] = centre.incidents()
    reported = asked(centre, HERE, 2)
    before = ask(centre, service.of_grid, reported)
    late = ("accepted_on_time", "arrived_on_time", "handled_on_time", "closed_on_time")
    assert [value(before, name) for name in late] == [(0.0, 0, 1)] * 4
    staff = Staff(centre)
    for _ in range(2):  # reopened twice it is judged by its first deadlines all the same
        staff.do(verifying.reopen, case.id, staff.word(CHEN, "recurred"), staff.office)
        handled_and_closed(centre)
    followed(figures)
    after = ask(centre, service.of_grid, reported)
    assert [value(after, name) for name in late] == [(0.0, 0, 1)] * 4
    assert value(after, "reopened") == (1.0, 1, 1)


def test_giving_a_case_back_makes_no_desk_timely(centre: Centre, figures: Figures) -> None:
    staff = Staff(centre)
    case = staff.report(WANG, Origin.WORKER, severity=Severity.P1)
    centre.clock.advance(3600)
    staff.do(reporting.triage, case.id, staff.word(LI))
    staff.do(errands.file, case.id, staff.word(LI), staff.office)
    staff.do(errands.give_back, case.id, staff.word(WANG, "no_capacity"))
    staff.do(errands.file, case.id, staff.word(LI), staff.office)
    centre.clock.advance(3 * 3600)
    followed(figures)
    told = ask(centre, service.of_grid, asked(centre, HERE, 2))
    assert value(told, "filed_on_time") == (0.0, 0, 1)
    assert value(told, "dispatched_on_time") == (0.0, 0, 1)


def test_a_phone_without_a_network_makes_nobody_late(centre: Centre, figures: Figures) -> None:
    centre.take(centre.finding(Phase.OPENED))
    out = centre.clock.now()
    centre.clock.advance(8 * 3600)
    heard = centre.clock.now()
    with centre.db.write() as tx:
        [task] = dispatch.tasks(tx, TaskFilter(open=True)).items
        steps = {TaskAction.ACCEPT: 60, TaskAction.ON_SCENE: 150, TaskAction.DONE: 170}
        for action, after_s in steps.items():
            said = Receipt(task.id, action, out + after_s, WANG[0], f"{action}", "劝离")
            dispatch.act(tx, replace(said, roles=frozenset({WANG[1]})), now=heard)
    followed(figures)
    told = ask(centre, service.of_grid, asked(centre, HERE, 2))
    for name in ("accepted_on_time", "arrived_on_time", "handled_on_time"):
        assert value(told, name) == (1.0, 1, 1), name
    assert told.shares["said_later"] == 1.0
