"""Of which cameras a matter is open: one question over the tables of two rooms.

It is asked each second for all cameras on all walls whose owners want it, so it begins at what is
open, which is little, never at a camera's history.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, or_, select

from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents
from hub.store.tables.storms import storm_members
from hub.types.finding import Life, RuleKind, Verdict
from hub.types.scene import SourceKind
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


def open_matters(tx: Connection, cameras: Collection[str]) -> set[str]:
    """Those of these cameras of which an alert lives or an incident is not over.

    What was judged to be nothing does not count, nor what only says that the camera is ill.
    """
    if not cameras:
        return set()
    return _filed(tx) & set(cameras) | _living(tx, sorted(cameras))


def _filed(tx: Connection) -> set[str]:
    """All cameras of open incidents: named one by one, SQLite would begin at their alerts."""
    going_on = [state.value for state in IncidentState if state not in OVER]
    query = (
        select(alerts.c.source)
        .distinct()
        .join(incidents, incidents.c.id == alerts.c.incident_id)
        .where(
            incidents.c.state.in_(going_on),
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
