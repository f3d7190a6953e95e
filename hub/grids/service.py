"""What others may ask of the grids. Transactions are opened by the caller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.grids import repository
from hub.grids.binding import Binder, CameraGround
from hub.grids.collection import GridCollection, grids_of
from hub.grids.repository import CameraGrid, GridName, StoredGrid
from hub.grids.topology import SLIVER_M, Fault, survey
from hub.grids.tree import Grid, GridKind, GridTree
from hub.grids.view import How
from hub.kit.errors import Conflict, NotFound
from hub.kit.ids import Ids
from hub.store.ground import climb
from hub.types.site import CameraSpec, SensorSpec
from hub.types.staff import Jurisdiction

FILE, API = "file", "api"


@dataclass(frozen=True, slots=True)
class Report:
    """What an import found and did. Nothing was written unless `accepted`.

    `conflicts` are codes of a file that were made through the API: the API's grids stay.
    """

    accepted: bool
    faults: tuple[Fault, ...]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    unchanged: int = 0
    exception: str = ""
    conflicts: tuple[str, ...] = ()

    @property
    def wrote(self) -> bool:
        """True when any grid is now another than before."""
        return bool(self.added or self.changed or self.retired)


def import_features(
    tx: Connection,
    collection: GridCollection,
    *,
    now: float,
    ids: Ids,
    managed_by: str = FILE,
    origin: str | None = None,
    exception: str = "",
    actor: str = "hub",
    sliver_m: float = SLIVER_M,
    dry_run: bool = False,
) -> Report:
    """Bring a collection in, or refuse it with all its faults.

    From a file, grids of that file that are no longer in it end now; those made through the API
    stay as they are. `exception` is the written reason for which gaps, overlaps and
    children outside their parents are accepted; other faults cannot be. The topology is that
    of the whole: what stays of the present and what comes in. An import that changes nothing is
    not looked at again. Raises Conflict (`managed_by_file`)
    when the API would change a grid that a file manages.
    """
    current = {stored.grid.code: stored for stored in repository.present(tx)}
    incoming = list(grids_of(collection))
    conflicts: tuple[str, ...] = ()
    if managed_by == FILE:
        incoming, conflicts = _without_api(incoming, current)
    codes = {grid.code for grid in incoming}
    if managed_by != FILE:
        _refuse_files(current, codes)
    gone = [
        stored
        for stored in current.values()
        if managed_by == FILE
        and stored.managed_by == FILE
        and stored.origin == origin
        and stored.grid.code not in codes
    ]
    ending = {stored.grid.code for stored in gone}
    kept = [s.grid for s in current.values() if s.grid.code not in codes | ending]
    plan = _Plan.of(incoming, current, gone, managed_by, origin)
    if not plan.changes:
        return plan.report((), "", conflicts)
    faults = _new_faults([*kept, *incoming], current.values(), sliver_m)
    excused = bool(exception.strip()) and all(fault.excusable for fault in faults)
    if faults and not excused:
        return Report(False, faults, conflicts=conflicts)
    report = plan.report(faults, exception if faults else "", conflicts)
    if not dry_run:
        tree = GridTree([*kept, *incoming])
        repository.retire(tx, plan.ending_rows, now)
        new = [(grid, tree.tier(grid.code)) for grid in plan.coming]
        repository.add(tx, new, managed_by=managed_by, origin=origin, now=now, ids=ids)
        reason = report.exception or "no faults"
        what = f"import of {origin or managed_by}"
        repository.log_import(tx, ids(), now=now, what=what, reason=reason, actor=actor)
    return report


def _without_api(
    incoming: list[Grid], current: Mapping[str, StoredGrid]
) -> tuple[list[Grid], tuple[str, ...]]:
    api = {code for code, stored in current.items() if stored.managed_by == API}
    mine = [grid for grid in incoming if grid.code not in api]
    return mine, tuple(grid.code for grid in incoming if grid.code in api)


def _refuse_files(current: Mapping[str, StoredGrid], codes: set[str]) -> None:
    for code in sorted(codes & current.keys()):
        stored = current[code]
        if stored.managed_by == FILE:
            raise Conflict(
                f"grid {code} is managed by the file {stored.origin}", code="managed_by_file"
            )


def _new_faults(
    after: Sequence[Grid], before: Iterable[StoredGrid], sliver_m: float
) -> tuple[Fault, ...]:
    """Faults of the set to be, without those that stand already: they were accepted once."""
    faults = survey(after, sliver_m)
    if not faults:
        return ()
    old = {_same_fault(fault) for fault in survey([s.grid for s in before], sliver_m)}
    return tuple(fault for fault in faults if _same_fault(fault) not in old)


def _same_fault(fault: Fault) -> tuple[object, ...]:
    return (fault.kind, fault.codes, round(fault.area_m2))


@dataclass(frozen=True, slots=True)
class _Plan:
    added: list[Grid]
    changed: list[tuple[StoredGrid, Grid]]
    gone: list[StoredGrid]
    unchanged: int

    @classmethod
    def of(
        cls,
        incoming: Sequence[Grid],
        current: Mapping[str, StoredGrid],
        gone: list[StoredGrid],
        managed_by: str,
        origin: str | None,
    ) -> _Plan:
        added: list[Grid] = []
        changed: list[tuple[StoredGrid, Grid]] = []
        for grid in incoming:
            stored = current.get(grid.code)
            if stored is None:
                added.append(grid)
            elif not _same(stored.grid, grid) or (stored.managed_by, stored.origin) != (
                managed_by,
                origin,
            ):
                changed.append((stored, grid))
        return cls(added, changed, gone, len(incoming) - len(added) - len(changed))

    @property
    def changes(self) -> bool:
        return bool(self.added or self.changed or self.gone)

    @property
    def coming(self) -> list[Grid]:
        return [*self.added, *(grid for _, grid in self.changed)]

    @property
    def ending_rows(self) -> list[str]:
        return [stored.id for stored in (*self.gone, *(old for old, _ in self.changed))]

    def report(
        self, faults: tuple[Fault, ...], exception: str, conflicts: tuple[str, ...]
    ) -> Report:
        return Report(
            accepted=True,
            faults=faults,
            added=tuple(grid.code for grid in self.added),
            changed=tuple(grid.code for _, grid in self.changed),
            retired=tuple(stored.grid.code for stored in self.gone),
            unchanged=self.unchanged,
            exception=exception,
            conflicts=conflicts,
        )


def _same(old: Grid, new: Grid) -> bool:
    described = (old.name, old.kind, old.scheme, old.parent_code, old.centre)
    return described == (new.name, new.kind, new.scheme, new.parent_code, new.centre) and (
        old.geometry.equals_exact(new.geometry, 1e-9)
    )


def load_binder(tx: Connection) -> Binder:
    """The binder over the grids valid now; build another when `stamp` has changed."""
    return Binder(load_tree(tx))


def load_tree(tx: Connection) -> GridTree:
    """The grids valid now."""
    return GridTree(stored.grid for stored in repository.present(tx))


def stamp(tx: Connection) -> str:
    """A word that changes whenever any grid does."""
    return repository.stamp(tx)


def list_grids(
    tx: Connection, *, kind: GridKind | None = None, under: str | None = None
) -> list[StoredGrid]:
    """Grids valid now, by code; only of one kind, only one grid and all below it."""
    stored = repository.present(tx)
    if under is not None:
        below = {grid.code for grid in GridTree(row.grid for row in stored).under(under)}
        stored = [row for row in stored if row.grid.code in below]
    return [row for row in stored if kind is None or row.grid.kind is kind]


def names(tx: Connection, codes: Iterable[str] | None = None) -> list[GridName]:
    """What these grids, or all, are called; those that are gone by the last name they had."""
    return repository.names(tx, None if codes is None else sorted(set(codes)))


def names_within(tx: Connection, within: Jurisdiction) -> list[GridName]:
    """What the grids of a ground are called, and those it lies in; those that are gone as well."""
    known = repository.names(tx, None)
    if within.everywhere:
        return known
    parents = {name.code: name.parent_code for name in known}
    paths = {code: climb(code, parents) for code in parents}
    above = {step for root in within.roots for step in paths.get(root, ())}
    return [n for n in known if n.code in above or within.covers(paths[n.code])]


def get_grid(tx: Connection, code: str) -> StoredGrid:
    """One grid valid now. Raises NotFound."""
    for stored in repository.present(tx):
        if stored.grid.code == code:
            return stored
    raise no_grid(code)


def no_grid(code: str) -> NotFound:
    """What is said of a grid that is not there, or not for whoever asks."""
    return NotFound(f"there is no grid {code}")


def bind_camera(tx: Connection, camera: CameraSpec, binder: Binder, now: float) -> list[CameraGrid]:
    """Write down which grids a camera stands in and looks at; returns the rows, [] if unbound."""
    ground = binder.ground(camera)
    bind_all(tx, [ground], now)
    return camera_rows(ground)


def bind_all(tx: Connection, grounds: Sequence[CameraGround], now: float) -> None:
    """Write down the grids of many cameras, in place of what they were."""
    rows = [row for ground in grounds for row in camera_rows(ground)]
    repository.replace_camera_grids(tx, [ground.camera.id for ground in grounds], rows, now)


def sensor_standing(sensors: Iterable[SensorSpec], binder: Binder) -> dict[str, str | None]:
    """The civil grid that each of these sensors stands in by its position, None for none."""
    return {sensor.id: binder.bind(None, sensor).grid_code for sensor in sensors}


def sensors_standing(tx: Connection) -> dict[str, str]:
    """The same as it is written down; a sensor that stands in none is missing."""
    return repository.sensor_grids(tx)


def bind_sensors(tx: Connection, standing: Mapping[str, str | None], now: float) -> None:
    """Write down the grids that sensors stand in, in place of what they were."""
    somewhere = {sensor_id: code for sensor_id, code in standing.items() if code is not None}
    repository.replace_sensor_grids(tx, sorted(standing), somewhere, now)


def unbind_sensors(tx: Connection, sensor_ids: Sequence[str], now: float) -> None:
    """Forget the grids of sensors that are gone."""
    repository.replace_sensor_grids(tx, sensor_ids, {}, now)


def unbind_cameras(tx: Connection, camera_ids: Sequence[str], now: float) -> None:
    """Forget the grids of cameras that are gone."""
    repository.replace_camera_grids(tx, camera_ids, [], now)


def mounted(tx: Connection, camera_id: str | None = None) -> dict[str, str]:
    """The civil grid each camera (or this one) stands in; one that stands in none is missing."""
    return repository.mounted(tx, camera_id)


def camera_rows(ground: CameraGround) -> list[CameraGrid]:
    """Rows of one camera: the grid it stands in (`mount`, primary), then its view's shares."""
    camera_id, view = ground.camera.id, ground.view
    rows = [
        CameraGrid(camera_id, code, How.MOUNT, kind.value, 1.0, 1.0, kind is GridKind.CIVIL)
        for kind, code in ground.standing.items()
    ]
    if view.polygon is not None:
        confidence = 1.0 if view.how is How.HOMOGRAPHY else 0.7
        rows += [
            CameraGrid(camera_id, part.code, view.how, part.kind, part.share, confidence, False)
            for part in ground.shares
        ]
    return rows


def unbound_cameras(cameras: Iterable[CameraSpec], binder: Binder) -> list[tuple[str, str]]:
    """The visible list: id of each camera that stands in no civil grid, and why."""
    return [
        (camera.id, binder.bind(camera, None).why.value)
        for camera in cameras
        if binder.ground(camera).camera_grid is None
    ]
