"""All queries of this room."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from hub.alerts.mute import Mute
from hub.alerts.page import AlertFilter
from hub.alerts.rows import alert_row, mute_row, to_alert, to_mute
from hub.store.ground import inside, looked_up, looked_up_below
from hub.store.page import Cursor, newest_first
from hub.store.tables.alerts import alerts, mutes, outcomes, transitions
from hub.store.tables.rules import rule_states
from hub.types.finding import Alert, Life, Outcome, Reason, RuleKind
from hub.types.scene import SourceKind
from hub.types.staff import Jurisdiction

T = TypeVar("T")

IN_MAX = 500
"""Values in one `IN (…)`: both databases take far more, but plans stay readable."""

BLINDING = (RuleKind.CAMERA_OFFLINE, RuleKind.CAMERA_FROZEN)
"""While one of these is live, what the camera's picture rules say means nothing."""
_LIVES = alerts.c.life != literal(Life.CLEARED.value, literal_execute=True)
"""As text, so that the database knows that the index of the live ones serves."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one finding."""

    finding_id: str
    producer: str
    seq: int
    episode_id: str
    outcome: Outcome
    reason: Reason
    alert_id: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the log of transitions."""

    entity: str
    entity_id: str
    version: int
    at: float
    what: str
    from_state: str | None
    to_state: str | None
    reason: str
    actor: str
    device: str | None = None


def _columns(value: Recorded | Move) -> dict[str, object]:
    """The fields as they are; `asdict` copies each and takes a quarter of a batch's time."""
    return {name: getattr(value, name) for name in value.__slots__}


def _portions(values: Iterable[T]) -> Iterator[list[T]]:
    listed = list(values)
    for start in range(0, len(listed), IN_MAX):
        yield listed[start : start + IN_MAX]


# -- what a batch of findings needs to know ---------------------------------------------------


def recorded(tx: Connection, finding_ids: Iterable[str]) -> dict[str, Recorded]:
    """Those of these findings whose outcome stands already."""
    found: dict[str, Recorded] = {}
    for portion in _portions(finding_ids):
        query = select(outcomes).where(outcomes.c.finding_id.in_(portion))
        for row in tx.execute(query):
            found[row.finding_id] = Recorded(
                row.finding_id,
                row.producer,
                row.seq,
                row.episode_id,
                Outcome(row.outcome),
                Reason(row.reason),
                row.alert_id,
                row.at,
            )
    return found


def live_alerts(tx: Connection, fingerprints: Iterable[str]) -> dict[str, Alert]:
    """The alerts of these fingerprints that are not cleared, locked against people's actions."""
    found: dict[str, Alert] = {}
    # Sorted, so that two transactions lock in the same order.
    for portion in _portions(sorted(set(fingerprints))):
        query = (
            select(alerts)
            .where(alerts.c.fingerprint.in_(portion), alerts.c.life != Life.CLEARED.value)
            .order_by(alerts.c.id)
            .with_for_update()
        )
        for row in tx.execute(query):
            found[row.fingerprint] = to_alert(row)
    return found


def live_places(tx: Connection, kind: RuleKind) -> set[str]:
    """The places of the alerts of this kind that are not cleared."""
    query = select(alerts.c.place).where(alerts.c.rule_kind == kind.value, _LIVES)
    return set(tx.execute(query).scalars())


def cleared_alerts(tx: Connection, fingerprints: Iterable[str], since: float) -> dict[str, Alert]:
    """The last alert of each fingerprint that was cleared after `since`, locked likewise."""
    found: dict[str, Alert] = {}
    for portion in _portions(sorted(set(fingerprints))):
        query = (
            select(alerts)
            .where(
                alerts.c.fingerprint.in_(portion),
                alerts.c.life == Life.CLEARED.value,
                alerts.c.cleared_at >= since,
            )
            .order_by(alerts.c.cleared_at, alerts.c.id)
            .with_for_update()
        )
        for row in tx.execute(query):
            found[row.fingerprint] = to_alert(row)
    return found


def blinding_alerts(tx: Connection, sources: Iterable[str]) -> dict[str, set[str]]:
    """Of those of these cameras that are known to be offline or frozen, the alerts that say so."""
    found: dict[str, set[str]] = {}
    for portion in _portions(sorted(set(sources))):
        query = select(alerts.c.source, alerts.c.id).where(
            alerts.c.source.in_(portion),
            alerts.c.life != Life.CLEARED.value,
            alerts.c.rule_kind.in_([kind.value for kind in BLINDING]),
        )
        for source, alert_id in tx.execute(query):
            found.setdefault(source, set()).add(alert_id)
    return found


