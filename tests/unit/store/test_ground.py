"""Which ground things stand on: the same in a query as by the value, on both databases."""

from __future__ import annotations

from typing import cast

import pytest
from sqlalchemy import Connection, Table, insert, select, update

from hub.app.seed.repository import write
from hub.kit.ids import counted_ids
from hub.store import feed, ground
from hub.store.db import Database
from hub.store.ground import Moving, Standing
from hub.store.tables.dispatch import incidents
from hub.store.tables.grids import camera_bindings, grids, sensor_bindings
from hub.store.tables.ops import feed as feed_table
from hub.types.staff import EVERYWHERE, NOWHERE, Jurisdiction

TREE = {"county": None, "town": "county", "village": "town", "town-2": "county", "JW_1": None}
TOWN = Jurisdiction(roots=frozenset({"town"}))


def plant(tx: Connection) -> None:
    ids = counted_ids("grid")
    rows: list[dict[str, object]] = [
        {
            "id": ids(),
            "code": code,
            "scheme": "plain",
            "kind": "civil",
            "tier": 0,
            "name": code,
            "parent_code": parent,
            "geometry": {},
            "valid_from": 0.0,
            "managed_by": "file",
        }
        for code, parent in TREE.items()
    ]
    tx.execute(insert(grids), rows)


def mount(tx: Connection, camera: str, code: str, *, primary: bool = True) -> None:
    tx.execute(
        insert(camera_bindings).values(
            camera_id=camera,
            grid_code=code,
            how="mount",
            kind="civil",
            share=1.0,
            confidence=1.0,
            primary_grid=primary,
            bound_at=0.0,
        )
    )


@pytest.mark.parametrize(
    "within",
    [EVERYWHERE, NOWHERE, TOWN, Jurisdiction(roots=frozenset({"village", "JW_1"}))],
)
def test_a_query_sees_what_the_value_covers(db: Database, within: Jurisdiction) -> None:
    """A code is matched whole: `town` is not `town-2`, and `_` is no wildcard."""
    told = [("county", "town", "village"), ("county", "town-2"), ("JWx1",), ("JW_1",), ()]
    with db.write() as tx:
        feed.append_all(tx, "t", [(str(path), {}, path) for path in told], 0.0)
    with db.read() as tx:
        query = select(feed_table.c.entity_id).where(ground.inside(feed_table.c.grid_path, within))
        found = set(tx.execute(query).scalars())
    assert found == {str(path) for path in told if within.covers(path)}


def test_sources_stand_where_it_is_written_now(db: Database) -> None:
    with db.write() as tx:
        plant(tx)
        mount(tx, "gate", "village")
        mount(tx, "gate", "town-2", primary=False)
        mount(tx, "yard", "town-2")
        tx.execute(insert(sensor_bindings).values(sensor_id="smoke", grid_code="town", bound_at=0))
    with db.read() as tx:
        standing = ground.source_paths(tx, Standing.CAMERA, ["gate", "yard", "loose"])
        inside = ground.sources_inside(Standing.CAMERA, TOWN)
        sensors = ground.sources_inside(Standing.SENSOR, TOWN)
        assert inside is not None
        assert sensors is not None
        assert set(tx.execute(inside).scalars()) == {"gate"}
        assert set(tx.execute(sensors).scalars()) == {"smoke"}
        assert ground.sources_inside(Standing.CAMERA, EVERYWHERE) is None
    assert standing == {
        "gate": ("county", "town", "village"),
        "yard": ("county", "town-2"),
        "loose": (),
    }
    with db.write() as tx:
        gone = update(grids).where(grids.c.code == "village")
        tx.execute(gone.values(valid_to=1.0, present=False))
    with db.read() as tx:  # a grid that is gone lies in nobody's ground
        assert set(tx.execute(inside).scalars()) == set()
        assert ground.source_paths(tx, Standing.CAMERA, ["gate"]) == {"gate": ("village",)}


