"""What one case adds to the figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.indicators.facts import Case, Deadlines, Errand, Line, as_done, assemble
from hub.store.tables.indicators import COUNTS, PHASES
from hub.types.finding import RuleKind, Severity
from hub.types.work import IncidentState, Origin

CASE = Case(
    "i1",
    IncidentState.CLOSED,
    Severity.P2,
    Origin.COUNTER,
    RuleKind.REPORT,
    ("county", "town"),
    opened_at=0.0,
    handled_at=900.0,
    closed_at=1200.0,
    rating=5,
    deadlines=Deadlines(60.0, 400.0, 800.0, 1000.0, 1500.0),
)
LOG = [
    Line("report", 0.0),
    Line("triage", 20.0),
    Line("file", 50.0),
    Line("dispatch", 55.0),
    Line("accept", 300.0),
    Line("set_out", 400.0),
    Line("arrive", 700.0),
    Line("finish", 900.0),
    Line("verify", 900.0),
    Line("pass", 1200.0),
]


def without(*words: str) -> list[Line]:
    return [line for line in LOG if line.what not in words]


def test_a_case_that_went_well_is_in_every_numerator() -> None:
    facts = assemble(CASE, LOG)
    assert facts.counts == {
        "cases", "due", "filed", "filed_on_time", "filed_rightly",
        "dispatched", "dispatched_on_time", "to_accept", "accepted_on_time",
        "to_arrive", "arrived_on_time", "handled", "handled_on_time",
        "closed", "closed_once", "closed_on_time", "verified", "rated", "satisfied",
    }  # fmt: skip
    assert facts.due_by == 1000.0
    assert facts.waits == {
        "to_file": 50.0,
        "to_dispatch": 5.0,
        "to_accept": 245.0,
        "to_arrive": 400.0,
        "to_handle": 600.0,
        "to_close": 300.0,
        "in_all": 1200.0,
    }


def test_everything_that_is_counted_has_a_column() -> None:
    spoilt = [
        *LOG,
        Line("return", 1.0, "not_mine"),
        Line("suspend", 2.0),
        Line("extend", 3.0),
        Line("rework", 4.0),
        Line("reopen", 5.0),
        Line("accept", 6.0, heard_at=900.0),
    ]
    self_handled = replace(CASE, self_handled=True, origin=Origin.CAMERA)
    told = assemble(CASE, spoilt).counts | assemble(self_handled, LOG).counts
    told |= assemble(replace(CASE, state=IncidentState.VOID), LOG).counts
    told |= assemble(replace(CASE, state=IncidentState.MERGED), LOG).counts
    assert told == set(COUNTS)
    assert set(assemble(CASE, LOG).waits) == set(PHASES)


@pytest.mark.parametrize(
    ("by", "lost"),
    [
        (Deadlines(file_by=49.0), {"filed_on_time", "dispatched_on_time"}),
        (Deadlines(file_by=52.0), {"dispatched_on_time"}),
        (Deadlines(accept_by=299.0), {"accepted_on_time"}),
        (Deadlines(accept_by=400.0, on_scene_by=699.0), {"arrived_on_time"}),
        (Deadlines(handle_by=899.0), {"handled_on_time", "closed_on_time"}),
        (Deadlines(verify_by=1199.0), {"closed_on_time"}),
    ],
)
def test_a_step_that_came_late_is_not_on_time(by: Deadlines, lost: set[str]) -> None:
    on_time = {name for name in COUNTS if name.endswith("_on_time")}
    asked = on_time
    if by.accept_by is None:
        asked = asked - {"accepted_on_time", "arrived_on_time"}
    elif by.on_scene_by is None:
        asked = asked - {"arrived_on_time"}
    assert assemble(replace(CASE, deadlines=by), LOG).counts & on_time == asked - lost


def test_void_and_merged_cases_stand_beside_the_rates_and_in_none() -> None:
    for state, name in ((IncidentState.VOID, "void"), (IncidentState.MERGED, "merged")):
        facts = assemble(replace(CASE, state=state), [*LOG, Line("suspend", 800.0, "weather")])
        assert facts.counts == {"cases", name, "suspended"}
        assert not facts.waits


def test_suspending_and_extending_take_a_case_out_of_nothing() -> None:
    facts = assemble(CASE, [*LOG, Line("suspend", 800.0, "weather"), Line("extend", 810.0)])
    assert {"suspended", "extended", "due", "handled_on_time"} <= facts.counts


def test_only_what_was_wrongly_filed_counts_against_the_desk() -> None:
    tired = assemble(CASE, [*LOG, Line("return", 200.0, "no_capacity: all out")]).counts
    wrong = assemble(CASE, [*LOG, Line("return", 200.0, "wrong_grid: next village")]).counts
    assert "filed_rightly" in tired
    assert "filed_rightly" not in wrong
    assert {"returned"} <= tired & wrong


def test_a_handover_for_a_wrong_grid_counts_against_the_binding_of_machines_alone() -> None:
    moved = [*LOG, Line("hand_over", 100.0, "wrong_grid: a > b")]
    by_camera = replace(CASE, origin=Origin.CAMERA)
    assert "rightly_bound" not in assemble(by_camera, moved).counts
    assert "rightly_bound" in assemble(by_camera, LOG).counts
    other = [*LOG, Line("hand_over", 100.0, "capacity: a > b; nobody at the wrong_grid")]
    assert "rightly_bound" in assemble(by_camera, other).counts
    assert "by_machine" not in assemble(CASE, moved).counts


def test_what_was_never_done_has_no_wait() -> None:
    open_case = replace(
        CASE, state=IncidentState.DISPATCHED, handled_at=None, closed_at=None, rating=None
    )
    facts = assemble(open_case, without("accept", "set_out", "arrive", "finish", "verify", "pass"))
    assert {"due", "to_accept", "to_arrive"} <= facts.counts
    assert not {"accepted_on_time", "handled", "closed"} & facts.counts
    assert set(facts.waits) == {"to_file", "to_dispatch"}


def test_what_is_handled_on_the_spot_is_nobodys_acceptance() -> None:
    spot = replace(CASE, self_handled=True)
    counts = assemble(spot, without("dispatch", "accept", "set_out", "arrive", "finish")).counts
    assert not {"to_accept", "to_arrive"} & counts
    assert {"self_handled", "handled_on_time"} <= counts


def test_a_reopened_case_is_not_closed_until_it_is_again() -> None:
    again = replace(CASE, state=IncidentState.DISPATCHED)
    counts = assemble(again, [*LOG, Line("reopen", 1300.0, "recurred")]).counts
    assert "reopened" in counts
    assert "closed_once" in counts
    assert "closed" not in counts


def test_what_was_late_stays_late_when_the_case_is_reopened_and_closed_in_time() -> None:
    by = Deadlines(60.0, 299.0, 699.0, 899.0, 1500.0)  # everything on the ground came late
    again = [
        Line("reopen", 2000.0, "recurred"),
        Line("accept", 2010.0),
        Line("arrive", 2020.0),
        Line("finish", 2030.0),
        Line("pass", 2040.0),
    ]
    case = replace(
        CASE,
        handled_at=2030.0,
        closed_at=2040.0,
        deadlines=by,
        last_handle_by=9000.0,
        last_verify_by=9000.0,
    )
    facts = assemble(case, [*LOG, *again])
    assert facts.due_by == 899.0, "it counts where it was due"
    late = {"accepted_on_time", "arrived_on_time", "handled_on_time", "closed_on_time"}
    assert not late & facts.counts
    assert {"closed", "reopened"} <= facts.counts
    timely = replace(case, deadlines=CASE.deadlines)
    assert late <= assemble(timely, [*LOG, *again]).counts
    # Handled in time at first, and too late when it was reopened: it is not closed in time.
    slow = replace(timely, last_handle_by=2029.0)
    assert "closed_on_time" not in assemble(slow, [*LOG, *again]).counts


def test_a_verification_that_came_late_is_not_in_time_because_it_sent_back() -> None:
    sent_back = [*without("pass"), Line("rework", 1600.0), Line("finish", 1700.0)]
    case = replace(CASE, handled_at=950.0, closed_at=1800.0, last_verify_by=2000.0)
    told = assemble(case, [*sent_back, Line("pass", 1800.0)]).counts
    assert "closed_on_time" not in told


def test_what_was_done_without_a_network_is_judged_by_when_it_was_done() -> None:
    heard = 29_000.0
    log = [*without("accept", "arrive", "finish", "verify", "pass")]
    log += [Line(what, heard) for what in ("accept", "arrive", "finish")]
    away = [Errand(55.0, 100.0, 200.0, 900.0)]
    told = assemble(replace(CASE, handled_at=heard, closed_at=None), as_done(log, away))
    assert {"accepted_on_time", "arrived_on_time", "handled_on_time"} <= told.counts
    assert "said_later" in told.counts
    assert told.waits["to_accept"] == 45.0
    assert told.waits["to_arrive"] == 100.0
    # A clock that ran behind or ahead is believed no further than the errand and the network.
    wrong = as_done(log, [Errand(55.0, -5.0, 99_000.0, None)])
    assert [(line.what, line.at) for line in wrong[-3:]] == [
        ("accept", 55.0),
        ("arrive", heard),
        ("finish", heard),
    ]
    # Another errand that came later tells nothing of the first.
    assert as_done([Line("accept", 300.0)], [*away, Errand(400.0, 500.0)])[0].at == 100.0
    assert "said_later" not in assemble(CASE, as_done(LOG, [Errand(55.0, 290.0)])).counts