# -- alerts -----------------------------------------------------------------------------------


def get_alert(tx: Connection, alert_id: str, *, lock: bool = False) -> Alert | None:
    """One alert; with `lock` nobody else changes it until this transaction ends."""
    query = select(alerts).where(alerts.c.id == alert_id)
    row = tx.execute(query.with_for_update() if lock else query).first()
    return None if row is None else to_alert(row)


def all_alerts(tx: Connection) -> list[Alert]:
    """Every alert, oldest first: what a report or an export lists."""
    return [to_alert(row) for row in tx.execute(select(alerts).order_by(alerts.c.id))]


def neighbours(tx: Connection, alert: Alert, within: Jurisdiction) -> tuple[str | None, str | None]:
    """The alerts of the same source, in that ground, that were raised just before and after."""
    place = (alerts.c.raised_at, alerts.c.id)
    here = tuple_(*map(literal, (alert.raised_at, alert.id)))
    here_too = (alerts.c.source == alert.source, inside(alerts.c.grid_path, within))
    same = select(alerts.c.id).where(*here_too).limit(1)
    before = same.where(tuple_(*place) < here).order_by(*(column.desc() for column in place))
    after = same.where(tuple_(*place) > here).order_by(*place)
    return tx.execute(before).scalar(), tx.execute(after).scalar()


def has_duplicates(tx: Connection, alert_id: str) -> bool:
    """Whether other alerts were merged into this one."""
    query = select(alerts.c.id).where(alerts.c.merged_into == alert_id).limit(1)
    return tx.execute(query).first() is not None


def insert_alerts(tx: Connection, fresh: Sequence[Alert]) -> None:
    """New alerts."""
    if fresh:
        tx.execute(insert(alerts), [alert_row(alert) for alert in fresh])


def update_alerts(tx: Connection, changed: Sequence[Alert]) -> None:
    """Write alerts as they are now; the link to the incident belongs to another room."""
    if not changed:
        return
    rows = []
    for alert in changed:
        row = alert_row(alert)
        del row["incident_id"]
        row["key"] = row.pop("id")
        rows.append(row)
    columns = [name for name in rows[0] if name != "key"]
    statement = (
        update(alerts)
        .where(alerts.c.id == bindparam("key"))
        .values({name: bindparam(name) for name in columns})
    )
    tx.execute(statement, rows)


def silent_ids(tx: Connection, before: float, limit: int) -> list[str]:
    """Live alerts that nobody has spoken of since `before`.

    Of cameras; of sensors only those whose rules remember nothing (any more): a rule that still
    holds an episode open speaks up itself.
    """
    # In the order of its index; by id all alerts there ever were would be read for it.
    longest = (alerts.c.updated_at, alerts.c.id)
    query = select(alerts.c.id).where(*_silent(before)).order_by(*longest).limit(limit)
    return list(tx.execute(query).scalars())


def silent_alerts(tx: Connection, before: float, ids: Collection[str]) -> list[Alert]:
    """Those of these that still are silent, locked."""
    query = select(alerts).where(alerts.c.id.in_(ids), *_silent(before)).order_by(alerts.c.id)
    return [to_alert(row) for row in tx.execute(query.with_for_update())]


def _silent(before: float) -> tuple[ColumnElement[bool], ...]:
    forgotten = and_(
        alerts.c.source_kind == SourceKind.SENSOR.value,
        alerts.c.source.not_in(select(rule_states.c.source)),
    )
    spoken_for = or_(alerts.c.source_kind == SourceKind.CAMERA.value, forgotten)
    return _LIVES, spoken_for, alerts.c.updated_at < before


def list_alerts(
    tx: Connection, wanted: AlertFilter, after: Cursor | None, limit: int
) -> list[Alert]:
    """Newest first."""
    query = select(alerts).where(*_conditions(tx, wanted))
    page = newest_first(query, alerts.c.raised_at, alerts.c.id, after, limit)
    return [to_alert(row) for row in tx.execute(page)]


def age(alert: Alert) -> Cursor:
    """Where an alert stands in `list_alerts`."""
    return Cursor(alert.raised_at, alert.id)


def urgent_alerts(
    tx: Connection, wanted: AlertFilter, after: Cursor | None, limit: int
) -> list[Alert]:
    """The most severe first, of equals the one raised first. Raises Refused (`bad_cursor`)."""
    order = (alerts.c.severity, alerts.c.raised_at, alerts.c.id)
    query = select(alerts).where(*_conditions(tx, wanted)).order_by(*order).limit(limit)
    if after is not None:
        severity, _, alert_id = after.id.partition("~")
        query = query.where(tuple_(*order) > tuple_(*map(literal, (severity, after.at, alert_id))))
    return [to_alert(row) for row in tx.execute(query)]