def test_who_looks_after_people_still_finds_a_grid_that_is_gone_where_it_lay(db: Database) -> None:
    with db.write() as tx:
        plant(tx)
        for code in ("town", "village"):
            gone = update(grids).where(grids.c.code == code)
            tx.execute(gone.values(valid_to=1.0, present=False))
    with db.read() as tx:
        kept = ground.paths_kept(tx, ["village", "town-2", "never"])
        assert ground.paths(tx, ["village"]) == {"village": ("village",)}
    assert kept == {
        "village": ("county", "town", "village"),
        "town-2": ("county", "town-2"),
        "never": ("never",),
    }


def test_a_loop_of_parents_ends() -> None:
    assert ground.climb("a", {"a": "b", "b": "a"}) == ("b", "a")
    assert ground.climb("a", {"a": "gone"}) == ("a",)


def test_both_towns_are_told_of_what_moves_between_them(db: Database) -> None:
    with db.write() as tx:
        plant(tx)
        mount(tx, "gate", "town")
    with db.write() as tx:
        moving = Moving(tx, Standing.CAMERA, ["gate", "new"])
        for each in ("gate", "new"):
            feed.append(tx, "camera", each, {}, 0.0, moving.path(each))
        # What follows in the same transaction is where they stand when it is told.
        tx.execute(update(camera_bindings).values(grid_code="town-2"))
        mount(tx, "new", "village")
    with db.read() as tx:
        gate, new = feed.after(tx, 0)
    assert (gate.path, new.path) == (("county", "town", "town-2"), ("county", "town", "village"))


def test_a_small_ground_is_looked_up_by_codes_and_the_frozen_path_decides(db: Database) -> None:
    """A village that is gone, or lies in another town now, counts where it stood then."""
    frozen = {
        "then": ("village", ["county", "town", "village"]),
        "now": ("village", ["county", "town-2", "village"]),
        "gone": ("hamlet", ["county", "town", "hamlet"]),
        "beside": ("town-2", ["county", "town-2"]),
        "unbound": (None, []),
    }
    with db.write() as tx:
        plant(tx)
        ended = dict(tx.execute(select(grids).where(grids.c.code == "village")).one()._mapping)
        retired = {"valid_to": 5.0, "present": False}
        tx.execute(insert(grids).values({**ended, "id": "h", "code": "hamlet", **retired}))
        tx.execute(update(grids).where(grids.c.code == "village").values(**retired))
        moved = {"id": "v2", "parent_code": "town-2", "valid_from": 5.0}
        tx.execute(insert(grids).values({**ended, **moved}))
        write(tx, incidents, [incident(id_, *where) for id_, where in frozen.items()])
        path = incidents.c.grid_path
        found = select(incidents.c.id)
        of = cast(Table, incidents.alias("of"))

        def seen(within: Jurisdiction) -> set[str]:
            asked = found.where(ground.looked_up(tx, path, within))
            through = found.where(ground.looked_up_through(tx, incidents.c.id, of, within))
            plain = found.where(ground.inside(path, within))
            assert set(tx.execute(asked).scalars()) == set(tx.execute(plain).scalars())
            assert set(tx.execute(through).scalars()) == set(tx.execute(plain).scalars())
            return set(tx.execute(asked).scalars())

        assert seen(TOWN) == {"then", "gone"}
        assert seen(Jurisdiction(roots=frozenset({"town-2"}))) == {"now", "beside"}
        assert seen(Jurisdiction(roots=frozenset({"county"}))) == frozen.keys() - {"unbound"}
        assert seen(Jurisdiction(roots=frozenset({"nobody knows it"}))) == set()
        assert seen(NOWHERE) == set()
        assert seen(EVERYWHERE) == frozen.keys()


def incident(id_: str, code: str | None, path: list[str]) -> dict[str, object]:
    return {"id": id_, "grid_code": code, "grid_path": path, "state": "filed"}


def test_a_code_matches_whole_and_as_it_is_written(db: Database) -> None:
    codes = ("JW-1", "jw-1", "JW-11", "网格1", 'a"b')
    with db.write() as tx:
        write(
            tx,
            incidents,
            ({"id": code, "grid_code": code, "grid_path": ["county", code]} for code in codes),
        )
    with db.read() as tx:
        for code in codes:
            query = select(incidents.c.id).where(ground.below(incidents.c.grid_path, code))
            assert list(tx.execute(query).scalars()) == [code]
