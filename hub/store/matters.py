"""Of which cameras a matter is open: one question over the tables of two rooms.

It is asked each second for all cameras on all walls whose owners want it, so it begins at what is
open, which is little, never at a camera's history.

Who lends pictures "during an incident" means one at their place: what their camera saw, what their
own sensor told, and what was reported or told by a sensor within a set distance of the camera.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, or_, select

from hub.kit.datum import distance_m, to_wgs84
from hub.store.ground import Standing, source_grids
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents
from hub.store.tables.sources import cameras as registered
from hub.store.tables.sources import sensors
from hub.store.tables.storms import storm_members
from hub.types.finding import Life, RuleKind, Verdict
from hub.types.scene import SourceKind
from hub.types.site import Datum, LonLat
from hub.types.work import IncidentState

AT_ONCE = 500
"""Values in one `IN (…)`."""

OVER = frozenset(
    {
        IncidentState.CLOSED,
        IncidentState.ARCHIVED,
        IncidentState.EVALUATED,
        IncidentState.VOID,
        IncidentState.MERGED,
    }
)
"""States of an incident that is over."""

NOTHING = (Verdict.FALSE, Verdict.TEST, Verdict.SUPPRESSED)
"""Verdicts after which an alert is no matter. A duplicate is one while its incident is open."""

OF_THE_CAMERA = (RuleKind.CAMERA_OFFLINE, RuleKind.CAMERA_FROZEN)
"""Alerts about the camera itself: nothing has happened before it, so its owner's word stands."""

OWN_SITE_M = 500.0
"""The ground of one school or works: of an owner of many, each is opened by its own sensors.

Where a position is not known, the same leaf grid stands for the same ground."""
M_PER_DEG_LAT = 110_500.0
"""At least, anywhere: a difference of latitude alone tells most of what is far away."""


def open_matters(tx: Connection, cameras: Collection[str], near_m: float) -> set[str]:
    """Those of these cameras of which an alert lives or an incident is not over, or near which.

    What was judged to be nothing does not count, nor what only says that the camera is ill.
    """
    if not cameras:
        return set()
    own = _filed(tx) & set(cameras) | _living(tx, sorted(cameras))
    return own | _at_hand(tx, sorted(set(cameras) - own), near_m)


def _filed(tx: Connection) -> set[str]:
    """All cameras of open incidents: named one by one, SQLite would begin at their alerts."""
    query = (
        select(alerts.c.source)
        .distinct()
        .join(incidents, incidents.c.id == alerts.c.incident_id)
        .where(
            _going_on(),
            alerts.c.source_kind == SourceKind.CAMERA.value,
            alerts.c.rule_kind.not_in(OF_THE_CAMERA),
            _not_judged(*NOTHING),
        )
    )
    return set(tx.execute(query).scalars())


def _living(tx: Connection, cameras: list[str]) -> set[str]:
    lives = [life.value for life in Life if life is not Life.CLEARED]
    found: set[str] = set()
    for start in range(0, len(cameras), AT_ONCE):
        query = select(alerts.c.source).where(
            alerts.c.source.in_(cameras[start : start + AT_ONCE]),
            alerts.c.life.in_(lives),
            alerts.c.source_kind == SourceKind.CAMERA.value,
            alerts.c.rule_kind.not_in(OF_THE_CAMERA),
            _not_judged(*NOTHING, Verdict.DUPLICATE),
        )
        found |= set(tx.execute(query).scalars())
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """Where something goes on, and whose the sensor is that told of it, as far as known."""

    at: LonLat | None
    grid: str | None = None
    owner: tuple[str, str] | None = None


def _at_hand(tx: Connection, cameras: list[str], near_m: float) -> set[str]:
    """Those near which an incident is not over, or of whose owner a sensor told of it."""
    told = [*_reported(tx), *_sensed(tx)]
    if not told:
        return set()
    stand = source_grids(tx, Standing.CAMERA, cameras)
    return {
        row.id for row in _cameras(tx, cameras) if _concerned(row, stand.get(row.id), told, near_m)
    }