def urgency(alert: Alert) -> Cursor:
    """Where an alert stands in `urgent_alerts`."""
    return Cursor(alert.raised_at, f"{alert.severity}~{alert.id}")


def _conditions(tx: Connection, wanted: AlertFilter) -> list[ColumnElement[bool]]:
    c = alerts.c
    values = {name: value for name, value in asdict(wanted).items() if value is not None}
    found: list[ColumnElement[bool]] = [
        c[name] == (value if isinstance(value, bool) else str(value))
        for name, value in values.items()
        if name in c
    ]
    if wanted.live is not None:
        found.append(_LIVES if wanted.live else ~_LIVES)
    elif wanted.life not in (None, Life.CLEARED):
        found.append(_LIVES)  # for the index of those
    if wanted.judged is not None:
        found.append(c.verdict.is_not(None) if wanted.judged else c.verdict.is_(None))
    if wanted.unbound is not None:
        found.append(c.grid_code.is_(None) if wanted.unbound else c.grid_code.is_not(None))
    if wanted.grid is not None:
        found.append(looked_up_below(tx, c.grid_path, wanted.grid))
    found.append(looked_up(tx, c.grid_path, wanted.within))
    if wanted.raised_from is not None:
        found.append(c.raised_at >= wanted.raised_from)
    if wanted.raised_before is not None:
        found.append(c.raised_at < wanted.raised_before)
    return found


# -- the ledger and the log -------------------------------------------------------------------


def insert_outcomes(tx: Connection, rows: Sequence[Recorded]) -> None:
    """What became of findings; a second row for the same finding is an error of the database."""
    if rows:
        tx.execute(insert(outcomes), [_columns(row) for row in rows])


def finding_ids(tx: Connection) -> dict[Outcome, set[str]]:
    """The ids of all findings by what became of them."""
    found: dict[Outcome, set[str]] = {outcome: set() for outcome in Outcome}
    for finding_id, outcome in tx.execute(select(outcomes.c.finding_id, outcomes.c.outcome)):
        found[Outcome(outcome)].add(finding_id)
    return found


def outcome_counts(tx: Connection) -> dict[tuple[Outcome, Reason], int]:
    """How many findings there are of each outcome and reason."""
    query = select(outcomes.c.outcome, outcomes.c.reason, func.count()).group_by(
        outcomes.c.outcome, outcomes.c.reason
    )
    return {(Outcome(row[0]), Reason(row[1])): row[2] for row in tx.execute(query)}


def insert_moves(tx: Connection, moves: Sequence[Move]) -> None:
    """Append to the log of transitions."""
    if moves:
        tx.execute(insert(transitions), [_columns(move) for move in moves])


def moves_of(tx: Connection, entity: str, entity_id: str) -> list[Move]:
    """The log of one alert or mute, oldest first."""
    query = (
        select(transitions)
        .where(transitions.c.entity == entity, transitions.c.entity_id == entity_id)
        .order_by(transitions.c.version)
    )
    return [
        Move(**{name: value for name, value in row._mapping.items() if name != "seq"})
        for row in tx.execute(query)
    ]


# -- mutes ------------------------------------------------------------------------------------


def insert_mute(tx: Connection, mute: Mute) -> None:
    """A new mute."""
    tx.execute(insert(mutes).values(mute_row(mute)))


def end_mute(tx: Connection, mute_id: str, at: float) -> None:
    """End a mute early."""
    tx.execute(update(mutes).where(mutes.c.id == mute_id).values(ended_at=at))


def get_mute(tx: Connection, mute_id: str) -> Mute | None:
    """One mute, locked."""
    row = tx.execute(select(mutes).where(mutes.c.id == mute_id).with_for_update()).first()
    return None if row is None else to_mute(row)


def list_mutes(tx: Connection, on_at: float | None, within: Jurisdiction) -> list[Mute]:
    """Those of that ground and of the whole site, in force at `on_at` if given; newest first."""
    query = select(mutes).order_by(mutes.c.created_at.desc(), mutes.c.id.desc())
    query = query.where(or_(mutes.c.grid_path.is_(None), inside(mutes.c.grid_path, within)))
    if on_at is not None:
        query = query.where(mutes.c.ended_at.is_(None), mutes.c.ends_at > on_at)
    found = [to_mute(row) for row in tx.execute(query)]
    return found if on_at is None else [mute for mute in found if mute.is_on(on_at)]
