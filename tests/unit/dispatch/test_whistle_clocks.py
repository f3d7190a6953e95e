"""A department lets its time pass: near, late, supervised, told to the leader, each once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, delete, select

from hub.dispatch import worsening
from hub.dispatch.auditing.config import AuditorConfig
from hub.dispatch.auditing.repository import Kind, findings
from hub.dispatch.cases import joining, timeline
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.supervisions.service import Supervision, SupervisionState
from hub.dispatch.timers import repository as rows
from hub.dispatch.timers.rows import Level, Step, Subject, Timer, TimerState
from hub.dispatch.whistles import clock, service
from hub.kit.errors import NotFound
from hub.store.db import Database
from hub.store.tables.notices import notices
from hub.store.tables.timers import timers
from hub.types.finding import Severity
from hub.types.staff import EVERYWHERE, NOWHERE, Jurisdiction, Role
from hub.types.whistle import Whistle, WhistleState
from tests.unit.dispatch.given import CONFIG, NOW, PATH, an_alert, file
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import refused
from tests.unit.dispatch.test_timers import LEVELS, fire
from tests.unit.dispatch.test_whistles import call, reported

FIRE = {"fire": Jurisdiction(roots=frozenset({PATH[1]}))}
"""Who acts for the fire brigade in the town."""
DEPARTMENT, CALLERS = frozenset({"department"}), frozenset({"dispatcher", "shift_leader"})
SIGN_S = CONFIG.timers.P2.accept_s


@pytest.fixture
def tx(db: Database) -> Iterator[Connection]:
    with db.write() as connection:
        yield connection


@pytest.fixture
def town(tx: Connection) -> Town:
    return Town(tx)


def passes(town: Town, whistle: Whistle, at: float) -> list[str]:
    """What fires of a whistle until then, as words; clocks of its case fire as well."""
    steps = {each.value for each in clock.RUNS}
    return [each for each in fire(town, at) if each.split("/")[0] in steps]


def share(whistle: Whistle, part: float) -> float:
    return whistle.called_at + part * (whistle.sign_by - whistle.called_at)


def asked(town: Town, whistle: Whistle, *states: SupervisionState) -> list[Supervision]:
    wanted = states or (SupervisionState.OPEN,)
    return list(supervisions.listed(town.tx, states=wanted, subject_id=whistle.id).items)


def heard(town: Town, whistle: Whistle) -> set[tuple[str, str | None, frozenset[str]]]:
    query = select(notices).where(notices.c.about == f"whistle/{whistle.id}")
    found = {(row.kind, row.unit, frozenset(row.roles)) for row in town.tx.execute(query)}
    return {each for each in found if each[0] in LEVELS}


def lines(town: Town, whistle: Whistle) -> list[str]:
    told = timeline.told(town.tx, whistle.incident_id).entries
    return [f"{e.what} {e.reason}" for e in told if e.entity == "whistle" and e.actor == "hub"]


def kept(town: Town, whistle: Whistle) -> dict[tuple[Step, Level], Timer]:
    found = rows.of(town.tx, Subject.WHISTLE, [whistle.id])[whistle.id]
    return {each.key: each for each in found}


def standing(town: Town, whistle: Whistle) -> dict[str, str]:
    """How the deadline of each step stands."""
    found = kept(town, whistle).items()
    return {step.value: row.state.value for (step, level), row in found if level is Level.RED}


def test_a_department_that_ignores_a_whistle_walks_through_all_levels_once(town: Town) -> None:
    made = call(town, town.filed(Severity.P2))
    assert passes(town, made, share(made, 0.8) - 1) == []
    walked = [passes(town, made, share(made, part)) for part in (0.8, 0.8, 1.0, 1.2, 1.5, 40)]
    assert walked == [
        ["sign/yellow"], [], ["sign/red"], ["sign/supervision"], ["sign/leader"], [],
    ]  # fmt: skip
    assert lines(town, made) == [f"{level} sign" for level in LEVELS]
    assert heard(town, made) == {
        *((level, "fire", DEPARTMENT) for level in LEVELS),
        ("red", None, CALLERS),
        ("supervision", None, frozenset({"chief", "supervisor"})),
        ("leader", None, frozenset({"shift_leader"})),
    }
    assert {(each.level, each.step, each.unit) for each in asked(town, made)} == {
        (Level.SUPERVISION, Step.SIGN, "fire"),
        (Level.LEADER, Step.SIGN, None),
    }


def test_after_an_outage_a_department_hears_once_of_the_gravest(town: Town) -> None:
    made = call(town, town.filed(Severity.P2))
    assert len(passes(town, made, share(made, 3))) == len(LEVELS)
    assert lines(town, made) == [f"{level} sign" for level in LEVELS]
    assert heard(town, made) == {
        ("leader", "fire", DEPARTMENT),
        ("red", None, frozenset({"dispatcher"})),
        ("supervision", None, frozenset({"chief", "supervisor"})),
        ("leader", None, frozenset({"shift_leader"})),
    }


def test_the_department_answers_and_those_above_see_that(town: Town) -> None:
    made = call(town, town.filed(Severity.P2))
    passes(town, made, share(made, 1.2))
    [one] = asked(town, made)
    mine = supervisions.listed(town.tx, within=NOWHERE, units=FIRE).items
    assert [each.id for each in mine] == [one.id]
    assert supervisions.listed(town.tx, within=NOWHERE, units={"water": EVERYWHERE}).items == ()
    with pytest.raises(NotFound):
        supervisions.answer(town.tx, one.id, "在途", by="甲", now=town.now, within=NOWHERE)
    with refused("not_for_your_role"):
        supervisions.answer(town.tx, one.id, "已催", by="老陈", now=town.now)
    said = supervisions.answer(
        town.tx, one.id, "另有火警", by="消防刘洋", now=town.now, within=NOWHERE, units=FIRE
    )
    assert (said.state, said.answer) == (SupervisionState.ANSWERED, "另有火警")
    assert [each.id for each in asked(town, made, SupervisionState.ANSWERED)] == [one.id]
    passes(town, made, share(made, 1.5))
    [leader] = asked(town, made)
    with pytest.raises(NotFound):
        supervisions.answer(
            town.tx, leader.id, "在途", by="消防刘洋", now=town.now, within=NOWHERE, units=FIRE
        )
    service.sign(town.tx, made.id, town.word(Role.DEPARTMENT))
    assert asked(town, made) == [], "signed at last, nobody has to say why it is not"


def test_one_step_is_its_turn_the_next_waits_and_keeps_its_deadline(town: Town) -> None:
    made = call(town, town.filed(Severity.P2))
    assert standing(town, made) == {"sign": "waiting", "contact": "held", "report": "held"}
    service.sign(town.tx, made.id, town.word(Role.DEPARTMENT))
    assert standing(town, made) == {"sign": "cancelled", "contact": "waiting", "report": "held"}
    assert passes(town, made, made.contact_by) == ["contact/yellow", "contact/red"]
    service.contact(town.tx, made.id, town.word(Role.DEPARTMENT))
    service.report(town.tx, made.id, town.word(Role.DEPARTMENT, note="已处置"))
    assert standing(town, made)["report"] == "held"
    assert passes(town, made, made.report_by + 1) == [], "it waits for somebody else"
    service.send_back(town.tx, made.id, town.word(Role.DISPATCHER, "not_done"))
    red = kept(town, made)[Step.REPORT, Level.RED]
    assert (red.state, red.due_at) == (TimerState.WAITING, made.report_by), "the clock runs on"
    assert passes(town, made, town.now) == ["report/yellow", "report/red"]


def test_no_clock_outlives_its_whistle(town: Town) -> None:
    case, other = town.filed(Severity.P2, hold=True), town.filed(Severity.P2)
    done, gone, void = call(town, other), call(town, town.filed(Severity.P2)), call(town, case)
    passes(town, done, share(void, 1.5))
    assert [len(asked(town, each)) for each in (done, gone, void)] == [2, 2, 2]
    reported(town, done)
    service.accept(town.tx, done.id, town.word(Role.SHIFT_LEADER))
    service.refuse(town.tx, gone.id, town.word(Role.DEPARTMENT, "not_mine"))
    joining.merge(town.tx, case.id, other.id, town.word(Role.DISPATCHER))
    for each in (done, gone, void):
        assert set(standing(town, each).values()) == {"cancelled"}
        assert asked(town, each) == []
        assert len(asked(town, each, SupervisionState.ENDED)) == 2
    assert rows.trim(town.tx, town.now + 1e7, []) >= 12 * 3


def test_a_graver_case_hastens_what_is_left(town: Town) -> None:
    alert = an_alert(severity=Severity.P2)
    case = file(town.tx, alert, now=NOW, ids=town.ids)
    town.now = NOW
    made = call(town, case)
    before = kept(town, made)
    assert passes(town, made, made.sign_soon or 0.0) == ["sign/yellow"]
    graver = an_alert(severity=Severity.P1)
    worsening.worsen(town.tx, graver, config=CONFIG, now=town.now)
    now, after = service.whistle(town.tx, made.id), kept(town, made)
    assert now.report_by == town.now + CONFIG.timers.P1.handle_s
    assert now.sign_by == made.sign_by, "which was sooner"
    for step, due_at in ((Step.SIGN, now.sign_by), (Step.REPORT, now.report_by)):
        assert after[step, Level.RED].due_at == due_at
    assert after[Step.REPORT, Level.LEADER].due_at < before[Step.REPORT, Level.LEADER].due_at
    assert after[Step.SIGN, Level.YELLOW] == kept(town, made)[Step.SIGN, Level.YELLOW]
    assert after[Step.SIGN, Level.YELLOW].state is TimerState.FIRED, "and not told again"


def test_levels_come_by_the_work_calendar_where_the_whistle_works_by_it(town: Town) -> None:
    made = call(town, town.filed(Severity.P3))
    given, calendar = CONFIG.timers.P3.accept_s, CONFIG.calendar.calendar
    found = kept(town, made)
    for level, part in zip(LEVELS, (0.8, 1.0, 1.2, 1.5), strict=True):
        due_at = found[Step.SIGN, Level(level)].due_at
        assert due_at == pytest.approx(calendar.add(made.called_at, part * given))
    assert made.sign_soon == found[Step.SIGN, Level.YELLOW].due_at


def test_the_auditor_misses_the_clock_of_a_department(town: Town) -> None:
    made = call(town, town.filed(Severity.P2))

    def wrong(at: float) -> dict[Kind, str]:
        return {each.kind: each.first for each in findings(town.tx, at, AuditorConfig())}

    assert Kind.NO_CLOCK not in wrong(town.now + 120)
    late = share(made, 1.5) + 120
    assert wrong(late)[Kind.NOT_FIRED] is not None
    passes(town, made, late)
    assert Kind.NOT_FIRED not in wrong(late)
    mine = timers.c.subject == Subject.WHISTLE.value
    town.tx.execute(delete(timers).where(mine))
    assert wrong(late + 120)[Kind.NO_CLOCK] == made.incident_id
    assert service.whistle(town.tx, made.id).state is WhistleState.CALLED
