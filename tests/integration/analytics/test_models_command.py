"""`hub models`, as it is typed."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from hub.cli import models
from hub.kit.errors import Misconfigured, NotFound
from tests.integration.analytics.conftest import CONFIGS
from tests.unit.analytics.graphs import two_class_yolo


def hub_models(*arguments: str, config: Path = CONFIGS) -> int:
    parser = argparse.ArgumentParser()
    models.register(parser.add_subparsers())
    args = parser.parse_args(["models", "--config", str(config), *arguments])
    code: int = args.run(args)
    return code


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a catalog of one good model of the user's own and one with a wrong hash."""
    graph = tmp_path / "own.onnx"
    sha = two_class_yolo(graph)
    card = """
  - id: {id}
    source: "file:{graph}"
    members: [{{sha256: {sha}}}]
    licence: our own
    input: {{width: 64, height: 64, scale: 0.00392156862745098}}
    head: {{kind: yolo}}
    classes: [smoke, flame]
    kinds: {{smoke: smoke, flame: fire}}
"""
    wrong = hashlib.sha256(b"other").hexdigest()
    text = "default: own\nmodels:" + card.format(id="own", graph=graph, sha=sha)
    (tmp_path / "models.yaml").write_text(text + card.format(id="spoilt", graph=graph, sha=wrong))
    return tmp_path


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "220")


def test_list_tells_licence_task_and_what_is_here(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_CACHE", str(own / "cache"))
    assert hub_models("list", config=own) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "own (default)" in line)
    assert "detect" in line
    assert "our own" in line
    assert "no" in line.split("│")[4]
    assert hub_models("pull", "own", config=own) == 0
    hub_models("list", config=own)
    line = next(line for line in capsys.readouterr().out.splitlines() if "own (default)" in line)
    assert "yes" in line.split("│")[4]


def test_verify_goes_on_past_a_model_that_is_refused(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_CACHE", str(own / "cache"))
    assert hub_models("verify", config=own) == 1
    out = capsys.readouterr().out
    assert "refused spoilt: hash_mismatch" in out
    assert "own: fits its card" in out


def test_try_draws_what_the_default_model_sees(
    clip: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = tmp_path / "seen.png"
    film = str(clip("motorway"))
    assert hub_models("try", "nanodet-m-416", film, "--at", "6", "--out", str(drawn)) == 0
    assert capsys.readouterr().out.count(" car ") >= 5
    pixels = cv2.imread(str(drawn))
    assert pixels is not None
    assert pixels.shape == (480, 854, 3)
    assert ((pixels == (80, 220, 80)).all(axis=2)).sum() > 2000, "boxes"


def test_bench_measures_the_three_parts(capsys: pytest.CaptureFixture[str]) -> None:
    assert hub_models("bench", "nanodet-m-416", "--runs", "2") == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "nanodet-m-416" in line)
    prepare, run, read, together = (float(cell) for cell in row.split("│")[3:7])
    assert together == pytest.approx(prepare + run + read, abs=0.03)
    assert run > prepare


def test_what_cannot_be_read_is_named(own: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no model nobody"):
        hub_models("pull", "nobody")
    with pytest.raises(NotFound, match="there is no such file"):
        hub_models("try", "nanodet-m-416", str(tmp_path / "gone.mp4"))
    with pytest.raises(NotFound, match="no picture can be read"):
        hub_models("try", "nanodet-m-416", str(own / "models.yaml"))
    with pytest.raises(Misconfigured, match="there is no such file"):
        hub_models("list", config=tmp_path / "nowhere")
    (own / "models.yaml").write_text("default: x\nmodels: [{id: x, colour: red}]\n")
    with pytest.raises(Misconfigured, match=r"models\.yaml:2"):
        hub_models("list", config=own)
