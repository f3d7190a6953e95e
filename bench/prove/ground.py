"""Figures 9 and 10: a thousand cameras that vanish at once, and binding against brute force."""

from __future__ import annotations

import random
import time
from collections import Counter as Tally
from collections.abc import Sequence

import numpy as np
import shapely
from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from bench.prove.figures import Line
from bench.prove.installation import Installation
from hub.alerts import register as rule_register
from hub.alerts.rules import RuleSpec
from hub.app import registry
from hub.app.desk import Desk, unfenced
from hub.app.intake import BATCH
from hub.app.seed import county, ground
from hub.app.unobserved import GRACE_S, Watch
from hub.dispatch.config import CentreConfig, DispatchConfig
from hub.flow import centre_flow, clock_flow
from hub.grids.index import GridIndex
from hub.grids.topology import survey
from hub.grids.tree import GridKind, GridTree
from hub.ingest import service as sources
from hub.kit.clock import SimClock
from hub.kit.ids import random_id
from hub.store.db import Database
from hub.store.records import finding_to_json
from hub.store.spool import Record, RecordKind
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents
from hub.store.tables.storms import storm_members
from hub.types.finding import Finding, Phase, RuleKind, Severity
from hub.types.scene import SourceKind
from hub.types.site import LonLat

SEED, VANISHING, WAIT_S = 1, 1000, 120.0
CONFIG = DispatchConfig(
    centres=(CentreConfig(id="county", name="County"),), default_centre="county"
)
OFFLINE = "offline"


def vanish(place: Installation) -> list[Line]:
    """Figure 9, both ways: their worker dies, and each reports its own end."""
    with place.tables("vanish") as db:
        clock = SimClock(time.time())
        desk, gone = _county(db, clock)
        ground_of = {c: desk.snapshot.binder.ground(desk.snapshot.cameras[c]) for c in gone}
        grid_of = {camera: found.camera_grid or "" for camera, found in ground_of.items()}
        grids = set(grid_of.values())
        watch = Watch(clock)
        for _ in range(int(GRACE_S) + 2):
            missing = watch.look(desk.snapshot.cameras, desk.snapshot.cameras.keys() - gone)
            with db.write() as tx:
                desk.tell_unobserved(tx, missing)
            clock.advance(1.0)
        said = _findings(gone, clock.now())
        for start in range(0, len(said), BATCH):
            centre_flow(db, desk.stages(), said[start : start + BATCH])
        for _ in range(int(WAIT_S)):
            clock.advance(1.0)
            clock_flow(db, desk.stages())
        with db.read() as tx:
            unobserved = _per_grid(tx, RuleKind.UNOBSERVED)
            offline = _per_grid(tx, RuleKind.CAMERA_OFFLINE)
            alone = select(alerts.c.rule_kind).where(alerts.c.merged_into.is_(None))
            raised = Tally(tx.execute(alone).scalars())
            idle = tx.execute(alone.where(alerts.c.incident_id.is_(None))).all()
            told = _told_of(tx)
    path = desk.snapshot.binder.tree.path
    # An alert of another ground is none of theirs.
    named = {camera for camera in gone if told.get(camera, set()) & set(path(grid_of[camera]))}
    covered = {grid for grid in grids if set().union(*told.values()) & set(path(grid))}
    most = "most incidents of one grid"
    return [
        Line(9, "cameras that vanished at once", len(gone), VANISHING, exactly=True),
        Line(9, "grids they stood in", len(grids)),
        Line(9, "worker lost: alerts", raised[RuleKind.UNOBSERVED], len(grids), exactly=True),
        Line(9, f"worker lost: {most}", max(unobserved.values(), default=0), 1),
        Line(9, "each reports itself: cameras in no alert", len(gone - named), 0),
        Line(9, "each reports itself: cameras that did not", len(told.keys() - gone), 0),
        Line(9, "each reports itself: grids without an alert", len(grids - covered), 0),
        Line(9, "each reports itself: incidents", offline.total(), len(grids)),
        Line(9, f"each reports itself: {most}", max(offline.values(), default=0), 1),
        Line(9, "each reports itself: alerts", raised[RuleKind.CAMERA_OFFLINE], len(grids)),
        Line(9, "alerts of either without an incident", len(idle), 0),
    ]


