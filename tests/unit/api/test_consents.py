"""Owners and their consents over HTTP: who sees which, who may put them on file."""

from __future__ import annotations

from typing import Any

import pytest

from hub.access.actions import Role
from hub.grids.repository import CameraGrid, replace_camera_grids
from tests.unit.api.conftest import UNIT, Desk

GATE: dict[str, Any] = {
    "id": "gate-1",
    "name": "East gate",
    "owner_kind": "school",
    "owner": UNIT,
    "place_class": "school_gate",
    "main": {"url": "rtsp://10.0.0.7/main"},
}
CAMERAS = (
    GATE,
    {**GATE, "id": "gate-2", "main": {"url": "rtsp://10.0.0.8/main"}},
    {
        **GATE,
        "id": "mill-1",
        "owner": "the mill",
        "owner_kind": "enterprise",
        "main": {"url": "rtsp://10.0.0.9/main"},
    },
    {
        **GATE,
        "id": "square-1",
        "owner": "the town",
        "owner_kind": "township",
        "main": {"url": "rtsp://10.0.0.10/main"},
    },
)
BACKWARDS = {"starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"}
AGREED = {"owner": UNIT, "mode": "always", "agreed_by": "the head", "document": "letter 7"}


@pytest.fixture
def county(desk: Desk) -> Desk:
    """Two towns: the school has a camera in each, the mill and the town one in town-a."""
    for camera in CAMERAS:
        assert desk.ask("POST", "/cameras", json=camera).status_code == 201
    at = {"gate-1": "town-a", "gate-2": "town-b", "mill-1": "town-a", "square-1": "town-a"}
    rows = [CameraGrid(id_, code, "mount", "civil", 1.0, 1.0, True) for id_, code in at.items()]
    with desk.deps.db.write() as tx:
        replace_camera_grids(tx, list(at), rows, desk.clock.now())
    return desk


def give(desk: Desk, role: Role = Role.CAMERA_ADMIN, **more: Any) -> Any:
    return desk.ask("POST", "/consents", role, json={**AGREED, **more})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_owners_are_listed_with_their_cameras_and_what_counts(county: Desk) -> None:
    items = county.get("/owners")["items"]
    told = [(o["owner"], o["owner_kind"], o["cameras"], o["asked"]) for o in items]
    assert told == [
        (UNIT, "school", 2, True),
        ("the mill", "enterprise", 1, True),
        ("the town", "township", 1, False),
    ]
    assert all(o["consent"] is None and o["own"] == [] for o in items)
    general, own = give(county).json(), give(county, camera="gate-2", mode="incident").json()
    (school,) = county.get("/owners?text=SCHOOL")["items"]
    assert school["consent"] == general
    assert school["own"] == [own]
    assert [o["owner"] for o in county.get("/owners?kind=township")["items"]] == ["the town"]
    assert [o["owner"] for o in county.get("/owners?asked=false")["items"]] == ["the town"]


def test_owners_come_in_pages(county: Desk) -> None:
    first = county.get("/owners?limit=2")
    assert [o["owner"] for o in first["items"]] == [UNIT, "the mill"]
    second = county.get("/owners", params={"after": first["next"], "limit": 2})
    assert [o["owner"] for o in second["items"]] == ["the town"]
    assert second["next"] is None


def test_a_consent_is_given_ended_and_stays_on_file(county: Desk) -> None:
    window = {"weekdays": [1, 5], "from_minute": 420, "to_minute": 1080}
    answer = give(county, mode="schedule", windows=[window], roles=["operator", "chief"])
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["entered_by"], made["in_force"]) == ("the camera_admin", True)
    assert made["windows"] == [{**window, "starts_at": None, "ends_at": None}]
    assert made["roles"] == ["chief", "operator"]
    ended = county.ask("POST", f"/consents/{made['id']}/end", Role.CAMERA_ADMIN)
    assert ended.status_code == 200
    assert (ended.json()["in_force"], ended.json()["ended_by"]) == (False, "the camera_admin")
    again = county.ask("POST", f"/consents/{made['id']}/end", Role.CAMERA_ADMIN)
    assert (again.status_code, again.json()["code"]) == (409, "ended")
    newer = give(county).json()
    assert county.get("/consents")["items"] == [newer, ended.json()]
    assert county.get("/consents?in_force=true")["items"] == [newer]
    assert county.get("/consents?owner=the mill")["items"] == []
    page = county.get("/consents?limit=1")
    assert page["items"] == [newer]
    rest = county.get("/consents", params={"limit": 1, "after": page["next"]})
    assert (rest["items"], rest["next"]) == ([ended.json()], None)


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"owner": "nobody"}, 404, "not_found"),
        ({"camera": "mill-1"}, 404, "not_found"),
        ({"owner": "the town"}, 422, "consent_not_needed"),
        ({"mode": "schedule"}, 422, "windows_wanted"),
        ({"windows": [{}]}, 422, "windows_not_wanted"),
        ({"mode": "schedule", "windows": [BACKWARDS]}, 422, "bad_window"),
        ({"mode": "sometimes"}, 422, "invalid"),
        ({"agreed_by": ""}, 422, "invalid"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    county: Desk, more: dict[str, Any], status: int, code: str
) -> None:
    refused = give(county, **more)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert county.get("/consents")["items"] == []


