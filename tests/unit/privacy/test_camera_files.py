"""Two people write one camera's file at the same moment: one is told that it has changed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select

from hub.kit.errors import Conflict
from hub.kit.ids import counted_ids
from hub.privacy.files import repository, service
from hub.privacy.files.completeness import Content, Purpose
from hub.store.db import Database
from hub.store.tables.privacy import camera_files
from hub.store.tables.sources import cameras
from tests.unit.privacy.rows import NOW, put

CONTENT = Content(purpose=Purpose.TRAFFIC)
SPEC = {
    **{"name": "Gate", "owner": "Roads", "owner_kind": "public", "place_class": "street"},
    **{"place": None, "position": {"datum": "wgs84"}},
}


def test_of_two_who_write_at_once_one_is_told(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = counted_ids("file")
    with db.write() as tx:
        put(tx, cameras, id="gate", spec=SPEC)

    def write(tx: Connection, by: str) -> None:
        service.put(tx, "gate", CONTENT, version=0, by=by, now=NOW, ids=ids)

    first = repository.get

    def as_before(tx: Connection, *asked: Any) -> Any:
        """What both saw: no file yet."""
        found = first(tx, *asked)
        monkeypatch.setattr(repository, "get", first)
        write(tx, "li")
        return found

    monkeypatch.setattr(repository, "get", as_before)
    with db.write() as tx:
        with pytest.raises(Conflict) as refused:
            write(tx, "wang")
        assert refused.value.code == "stale_version"
        rows = tx.execute(select(camera_files.c.version, camera_files.c.written_by)).all()
    assert list(map(tuple, rows)) == [(1, "li")], "and the transaction goes on"
