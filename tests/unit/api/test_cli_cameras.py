"""`hub cameras` against a running API."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from hub.access.actions import Role
from hub.cli import cameras
from tests.unit.api.conftest import Desk, served
from tests.unit.api.test_cameras import HEADER, SHEET


def run(*words: str) -> int:
    """The command as typed."""
    parser = argparse.ArgumentParser()
    cameras.register(parser.add_subparsers())
    args = parser.parse_args(["cameras", *words])
    return int(args.run(args))


def test_a_sheet_is_imported_listed_and_exported(
    desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sheet, bad, out = tmp_path / "new.csv", tmp_path / "bad.csv", tmp_path / "cameras.yaml"
    sheet.write_text(SHEET, "utf-8")
    bad.write_text(f"{HEADER}\nBad Id,No,school,School,street,rtsp://10.0.0.1/,,,5,\n", "utf-8")
    monkeypatch.setenv("HUB_TOKEN", desk.tokens[Role.ADMIN])
    monkeypatch.setenv("COLUMNS", "200")
    with served(desk) as base:
        monkeypatch.setenv("HUB_URL", base)
        assert run("import", str(sheet), "--dry-run") == 0
        assert "nothing was registered" in capsys.readouterr().out
        assert run("import", str(sheet)) == 0
        assert run("import", str(bad)) == 1
        assert f"{bad}:2: Bad Id: id:" in capsys.readouterr().out
        assert run("list") == 0
        listed = capsys.readouterr().out
        assert run("export", "--output", str(out)) == 0
        monkeypatch.setenv("HUB_TOKEN", desk.tokens[Role.WORKER])
        assert run("export") == 1
        assert "forbidden" in capsys.readouterr().err
    assert "a-1" in listed
    assert "Gate B" in listed
    assert "${CAMERA_A_1_PASSWORD}" in out.read_text("utf-8")
    assert "rtsp://10.0.0.2/b" in out.read_text("utf-8")


def test_no_token_and_no_hub_are_said_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HUB_TOKEN", raising=False)
    assert run("list") == 1
    assert "HUB_TOKEN" in capsys.readouterr().err
    token = tmp_path / "token"
    token.write_text("abc\n", "utf-8")
    assert run("list", "--url", "http://127.0.0.1:9", "--token-file", str(token)) == 1
    assert "no hub answers" in capsys.readouterr().err