def test_who_keeps_the_house_does_not_agree_for_an_owner(county: Desk) -> None:
    for role in (Role.ADMIN, Role.PRIVACY, Role.OPERATOR):
        assert give(county, role).status_code == 403
    assert county.get("/consents", Role.PRIVACY)["items"] == []
    assert county.ask("GET", "/owners", Role.OPERATOR).status_code == 403


def test_an_owners_own_people_see_and_say_what_is_theirs_alone(county: Desk) -> None:
    mine, theirs = give(county).json(), give(county, owner="the mill").json()
    assert [o["owner"] for o in county.get("/owners", Role.OWNER)["items"]] == [UNIT]
    assert county.get("/owners", Role.OWNER)["items"][0]["cameras"] == 2
    assert county.get("/consents", Role.OWNER)["items"] == [mine]
    assert county.get("/consents?owner=the mill", Role.OWNER)["items"] == []

    stricter = give(county, Role.OWNER, mode="incident")
    assert (stricter.status_code, stricter.json()["entered_by"]) == (201, "the owner")
    assert give(county, Role.OWNER, owner="the mill").status_code == 404
    there = county.ask("POST", f"/consents/{theirs['id']}/end", Role.OWNER)
    missing = county.ask("POST", "/consents/none/end", Role.OWNER)
    assert (there.status_code, missing.status_code) == (404, 404)
    assert there.text.replace(theirs["id"], "none") == missing.text
    assert county.get(f"/consents?owner={theirs['owner']}")["items"] == [theirs]


def test_a_town_answers_for_its_own_cameras(county: Desk) -> None:
    headers = bearer(county.give(Role.CAMERA_ADMIN, "town-b"))

    def say(**more: Any) -> Any:
        return county.ask("POST", "/consents", None, headers=headers, json={**AGREED, **more})

    (school,) = county.get("/owners", None, headers=headers)["items"]
    assert (school["owner"], school["cameras"]) == (UNIT, 1)
    assert say(camera="gate-2").status_code == 201
    assert say(camera="gate-1").status_code == 404, "it stands in the other town"
    whole = say()
    assert (whole.status_code, whole.json()["code"]) == (403, "owner_elsewhere")
    assert say(owner="the mill").status_code == 404
    theirs = give(county, owner="the mill").json()
    assert [c["camera"] for c in county.get("/consents", None, headers=headers)["items"]] == [
        "gate-2"
    ]
    ending = county.ask("POST", f"/consents/{theirs['id']}/end", None, headers=headers)
    assert ending.status_code == 404


def test_what_was_agreed_for_a_camera_of_another_town_is_not_told(county: Desk) -> None:
    headers = bearer(county.give(Role.CAMERA_ADMIN, "town-b"))
    general = give(county, agreed_by="the head").json()
    here = give(county, camera="gate-2").json()
    there = give(county, camera="gate-1", agreed_by="the porter", document="letter 9").json()

    told = county.get("/consents", None, headers=headers)
    assert [each["id"] for each in told["items"]] == [here["id"], general["id"]]
    (school,) = county.get("/owners", None, headers=headers)["items"]
    assert (school["consent"], school["own"]) == (general, [here])
    ending = county.ask("POST", f"/consents/{there['id']}/end", None, headers=headers)
    missing = county.ask("POST", "/consents/none/end", None, headers=headers)
    assert (ending.status_code, missing.status_code) == (404, 404)
    assert ending.text.replace(there["id"], "none") == missing.text

    everything = [each["id"] for each in county.get("/consents", Role.OWNER)["items"]]
    assert everything == [there["id"], here["id"], general["id"]]
    (own,) = county.get("/owners", Role.OWNER)["items"]
    assert {each["id"] for each in own["own"]} == {here["id"], there["id"]}
