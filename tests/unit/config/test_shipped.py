"""The shipped configuration and the demo's overlay are sound, and so is what they promise."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import pytest

from hub.cli import check
from hub.config import HubConfig, load
from hub.grids.binding import Binder
from hub.grids.collection import grids_of
from hub.grids.tree import GridKind, GridTree
from hub.types.finding import GridWhy, Policy, RuleKind
from hub.types.site import Datum, OwnerKind

SHIPPED = Path(__file__).parents[3] / "configs"


@pytest.fixture(scope="module", params=[None, "demo"], ids=["county", "demo"])
def config(request: pytest.FixtureRequest) -> HubConfig:
    """Both without any environment variable."""
    loaded = load(SHIPPED, request.param, environment={})
    assert loaded.problems == ()
    assert {note.message for note in loaded.notes} <= {
        "still the example's; set its environment variable"
    }
    assert loaded.config is not None
    return loaded.config


@pytest.fixture(scope="module")
def binder(config: HubConfig) -> Binder:
    return Binder(GridTree(grids_of(config.grids)))


def test_eight_cameras_of_all_owners_and_all_seven_rules(config: HubConfig) -> None:
    assert len(config.cameras) >= 8
    assert {camera.owner_kind for camera in config.cameras} == set(OwnerKind)
    rules = {rule.id: rule.kind for rule in config.rules}
    used = {rules[use.rule] for camera in config.cameras for use in camera.rules}
    used |= {rules[name] for sensor in config.sensors if sensor.enabled for name in sensor.rules}
    own = {
        RuleKind.UNOBSERVED,
        RuleKind.UNDELIVERED,
        RuleKind.VACANCY,
        RuleKind.AUDIT,
        RuleKind.REPORT,
    }
    assert used == set(RuleKind) - own


def test_the_examples_passwords_are_noted_until_they_are_set() -> None:
    notes = load(SHIPPED, environment={}).notes
    assert len(notes) == 10
    keys = {note.key for note in notes}
    assert {"cameras[cam-road-01].credentials.password", "sensors[panic-market-01].token"} < keys
    names = ("SQUARE", "MARKET", "SCHOOL", "ROAD", "FACTORY", "VILLAGE", "MQTT")
    environment = {f"{name}_PASSWORD": "ein-echtes" for name in names}
    assert load(SHIPPED, environment={**environment, "PANIC_MARKET_TOKEN": "x9"}).notes == ()
    assert load(SHIPPED, "demo", environment={}).notes == ()


def test_the_example_shows_every_way_of_placing_a_camera(config: HubConfig) -> None:
    views = [camera.view for camera in config.cameras]
    assert any(len(view.ground_points) >= 4 for view in views)
    assert any(view.azimuth_deg is not None for view in views)
    assert any(view.azimuth_deg is None and not view.ground_points for view in views)
    assert any(camera.masks for camera in config.cameras)
    datums = {camera.position.datum for camera in config.cameras if camera.position}
    assert datums == set(Datum)


def test_the_town_has_four_tiers_and_a_police_tessellation(binder: Binder) -> None:
    tree = binder.tree
    tiers = {tree.tier(grid.code) for grid in tree if grid.kind is GridKind.CIVIL}
    assert tiers == {0, 1, 2, 3}
    assert {grid.kind for grid in tree} == set(GridKind)
    police = [grid for grid in tree if grid.kind is GridKind.POLICE]
    civil = [g for g in tree if g.kind is GridKind.CIVIL and tree.is_leaf(g.code)]
    crossed = [
        (p.code, c.code)
        for p in police
        for c in civil
        if p.geometry.intersects(c.geometry.buffer(-1e-5)) and not p.geometry.covers(c.geometry)
    ]
    assert len(crossed) >= 4


def test_every_source_has_a_base_grid(config: HubConfig, binder: Binder) -> None:
    for camera in config.cameras:
        binding = binder.bind(camera, None)
        assert len(binding.grid_path) == 4, camera.id
        assert any(share.kind == GridKind.POLICE for share in binding.secondary), camera.id
    for sensor in config.sensors:
        assert len(binder.bind(None, sensor).grid_path) == 4, sensor.id


def test_the_calibrated_camera_sends_over_the_border(config: HubConfig, binder: Binder) -> None:
    camera = next(camera for camera in config.cameras if camera.id == "cam-square-01")
    works = binder.bind(camera, None, (0.22, 0.59))
    assert works.why is GridWhy.GROUND_POINT
    assert works.camera_grid == "990101100002001"
    assert works.grid_code == "990101100001001"
    near = binder.bind(camera, None, (0.5, 0.97))
    assert near.grid_code == "990101100002001"


def test_a_mistyped_ground_point_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "configs"
    shutil.copytree(SHIPPED, folder)
    text = (folder / "cameras.yaml").read_text(encoding="utf-8")
    assert text.count("lat: 38.6091841") == 1
    mistyped = text.replace("lat: 38.6091841", "lat: 38.6081841")
    (folder / "cameras.yaml").write_text(mistyped, encoding="utf-8")
    (problem,) = load(folder, environment={}).problems
    assert problem.key == "cameras[cam-square-01].view.ground_points"
    assert "contradict each other" in problem.message


def test_in_the_demo_nothing_waits() -> None:
    config = load(SHIPPED, "demo", environment={}).config
    assert config is not None
    assert {rule.policy for rule in config.rules} == {Policy.AUTO_DISPATCH}
    assert {rule.wait_s for rule in config.rules} == {0.0}
    for camera in config.cameras:
        assert camera.main.url == f"rtsp://127.0.0.1:18554/{camera.id}/main"
        assert camera.sub is not None
        assert camera.sub.url == f"rtsp://127.0.0.1:18554/{camera.id}/sub"


def _check(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    check.register(parser.add_subparsers(required=True))
    parsed = parser.parse_args(["check", *arguments])
    code: int = parsed.run(parsed)
    return code


def test_hub_check_says_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert _check(str(SHIPPED), "--profile", "demo") == 0
    said = capsys.readouterr().out
    assert "8" in said
    assert "topology: sound" in said


def test_hub_check_fails_with_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules.yaml").write_text("rules: [{id: a, kind: nonsense}]\n")
    assert _check(str(tmp_path)) == 1
    said = capsys.readouterr().out
    assert "problems" in said
    assert "rules[a]" in said