def _concerned(row: Row[Any], grid: str | None, told: list[_Told], near_m: float) -> bool:
    mount = None
    if row.lon is not None and row.lat is not None:
        mount = to_wgs84(row.lon, row.lat, Datum(row.datum))
    for each in told:
        own = each.owner == (row.owner, row.owner_kind)
        if mount is None or each.at is None:
            if own and grid is not None and each.grid == grid:
                return True
        elif _within(mount, each.at, max(near_m, OWN_SITE_M) if own else near_m):
            return True
    return False


def _within(one: LonLat, other: LonLat, m: float) -> bool:
    return abs(one.lat - other.lat) <= m / M_PER_DEG_LAT and distance_m(one, other) <= m


def _reported(tx: Connection) -> Iterator[_Told]:
    """What people reported with a position; an incident without one opens nothing by itself."""
    query = select(incidents.c.lon, incidents.c.lat).where(
        _going_on(),
        incidents.c.exercise.is_(False),
        incidents.c.lon.is_not(None),
        incidents.c.lat.is_not(None),
    )
    return (_Told(LonLat(row.lon, row.lat)) for row in tx.execute(query))


def _sensed(tx: Connection) -> Iterator[_Told]:
    """What sensors told. Other cameras' alerts are left out: where they hang is not where it is."""
    query = (
        select(alerts.c.lon, alerts.c.lat, alerts.c.grid_code, *_of(sensors, "owner", "owner_kind"))
        .join(incidents, incidents.c.id == alerts.c.incident_id)
        .join(sensors, sensors.c.id == alerts.c.source)
        .where(
            _going_on(),
            incidents.c.exercise.is_(False),
            alerts.c.source_kind == SourceKind.SENSOR.value,
            _not_judged(*NOTHING),
        )
    )
    for row in tx.execute(query):
        known = row.lon is not None and row.lat is not None
        at = LonLat(row.lon, row.lat) if known else None
        yield _Told(at, row.grid_code, (row.owner, row.owner_kind))


def _cameras(tx: Connection, ids: list[str]) -> Iterator[Row[Any]]:
    """Whose each is, and where it hangs as its owner wrote it."""
    place = (registered.c.spec["position", key] for key in ("lon", "lat"))
    lon, lat = (each.as_float() for each in place)
    datum = registered.c.spec["position", "datum"].as_string()
    query = select(
        registered.c.id,
        *_of(registered, "owner", "owner_kind"),
        lon.label("lon"),
        lat.label("lat"),
        datum.label("datum"),
    )
    for start in range(0, len(ids), AT_ONCE):
        yield from tx.execute(query.where(registered.c.id.in_(ids[start : start + AT_ONCE])))


def _of(register: Table, *keys: str) -> Iterator[ColumnElement[str]]:
    return (register.c.spec[key].as_string().label(key) for key in keys)


def _going_on() -> ColumnElement[bool]:
    return incidents.c.state.in_([state.value for state in IncidentState if state not in OVER])


def _not_judged(*verdicts: Verdict) -> ColumnElement[bool]:
    said = [verdict.value for verdict in verdicts]
    return or_(alerts.c.verdict.is_(None), alerts.c.verdict.not_in(said))


def ailing_cameras(tx: Connection) -> dict[str, RuleKind]:
    """What is wrong with cameras now, as living alerts say; offline before frozen."""
    query = select(alerts.c.source, alerts.c.rule_kind).where(
        alerts.c.rule_kind.in_(OF_THE_CAMERA),
        alerts.c.life == Life.ACTIVE.value,
        alerts.c.source_kind == SourceKind.CAMERA.value,
    )
    lost = select(storm_members.c.source, storm_members.c.rule_kind).where(
        storm_members.c.over_at.is_(None)
    )
    found: dict[str, RuleKind] = {}
    for row in (*tx.execute(query), *tx.execute(lost)):
        kind = RuleKind(row.rule_kind)
        known = found.get(row.source, kind)
        found[row.source] = min(kind, known, key=OF_THE_CAMERA.index)
    return found
