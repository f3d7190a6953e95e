"""Every fault of a configuration is told with its file, line and key, all of them at once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hub.config import Loaded, load, load_or_refuse
from hub.kit.errors import Misconfigured
from hub.types.site import CameraSpec

from .faults import CAMERAS, DISPATCH, FAULTS, GRIDS, RULES, SENSORS

SHIPPED = Path(__file__).parents[3] / "configs"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small sound configuration."""
    shutil.copy(SHIPPED / "models.yaml", tmp_path)
    (tmp_path / "cameras.yaml").write_text(CAMERAS)
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "sensors.yaml").write_text(SENSORS)
    (tmp_path / "dispatch.yaml").write_text(DISPATCH)
    (tmp_path / "grids.geojson").write_text(json.dumps(GRIDS, indent=1))
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert text.count(old) >= 1, f"{old!r} is not in {name}"
    (folder / name).write_text(text.replace(old, new, 1))


def told(loaded: Loaded, folder: Path) -> list[str]:
    return [str(problem).removeprefix(f"{folder}/") for problem in loaded.problems]


def test_a_sound_folder_loads(folder: Path) -> None:
    loaded = load(folder, environment={})
    assert loaded.problems == ()
    assert loaded.notes == ()
    assert loaded.config is not None
    assert [camera.id for camera in loaded.config.cameras] == ["cam-1"]
    assert loaded.config.models.default == "nanodet-m-416"


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_with_file_line_and_key(fault: str, folder: Path) -> None:
    name, old, new, words = FAULTS[fault]
    change(folder, name, old, new)
    loaded = load(folder, environment={})
    assert loaded.config is None
    assert any(line.startswith(words) for line in told(loaded, folder)), told(loaded, folder)
    assert "geheim" not in str(loaded.problems)


def test_all_faults_are_told_at_once(folder: Path) -> None:
    chosen = ("unknown key", "crossing zone", "unknown broker", "impossible rule", "bad path")
    for fault in chosen:
        name, old, new, _ = FAULTS[fault]
        change(folder, name, old, new)
    lines = told(load(folder, environment={}), folder)
    files = {line.split(":")[0] for line in lines}
    assert files == {"cameras.yaml", "rules.yaml", "sensors.yaml"}
    with pytest.raises(Misconfigured) as refused:
        load_or_refuse(folder, environment={})
    assert all(line in str(refused.value) for line in lines)
    # An entry that is wrong in itself is still known by its id: nothing is told twice.
    assert not any("no rule stay" in line for line in lines)


def test_a_camera_that_is_wrong_in_itself_is_checked_all_the_same(folder: Path) -> None:
    for fault in ("unknown key", "dangling rule", "dangling line", "crossing zone"):
        name, old, new, _ = FAULTS[fault]
        change(folder, name, old, new)
    lines = told(load(folder, environment={}), folder)
    assert [line.split(": ")[1] for line in lines] == [
        "cameras[cam-1].colour",
        "cameras[cam-1].zones[gate].polygon",
        "cameras[cam-1].rules[sty].rule",
        "cameras[cam-1].rules[cross].line",
    ]


def test_files_that_are_missing_or_misnamed(folder: Path) -> None:
    (folder / "rules.yaml").rename(folder / "rule.yaml")
    lines = told(load(folder, environment={}), folder)
    assert "rules.yaml:1: is missing" in lines
    assert any(line.startswith("rule.yaml:1: no file of this name is read") for line in lines)
    nowhere = load(folder / "nowhere", environment={})
    assert "there is no such folder" in str(nowhere.problems[0])


def test_secrets_come_from_the_environment(folder: Path) -> None:
    secret = "    credentials: {username: '${U:-viewer}', password: 'a$${b}-${P}'}\n    zones:"
    change(folder, "cameras.yaml", "    zones:", secret)
    camera = _camera(load(folder, environment={"P": "geheim"}))
    assert camera.credentials is not None
    assert camera.credentials.username == "viewer"
    assert camera.credentials.password.get_secret_value() == "a${b}-geheim"
    assert "geheim" not in repr(camera)


def _camera(loaded: Loaded) -> CameraSpec:
    assert loaded.config is not None, [str(problem) for problem in loaded.problems]
    return loaded.config.cameras[0]


def test_anchors_and_merge_keys(folder: Path) -> None:
    text = "rules:\n  - &base {id: stay, kind: zone_intrusion, dwell_s: 7}\n"
    text += "  - {<<: *base, id: stay-long, dwell_s: 70}\n  - {id: cross, kind: line_crossing}\n"
    text += "  - {id: smoke, kind: sensor_threshold, quantity: ppm, above: 80}\n"
    (folder / "rules.yaml").write_text(text)
    config = load(folder, environment={}).config
    assert config is not None
    dwell = {rule.id: getattr(rule, "dwell_s", None) for rule in config.rules}
    assert dwell == {"stay": 7, "stay-long": 70, "cross": None, "smoke": None}


