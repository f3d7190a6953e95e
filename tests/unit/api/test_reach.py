"""How far one reaches: what is moved, muted, merged, looked at and told across a border."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hub.access.actions import Role, Subject
from hub.alerts import merging
from hub.alerts.service import Actor
from hub.api.places import BOUND
from hub.api.push import visible
from hub.app import registry, sync
from hub.ingest import service as sources
from hub.kit.clock import iso
from hub.store import feed
from hub.store.media import MediaKind
from hub.types.site import CameraSpec
from tests.unit.api.conftest import Desk
from tests.unit.api.two_towns import (
    ALPHA,
    BETA,
    COUNTY,
    DAY_S,
    World,
    build,
    camera_of,
    code_of,
    granted,
    jpeg,
    sensor_of,
)


@pytest.fixture
def world(desk: Desk) -> World:
    """Two towns."""
    return build(desk)


def ask(
    world: World, method: str, path: str, role: Role, town: str | None, **more: Any
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.tokens[role, town]}", **more.pop("headers", {})}
    answer: httpx.Response = world.desk.http.request(
        method, f"/api/v1{path}", headers=headers, **more
    )
    return answer


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def told(world: World, after: int, town: str) -> list[tuple[str, str, str]]:
    """What somebody who keeps the cameras of a town hears."""
    who = Subject("keeper", (granted(Role.CAMERA_ADMIN, town),))
    with world.desk.deps.db.read() as tx:
        changes = feed.after(tx, after, limit=1000)
    return [(c.topic, c.entity_id, c.body["what"]) for c in changes if visible(c, who)]


def newest(world: World) -> int:
    with world.desk.deps.db.read() as tx:
        return feed.latest(tx)


def test_nobody_moves_a_camera_over_the_border(world: World) -> None:
    alpha, beta = world.towns[ALPHA], world.towns[BETA]
    over = camera_of(beta, alpha.camera)
    moved = ask(world, "PUT", f"/cameras/{alpha.camera}", Role.CAMERA_ADMIN, ALPHA, json=over)
    assert said(moved) == (403, "outside_jurisdiction")
    lost = {**camera_of(alpha, alpha.camera), "position": None}
    moved = ask(world, "PUT", f"/cameras/{alpha.camera}", Role.CAMERA_ADMIN, ALPHA, json=lost)
    assert said(moved) == (403, "outside_jurisdiction")
    sensor = sensor_of(beta, alpha.sensor)
    moved = ask(world, "PUT", f"/sensors/{alpha.sensor}", Role.CAMERA_ADMIN, ALPHA, json=sensor)
    assert said(moved) == (403, "outside_jurisdiction")


def test_a_camera_that_moves_is_told_of_in_both_towns_and_then_belongs_to_one(
    world: World,
) -> None:
    alpha, beta = world.towns[ALPHA], world.towns[BETA]
    before, over = newest(world), camera_of(beta, alpha.camera)
    path = f"/cameras/{alpha.camera}"
    assert ask(world, "PUT", path, Role.CAMERA_ADMIN, None, json=over).status_code == 200
    updated = ("camera", alpha.camera, "updated")
    assert told(world, before, ALPHA) == told(world, before, BETA) == [updated]
    assert ask(world, "GET", path, Role.OPERATOR, ALPHA).status_code == 404
    assert ask(world, "GET", path, Role.OPERATOR, BETA).status_code == 200
    # Its alerts of before stay with the town where they were.
    assert ask(world, "GET", f"/alerts/{alpha.alert}", Role.OPERATOR, ALPHA).status_code == 200
    assert ask(world, "GET", f"/alerts/{alpha.alert}", Role.OPERATOR, BETA).status_code == 404
    before = newest(world)
    assert ask(world, "DELETE", path, Role.CAMERA_ADMIN, BETA).status_code == 204
    assert told(world, before, BETA) == [("camera", alpha.camera, "deleted")]
    assert told(world, before, ALPHA) == []


def test_cameras_of_a_file_are_told_of_once_they_are_bound(world: World) -> None:
    deps, alpha, before = world.desk.deps, world.towns[ALPHA], newest(world)
    spec = CameraSpec.model_validate(camera_of(alpha, "filed"))
    with deps.db.write() as tx:
        sources.cameras(deps.secrets).sync_file(tx, [spec], "cameras.yaml", 1.0)
    assert told(world, before, ALPHA) == []  # nobody knows yet where it stands
    with deps.db.write() as tx:
        snapshot = registry.load(tx)
        sync.bind_sources(tx, snapshot, None, 2.0)
    assert told(world, before, ALPHA) == [("camera", "filed", BOUND)]
    with deps.db.write() as tx:  # gone from the file: disabled, and still where it stood
        sources.cameras(deps.secrets).sync_file(tx, [], "cameras.yaml", 3.0)
        sync.bind_sources(tx, registry.load(tx), snapshot, 4.0)
    assert told(world, before, ALPHA)[1:] == [("camera", "filed", "disabled")]
    assert ask(world, "GET", "/cameras/filed", Role.OPERATOR, ALPHA).status_code == 200
    assert ask(world, "GET", "/cameras/filed", Role.OPERATOR, BETA).status_code == 404


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"source": "alpha-camera"}, 201),
        ({"source": "alpha-sensor"}, 201),
        ({"grid_prefix": "alpha-l"}, 201),
        ({"source": "alpha-camera", "rule_id": "night-yard"}, 201),
        ({"source": "beta-camera"}, 403),
        ({"source": "nobody"}, 403),
        ({"rule_id": "night-yard"}, 403),
        ({"grid_prefix": "beta-land"}, 403),
        ({"grid_prefix": "county"}, 403),
        ({"grid_prefix": "nowhere"}, 403),
        ({"source": "alpha-camera", "grid_prefix": "beta-land"}, 403),
    ],
)
def test_nobody_silences_more_than_their_own_ground(
    world: World, given: dict[str, str], answer: int
) -> None:
    draft = {**given, "reason": "works", "ends_at": iso(world.desk.clock.now() + DAY_S)}
    made = ask(world, "POST", "/mutes", Role.OPERATOR, ALPHA, json=draft)
    assert made.status_code == answer, made.text
    assert ask(world, "POST", "/mutes", Role.OPERATOR, None, json=draft).status_code == 201


def test_a_mute_of_the_whole_site_is_seen_and_not_ended_from_a_town(world: World) -> None:
    ends_at = iso(world.desk.clock.now() + DAY_S)
    draft = {"rule_id": "night-yard", "reason": "works", "ends_at": ends_at}
    made = ask(world, "POST", "/mutes", Role.OPERATOR, None, json=draft).json()["id"]
    alpha = world.towns[ALPHA]
    listed = ask(world, "GET", "/mutes", Role.OPERATOR, ALPHA).json()["items"]
    assert {mute["id"] for mute in listed} == {made, alpha.mute}
    ended = ask(world, "DELETE", f"/mutes/{made}", Role.OPERATOR, ALPHA)
    assert said(ended) == (403, "outside_jurisdiction")
    assert ask(world, "DELETE", f"/mutes/{made}", Role.OPERATOR, None).status_code == 200


def test_alerts_are_merged_within_a_ground_and_parted_by_who_reaches_both(world: World) -> None:
    alpha, beta = world.towns[ALPHA], world.towns[BETA]
    path, both = f"/alerts/{alpha.second}", {"into": beta.second}
    merged = ask(world, "POST", f"{path}/merge", Role.OPERATOR, ALPHA, json=both)
    assert said(merged) == (404, "no_such_alert")
    with world.desk.deps.db.write() as tx:
        merging.merge(tx, alpha.second, beta.second, actor=Actor("county"), now=1.0)
    story = ask(world, "GET", f"/alerts/{beta.second}/story", Role.OPERATOR, BETA).json()
    assert story["duplicates"] == []
    parted = ask(world, "POST", f"{path}/unmerge", Role.OPERATOR, ALPHA, json={})
    assert said(parted) == (403, "outside_jurisdiction")


def test_evidence_that_nobody_has_linked_is_for_the_whole_site(world: World) -> None:
    world.desk.deps.media.put("loose-evidence", MediaKind.PICTURE, jpeg())
    path = "/evidence/loose-evidence/picture"
    assert ask(world, "GET", path, Role.OPERATOR, None).status_code == 200
    refused = ask(world, "GET", path, Role.OPERATOR, ALPHA)
    absent = ask(world, "GET", path.replace("loose", "other"), Role.OPERATOR, ALPHA)
    assert refused.status_code == 404
    assert refused.json() == {
        **absent.json(),
        "detail": absent.json()["detail"].replace("other", "loose"),
    }


def test_whoever_goes_there_keeps_the_errand(world: World) -> None:
    """A worker whose ground is another since still finishes what they said they would do."""
    alpha, desk = world.towns[ALPHA], world.desk
    key = {"Idempotency-Key": "on-my-way"}
    account = desk.register(Role.WORKER, "wang", grid=alpha.grid).id
    phone = desk.browser("wang")
    accept = f"/api/v1/tasks/{alpha.task}/accept"
    assert phone.post(accept, json={}, headers=key).status_code == 200

    (held,) = desk.get(f"/accounts/{account}/grants")["items"]
    body = {"role": "worker", "grid": code_of(BETA), "unit": None, "window": None}
    assert desk.ask("POST", f"/accounts/{account}/grants", json=body).status_code == 201
    assert desk.ask("DELETE", f"/accounts/{account}/grants/{held['id']}").status_code == 204

    mine = phone.get("/api/v1/tasks?mine=true").json()["items"]
    assert [task["id"] for task in mine] == [alpha.task]
    assert alpha.task not in [task["id"] for task in phone.get("/api/v1/tasks").json()["items"]]
    assert phone.get(f"/api/v1/tasks/{alpha.task}").status_code == 200
    assert ask(world, "GET", f"/tasks/{alpha.task}", Role.CHIEF, BETA).status_code == 404
    key = {"Idempotency-Key": "there-now"}
    there = phone.post(f"/api/v1/tasks/{alpha.task}/on-scene", json={}, headers=key)
    assert there.status_code == 200


def test_the_grids_around_are_known_by_name_alone(world: World) -> None:
    alpha = world.towns[ALPHA]
    listed = ask(world, "GET", "/grids?geometry=true", Role.WORKER, ALPHA).json()["items"]
    assert {grid["code"]: grid["geometry"] is not None for grid in listed} == {
        alpha.grid: True,
        "county": False,
    }
    shapes = ask(world, "GET", "/grids/shapes", Role.WORKER, ALPHA)
    drawn = {
        each["properties"]["code"]: bool(each["geometry"]["coordinates"])
        for each in shapes.json()["features"]
    }
    assert drawn == {alpha.grid: True, "county": False}
    tag = {"If-None-Match": shapes.headers["etag"]}
    same = ask(world, "GET", "/grids/shapes", Role.WORKER, ALPHA, headers=tag)
    other = ask(world, "GET", "/grids/shapes", Role.WORKER, BETA, headers=tag)
    assert (same.status_code, other.status_code) == (304, 200)
    names = ask(world, "GET", "/names", Role.OPERATOR, ALPHA).json()
    assert set(names["grids"]) == {alpha.grid, "county"}
    assert set(names["sources"]) == {alpha.camera, alpha.sensor}


def test_whoever_hands_over_learns_what_lies_beside_the_case_by_name_alone(world: World) -> None:
    alpha = world.towns[ALPHA]
    path = f"/incidents/{alpha.incident}/hand-over/grids"
    beside = ask(world, "GET", path, Role.DISPATCHER, ALPHA).json()
    assert COUNTY in {each["code"] for each in beside}
    assert {frozenset(each) for each in beside} == {frozenset({"code", "name", "kind", "path"})}
    assert ask(world, "GET", path, Role.DISPATCHER, BETA).status_code == 404
    assert ask(world, "GET", path, Role.WORKER, ALPHA).status_code == 403
