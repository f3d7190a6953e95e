"""What the alert desk asks for: the list by urgency, the story of one alert, merging."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from hub.access.actions import Role
from hub.alerts import repository
from hub.alerts.evidence.marks import ClipMarks, Mark, Moment
from hub.api.alerts.story import HEAD, names
from hub.dispatch import service as dispatch
from hub.dispatch.matter import Filing
from hub.dispatch.message import SourceCard, report
from hub.kit.clock import iso
from hub.store.media import MediaKind
from hub.types.finding import Alert, GridWhy, RuleKind, Severity
from hub.types.scene import Box, SourceKind
from hub.types.staff import EVERYWHERE
from tests.unit.api.cases import NOWHERE, an_alert
from tests.unit.api.conftest import Desk

CAMERA: dict[str, Any] = {
    "id": "gate-1",
    "name": "School gate",
    "owner_kind": "school",
    "owner": "First school",
    "place_class": "school_gate",
    "main": {"url": "rtsp://10.0.0.7/main"},
    "zones": [{"id": "yard", "name": "Yard", "polygon": [[0, 0], [1, 0], [1, 1]]}],
}
RULE: dict[str, Any] = {
    "id": "night",
    "kind": "zone_intrusion",
    "name": "Night intrusion",
    "severity": "P2",
    "dwell_s": 4.0,
}


def changed(desk: Desk, alert: Alert, **changes: Any) -> Alert:
    """The alert as it would be had it come from elsewhere."""
    after = replace(alert, **changes)
    with desk.deps.db.write() as tx:
        repository.update_alerts(tx, [after])
    return after


def from_camera(desk: Desk, number: int = 1, **changes: Any) -> Alert:
    """An alert of the camera's rule, with evidence."""
    binding = replace(
        NOWHERE,
        camera_grid="37",
        event_grid="3701",
        grid_code="3701",
        grid_path=("37", "3701"),
        why=GridWhy.GROUND_POINT,
        confidence=0.9,
    )
    fields: dict[str, Any] = {
        "fingerprint": f"gate-1/night/{number}",
        "rule_id": "night",
        "rule_kind": RuleKind.ZONE_INTRUSION,
        "source": "gate-1",
        "source_kind": SourceKind.CAMERA,
        "place": "yard",
        "severity": Severity.P2,
        "binding": binding,
        "box": Box(0.1, 0.2, 0.3, 0.4),
        "evidence_id": f"evidence-{number}",
        "facts": {"dwell_s": 5.0, "dwell_s_min": 4.0},
    }
    return changed(desk, an_alert(desk, f"worker-{number}"), **(fields | changes))


def register(desk: Desk) -> None:
    for path, body in (("/rules", RULE), ("/cameras", CAMERA)):
        made = desk.ask("POST", path, json=body)
        assert made.status_code == 201, made.text