def test_a_profile_is_laid_over_by_id(folder: Path) -> None:
    profile = folder / "profiles" / "lab"
    profile.mkdir(parents=True)
    (profile / "cameras.yaml").write_text(
        "cameras:\n"
        "  - id: cam-1\n"
        "    main: {url: 'rtsp://10.9.9.9/x'}\n"
        "    rules: [{rule: cross, line: kerb}]\n"
        "  - {id: cam-2, name: 二号, owner_kind: public, owner: 县, place_class: road,\n"
        "     main: {url: 'rtsp://10.9.9.9/y'}}\n"
    )
    plain = _camera(load(folder, environment={}))
    config = load(folder, "lab", environment={}).config
    assert config is not None
    first, second = config.cameras
    assert (first.name, first.zones) == (plain.name, plain.zones)
    assert first.main.url == "rtsp://10.9.9.9/x"
    assert [use.rule for use in first.rules] == ["cross"]
    assert second.id == "cam-2"


def test_a_profile_s_fault_is_told_in_the_profile_s_file(folder: Path) -> None:
    profile = folder / "profiles" / "lab"
    profile.mkdir(parents=True)
    (profile / "rules.yaml").write_text("rules:\n  - id: stay\n    dwell_s: -3\n")
    lines = told(load(folder, "lab", environment={}), folder)
    assert len(lines) == 1
    assert lines[0].startswith("profiles/lab/rules.yaml:3: rules[stay].dwell_s: ")
    assert load(folder, "nowhere", environment={}).config is None


def test_grids_may_be_accepted_with_a_written_exception(folder: Path) -> None:
    grids = json.loads(json.dumps(GRIDS))
    half = json.loads(json.dumps(grids["features"][0]))
    half["properties"] = {"code": "990101100000000", "name": "镇"}
    half["geometry"]["coordinates"] = [[[103, 38], [103.5, 38], [103.5, 39], [103, 39], [103, 38]]]
    grids["features"].append(half)
    (folder / "grids.geojson").write_text(json.dumps(grids))
    lines = told(load(folder, environment={}), folder)
    assert len(lines) == 1
    assert "gap: part of 990101000000000" in lines[0]
    (folder / "hub.yaml").write_text("grids: {exception: '东半部未划分, minutes no. 3'}\n")
    loaded = load(folder, environment={})
    assert loaded.config is not None
    assert any("minutes no. 3" in str(note) for note in loaded.notes)


def test_what_is_worth_a_look_is_noted_and_not_refused(folder: Path) -> None:
    change(folder, "cameras.yaml", "lon: 103.5", "lon: 105.5")
    change(folder, "sensors.yaml", "    rules: [smoke]\n", "")
    loaded = load(folder, environment={})
    assert loaded.config is not None
    notes = [str(note).removeprefix(f"{folder}/") for note in loaded.notes]
    assert any(n.startswith("cameras.yaml:8:") and "outside all grids" in n for n in notes)
    assert any("no camera and no sensor uses this rule" in n for n in notes)


def test_an_id_given_twice_in_a_profile_is_told(folder: Path) -> None:
    profile = folder / "profiles" / "lab"
    profile.mkdir(parents=True)
    (profile / "rules.yaml").write_text("rules:\n  - {id: stay, dwell_s: 1}\n  - {id: stay}\n")
    lines = told(load(folder, "lab", environment={}), folder)
    assert any(line.startswith("profiles/lab/rules.yaml:3: rules[stay].id: ") for line in lines)


def test_a_key_given_twice_in_the_grids_is_told(folder: Path) -> None:
    change(folder, "grids.geojson", '"datum": "wgs84",', '"datum": "wgs84",\n"datum": "gcj02",')
    lines = told(load(folder, environment={}), folder)
    assert "grids.geojson:3: datum: the key stands twice in one object" in lines


def test_a_grid_that_overlaps_its_neighbour_is_told_with_both(folder: Path) -> None:
    grids = json.loads(json.dumps(GRIDS))
    for code, west, east in (("990101100000000", 103, 103.6), ("990101101000000", 103.4, 104)):
        half = json.loads(json.dumps(grids["features"][0]))
        half["properties"] = {"code": code, "name": "镇"}
        ring = [[west, 38], [east, 38], [east, 39], [west, 39], [west, 38]]
        half["geometry"]["coordinates"] = [ring]
        grids["features"].append(half)
    (folder / "grids.geojson").write_text(json.dumps(grids))
    loaded = load(folder, environment={})
    assert loaded.config is None
    (line,) = told(loaded, folder)
    assert line.startswith("grids.geojson:")
    assert "overlap: " in line
    assert "990101100000000" in line
    assert "990101101000000" in line
