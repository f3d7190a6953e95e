"""Sensors over HTTP: what is answered with 202 lies on the disk, and nobody speaks for another."""

from __future__ import annotations

from typing import Any

import pytest

from hub.access.actions import Role
from hub.ingest import service as sources
from hub.kit.errors import Retryable
from hub.store.spool import RecordKind, Spool
from hub.types.site import BrokerSpec
from tests.unit.api.conftest import Desk
from tests.unit.api.two_towns import ALPHA, BETA, build, sensor_of

TOKEN = "s3ns0r-t0ken"
BUTTON: dict[str, Any] = {
    "id": "button-1",
    "name": "Desk button",
    "owner_kind": "school",
    "owner": "School",
    "kind": "panic_button",
    "protocol": "http",
    "token": TOKEN,
}
SMOKE: dict[str, Any] = {
    **BUTTON,
    "id": "smoke-1",
    "kind": "sensor",
    "token": "another-token",
    "readings": [{"quantity": "smoke", "path": "data.smoke", "unit": "%"}],
}


def post(desk: Desk, path: str, token: str | None, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return desk.http.post(f"/api/v1/sensors/{path}", headers=headers, **more)


@pytest.fixture
def site(desk: Desk) -> Desk:
    for entry in (BUTTON, SMOKE):
        assert desk.ask("POST", "/sensors", json=entry).status_code == 201
    return desk


def test_a_press_lies_on_the_disk_before_it_is_answered(site: Desk) -> None:
    answer = post(site, "button-1/press", TOKEN)
    assert answer.status_code == 202
    (record,) = site.deps.spool.after(0, 10)
    assert answer.json() == {"readings": 1, "records": [record.id]}
    assert record.kind is RecordKind.READING
    assert (record.body["source"], record.body["quantity"]) == ("button-1", "pressed")
    assert record.body["value"] == 1.0


def test_a_reading_is_read_by_the_paths_of_its_registration(site: Desk) -> None:
    answer = post(site, "smoke-1/readings", "another-token", json={"data": {"smoke": 7.5}})
    assert answer.status_code == 202
    (record,) = site.deps.spool.after(0, 10)
    assert (record.body["quantity"], record.body["value"]) == ("smoke", 7.5)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"not json", "reading_not_json"),
        (b'{"data": {}}', "reading_path_missing"),
        (b'{"data": {"smoke": "hot"}}', "reading_not_a_number"),
        (b'{"data": {"smoke": 1e999}}', "reading_not_finite"),
    ],
)
def test_a_reading_that_is_none_is_refused_by_name(site: Desk, body: bytes, code: str) -> None:
    answer = post(site, "smoke-1/readings", "another-token", content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert site.deps.spool.last == 0


def test_a_message_that_is_too_long_is_refused_before_it_is_read(site: Desk) -> None:
    answer = post(site, "smoke-1/readings", "another-token", content=b" " * 70_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["content-type"] == "application/problem+json"


def test_nobody_speaks_for_another_sensor(site: Desk) -> None:
    assert post(site, "smoke-1/press", TOKEN).status_code == 401
    assert post(site, "button-1/press", None).status_code == 401
    assert post(site, "no-such/press", TOKEN).status_code == 401
    assert post(site, "button-1/press", site.tokens[Role.WORKER]).status_code == 403
    assert post(site, "button-1/press", site.tokens[Role.OPERATOR]).status_code == 202
    # A sensor's token opens no other door.
    answer = site.http.get("/api/v1/cameras", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 401


def test_a_disabled_sensor_is_not_heard(site: Desk) -> None:
    site.ask("PUT", "/sensors/button-1", json={**BUTTON, "enabled": False})
    assert post(site, "button-1/press", TOKEN).status_code == 401
    answer = post(site, "button-1/press", site.tokens[Role.ADMIN])
    assert (answer.status_code, answer.json()["code"]) == (409, "disabled")


def test_a_full_disk_is_no_202(site: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> list[int]:
        raise Retryable("the spool cannot grow", code="spool_full")

    monkeypatch.setattr(Spool, "append", full)
    answer = post(site, "button-1/press", TOKEN)
    assert (answer.status_code, answer.json()["code"]) == (503, "spool_full")
    assert int(answer.headers["Retry-After"]) > 0


def test_the_token_never_comes_out_and_can_be_taken_away(site: Desk) -> None:
    for path in ("/sensors", "/sensors/button-1"):
        assert TOKEN not in site.ask("GET", path).text
    assert site.get("/sensors/button-1")["token_set"] is True
    kept = {key: value for key, value in BUTTON.items() if key != "token"}
    assert site.ask("PUT", "/sensors/button-1", json=kept).json()["token_set"] is True
    gone = site.ask("PUT", "/sensors/button-1", json={**kept, "token": ""})
    assert gone.json()["token_set"] is False
    assert post(site, "button-1/press", "").status_code == 401


def test_a_sensor_whose_broker_or_rule_is_not_there_is_refused(desk: Desk) -> None:
    mqtt = {**SMOKE, "protocol": "mqtt", "broker": "b-1", "topic": "t", "rules": ["smoke"]}
    answer = desk.ask("POST", "/sensors", json=mqtt)
    assert (answer.status_code, answer.json()["code"]) == (422, "does_not_fit")
    assert "no broker b-1" in answer.json()["detail"]
    assert "no rule smoke" in answer.json()["detail"]


def test_a_sensor_is_deleted_once(site: Desk) -> None:
    assert site.ask("DELETE", "/sensors/button-1").status_code == 204
    assert site.ask("DELETE", "/sensors/button-1").status_code == 404


MQTT: dict[str, Any] = {
    **SMOKE,
    "id": "mqtt-1",
    "protocol": "mqtt",
    "broker": "b-1",
    "topic": "alpha/smoke",
    "will_topic": "alpha/smoke/state",
}


def with_broker(desk: Desk) -> None:
    with desk.deps.db.write() as tx:
        sources.brokers().create(tx, BrokerSpec(id="b-1", host="10.0.0.9"), 1.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"topic": "#"}, "topic: a topic of one sensor has no wildcards"),
        ({"will_topic": "alpha/+/state"}, "will_topic: a topic of one sensor has no wildcards"),
        ({"topic": "$share/x/beta/smoke"}, "topic: topics that begin with $"),
        ({"topic": "a\x00b"}, "can be printed"),
        ({"topic": ""}, "can be printed"),
        ({"topic": None}, "topic: an mqtt sensor wants a topic"),
        ({"protocol": "http"}, "topic: an http sensor has no topic"),
        ({"readings": [{"quantity": "q", "path": "data..q"}]}, "readings.0.path: 'data..q' is no"),
        ({"time_path": "]"}, "time_path: "),
    ],
)
def test_what_a_file_may_not_say_of_a_sensor_the_api_may_not_either(
    desk: Desk, change: dict[str, Any], says: str
) -> None:
    with_broker(desk)
    assert desk.ask("POST", "/sensors", json=MQTT).status_code == 201
    changed = {**MQTT, **change}
    for answer in (
        desk.ask("POST", "/sensors", json={**changed, "id": "mqtt-2"}),
        desk.ask("PUT", "/sensors/mqtt-1", json=changed),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "does_not_fit")
        assert says in answer.json()["detail"]


def test_a_town_listens_to_no_other_towns_sensor(desk: Desk) -> None:
    world = build(desk)
    with_broker(desk)
    alpha = {**sensor_of(world.towns[ALPHA], "alpha-mqtt"), **topics("alpha")}
    assert desk.ask("POST", "/sensors", json=alpha).status_code == 201

    def beta(method: str, path: str, **more: str) -> tuple[int, str | None]:
        own = {**sensor_of(world.towns[BETA], "beta-mqtt"), **topics("beta"), **more}
        token = world.tokens[Role.CAMERA_ADMIN, BETA]
        headers = {"Authorization": f"Bearer {token}"}
        answer = desk.http.request(method, f"/api/v1{path}", json=own, headers=headers)
        return answer.status_code, answer.json().get("code")

    foreign = (403, "outside_jurisdiction")
    assert beta("POST", "/sensors", topic="alpha/smoke") == foreign
    assert beta("POST", "/sensors", topic="alpha/smoke/state") == foreign
    assert beta("POST", "/sensors", will_topic="alpha/smoke") == foreign
    assert beta("POST", "/sensors") == (201, None)
    assert beta("PUT", "/sensors/beta-mqtt", topic="alpha/smoke") == foreign
    assert beta("PUT", "/sensors/beta-mqtt", name="Another name") == (200, None)
    # The whole site may let two towns share one; then the town may go on editing its own.
    both = {**sensor_of(world.towns[BETA], "beta-mqtt"), **topics("beta"), "topic": "alpha/smoke"}
    assert desk.ask("PUT", "/sensors/beta-mqtt", json=both).status_code == 200
    assert beta("PUT", "/sensors/beta-mqtt", topic="alpha/smoke", name="Renamed") == (200, None)


def topics(town: str) -> dict[str, str]:
    topic = f"{town}/smoke"
    return {"protocol": "mqtt", "broker": "b-1", "topic": topic, "will_topic": f"{topic}/state"}