def test_the_list_by_urgency_goes_on_where_the_page_ended(desk: Desk) -> None:
    wanted = []
    for number, severity in enumerate(["P3", "P1", "P2", "P1", "P3", "P2", "P1"]):
        alert = changed(desk, an_alert(desk, f"worker-{number}"), severity=Severity(severity))
        wanted.append((severity, number, alert.id))
        desk.clock.advance(1)
    wanted.sort()
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = desk.get("/alerts", params={"order": "urgency", "limit": 3, **after})
        found += [alert["id"] for alert in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == [alert_id for _, _, alert_id in wanted]
    assert desk.ask("GET", "/alerts?order=urgency&after=x").json()["code"] == "bad_cursor"


def test_of_equal_alerts_none_is_left_out_between_two_pages(desk: Desk) -> None:
    made = {an_alert(desk, f"worker-{number}").id for number in range(5)}
    first = desk.get("/alerts?order=urgency&limit=2")
    rest = desk.get("/alerts", params={"order": "urgency", "after": first["next"]})
    found = [alert["id"] for alert in first["items"] + rest["items"]]
    assert (set(found), len(found)) == (made, 5)


def test_the_story_says_what_why_where_and_by_when(desk: Desk) -> None:
    register(desk)
    alert = from_camera(desk)
    told = desk.get(f"/alerts/{alert.id}/story", Role.OPERATOR)
    assert told["alert"]["facts"] == {"dwell_s": 5.0, "dwell_s_min": 4.0}
    assert told["alert"]["binding"]["why"] == "ground_point"
    assert told["rule"]["name"] == "Night intrusion"
    assert told["rule"]["settings"]["dwell_s"] == 4.0
    assert not set(told["rule"]["settings"]) & set(HEAD)
    assert told["speaker"]["name"] == "School gate"
    assert told["speaker"]["place"]["name"] == "Yard"
    assert told["speaker"]["place"]["points"] == [[0, 0], [1, 0], [1, 1]]
    assert told["deadlines"]["verdict_by"] == iso(alert.raised_at + 120)
    assert told["deadlines"]["accept_by"] is None
    assert told["incident"] is None
    assert told["evidence"] == {"id": "evidence-1", "picture": False, "clip": None}
    assert [line["what"] for line in told["log"]] == ["open"]
    assert (told["earlier"], told["later"]) == (None, None)
    assert desk.ask("GET", "/alerts/none/story").status_code == 404


def test_the_names_of_everything_come_in_one_answer(desk: Desk) -> None:
    register(desk)
    told = desk.get("/names", Role.OPERATOR)
    spans = told.pop("spans")
    calendar = desk.deps.dispatch.calendar.calendar
    assert calendar.between(parsed(spans[0][0]), parsed(spans[-1][1])) == sum(
        parsed(b) - parsed(a) for a, b in spans
    ), "all of it is work, and none is left out"
    assert told == {
        "sources": {"gate-1": "School gate"},
        "rules": {"night": "Night intrusion"},
        "grids": {},
        "verdict_s": {"P1": 30.0, "P2": 120.0, "P3": 600.0, "P4": 3600.0},
        "by_work": ["P3", "P4"],
    }


def parsed(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def test_a_light_alert_is_to_be_judged_within_so_much_work(desk: Desk) -> None:
    register(desk)
    desk.clock.set_wall(parsed("2026-06-05T09:55:00Z"))  # Friday, five minutes before six
    alert = from_camera(desk, severity=Severity.P3)
    told = desk.get(f"/alerts/{alert.id}/story", Role.OPERATOR)
    calendar = desk.deps.dispatch.calendar.calendar
    assert told["deadlines"]["verdict_by"] == iso(calendar.add(alert.raised_at, 600.0))
    assert told["deadlines"]["verdict_by"] > "2026-06-08", "not before Monday"


def test_the_clock_of_the_list_is_that_of_the_configuration(desk: Desk) -> None:
    timers = desk.deps.dispatch.timers
    slower = timers.model_copy(update={"P2": timers.P2.model_copy(update={"verdict_s": 300.0})})
    dispatch = desk.deps.dispatch.model_copy(update={"timers": slower})
    with desk.deps.db.read() as tx:
        told = names(tx, replace(desk.deps, dispatch=dispatch), EVERYWHERE).verdict_s
    assert told == {"P1": 30.0, "P2": 300.0, "P3": 600.0, "P4": 3600.0}


def test_the_story_knows_its_neighbours_and_what_was_sent(desk: Desk) -> None:
    register(desk)
    made = []
    for number in range(3):
        made.append(from_camera(desk, number))
        desk.clock.advance(1)
    middle = made[1]
    with desk.deps.db.write() as tx:
        told = report(
            middle,
            SourceCard("School gate", "First school", None),
            "Night intrusion",
            desk.deps.dispatch.evidence_path,
        )
        filed = [Filing(middle, told, "group-1", 0.0)]
        dispatch.file(tx, filed, config=desk.deps.dispatch, now=desk.clock.now(), ids=desk.deps.ids)
    told = desk.get(f"/alerts/{middle.id}/story")
    assert (told["earlier"], told["later"]) == (made[0].id, made[2].id)
    assert told["incident"]["state"] == "dispatched"
    assert told["deadlines"]["accept_by"] == told["incident"]["due"]["accept_by"]
    assert [(task["state"], task["centre"]) for task in told["tasks"]] == [("queued", "town")]


def test_the_story_tells_the_marks_of_the_clip(desk: Desk) -> None:
    alert = from_camera(desk)
    at = alert.captured_at
    marks = ClipMarks(at - 5, at + 7, (Mark(at, Moment.RAISED, Box(0.1, 0.2, 0.3, 0.4)),))
    desk.deps.media.put("evidence-1", MediaKind.PICTURE, b"jpeg")
    desk.deps.media.put("evidence-1", MediaKind.CLIP, b"mp4!")
    told = desk.get(f"/alerts/{alert.id}/story")["evidence"]
    assert told["clip"] == {"size_bytes": 4, "starts_at": None, "ends_at": None, "marks": []}
    desk.deps.media.put("evidence-1", MediaKind.MARKS, marks.to_json())
    told = desk.get(f"/alerts/{alert.id}/story")["evidence"]
    assert told["picture"] is True
    assert told["clip"]["starts_at"] == iso(at - 5)
    [mark] = told["clip"]["marks"]
    assert (mark["what"], mark["at"], mark["box"]["x2"]) == ("raised", iso(at), 0.3)
    assert told["clip"]["ends_at"] == iso(at + 7)


def test_an_alert_is_merged_and_taken_out_again(desk: Desk) -> None:
    one, other = an_alert(desk, "worker-1"), an_alert(desk, "worker-2")
    path = f"/alerts/{other.id}"
    body = {"into": one.id, "version": other.version, "note": "the same lorry"}
    merged = desk.ask("POST", f"{path}/merge", Role.OPERATOR, json=body)
    assert merged.status_code == 200, merged.text
    assert (merged.json()["verdict"], merged.json()["merged_into"]) == ("duplicate", one.id)
    told = desk.get(f"/alerts/{one.id}/story")
    assert [each["id"] for each in told["duplicates"]] == [other.id]
    assert (told["log"][-1]["what"], told["log"][-1]["reason"]) == (
        f"merge:{other.id}",
        "the same lorry",
    )
    assert [a["id"] for a in desk.get(f"/alerts?merged_into={one.id}")["items"]] == [other.id]

    again = desk.ask("POST", f"{path}/merge", Role.OPERATOR, json=body)
    assert (again.status_code, again.json()["code"]) == (409, "stale_version")
    stale = desk.ask("POST", f"{path}/unmerge", Role.OPERATOR, json={"version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    version = merged.json()["version"]
    parted = desk.ask("POST", f"{path}/unmerge", Role.OPERATOR, json={"version": version})
    assert (parted.json()["verdict"], parted.json()["merged_into"]) == (None, None)
    assert desk.get(f"/alerts/{one.id}/story")["duplicates"] == []
    none = desk.ask("POST", f"{path}/merge", Role.OPERATOR, json={"into": "none"})
    assert none.status_code == 404
    barred = desk.ask("POST", f"{path}/merge", Role.WORKER, json={"into": one.id})
    assert barred.status_code == 403
