"""Five whole lives on a fake clock, from what was noticed to the archive; each is a golden file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.dispatch import service as dispatch
from hub.dispatch.cases import errands, photos, reporting, verifying
from hub.dispatch.cases.contacts import Contact
from hub.dispatch.whistles import service as whistles
from hub.dispatch.whistles.service import Call
from hub.ingest import service as sources
from hub.kit.errors import Forbidden
from hub.types.finding import GridWhy, Phase, Severity, Verdict
from hub.types.staff import Role
from hub.types.whistle import Whistle, WhistlePart
from hub.types.work import Incident, IncidentState, Origin, TaskAction
from tests.flow.centre import CONFIG, HERE, Centre
from tests.flow.staff import CHEN, DAY_S, HE, LI, LIU, MINUTE_S, SUN, WANG, WU, ZHAO, Staff, printed
from tests.unit.grids import town

GOLDEN = Path(__file__).parents[1] / "golden"
POLICE = "JW-1"
"""The police grid that lies over `HERE`."""

Told = Callable[[str, Incident], None]


@pytest.fixture
def told(centre: Centre) -> Told:
    """Compares a case's timeline with its golden file."""

    def compare(name: str, case: Incident) -> None:
        with centre.db.read() as tx:
            text = "\n".join(printed(tx, case.id, case.opened_at)) + "\n"
        assert text == (GOLDEN / f"timeline_{name}.txt").read_text("utf-8"), text

    return compare


def the_fire_department_comes(staff: Staff, incident_id: str) -> None:
    """Called to lead, it refuses, is called anew, reports, is sent back once and reports again."""

    def called(note: str) -> Whistle:
        call, word = Call("fire", WhistlePart.LEAD, note), staff.word(SUN)
        made: Whistle = staff.do(whistles.call, incident_id, call, word, CONFIG, staff.centre.ids)
        return made

    def report(said: str, photo: str, after_s: float) -> None:
        staff.later(after_s)
        staff.do(photos.add, f"key-{photo}", photo, LIU[0], staff.centre.clock.now())
        staff.do(whistles.report, one, staff.word(LIU, note=said), [photo])

    refused = called("侧门电箱冒烟")
    staff.later(MINUTE_S)
    staff.do(whistles.refuse, refused.id, staff.word(LIU, "unclear", "哪个侧门？"))
    staff.later(MINUTE_S)
    one = called("东侧门电箱冒烟").id
    for do, after_s in ((whistles.sign, 30), (whistles.contact, 60)):
        staff.later(after_s)
        staff.do(do, one, staff.word(LIU))
    report("电箱已断电", "photo-3", 20 * MINUTE_S)
    staff.later(5 * MINUTE_S)
    staff.do(whistles.send_back, one, staff.word(SUN, "not_done", "仍有焦味"))
    report("线路已更换", "photo-4", 40 * MINUTE_S)
    staff.later(5 * MINUTE_S)
    with pytest.raises(Forbidden) as own:
        staff.do(whistles.accept, one, staff.word((LIU[0], Role.DISPATCHER)))
    assert own.value.code == "own_work"
    staff.do(whistles.accept, one, staff.word(SUN))


def passed(staff: Staff, incident_id: str) -> None:
    """A second person looks at what was done, and is content."""
    staff.verify(CHEN, incident_id)
    closed = staff.do(verifying.accept, incident_id, staff.word(CHEN))
    assert closed.state is IncidentState.CLOSED


def rated_and_archived(staff: Staff, incident_id: str, said: str) -> None:
    """Whoever it concerned is asked the next day; a week later the hub puts the case away."""
    staff.centre.wait(DAY_S, every_s=DAY_S)
    rated = staff.do(verifying.rate, incident_id, 5, staff.word(LI, note=said))
    assert (rated.state, rated.rating) == (IncidentState.CLOSED, 5)
    staff.centre.wait(CONFIG.archive_after_s, every_s=DAY_S)
    put_away = staff.see(incident_id)
    assert (put_away.state, put_away.rating) == (IncidentState.ARCHIVED, 5)


