"""The documented message: whatever an alert holds, it fits the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from hub.dispatch import matter, message
from hub.dispatch.message import Errand, SourceCard
from hub.dispatch.queue import body_text
from hub.dispatch.routing import RouteWhy, plan
from hub.kit.clock import from_iso
from hub.types.finding import Alert, Binding, GridShare, GridWhy, Policy, RuleKind, Severity
from hub.types.scene import SourceKind
from hub.types.site import LonLat, OwnerKind
from hub.types.work import Due, Incident, IncidentState
from tests.unit.dispatch.given import CONFIG, HERE, NOW, NOWHERE, PATH, SCHOOL, an_alert

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs/ref/dispatch-message.schema.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DUE = Due(NOW + 120, NOW + 900, NOW + 7200)


def compose(*told: Alert, due: Due = DUE, source: SourceCard = SCHOOL) -> dict[str, Any]:
    reports: list[dict[str, Any]] = []
    for alert in told:
        new = message.report(alert, source, "夜间闯入", CONFIG.evidence_path)
        reports = message.add_report(reports, new)
    errand = Errand("task-1", "incident-1", tuple(a.id for a in told), NOW, NOW + 10, due)
    route = plan(told[0].binding.grid_path, {PATH[1]: "town"}, CONFIG)
    composed = message.compose(errand, reports, route)
    return dict(json.loads(body_text(composed)))


@pytest.mark.parametrize(("code", "told"), [("0103", {"code": "0103", "major": "01"}), ("", None)])
def test_a_message_says_of_which_class_it_is(code: str, told: object) -> None:
    alert = an_alert()
    one = Incident(
        "incident-1", IncidentState.FILED, RuleKind.ZONE_INTRUSION, Severity.P2, PATH[-1], PATH,
        NOW, NOW, (alert.id,), DUE, class_code=code,
    )  # fmt: skip
    report = message.report(alert, SCHOOL, "夜间闯入", CONFIG.evidence_path)
    route = plan(PATH, {PATH[1]: "town"}, CONFIG)
    body = json.loads(body_text(matter.errand(one, [report], route, "task-1", NOW).message))
    VALIDATOR.validate(body)
    assert (body["class"], body["schema_version"]) == (told, 2)


def test_the_schema_itself_is_sound() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_message_tells_the_whole_errand() -> None:
    body = compose(an_alert())
    VALIDATOR.validate(body)
    assert body["grid"]["path"] == list(PATH)
    assert body["grid"]["code"] == PATH[-1]
    assert body["position"] == {"lon": 120.7113, "lat": 36.9758, "datum": "wgs84"}
    assert body["source"]["owner"] == "第一中学"
    assert body["source"]["owner_kind"] == "school"
    assert body["rule"] == {
        "id": "night-intrusion",
        "kind": "zone_intrusion",
        "name": "夜间闯入",
    }
    assert body["evidence"] == [
        {
            "id": "e1",
            "picture": "/api/v1/evidence/e1/picture",
            "clip": "/api/v1/evidence/e1/clip",
        }
    ]
    assert body["secondary_grids"] == [{"code": "370682100201004", "kind": "civil", "share": 0.21}]
    assert body["centre"] == {
        "id": "town",
        "name": "黎山镇治理中心",
        "why": "parent_grid",
        "named_by": PATH[1],
    }
    assert from_iso(body["times"]["captured_at"]) == NOW - 3.5
    assert from_iso(body["times"]["dispatched_at"]) == NOW + 10
    assert from_iso(body["due"]["accept_by"]) == NOW + 120
    assert body["facts"]["count"] == 2


def test_an_unbound_alert_says_so_and_goes_to_the_default_centre() -> None:
    body = compose(an_alert(binding=NOWHERE, evidence_id=None, place=""))
    VALIDATOR.validate(body)
    assert body["grid"]["unbound"] is True
    assert body["centre"]["id"] == "city"
    assert (body["evidence"], body["position"], body["place"]) == ([], None, None)


def test_the_head_speaks_of_the_worst_alert_and_times_of_the_earliest() -> None:
    mild = an_alert("mild", severity=Severity.P3, captured_at=NOW - 60, evidence_id="e-mild")
    grave = an_alert("grave", severity=Severity.P1, captured_at=NOW - 5, evidence_id="e-grave")
    body = compose(mild, grave)
    VALIDATOR.validate(body)
    assert body["severity"] == "P1"
    assert [each["alert_id"] for each in body["alerts"]] == ["grave", "mild"]
    assert from_iso(body["times"]["captured_at"]) == NOW - 60
    assert [each["id"] for each in body["evidence"]] == ["e-grave", "e-mild"]


def test_a_thousand_alerts_still_make_one_message_of_bounded_size() -> None:
    body = compose(*[an_alert(f"alert-{number}") for number in range(1000)])
    VALIDATOR.validate(body)
    assert len(body["alert_ids"]) == 1000
    assert len(body["alerts"]) == message.MAX_REPORTS
    assert len(body_text(body)) < 64_000


def test_it_is_an_exercise_only_if_all_of_it_is() -> None:
    drill, real = an_alert("drill", exercise=True), an_alert("real")
    assert compose(drill)["exercise"] is True
    assert compose(drill, real)["exercise"] is False


def test_a_number_that_is_none_becomes_null() -> None:
    body = compose(an_alert(facts={"value_ppm": float("nan"), "limit_ppm": float("inf")}))
    VALIDATOR.validate(body)
    assert body["facts"] == {"value_ppm": None, "limit_ppm": None}


def test_the_schema_knows_every_word_the_hub_can_say() -> None:
    defs = SCHEMA["$defs"]
    said = {
        Severity: defs["severity"],
        Policy: defs["policy"],
        RuleKind: defs["rule"]["properties"]["kind"],
        SourceKind: defs["source"]["properties"]["kind"],
        GridWhy: defs["grid"]["properties"]["why"],
        RouteWhy: SCHEMA["properties"]["centre"]["properties"]["why"],
    }
    for words, written in said.items():
        assert set(written["enum"]) == {word.value for word in words}, words
    owners = set(defs["source"]["properties"]["owner_kind"]["enum"])
    assert owners == {kind.value for kind in OwnerKind} | {None}


@pytest.mark.parametrize("key", sorted(SCHEMA["required"]))
def test_the_schema_misses_every_key(key: str) -> None:
    body = compose(an_alert())
    del body[key]
    assert not VALIDATOR.is_valid(body)


bindings = st.one_of(
    st.just(NOWHERE),
    st.just(HERE),
    st.builds(
        Binding,
        camera_grid=st.none() | st.text(),
        event_grid=st.none() | st.text(),
        grid_code=st.text(),
        grid_path=st.lists(st.text(), min_size=1, max_size=5).map(tuple),
        why=st.sampled_from(GridWhy),
        confidence=st.floats(0, 1),
        position=st.none() | st.builds(LonLat, st.floats(-180, 180), st.floats(-90, 90)),
        secondary=st.lists(
            st.builds(GridShare, st.text(), st.text(), st.floats(0, 1)), max_size=3
        ).map(tuple),
    ),
)
alerts = st.builds(
    an_alert,
    alert_id=st.text(min_size=1),
    severity=st.sampled_from(Severity),
    policy=st.sampled_from(Policy),
    rule_kind=st.sampled_from(RuleKind),
    source_kind=st.sampled_from(SourceKind),
    place=st.text(),
    binding=bindings,
    dwell_s=st.floats(0, 1e6),
    captured_at=st.floats(0, 4e9),
    raised_at=st.floats(0, 4e9),
    evidence_id=st.none() | st.text(min_size=1),
    facts=st.dictionaries(st.text(), st.text() | st.floats() | st.integers() | st.booleans()),
    exercise=st.booleans(),
)
cards = st.builds(SourceCard, st.text(), st.text(), st.none() | st.sampled_from(OwnerKind))


@settings(max_examples=60, deadline=None)
@forall(
    told=st.lists(alerts, min_size=1, max_size=4, unique_by=lambda alert: alert.id),
    arrives=st.booleans(),
    source=cards,
)
def test_every_message_fits_the_schema(
    told: list[Alert], arrives: bool, source: SourceCard
) -> None:
    due = DUE if arrives else Due(DUE.accept_by, None, DUE.handle_by)
    VALIDATOR.validate(compose(*told, due=due, source=source))
