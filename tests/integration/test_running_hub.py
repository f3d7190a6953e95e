"""The running hub as its users meet it: real processes, real video, the api over HTTP.

Once with what a single machine has (SQLite, embedded Valkey), once with what a county has
(PostgreSQL, Debian's redis-server).
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from hub.app.demo.report import ledger_part
from hub.dispatch import queue
from hub.store.db import Database
from hub.store.spooled import read_spools
from tests import servers
from tests.harness import ROOT, Json, Running, eventually, running_hub

FILE_CAMERA = "cam-square-02"
API_CAMERA = "cam-api-01"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", params=["one machine", "county"])
def site(request: pytest.FixtureRequest, short_folder: Path) -> Iterator[Running]:
    folder = short_folder / f"hub-{request.param.split()[0]}"
    folder.mkdir()
    database_url = redis_url = None
    if request.param == "county":
        socket_folder = request.getfixturevalue("postgresql_server")
        database_url = servers.create_database(socket_folder, "county")
        redis_url = request.getfixturevalue("redis_url")
    with running_hub(
        folder,
        simulated=(FILE_CAMERA, "cam-road-02"),
        enabled=(FILE_CAMERA,),
        database_url=database_url,
        redis_url=redis_url,
    ) as running:
        yield running


def alerts_of(site: Running, rule_kind: str, source: str) -> list[Json]:
    listed = site.get("/alerts", limit=200)["items"]
    return [a for a in listed if a["rule_kind"] == rule_kind and a["source"] == source]


def first_alert(site: Running, rule_kind: str, source: str, limit_s: float = 60.0) -> Json:
    what = f"{rule_kind} at {source}"
    return eventually(what, lambda: alerts_of(site, rule_kind, source), limit_s)[-1]


def test_a_camera_of_the_files_comes_online_and_its_crowd_is_an_alert_in_its_grid(
    site: Running,
) -> None:
    eventually("the camera is online", lambda: site.state(FILE_CAMERA) == "online")
    alert = first_alert(site, "crowd", FILE_CAMERA)
    binding = alert["binding"]
    assert binding["grid_path"][-1] == binding["grid_code"]
    assert len(binding["grid_path"]) == 4


def test_its_evidence_is_a_picture_and_a_clip_and_every_look_is_in_the_register(
    site: Running,
) -> None:
    evidence = first_alert(site, "crowd", FILE_CAMERA)["evidence_id"]

    def part(name: str) -> bytes:
        answer = site.api.get(f"/evidence/{evidence}/{name}")
        return answer.content if answer.status_code == 200 else b""

    picture = eventually("the picture", lambda: part("picture"))
    assert Image.open(io.BytesIO(picture)).size[0] >= 640
    clip = io.BytesIO(eventually("the clip", lambda: part("clip")))
    with av.open(clip, "r") as container:
        seconds = float((container.duration or 0) / av.time_base)
        pictures = len(list(container.decode(video=0)))
    assert 5.0 < seconds < 30.0
    assert pictures > 5 * seconds
    looks = site.get("/looks")["items"]
    assert any(evidence in look["subject"] for look in looks)


def test_the_task_is_on_the_queue_and_a_consumer_takes_it(site: Running) -> None:
    alert = first_alert(site, "crowd", FILE_CAMERA)
    incident = eventually("an incident", lambda: site.get(f"/alerts/{alert['id']}")["incident_id"])
    url = site.hub.setup.redis_url or ""
    out = site.folder / "taken.jsonl"
    command = [sys.executable, str(ROOT / "examples/centre_consumer.py"), "--url", url]
    command += ["--centre", "county", "--out", str(out)]

    def taken() -> list[Json]:
        text = out.read_text("utf-8") if out.exists() else ""
        whole = [line for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return [task for task in map(json.loads, whole) if alert["id"] in json.dumps(task)]

    with subprocess.Popen(command) as consumer:
        (task,) = eventually("the consumer has it", taken)
        consumer.terminate()
    assert consumer.returncode == 0
    shown = site.get("/tasks", limit=200)["items"]
    assert any(t["id"] == task["task_id"] and t["incident_id"] == incident for t in shown)

    def delivered() -> bool:
        return bool(site.get(f"/tasks/{task['task_id']}")["state"] == "delivered")

    eventually("the acknowledgement is seen", delivered)


def test_a_grid_worker_accepts_arrives_and_reports_with_a_photo(site: Running) -> None:
    task = site.get("/tasks", limit=200)["items"][-1]["id"]
    made = site.api.post("/tokens", json={"name": "小王", "grants": [{"role": "worker"}]}).json()
    worker = {"Authorization": f"Bearer {made['token']}"}
    photo = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 60)).save(photo, "JPEG")
    steps: list[tuple[str, dict[str, Any]]] = [
        ("accept", {"json": {}}),
        ("on-scene", {"json": {}}),
        ("done", {"data": {"note": "cleared"}, "files": {"photos": ("p.jpg", photo.getvalue())}}),
    ]
    for step, sent in steps:
        for _ in range(2):  # the second is a phone that did not hear the first answer
            headers = {**worker, "Idempotency-Key": f"{task}-{step}"}
            answer = site.api.post(f"/tasks/{task}/{step}", headers=headers, **sent)
            assert answer.status_code == 200, answer.text
    done = site.get(f"/tasks/{task}")
    assert done["state"] == "done"
    assert done["note"] == "cleared"
    photo_id = done["photo_ids"][0]
    assert site.api.get(f"/evidence/{photo_id}/photo").status_code == 200


def test_a_camera_registered_by_address_is_probed_watched_and_alerts(site: Running) -> None:
    url = site.simulator.url("cam-road-02", "sub")
    body = {
        "id": API_CAMERA,
        "name": "县道口 / county road",
        "owner_kind": "enterprise",
        "owner": "砂石厂",
        "place_class": "road",
        "main": {"url": url},
        "position": {"lon": 103.2035, "lat": 38.6090, "datum": "wgs84"},
        "lines": [{"id": "across", "a": [0.0, 0.6], "b": [1.0, 0.6]}],
        "rules": [{"rule": "no-through-traffic", "line": "across"}],
    }
    probed = site.api.post("/cameras/probe", json=body)
    assert probed.status_code == 200, probed.text
    created = site.api.post("/cameras", json=body)
    assert created.status_code == 201, created.text
    eventually("it is online", lambda: site.state(API_CAMERA) == "online")
    alert = first_alert(site, "line_crossing", API_CAMERA)
    assert alert["binding"]["camera_grid"] is not None


def test_a_draft_rule_is_tried_on_what_the_worker_saw(site: Running) -> None:
    body = {
        "camera": FILE_CAMERA,
        "zone": {"id": "all", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]},
        "rule": {"id": "draft", "kind": "crowd", "count_min": 2, "hold_s": 1},
        "minutes": 5,
    }

    def tried() -> Json | None:
        answer = site.api.post("/rules/try", json=body)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found if found["findings"] else None

    found = eventually("the draft finds the crowd", tried)
    assert found is not None
    assert found["frames"] > 10


def test_a_reading_by_http_is_spooled_and_becomes_an_alert(site: Running) -> None:
    pressed = site.api.post("/sensors/panic-market-01/press")
    assert pressed.status_code == 202, pressed.text
    alert = first_alert(site, "panic_button", "panic-market-01")
    assert alert["severity"] == "P1"


def test_verify_first_waits_for_a_verdict_and_then_goes_out(site: Running) -> None:
    rule = {"id": "verified", "kind": "panic_button", "severity": "P1", "policy": "verify_first"}
    assert site.api.post("/rules", json=rule).status_code == 201
    sensor = {
        "id": "button-api-01",
        "name": "button",
        "owner_kind": "school",
        "owner": "school",
        "kind": "panic_button",
        "protocol": "http",
        "position": {"lon": 103.2035, "lat": 38.6090, "datum": "wgs84"},
        "rules": ["verified"],
    }
    assert site.api.post("/sensors", json=sensor).status_code == 201

    def pressed() -> bool:
        site.api.post("/sensors/button-api-01/press")
        return bool(alerts_of(site, "panic_button", "button-api-01"))

    eventually("the centre knows the new button", pressed)
    alert = first_alert(site, "panic_button", "button-api-01")
    assert (alert["life"], alert["incident_id"]) == ("pending", None)
    judged = site.api.post(f"/alerts/{alert['id']}/verdict", json={"verdict": "confirmed"})
    assert judged.status_code == 200, judged.text

    def queued() -> bool:
        items = site.get("/tasks", limit=200)["items"]
        return any(alert["id"] in json.dumps(t["message"]) for t in items if "message" in t) or any(
            site.get(f"/incidents/{t['incident_id']}")["alert_ids"] == [alert["id"]] for t in items
        )

    eventually("its task is made", queued)


def test_a_changed_file_is_taken_over_and_healthy_cameras_run_on(site: Running) -> None:
    before = site.heartbeat(FILE_CAMERA)
    path = site.setup.config / "rules.yaml"
    text = path.read_text("utf-8")
    path.write_text(text + "\n  - {id: added-later, kind: panic_button}\n", "utf-8")

    def known() -> bool:
        return any(r["rule"]["id"] == "added-later" for r in site.get("/rules")["items"])

    eventually("the rule is known", known)
    path.write_text(text + "\n  - {id: broken, kind: no_such_kind}\n", "utf-8")
    refused = site.api.put("/rules/added-later", json={"id": "added-later", "kind": "panic_button"})
    assert refused.status_code == 409
    assert "rules.yaml" in refused.json()["detail"]
    path.write_text(text, "utf-8")
    assert site.state(FILE_CAMERA) == "online"

    def onward() -> Json | None:
        now = site.heartbeat(FILE_CAMERA)
        return now if now["packets"] > before["packets"] else None

    after = eventually("more of its packets", onward)
    assert after is not None
    assert after["reconnects"] == before["reconnects"]


def test_health_and_metrics_tell_how_it_is(site: Running) -> None:
    health = site.get("/health")
    assert health["word"] in {"good", "degraded"}
    address = str(site.api.base_url).removesuffix("/api/v1/")
    metrics = site.api.get(f"{address}/metrics").text
    assert f'camera="{FILE_CAMERA}"' in metrics


def test_nothing_is_lost_between_spool_and_queue(site: Running) -> None:
    """Last: everything that the producers committed has an outcome."""
    db = Database(site.setup.database)

    def balanced() -> Json | None:
        # The cameras go on: what is spooled while the books are read is there at the next look,
        # what is lost never is.
        spooled = read_spools(site.setup.spools)
        with db.read() as tx:
            ledger = ledger_part(tx, spooled)
        return None if ledger["missing"] or ledger["unexpected"] else ledger

    ledger = eventually("every finding has its outcome", balanced)
    db.close()
    assert ledger is not None
    assert ledger["findings"] == sum(ledger[k] for k in ("opened", "merged", "muted", "rejected"))
    redis = queue.connect(site.hub.setup.redis_url or "")
    assert redis.xlen("dispatch:county") > 0
