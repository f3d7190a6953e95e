"""Importing grids, their versions, and what cameras are bound to, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from hub.grids import repository, service
from hub.grids.binding import Binder
from hub.grids.collection import GridCollection
from hub.grids.topology import FaultKind
from hub.grids.tree import GridKind
from hub.kit.errors import Conflict, NotFound
from hub.kit.ids import counted_ids
from hub.store.db import Database
from hub.store.tables.alerts import transitions
from hub.store.tables.grids import grids as grid_rows
from hub.types.site import View

from .town import COUNTY, camera, collection, feature, rectangle, town_features

WEST, EAST = "990101100201001", "990101100201002"
FILE = "configs/grids.geojson"


class Town:
    """Imports into one database, a minute apart."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.now = 1_700_000_000.0
        self.ids = counted_ids("g")

    def bring(self, given: GridCollection, **how: Any) -> service.Report:
        self.now += 60
        with self.db.write() as tx:
            how = {"origin": FILE, **how}
            return service.import_features(tx, given, now=self.now, ids=self.ids, **how)

    def codes(self) -> set[str]:
        with self.db.read() as tx:
            return {stored.grid.code for stored in service.list_grids(tx)}


@pytest.fixture
def town(db: Database) -> Town:
    town = Town(db)
    assert town.bring(collection()).accepted
    return town


def test_the_first_import_brings_everything(db: Database) -> None:
    town = Town(db)
    report = town.bring(collection())
    assert report.accepted
    assert (len(report.added), report.faults, report.retired) == (27, (), ())
    with db.read() as tx:
        stored = service.get_grid(tx, WEST)
        binder = service.load_binder(tx)
    assert (stored.managed_by, stored.origin) == ("file", FILE)
    assert binder.bind(camera(250, 250), None).grid_code == WEST


def test_the_same_again_changes_nothing(town: Town) -> None:
    with town.db.read() as tx:
        before = service.stamp(tx)
    report = town.bring(collection())
    assert report.accepted
    assert not report.wrote
    assert report.unchanged == 27
    with town.db.read() as tx:
        assert service.stamp(tx) == before


def test_a_faulty_collection_is_refused_whole(db: Database) -> None:
    features = town_features()
    features[-6]["geometry"]["coordinates"] = [rectangle(1400, 1500, 1990, 2000)]
    town = Town(db)
    report = town.bring(collection(features))
    assert not report.accepted
    assert FaultKind.GAP in {fault.kind for fault in report.faults}
    assert town.codes() == set()


def test_an_exception_is_written_down(db: Database) -> None:
    features = [one for one in town_features() if one["properties"]["code"] != WEST]
    town = Town(db)
    report = town.bring(collection(features), exception="河东一组未测, minutes no. 3", actor="liu")
    assert report.accepted
    assert [fault.kind for fault in report.faults] == [FaultKind.GAP]
    with db.read() as tx:
        ((what, reason, actor),) = [
            (row.what, row.reason, row.actor) for row in tx.execute(transitions.select()).all()
        ]
    assert (what, actor) == (f"import of {FILE}", "liu")
    assert "minutes no. 3" in reason


def test_an_accepted_fault_is_not_held_against_the_next_import(db: Database) -> None:
    features = [one for one in town_features() if one["properties"]["code"] != WEST]
    town = Town(db)
    assert town.bring(collection(features), exception="minutes no. 3").accepted
    school = feature("990101101201901", rectangle(1100, 100, 1200, 200), kind="dedicated")
    assert town.bring(collection([school]), managed_by="api", origin=None).accepted
    worse = [one for one in features if one["properties"]["code"] != EAST]
    refused = town.bring(collection(worse))
    assert not refused.accepted
    assert [fault.kind for fault in refused.faults] == [FaultKind.GAP]


def test_no_exception_excuses_a_missing_parent(db: Database) -> None:
    features = [one for one in town_features() if one["properties"]["code"] != COUNTY]
    report = Town(db).bring(collection(features), exception="please")
    assert not report.accepted


def test_a_redraw_ends_the_old_version_and_keeps_it(town: Town) -> None:
    features = town_features()
    for one in features:
        code = one["properties"]["code"]
        if code == WEST:
            one["geometry"]["coordinates"] = [rectangle(0, 0, 400, 500)]
        if code == EAST:
            one["geometry"]["coordinates"] = [rectangle(400, 0, 1000, 500)]
    report = town.bring(collection(features))
    assert set(report.changed) == {WEST, EAST}
    with town.db.read() as tx:
        assert service.load_binder(tx).bind(camera(450, 250), None).grid_code == EAST
        table = grid_rows
        versions = tx.execute(table.select().where(table.c.code == WEST)).all()
    assert sorted(row.valid_to is None for row in versions) == [False, True]
    ended = next(row for row in versions if row.valid_to is not None)
    assert ended.valid_to == town.now


