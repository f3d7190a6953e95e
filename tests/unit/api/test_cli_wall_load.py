"""`hub wall-load` against the API on a real socket, with a pretended camera behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.__main__ import main
from hub.access.actions import Role
from hub.cli.wall_load import Operator, quantiles
from hub.live.reel import ENTRY
from hub.live.sheet import HEAD
from tests.unit.api.conftest import Desk, served
from tests.unit.api.test_wall import PretendedRelay, relay

__all__ = ["relay"]


def load(desk: Desk, monkeypatch: pytest.MonkeyPatch, role: Role, *more: str) -> int:
    monkeypatch.setenv("HUB_TOKEN", desk.tokens[role])
    with served(desk) as base:
        return main(["wall-load", "--url", base, "--seconds", "0.2", *more])


def test_every_tile_of_every_operator_is_shown_and_reported(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    more = ("--operators", "3", "--tiles", "4", "--report", str(report))
    assert load(desk, monkeypatch, Role.OPERATOR, *more) == 0
    said = json.loads(report.read_text("utf-8"))
    assert (said["tiles_shown"], said["tiles_wanted"]) == (12, 12)
    assert 0.0 < said["first_picture_s"]["p50"] <= said["first_picture_s"]["max"]
    assert said["cpu_share"] is None
    assert len(relay.streams) == 1  # one stream for twelve tiles
    assert {look["reason"] for look in desk.get("/looks")["items"]} == {"exercise"}


def test_who_is_not_let_in_is_told_why(
    desk: Desk,
    relay: PretendedRelay,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = ("--operators", "1", "--tiles", "1")
    assert load(desk, monkeypatch, Role.CENTRE, *more) == 1
    assert "4403" in capsys.readouterr().err
    assert main(["wall-load", "--url", "http://127.0.0.1:9", *more]) == 1
    assert "no hub answers" in capsys.readouterr().err
    assert main(["wall-load", "--tiles", "65"]) == 2


def message(tick: int, *entries: tuple[int, int, int, float]) -> bytes:
    packed = [
        ENTRY.pack(tile, kind, flags, 3, at, 0.0) + b"abc" for tile, kind, flags, at in entries
    ]
    return HEAD.pack(1, 0, len(packed), tick) + b"".join(packed)


def test_delays_count_from_the_beginning_of_the_measuring() -> None:
    operator = Operator(tiles=2, asked_at=10.0)
    assert operator.see(message(1, (0, 1, 0, 0.0), (0, 2, 1, 95.0)), now=100.0, monotonic=10.5) == 1
    assert (operator.first_s, operator.delays_s) == ({0: 0.5}, [])
    operator.hear({"op": "pulse", "now": 100.0, "dropped": {"0": 4}})
    operator.begin()
    operator.see(message(2, (0, 2, 3, 100.8), (1, 2, 0, 100.9)), now=101.0, monotonic=11.5)
    assert operator.complete
    assert (operator.frames, operator.gaps) == (2, 1)
    assert operator.delays_s == pytest.approx([0.2, 0.1])


def test_quantiles_of_nothing_are_nothing() -> None:
    assert quantiles([]) == {"p50": None, "p95": None, "max": None}
    assert quantiles([3.0, 1.0, 2.0]) == {"p50": 2.0, "p95": 3.0, "max": 3.0}
