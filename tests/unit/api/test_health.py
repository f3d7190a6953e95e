"""Health in words and numbers, tokens over the API, and errors nobody foresaw."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from hub.access.actions import Role
from hub.alerts import repository
from hub.alerts.repository import Recorded
from hub.dispatch.auditing.repository import Beat, put_beat
from hub.kit.errors import Retryable
from hub.store.audit.logs import TRANSITIONS, newest
from hub.store.audit.sealer import seal_once
from hub.store.db import Database
from hub.store.lease import CENTRE, Lease
from hub.types.finding import Outcome, Reason
from tests.unit.api.cases import a_task
from tests.unit.api.conftest import Desk


def words(desk: Desk) -> dict[str, str]:
    return {part["part"]: part["word"] for part in desk.get("/health", Role.OPERATOR)["parts"]}


def take_lease(desk: Desk) -> None:
    with desk.deps.db.write() as tx:
        assert Lease(CENTRE, "centre.1", desk.clock).acquire(tx)


def test_a_hub_without_an_active_centre_says_so(desk: Desk) -> None:
    assert words(desk)["centre"] == "bad"
    take_lease(desk)
    assert words(desk)["centre"] == "good"
    desk.clock.advance(60)
    assert words(desk)["centre"] == "bad"


def test_a_hub_without_workers_says_so_and_one_with_them_is_well(desk: Desk) -> None:
    take_lease(desk)
    with desk.deps.db.write() as tx:
        put_beat(tx, Beat(desk.clock.now(), 1, 0.0, ()))
    assert desk.get("/health")["word"] == "bad"
    assert words(desk)["workers"] == "bad"
    desk.beats.bodies = {"worker-0": {"at": 1.0, "cameras": [], "errors": {}}}
    assert desk.get("/health")["word"] == "good"
    desk.beats.bodies["worker-0"]["errors"] = {"send": "Retryable: away"}
    assert words(desk)["workers"] == "degraded"
    desk.beats.gone = True
    assert words(desk)["redis"] == "bad"


def test_a_task_nobody_takes_makes_the_queue_late(desk: Desk) -> None:
    a_task(desk)
    assert words(desk)["queue of town"] == "good"
    desk.clock.advance(120)
    assert words(desk)["queue of town"] == "degraded"


def test_a_log_that_nobody_seals_is_told(desk: Desk) -> None:
    a_task(desk)
    assert words(desk)["log"] == "good"
    desk.clock.advance(120)
    assert words(desk)["log"] == "degraded"
    logs = {each["chain"]: each for each in desk.get("/system")["records"]["logs"]}
    assert (logs["transitions"]["late"], logs["looks"]["late"]) == (True, False)
    assert logs["transitions"]["unsealed_rows"] > 0
    with desk.deps.db.write() as tx:
        seal_once(tx, TRANSITIONS, newest(tx, TRANSITIONS), desk.clock.now())
    assert words(desk)["log"] == "good"


def test_the_process_lives_while_the_database_is_away_and_says_it_is_not_ready(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.http.get("/readyz").status_code == 200

    def away(_: Database) -> Any:
        raise Retryable("database: away", code="database_busy")

    monkeypatch.setattr(Database, "read", away)
    assert desk.http.get("/healthz").json() == {"status": "alive"}
    answer = desk.http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
    assert answer.headers["Retry-After"]


def test_prometheus_reads_the_numbers(desk: Desk) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    a_task(desk)
    desk.deps.metrics.add("hub_test_total", 3, note='a "quoted"\nline \\')
    numbers = {"packets": 12, "fps": 24.5, "state": "online"}
    desk.beats.bodies = {
        "worker-0": {
            "at": 1.0,
            "cpu_s": 1.5,
            "cameras": [{"id": "gate-1", **numbers}],
            "metrics": [["hub_frames_total", {"camera": "gate-1"}, 7]],
        }
    }
    dead = ["hub_dispatch_dead_total", {"centre": "town"}, 2]
    desk.centres.bodies = {"centre": {"errors": {}, "metrics": [dead]}}
    headers = {"Authorization": f"Bearer {desk.tokens[Role.CENTRE]}"}
    answer = desk.http.get("/metrics", headers=headers)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = {
        (sample.name, sample.labels.get("camera") or sample.labels.get("note")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples["hub_camera_online", "gate-1"] == 1
    assert samples["hub_camera_fps", "gate-1"] == 24.5
    assert samples["hub_frames_total", "gate-1"] == 7
    assert samples["hub_dispatch_dead_total", None] == 2
    assert samples["hub_test_total", 'a "quoted"\nline \\'] == 3
    assert samples["hub_outbox_unsent", None] == 1


def test_the_ledger_counts_every_finding_once(desk: Desk) -> None:
    rows = [
        Recorded(f"w:{n}", "w", n, "e", outcome, reason, None, 1.0)
        for n, (outcome, reason) in enumerate(
            [
                (Outcome.OPENED, Reason.NEW),
                (Outcome.MERGED, Reason.REPEAT),
                (Outcome.MERGED, Reason.UPDATE),
                (Outcome.MUTED, Reason.MUTE),
            ]
        )
    ]
    with desk.deps.db.write() as tx:
        repository.insert_outcomes(tx, rows)
    ledger = desk.get("/ledger")
    assert (ledger["findings"], ledger["opened"], ledger["merged"]) == (4, 1, 2)
    assert ledger["muted"] + ledger["rejected"] == 1
    assert sum(line["count"] for line in ledger["lines"]) == 4


def test_tokens_are_made_shown_once_and_revoked(desk: Desk) -> None:
    made = desk.ask("POST", "/tokens", json={"name": "Li", "grants": [{"role": "operator"}]})
    assert made.status_code == 201
    headers = {"Authorization": f"Bearer {made.json()['token']}"}
    me = desk.http.get("/api/v1/me", headers=headers).json()
    assert (me["name"], me["roles"]) == ("Li", ["operator"])
    assert "alerts.judge" in me["actions"]
    assert made.json()["token"] not in desk.ask("GET", "/tokens").text
    assert desk.ask("DELETE", f"/tokens/{made.json()['id']}").status_code == 204
    assert desk.http.get("/api/v1/me", headers=headers).status_code == 401
    for grants in ([], [{"role": "sensor"}], [{"role": "operator", "grid": "nowhere"}]):
        refused = desk.ask("POST", "/tokens", json={"name": "x", "grants": grants})
        assert refused.status_code == 422


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer  ", "abc"])
def test_an_authorization_of_another_kind_is_401(desk: Desk, header: str) -> None:
    answer = desk.http.get("/api/v1/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_models_are_listed_with_their_state(desk: Desk) -> None:
    (model,) = desk.get("/models", Role.OPERATOR)["items"]
    assert (model["id"], model["state"]) == ("nanodet-m-416", "ready")


def test_an_error_nobody_foresaw_tells_the_caller_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("rtsp://hub:S3cret@10.0.0.1/ is in the trace")

    monkeypatch.setattr("hub.api.models.routes.ModelOut.model_validate", broken)
    with caplog.at_level(logging.ERROR):
        answer = desk.ask("GET", "/models")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "S3cret" not in answer.text
    assert "Traceback" not in answer.text
    assert "GET /api/v1/models: RuntimeError" in caplog.text


def test_what_is_not_there_and_what_is_too_long_are_problems_too(desk: Desk) -> None:
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("PATCH", "/cameras", 405),
    ):
        answer = desk.ask(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == {"type", "title", "status", "detail", "code", "errors"}
    long = desk.ask("POST", "/rules", content=b" " * (2 << 20))
    assert (long.status_code, long.json()["code"]) == (413, "too_large")
    assert long.headers["content-type"] == "application/problem+json"
