"""`hub accounts` against a running API, and `hub schema` without one."""

from __future__ import annotations

import argparse
import io
import json
import re
from pathlib import Path

import pytest

from hub.access.actions import Role
from hub.cli import accounts, schema
from tests.unit.api.conftest import Desk, served


def run(*words: str) -> int:
    """The command as typed."""
    parser = argparse.ArgumentParser()
    accounts.register(parser.add_subparsers())
    args = parser.parse_args(["accounts", *words])
    return int(args.run(args))


def test_the_first_account_is_made_with_the_first_token(
    desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HUB_TOKEN", desk.tokens[Role.ADMIN])
    monkeypatch.setenv("COLUMNS", "200")
    own = tmp_path / "password"
    own.write_text("a-password-of-mine\n", "utf-8")
    browser = desk.browser()
    with served(desk) as base:
        monkeypatch.setenv("HUB_URL", base)
        assert run("add", "li.na", "--role", "admin", "--name", "李娜") == 0
        said = re.search(r"password  (\S+)", capsys.readouterr().out)
        assert said is not None
        login = {"login": "li.na", "password": said[1]}
        assert browser.post("/api/v1/session", json=login).json()["must_change"] is True

        assert run("password", "Li.Na", "--password-file", str(own)) == 0
        assert "a-password-of-mine" not in capsys.readouterr().out
        login["password"] = "a-password-of-mine"
        assert browser.post("/api/v1/session", json=login).json()["must_change"] is False

        monkeypatch.setattr("sys.stdin", io.StringIO("another-good-one\n"))
        assert run("add", "zhao", "--role", "worker", "--password-file", "-") == 0
        assert run("disable", "zhao") == 0
        capsys.readouterr()
        assert run("list") == 0
        listed = capsys.readouterr().out
        assert "李娜" in listed
        assert re.search(r"zhao.*worker.*disabled", listed)

        assert run("grant", "zhao", "--role", "department", "--unit", "fire") == 0
        assert "zhao is now department fire" in capsys.readouterr().out
        assert run("end", "zhao", "--role", "worker") == 0
        assert run("end", "zhao", "--role", "worker") == 1
        assert "no grant worker" in capsys.readouterr().err
        assert run("list") == 0
        assert not re.search(r"zhao.*worker.*disabled", capsys.readouterr().out)
        assert run("grant", "zhao", "--role", "chief", "--grid", "nowhere") == 1
        assert "does_not_fit" in capsys.readouterr().err

        assert run("disable", "nobody") == 1
        assert "nobody" in capsys.readouterr().err
        assert run("add", "li.na", "--role", "worker") == 1
        assert "login_taken" in capsys.readouterr().err


def test_the_document_is_written_without_a_hub(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    schema.register(parser.add_subparsers())
    out = tmp_path / "openapi.json"
    assert schema.run(parser.parse_args(["schema", str(out)])) == 0
    written = json.loads(out.read_text("utf-8"))
    assert written["paths"]["/api/v1/session"]["post"]["x-action"] == "session.open"
    assert schema.run(parser.parse_args(["schema"])) == 0
    assert json.loads(capsys.readouterr().out) == written
