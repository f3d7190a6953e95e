"""Rules: registered, used, changed only where they fit, and tried on what was seen."""

from __future__ import annotations

from typing import Any

from hub.access.actions import Role
from hub.store.managed import Managed
from hub.store.tables.rules import rules
from hub.types.scene import Box, ObjectKind, Track, TracksSeen
from tests.unit.api.conftest import Desk
from tests.unit.api.lending import lend
from tests.unit.api.test_cameras import GATE

INTRUSION = {"id": "night-yard", "kind": "zone_intrusion", "severity": "P2", "dwell_s": 3}
CRUSH = {"id": "crush", "kind": "crowd", "density_min": 6, "zone_area_m2": 50}
YARD: dict[str, Any] = {"id": "yard", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}


def test_a_rule_is_registered_used_and_not_deleted_while_it_is(desk: Desk) -> None:
    assert desk.ask("POST", "/rules", json=INTRUSION).status_code == 201
    use = {"zones": [YARD], "rules": [{"rule": "night-yard", "zone": "yard"}]}
    assert desk.ask("POST", "/cameras", json={**GATE, **use}).status_code == 201

    held = desk.ask("DELETE", "/rules/night-yard")
    assert (held.status_code, held.json()["code"]) == (409, "in_use")
    assert "gate-1" in held.json()["detail"]

    changed = desk.ask("PUT", "/rules/night-yard?version=1", json={**INTRUSION, "dwell_s": 9})
    assert (changed.json()["version"], changed.json()["rule"]["dwell_s"]) == (2, 9)
    other = desk.ask("PUT", "/rules/night-yard", json={**CRUSH, "id": "night-yard"})
    assert (other.status_code, other.json()["code"]) == (409, "other_kind")

    desk.ask("DELETE", "/cameras/gate-1", Role.CAMERA_ADMIN)
    assert desk.ask("DELETE", "/rules/night-yard").status_code == 204
    assert desk.get("/rules")["items"] == []


def test_a_camera_uses_a_rule_only_where_it_fits(desk: Desk) -> None:
    desk.ask("POST", "/rules", json=INTRUSION)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"rules": [{"rule": "night-yard"}]}, "wants a zone"),
        ({"rules": [{"rule": "night-yard", "zone": "yard"}]}, "the zone yard, which is not there"),
        (
            {
                "zones": [YARD],
                "rules": [{"rule": "night-yard", "zone": "yard"}],
                "place_class": "sensitive",
            },
            "the place is sensitive",
        ),
    ]
    for change, says in cases:
        answer = desk.ask("POST", "/cameras", json={**GATE, **change})
        assert (answer.status_code, answer.json()["code"]) == (422, "does_not_fit")
        assert says in answer.json()["detail"]


def test_a_rule_used_at_a_sensitive_place_cannot_be_loosened(desk: Desk) -> None:
    assert desk.ask("POST", "/rules", json=CRUSH).status_code == 201
    use = {"zones": [YARD], "rules": [{"rule": "crush", "zone": "yard"}]}
    made = desk.ask("POST", "/cameras", json={**GATE, **use, "place_class": "sensitive"})
    assert made.status_code == 201, made.text
    loose = desk.ask("PUT", "/rules/crush", json={"id": "crush", "kind": "crowd", "count_min": 5})
    assert (loose.status_code, loose.json()["code"]) == (422, "does_not_fit")
    assert "crush density" in loose.json()["detail"]


def test_a_rule_of_a_file_is_read_only(desk: Desk) -> None:
    with desk.deps.db.write() as tx:
        register = Managed(rules, "rule")
        register.sync_file(tx, {"night-yard": INTRUSION}, "configs/rules.yaml", 1.0)
    answer = desk.ask("PUT", "/rules/night-yard", json=INTRUSION)
    assert (answer.status_code, answer.json()["code"]) == (409, "managed_by_file")
    assert "configs/rules.yaml" in answer.json()["detail"]


def test_a_rule_that_is_none_is_refused_with_its_key(desk: Desk) -> None:
    answer = desk.ask("POST", "/rules", json={**INTRUSION, "dwell_s": -1})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert any("dwell_s" in fault["where"] for fault in answer.json()["errors"])
    assert desk.ask("POST", "/rules", json={"id": "x", "kind": "faces"}).status_code == 422


DRAFT = {"rule": INTRUSION, "camera": "gate-1", "zone": YARD}


def with_person(desk: Desk) -> None:
    """A school's camera before which somebody stands for ten seconds."""
    assert desk.ask("POST", "/cameras", json=GATE).status_code == 201
    start = desk.clock.now()
    person = Track(1, ObjectKind.PERSON, Box(0.4, 0.4, 0.5, 0.6), 0.9, start)
    desk.seen += [TracksSeen("gate-1", start + n, start + n, (person,)) for n in range(10)]


def test_a_draft_is_tried_on_what_was_seen_and_stored_nowhere(desk: Desk) -> None:
    with_person(desk)
    lend(desk)
    trial = desk.ask("POST", "/rules/try", Role.OPERATOR, json=DRAFT).json()
    assert trial["frames"] == 10
    opened = [finding for finding in trial["findings"] if finding["phase"] == "opened"]
    assert len(opened) == 1
    assert opened[0]["dwell_s"] >= 3
    assert desk.get("/rules")["items"] == []
    assert desk.get("/alerts")["items"] == []

    misfit = desk.ask("POST", "/rules/try", json={"rule": INTRUSION, "camera": "gate-1"})
    assert (misfit.status_code, misfit.json()["code"]) == (422, "does_not_fit")
    nowhere = desk.ask("POST", "/rules/try", json={**DRAFT, "camera": "none"})
    assert nowhere.status_code == 404


def test_what_a_withheld_camera_saw_is_not_told_by_a_draft_either(desk: Desk) -> None:
    with_person(desk)
    refused = desk.ask("POST", "/rules/try", Role.OPERATOR, json=DRAFT)
    assert (refused.status_code, refused.json()["code"]) == (403, "no_consent")
    lend(desk, roles=frozenset({Role.SHIFT_LEADER}))
    refused = desk.ask("POST", "/rules/try", Role.OPERATOR, json=DRAFT)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_for_this_role")
    assert desk.get("/looks")["items"] == []
    assert desk.ask("POST", "/rules/try", Role.SHIFT_LEADER, json=DRAFT).status_code == 200


def test_who_tried_a_draft_stands_in_the_register_where_it_told_something(desk: Desk) -> None:
    with_person(desk)
    lend(desk)
    seen, desk.seen[:] = desk.seen[:], []
    assert desk.ask("POST", "/rules/try", Role.OPERATOR, json=DRAFT).json()["frames"] == 0
    assert desk.get("/looks")["items"] == [], "nothing was seen, so nobody looked"
    desk.seen += seen
    for _ in range(2):
        asked = "/rules/try?reason=exercise"
        assert desk.ask("POST", asked, Role.OPERATOR, json=DRAFT).status_code == 200
    (look,) = desk.get("/looks?subject=gate-1&action=rules.try")["items"]
    assert (look["actor"], look["subject"]) == ("the operator", "try/gate-1")
    assert look["reason"] == "exercise"