def test_what_leaves_the_file_ends(town: Town) -> None:
    without_police = [f for f in town_features() if f["properties"].get("kind") != "police"]
    report = town.bring(collection(without_police))
    assert set(report.retired) == {"JW-1", "JW-2", "JW-3", "JW-4"}
    assert "JW-1" not in town.codes()


def test_one_file_does_not_end_the_grids_of_another(town: Town) -> None:
    school = feature("990101100201901", rectangle(100, 100, 200, 200), kind="dedicated")
    report = town.bring(collection([school]), origin="configs/dedicated.geojson")
    assert (report.added, report.retired) == (("990101100201901",), ())
    assert COUNTY in town.codes()


def test_the_api_may_add_but_not_change_what_a_file_manages(town: Town) -> None:
    school = feature("990101100201901", rectangle(100, 100, 200, 200), kind="dedicated")
    report = town.bring(collection([school]), managed_by="api", origin=None)
    assert report.added == ("990101100201901",)
    with pytest.raises(Conflict, match=r"configs/grids\.geojson") as refused:
        town.bring(collection([town_features()[0]]), managed_by="api", origin=None)
    assert refused.value.code == "managed_by_file"
    assert not town.bring(collection()).wrote, "the file does not touch the API's grids"
    assert "990101100201901" in town.codes()


def test_a_grid_of_the_api_stays_when_a_file_names_it(town: Town) -> None:
    school = feature("990101100201901", rectangle(100, 100, 200, 200), kind="dedicated")
    town.bring(collection([school]), managed_by="api", origin=None)
    larger = feature("990101100201901", rectangle(100, 100, 300, 300), kind="dedicated")
    report = town.bring(collection([*town_features(), larger]))
    assert report.accepted
    assert report.conflicts == ("990101100201901",)
    assert not report.wrote
    with town.db.read() as tx:
        assert service.get_grid(tx, "990101100201901").managed_by == "api"


def test_a_dry_run_writes_nothing(db: Database) -> None:
    town = Town(db)
    report = town.bring(collection(), dry_run=True)
    assert report.accepted
    assert len(report.added) == 27
    assert town.codes() == set()


def test_listing_by_kind_and_below_a_grid(town: Town) -> None:
    with town.db.read() as tx:
        police = service.list_grids(tx, kind=GridKind.POLICE)
        village = service.list_grids(tx, under="990101100201000")
        with pytest.raises(NotFound):
            service.get_grid(tx, "nowhere")
    assert len(police) == 4
    assert len(village) == 5


def test_a_camera_is_bound_to_where_it_stands_and_looks(town: Town) -> None:
    eye = camera(490, 250, view=View(azimuth_deg=90, fov_deg=60, range_m=100))
    with town.db.write() as tx:
        binder = service.load_binder(tx)
        rows = service.bind_camera(tx, eye, binder, town.now)
    assert [(r.grid_code, r.how) for r in rows if r.primary] == [(WEST, "mount")]
    with town.db.read() as tx:
        stored = repository.camera_grids(tx, camera_id=eye.id)
        assert [r.camera_id for r in repository.camera_grids(tx, grid_code=EAST)] == [eye.id]
    assert {(r.grid_code, r.how) for r in stored} == {
        (WEST, "mount"),
        ("JW-1", "mount"),
        (EAST, "cone"),
        (WEST, "cone"),
        ("JW-1", "cone"),
    }
    moved = camera(-200, 250)
    with town.db.write() as tx:
        assert service.bind_camera(tx, moved, binder, town.now) == []
    with town.db.read() as tx:
        assert repository.camera_grids(tx, camera_id=eye.id) == []


def test_the_unbound_are_named(town: Town) -> None:
    with town.db.read() as tx:
        binder: Binder = service.load_binder(tx)
    cameras = [camera(250, 250), camera(-9, 250, id="cam-2"), camera(None, id="cam-3")]
    assert service.unbound_cameras(cameras, binder) == [
        ("cam-2", "no_grid"),
        ("cam-3", "no_position"),
    ]