def _county(db: Database, clock: SimClock) -> tuple[Desk, set[str]]:
    """A desk over the ground and cameras of the invented county; 1,000 neighbours of them."""
    plots = [*ground.civil(SEED), *ground.police()]
    specs = ground.cameras(plots, random.Random(SEED), ground.CAMERAS)
    rule = _rule()
    with db.write() as tx:
        county.write_ground(tx, plots, clock.now())
        awake = [(spec.model_copy(update={"enabled": True}), None) for spec in specs]
        sources.cameras().put_all(tx, awake, clock.now())
        rule_register.rules().sync_file(
            tx, {rule.id: rule.model_dump(mode="json")}, "r", clock.now()
        )
    with db.read() as tx:
        snapshot = registry.load(tx)
    desk = Desk(snapshot, CONFIG, clock, random_id, unfenced, lambda: None)
    by_place = sorted(specs, key=lambda spec: spec.position.lon if spec.position else 0.0)
    return desk, {spec.id for spec in by_place[:VANISHING]}


def _rule() -> RuleSpec:
    said = {"id": OFFLINE, "kind": "camera_offline", "severity": "P3", "policy": "auto_dispatch"}
    made: RuleSpec = TypeAdapter(RuleSpec).validate_python(said)
    return made


def _findings(cameras: set[str], now: float) -> list[Record]:
    """What the health rules say of them, all at the same moment."""
    found = [
        Finding(
            episode_id=random_id(),
            phase=Phase.OPENED,
            rule_id=OFFLINE,
            rule_kind=RuleKind.CAMERA_OFFLINE,
            source=camera,
            source_kind=SourceKind.CAMERA,
            place="",
            severity=Severity.P3,
            captured_at=now,
            raised_at=now,
        )
        for camera in sorted(cameras)
    ]
    return [
        Record("prove.worker", number, RecordKind.FINDING, finding_to_json(each), now)
        for number, each in enumerate(found, start=1)
    ]


def _per_grid(tx: Connection, kind: RuleKind) -> Tally[str | None]:
    query = select(incidents.c.grid_code).where(incidents.c.rule_kind == kind.value)
    return Tally(tx.execute(query).scalars())


def _told_of(tx: Connection) -> dict[str, set[str]]:
    """The cameras of which an alert tells, each with the alert's grid: its own, or a storm's."""
    lost = alerts.c.rule_kind == RuleKind.CAMERA_OFFLINE.value
    own = select(alerts.c.source, alerts.c.grid_code).where(
        lost, alerts.c.source_kind == SourceKind.CAMERA.value, alerts.c.merged_into.is_(None)
    )
    storms = select(storm_members.c.source, alerts.c.grid_code).where(
        lost, alerts.c.id == storm_members.c.storm_id
    )
    told: dict[str, set[str]] = {}
    for query in (own, storms):
        for camera, grid in tx.execute(query):
            told.setdefault(camera, set()).add(grid or "")
    return told


def brute() -> list[Line]:
    """Figure 10: every camera against every grid, without an index."""
    plots = [*ground.civil(SEED), *ground.police()]
    tree = GridTree(plot.grid for plot in plots)
    specs = ground.cameras(plots, random.Random(SEED), ground.CAMERAS)
    places = [LonLat(spec.position.lon, spec.position.lat) for spec in specs if spec.position]
    # Some stand exactly on corners that several grids share.
    rng = random.Random(SEED)
    corners = [LonLat(*plot.block.ring()[0]) for plot in rng.sample(plots, 100)]
    places[: len(corners)] = corners
    began = time.perf_counter()
    found = GridIndex(tree).locate_many(places)
    took_s = time.perf_counter() - began
    wrong = sum(one != other for one, other in zip(found, _by_hand(tree, places), strict=True))
    civil = sum(plot.grid.kind is not GridKind.POLICE for plot in plots)
    nowhere = sum(GridKind.CIVIL not in each for each in found)
    return [
        Line(10, "cameras", len(places)),
        Line(10, "grids (and of the police)", civil, 1817, exactly=True),
        Line(10, "faults of their topology", len(survey([plot.grid for plot in plots])), 0),
        Line(10, "differences to brute force", wrong, 0),
        Line(10, "cameras of the county in no grid", nowhere, 0),
        Line(10, "with the index", round(took_s, 2), None, "s"),
    ]


def _by_hand(tree: GridTree, places: Sequence[LonLat]) -> list[dict[GridKind, str]]:
    points = shapely.points([(place.lon, place.lat) for place in places])
    best: list[dict[GridKind, tuple[int, str]]] = [{} for _ in places]
    for grid in tree:
        rank = (-tree.tier(grid.code), grid.code)
        for number in np.flatnonzero(shapely.intersects(grid.geometry, points)).tolist():
            known = best[number].get(grid.kind)
            if known is None or rank < known:
                best[number][grid.kind] = rank
    return [{kind: rank[1] for kind, rank in one.items()} for one in best]
