"""`hub tokens` against a running API."""

from __future__ import annotations

import argparse
import re

import pytest

from hub.access.actions import Role
from hub.cli import tokens
from tests.unit.api.conftest import Desk, served


def run(*words: str) -> int:
    """The command as typed."""
    parser = argparse.ArgumentParser()
    tokens.register(parser.add_subparsers())
    args = parser.parse_args(["tokens", *words])
    return int(args.run(args))


def test_a_token_that_leaked_is_ended_by_its_name(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_TOKEN", desk.tokens[Role.ADMIN])
    monkeypatch.setenv("COLUMNS", "200")
    with served(desk) as base:
        monkeypatch.setenv("HUB_URL", base)
        assert run("add", "the city", "--role", "centre") == 0
        said = re.search(r"token  (\S+)", capsys.readouterr().out)
        assert said is not None
        leaked = {"Authorization": f"Bearer {said[1]}"}
        assert desk.ask("GET", "/me", None, headers=leaked).json()["name"] == "the city"
        assert run("list") == 0
        listed = capsys.readouterr().out
        assert re.search(r"the city.*centre.*good", listed)
        assert said[1] not in listed, "its plain text is nowhere"

        assert run("revoke", "the city") == 0
        assert "the city is revoked" in capsys.readouterr().out
        assert desk.ask("GET", "/me", None, headers=leaked).status_code == 401
        assert run("list") == 0
        assert "the city" not in capsys.readouterr().out
        assert run("list", "--all") == 0
        assert re.search(r"the city.*revoked", capsys.readouterr().out)
        assert run("revoke", "the city") == 1
        assert "no such token" in capsys.readouterr().err
