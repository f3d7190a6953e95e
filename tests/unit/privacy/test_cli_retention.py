"""`hub retention verify` on a hub's own folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hub.__main__ import main
from hub.app.desk import unfenced
from hub.app.retention import RetentionStep
from hub.kit.clock import RealClock
from hub.kit.ids import random_id
from hub.kit.metrics import Metrics
from hub.privacy.settings import Retention
from hub.store.db import Database
from hub.store.media import MediaKind, MediaStore
from hub.store.tables import metadata
from tests.unit.privacy.rows import DAY, put_alert


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    db = Database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    metadata.create_all(db.engine)
    clock, store = RealClock(), MediaStore(tmp_path / "media")
    with db.write() as tx:
        put_alert(tx, "old", clock.now() - 40 * DAY)
    store.put("pic-old", MediaKind.PICTURE, b"a picture")
    step = RetentionStep(db, store, clock, random_id, unfenced, Metrics())
    step.run_through(Retention())
    db.close()
    return tmp_path


def test_it_says_that_all_is_gone(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retention", "verify", "--data", str(data)]) == 0
    said = capsys.readouterr().out
    assert "retention: sound" in said
    assert "1, of 1 things" in said


def test_it_names_what_is_there_all_the_same(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    MediaStore(data / "media").put("pic-old", MediaKind.CLIP, b"brought back")
    assert main(["retention", "verify", "--data", str(data), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [(f["kind"], f["what"], f["example"]) for f in said["faults"]] == [
        ("alerts", "still_there", "pic-old")
    ]


def test_the_days_are_those_of_the_configuration(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = Database(f"sqlite:///{data / 'hub.sqlite'}")
    with db.write() as tx:
        put_alert(tx, "ten", RealClock().now() - 10 * DAY)
    db.close()
    assert main(["retention", "verify", "--data", str(data)]) == 0
    folder = tmp_path / "configs"
    shutil.copytree(Path(__file__).parents[3] / "configs", folder)
    settings = folder / "hub.yaml"
    settings.write_text(
        settings.read_text("utf-8").replace("evidence_days: 30", "evidence_days: 5")
    )
    assert main(["retention", "verify", "--data", str(data), "--config", str(folder)]) == 1
    assert "alerts  1 past their time" in capsys.readouterr().out


def test_no_database_is_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["retention", "verify", "--data", str(tmp_path)]) == 2
