"""Reload: a sound change is taken over, a broken one is only reported."""

from __future__ import annotations

import os
from pathlib import Path

from hub.config import LiveConfig

from .test_load import change, folder

__all__ = ["folder"]


def test_a_story_of_changes(folder: Path) -> None:
    live = LiveConfig(folder, environment={})
    assert live.config is not None
    assert not live.refresh(), "nothing changed"

    os.utime(folder / "cameras.yaml", (1, 1))
    assert not live.refresh(), "touched, but the same"

    change(folder, "cameras.yaml", "一号", "新一号")
    assert live.refresh()
    assert live.config.cameras[0].name == "新一号"

    change(folder, "cameras.yaml", "owner_kind: school", "owner_kind: moon")
    assert not live.refresh(), "a broken file keeps the old configuration"
    assert live.config.cameras[0].name == "新一号"
    assert "owner_kind" in str(live.last.problems[0])
    assert not live.refresh(), "and is not read again and again"

    change(folder, "cameras.yaml", "owner_kind: moon", "owner_kind: public")
    assert live.refresh()
    assert live.config.cameras[0].owner_kind == "public"
    assert live.last.problems == ()


def test_a_new_file_is_noticed(folder: Path) -> None:
    live = LiveConfig(folder, environment={})
    (folder / "hub.yaml").write_text("site: {name: 新名}\n")
    assert live.refresh()
    assert live.config is not None
    assert live.config.settings.site.name == "新名"


def test_a_comment_is_no_new_configuration(folder: Path) -> None:
    live = LiveConfig(folder, environment={})
    change(folder, "rules.yaml", "rules:", "# a comment\nrules:")
    assert not live.refresh()
