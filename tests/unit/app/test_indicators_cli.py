"""`hub indicators rebuild` forgets what was derived, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from hub.__main__ import main
from hub.indicators import refresh, repository
from hub.store.db import Database
from hub.store.tables import metadata
from hub.store.tables.indicators import case_places, figure_marks


def test_rebuilding_begins_again_and_cameras_where_one_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    db = Database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    metadata.create_all(db.engine)
    with db.write() as tx:
        tx.execute(insert(case_places).values(incident_id="i", grid_code="", due_by=1.0))
        repository.put_mark(tx, refresh.LOG, 7)
    said = ["indicators", "rebuild", "--data", str(tmp_path), "--cameras-from", "2026-01-01"]
    assert main(said) == 0
    with db.read() as tx:
        assert tx.execute(select(func.count()).select_from(case_places)).scalar() == 0
        assert [row.name for row in tx.execute(select(figure_marks))] == [refresh.CAMERAS]
        assert repository.mark(tx, refresh.CAMERAS) == 1767268800.0
    db.close()


def test_without_a_database_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["indicators", "rebuild", "--data", str(tmp_path)]) == 2
    assert "no_database" in capsys.readouterr().err