def test_an_alert_at_a_school_gate(centre: Centre, staff: Staff, told: Told) -> None:
    """Nobody accepts, it climbs to the town, calls the fire brigade, is sent back once."""
    centre.take(centre.finding(Phase.OPENED, evidence_id="ev-1"))
    [case] = centre.incidents()
    staff.later(4 * MINUTE_S)
    assert staff.see(case.id).raised_to == case.grid_path[-3], "past the village, to the town"
    staff.act(WU, TaskAction.ACCEPT, 30)
    staff.act(WU, TaskAction.ON_SCENE, 5 * MINUTE_S)
    the_fire_department_comes(staff, case.id)
    staff.act(WU, TaskAction.DONE, 10 * MINUTE_S, note="劝离并关好侧门", photo_ids=("photo-1",))
    with pytest.raises(Forbidden) as own:
        staff.do(verifying.begin, case.id, staff.word(WU))
    assert own.value.code == "own_work"
    staff.verify(CHEN, case.id)
    no = staff.word(CHEN, "not_done", "侧门仍未上锁")
    again = staff.do(verifying.rework, case.id, no, staff.office)
    assert (again.state, again.due) == (IncidentState.DISPATCHED, case.due), "on the old clocks"
    assert len(centre.tasks()) == 2
    staff.handle(WANG, "已更换门锁", photo_ids=("photo-2",))
    passed(staff, case.id)
    rated_and_archived(staff, case.id, "校方满意")
    assert staff.see(case.id).due == case.due, "whoever is called, its own clocks run on"
    told("school_gate", case)


def test_a_citizens_report(centre: Centre, staff: Staff, told: Told) -> None:
    """Taken down at the counter, triaged, filed, handled, verified; the contact is forgotten."""
    case = staff.report(LI, Origin.COUNTER, contact=Contact("周女士", "138 0000 0000"))
    staff.later(2 * MINUTE_S)
    staff.do(reporting.triage, case.id, staff.word(LI), severity=Severity.P2)
    filed = staff.do(errands.file, case.id, staff.word(LI), staff.office)
    assert (filed.state, filed.severity) == (IncidentState.DISPATCHED, Severity.P2)
    staff.handle(WANG, "井盖已补装", photo_ids=("photo-1",))
    passed(staff, case.id)
    rated_and_archived(staff, case.id, "回访满意")
    told("citizens_report", case)


def test_a_case_of_the_police_grid(centre: Centre, staff: Staff, told: Told) -> None:
    """Its alert is bound to the civil grid; handed over, the police officer of the place goes."""
    centre.take(centre.finding(Phase.OPENED, camera="yard", evidence_id="ev-1"))
    [case] = centre.incidents()
    assert POLICE in [share.code for share in centre.alert("yard").binding.secondary]
    staff.act(WANG, TaskAction.ACCEPT, 40)
    staff.later(5 * MINUTE_S)
    where, why = staff.there(POLICE), staff.word(SUN, "wrong_grid", "需民警到场")
    moved = staff.do(errands.hand_over, case.id, where, why, staff.office)
    assert (moved.grid_code, moved.due) == (POLICE, case.due), "the clock is shared"
    staff.handle(HE, "双方已调解", photo_ids=("photo-1",))
    passed(staff, case.id)
    rated_and_archived(staff, case.id, "无再次报警")
    told("police_grid", case)


def test_a_sensors_alarm(centre: Centre, staff: Staff, told: Told) -> None:
    """Smoke above its threshold for as long as the rule wants, until the air is clear again."""
    centre.take(centre.reading(30))
    for ppm in (90, 120, 130):
        staff.later(1)
        centre.take(centre.reading(ppm))
    [case] = centre.incidents()
    assert (centre.alert("attic").binding.why, case.grid_code) == (GridWhy.SENSOR_POSITION, HERE)
    staff.handle(WANG, "电饭锅烧干，已断电通风", photo_ids=("photo-1",))
    centre.take(centre.reading(20))
    passed(staff, case.id)
    rated_and_archived(staff, case.id, "校方满意")
    told("sensor_alarm", case)


def test_what_lies_in_no_grid(centre: Centre, staff: Staff, told: Told) -> None:
    """Kept, dispatched to the default centre, given a grid by a person, and then like any other."""
    with centre.db.write() as tx:
        sources.cameras().create(tx, town.camera(9000, 9000, id="lost"), centre.clock.now())
    centre.start()
    centre.take(centre.finding(Phase.OPENED, "lost", evidence_id="ev-1"))
    [case] = centre.incidents()
    assert (case.grid_code, centre.alert("lost").binding.why) == (None, GridWhy.NO_GRID)
    with centre.db.read() as tx:
        assert [task.centre for task in dispatch.tasks(tx).items] == ["county"]
    centre.judge(centre.alert("lost").id, Verdict.CONFIRMED)
    staff.later(MINUTE_S)
    where, why = staff.there(HERE), staff.word(ZHAO, "wrong_grid", "镜头在界外，事发在格内")
    moved = staff.do(errands.hand_over, case.id, where, why, staff.office)
    assert moved.grid_code == HERE
    staff.handle(WANG, "已清理", photo_ids=("photo-1",))
    passed(staff, case.id)
    rated_and_archived(staff, case.id, "无")
    told("unbound", case)
