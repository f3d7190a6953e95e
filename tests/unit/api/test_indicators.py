"""The figures over HTTP: of one's own ground, with what stands beside them, and as files."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from hub.access.actions import Role
from hub.dispatch import repository
from hub.grids import service as grids
from hub.indicators.catalog import INDICATORS, OF_DEPARTMENTS
from hub.indicators.days import day_of
from hub.indicators.places import places
from hub.store.tables.access import looks
from hub.store.tables.indicators import COUNTS, case_facts, case_places
from hub.store.tables.whistles import whistles
from hub.types.finding import RuleKind, Severity
from hub.types.work import Due, Incident, IncidentState, Origin
from tests.unit.api.conftest import Desk
from tests.unit.grids import town

ZONE = ZoneInfo("Asia/Shanghai")
COUNTY, HERE, THERE = "990101000000000", "990101100201001", "990101100201002"
WAY = (COUNTY, "990101100000000", "990101100201000")
GOOD = ("cases", "due", "filed", "handled", "handled_on_time", "closed", "closed_on_time")


def put(desk: Desk, id_: str, leaf: str, counts: tuple[str, ...], due_by: float) -> None:
    day = day_of(due_by, ZONE).isoformat()
    with desk.deps.db.write() as tx:
        tx.execute(
            insert(case_facts).values(
                incident_id=id_,
                due_by=due_by,
                due_day=day,
                opened_at=due_by - 60,
                severity="P2",
                origin=Origin.CAMERA.value,
                rule_kind="report",
                **{f"n_{name}": int(name in counts) for name in COUNTS},
                s_in_all=60.0,
            )
        )
        rows = [
            {"incident_id": id_, "grid_code": p.code, "parent_code": p.parent, "due_by": due_by}
            for p in places((*WAY, leaf))
        ]
        tx.execute(insert(case_places), rows)


@pytest.fixture
def county(desk: Desk) -> Desk:
    with desk.deps.db.write() as tx:
        grids.import_features(
            tx, town.collection(), now=desk.clock.now(), ids=desk.deps.ids, origin="grids.geojson"
        )
    due = desk.clock.now() - 3600
    put(desk, "i1", HERE, GOOD, due)
    put(desk, "i2", HERE, ("cases", "void"), due)
    put(desk, "i3", THERE, ("cases", "due", "filed"), due)
    put(desk, "i4", HERE, GOOD, desk.clock.now() + 3600)  # not due yet
    return desk


def span(desk: Desk) -> str:
    day = day_of(desk.clock.now() - 3600, ZONE).isoformat()
    return f"first={day}&last={day}"


def figure(sheet: dict[str, Any], name: str) -> tuple[float | None, float, float]:
    [one] = [each for each in sheet["figures"] if each["indicator"] == name]
    return one["value"], one["hits"], one["of"]


def test_the_figures_of_the_whole_site_have_their_shares_beside_them(county: Desk) -> None:
    told = county.get(f"/indicators?{span(county)}", Role.ASSESSOR)
    assert told["grid"] == ""
    assert told["now"]["cases"] == 3
    assert figure(told["now"], "closed_on_time") == (0.5, 1, 2)
    assert told["now"]["shares"] == {
        "void": 1 / 3,
        "suspended": 0.0,
        "extended": 0.0,
        "said_later": 0.0,
    }
    assert told["before"]["cases"] == 0
    assert {wait["phase"]: wait["p50_s"] for wait in told["waits"]}["in_all"] == 60.0


def test_the_league_and_its_order(county: Desk) -> None:
    query = f"{span(county)}&grid={WAY[-1]}&by=closed_on_time"
    ranks = county.get(f"/indicators/league?{query}", Role.SUPERVISOR)
    assert [rank["grid"] for rank in ranks] == [HERE, THERE]
    unknown = county.ask("GET", f"/indicators/league?{span(county)}&by=charm")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "no_such_indicator")


def test_a_chief_sees_the_own_grid_and_no_other(county: Desk) -> None:
    token = {"Authorization": f"Bearer {county.give(Role.CHIEF, HERE)}"}

    def ask(query: str) -> Any:
        return county.ask("GET", f"/indicators?{span(county)}{query}", None, headers=token)

    assert ask("").json()["grid"] == HERE
    for other in (THERE, COUNTY, ""):
        answer = ask(f"&grid={other}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert ask("&grid=990101100299999").json()["detail"].startswith("there is no grid")


def test_a_series_has_a_part_for_every_day_and_the_hours_all_of_the_week(county: Desk) -> None:
    day = day_of(county.clock.now(), ZONE)
    first = day.replace(day=1).isoformat()
    query = f"first={first}&last={day.isoformat()}&step=day"
    parts = county.get(f"/indicators/series?{query}")
    assert len(parts) == day.day
    assert sum(part["sheet"]["cases"] for part in parts) == 3
    rows = county.get(f"/indicators/hours?first={first}&last={day.isoformat()}")["rows"]
    assert [len(row) for row in rows] == [24] * 7
    assert sum(map(sum, rows)) == 4


def test_the_weekly_report_names_what_is_overdue(county: Desk) -> None:
    with county.deps.db.write() as tx:
        due = Due(0.0, None, county.clock.now() - 3600)
        late_one = Incident(
            "i3",
            IncidentState.DISPATCHED,
            RuleKind.REPORT,
            Severity.P2,
            THERE,
            (*WAY, THERE),
            0.0,
            0.0,
            (),
            due,
            origin=Origin.COUNTER,
            title="井盖缺失",
        )
        repository.insert_incident(tx, late_one, group_key="k", reports=[])
    day = day_of(county.clock.now() - 3600, ZONE).isoformat()
    told = county.get(f"/indicators/weekly?day={day}", Role.SHIFT_LEADER)
    [late] = told["overdue"]
    assert (late["id"], late["title"], late["overdue_s"]) == ("i3", "井盖缺失", 3600.0)
    assert told["report"]["now"]["cases"] == 3


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_says_how_it_was_reckoned_and_stands_in_the_register(
    county: Desk, form: str
) -> None:
    answer = county.ask("GET", f"/indicators/export?{span(county)}&format={form}", Role.ASSESSOR)
    assert answer.status_code == 200
    assert f".{form}" in answer.headers["content-disposition"]
    if form == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) == 1 + len(INDICATORS)
        assert "按期处置、按期核查并结案数 ÷ 应结案数" in [cell for row in rows for cell in row]
    else:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            said = book.read("xl/sharedStrings.xml").decode()
        assert "按期结案率" in said
        assert "作废率" in said
    with county.deps.db.read() as tx:
        [look] = tx.execute(select(looks.c.subject)).scalars()
    assert look == "export/indicators"


def test_who_reads_does_not_take_away(county: Desk) -> None:
    assert county.ask("GET", f"/indicators/export?{span(county)}", Role.CHIEF).status_code == 403
    assert county.ask("GET", f"/indicators/export?{span(county)}", Role.WORKER).status_code == 403


@pytest.mark.parametrize("role", [Role.WORKER, Role.OPERATOR, Role.DISPATCHER, Role.CAMERA_ADMIN])
def test_who_is_judged_reads_the_own_figures_and_compares_nobody(county: Desk, role: Role) -> None:
    mine = {"Authorization": f"Bearer {county.give(role, HERE)}"}
    asked = span(county)
    own = county.http.get(f"/api/v1/indicators?{asked}", headers=mine).json()
    assert (own["grid"], own["now"]["cases"]) == (HERE, 2)
    for path in ("", "/hours", "/departments", "/series"):
        there = county.http.get(f"/api/v1/indicators{path}?{asked}&grid={THERE}", headers=mine)
        assert there.status_code == 404, path
    for path in (f"/league?{asked}", "/weekly?day=2023-11-14", f"/export?{asked}"):
        assert county.http.get(f"/api/v1/indicators{path}", headers=mine).status_code == 403, path
    lines = county.http.get(f"/api/v1/indicators/departments?{asked}", headers=mine)
    assert lines.json() == [], "departments are compared by who calls them to account"


def test_the_catalog_is_open_to_readers(desk: Desk) -> None:
    told = desk.get("/indicators/catalog", Role.CHIEF)
    assert [each["id"] for each in told] == [each.id for each in (*INDICATORS, *OF_DEPARTMENTS)]


def test_departments_are_judged_by_their_whistles(county: Desk) -> None:
    due = county.clock.now() - 3600

    def whistle(id_: str, state: str, **more: Any) -> dict[str, Any]:
        times = {"sign_by": due - 300, "contact_by": due - 200, "report_by": due}
        told = {"signed_at": None, "contacted_at": None, "reported_at": None, **times, **more}
        row = {"id": id_, "incident_id": "i1", "unit": "fire", "part": "joint", "state": state}
        blank = {"note": "", "reason": "", "answer": "", "reports": [], "version": 1}
        return row | blank | told | {"called_at": 0.0, "called_by": "x", "updated_at": 0.0}

    with county.deps.db.write() as tx:
        good = {"signed_at": due - 400, "contacted_at": due - 100, "reported_at": due - 50}
        tx.execute(insert(whistles), whistle("w1", "accepted", **good))
        tx.execute(insert(whistles), whistle("w2", "refused"))
        tx.execute(insert(whistles), whistle("w3", "withdrawn"))
        tx.execute(insert(whistles), whistle("w4", "called", report_by=county.clock.now() + 60))
    [fire] = county.get(f"/indicators/departments?{span(county)}&grid={HERE}")
    assert (fire["unit"], fire["called"], fire["withdrawn"]) == ("fire", 2, 1)
    told = {each["indicator"]: (each["hits"], each["of"]) for each in fire["figures"]}
    assert told == {
        "signed_on_time": (1, 2),
        "contacted_on_time": (0, 2),
        "reported_on_time": (1, 2),
        "settled_on_time": (1, 2),
        "refused": (1, 2),
        "sent_back": (0, 2),
    }
    assert [(each["phase"], each["cases"], each["p90_s"]) for each in fire["waits"]] == [
        ("to_sign", 1, due - 400),
        ("to_report", 1, due - 50),
    ]
    assert county.get(f"/indicators/departments?{span(county)}&grid={THERE}") == []
    for unit, lines in (("fire", ["fire"]), ("water", [])):
        theirs = {"Authorization": f"Bearer {county.give(Role.DEPARTMENT, COUNTY, unit=unit)}"}
        path = f"/api/v1/indicators/departments?{span(county)}&grid={HERE}"
        told = county.http.get(path, headers=theirs).json()
        assert [each["unit"] for each in told] == lines, "its own line alone"
        whole = county.http.get(f"/api/v1/indicators?{span(county)}&grid={HERE}", headers=theirs)
        assert whole.status_code == 404, "no grid's figures"
    query = f"{span(county)}&grid={HERE}&format=csv&table=departments"
    taken = county.ask("GET", f"/indicators/export?{query}").content.decode("utf-8-sig")
    assert "按时签收数 ÷ 被吹哨数" in taken
    assert "吹哨至签收" in taken
