"""Why an errand went where it did, and that who is on duty there is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from hub.dispatch.cases import errands, reporting
from hub.dispatch.cases.errands import Office
from hub.dispatch.lives import Verb
from hub.dispatch.routing import Facts, WhyCode, route
from hub.store.db import Database
from hub.store.tables.alerts import transitions
from hub.store.tables.notices import notices
from hub.types.duty import OnDuty
from hub.types.staff import Role
from tests.unit.dispatch.given import CONFIG
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_taxonomy import FIRE, LITTER, config

WANG = OnDuty("a-wang", "小王", Role.WORKER, "east", "shift")


def test_the_way_is_explained() -> None:
    whole = config(FIRE, LITTER)
    way = route(
        Facts(("town", "east"), whole.classes.get("0101")), {"town": "county"}, [WANG], whole
    )
    assert [line.code for line in way.why] == [
        WhyCode.CENTRE,
        WhyCode.CLASS,
        WhyCode.ON_DUTY,
        WhyCode.DEPARTMENT,
    ]
    centre, of, duty, department = (line.told() for line in way.why)
    assert (centre["why"], centre["grid"]) == ("parent_grid", "town")
    assert (of["class"], of["name"]) == ("0101", "烟火")
    assert (duty["name"], duty["why"], duty["alone"]) == ("小王", "shift", "yes")
    assert (department["unit"], department["how"]) == ("fire", "propose")
    assert way.told == (WANG,)
    assert way.departments == ("fire",)


def test_nobody_on_duty_is_said_aloud() -> None:
    whole = config(LITTER)
    way = route(Facts(("town", "east"), whole.classes.get("0201")), {}, [], whole)
    assert way.why[-1].told() == {"code": "nobody_on_duty", "grid": "east"}
    assert way.route.why == "no_centre_named"


def test_two_on_duty_are_not_alone() -> None:
    whole = config(LITTER)
    both = [WANG, replace(WANG, account="a-li", name="小李")]
    way = route(Facts(("east",), whole.classes.get("0201")), {}, both, whole)
    assert [line.params["alone"] for line in way.why if line.code is WhyCode.ON_DUTY] == ["no"] * 2


def _roster(
    _tx: Connection, path: Sequence[str], role: Role, _at: float, _unit: str | None = None
) -> Sequence[OnDuty]:
    return [WANG] if role is Role.WORKER and path else []


def test_a_case_that_goes_out_says_why_and_tells_once(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        town.office = Office(CONFIG, town.ids, _roster)
        made = town.filed()
        [task] = town.tasks(made.id)
        assert "小王" in [line.get("name") for line in task.why]
        [told] = tx.execute(select(notices).where(notices.c.kind == "dispatched")).all()
        assert (told.key, told.kind) == (f"dispatched/{task.id}", "dispatched")
        assert (told.about, told.roles) == (f"incident/{made.id}", ["worker"])
        assert told.resolved_at is None, "who that is is asked when it is told"


def test_a_case_handed_over_is_told_anew(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        errands.give_back(tx, made.id, town.word(Role.WORKER, "unclear"))
        errands.file(tx, made.id, town.word(Role.OPERATOR), town.office)
        told = tx.execute(select(notices).where(notices.c.kind == "dispatched")).all()
        assert len(told) == 2


def test_a_report_has_a_class_and_triage_corrects_it(db: Database) -> None:
    whole = config(FIRE, LITTER)
    with db.write() as tx:
        town = Town(tx)
        town.office = Office(whole, town.ids)
        made = town.report(class_code="0201")
        assert made.class_code == "0201"
        word = town.word(Role.OPERATOR, "wrong_class")
        changed = reporting.classify(tx, made.id, "0101", word, town.office)
        assert (changed.class_code, changed.state) == ("0101", made.state)
        log = tx.execute(select(transitions).where(transitions.c.what == Verb.CLASSIFY)).one()
        assert log.reason == "wrong_class: 0201 > 0101"
