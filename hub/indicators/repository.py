"""Queries of the figures: what the log says, what is derived from it, and the sums of that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from hub.indicators.cameras import FAULTS, Fault, Seconds, There
from hub.indicators.facts import Case, CaseFacts, Deadlines, Errand, Line, as_done
from hub.indicators.places import Place
from hub.store.tables.alerts import alerts, muted_faults, transitions
from hub.store.tables.dispatch import incidents, tasks
from hub.store.tables.indicators import (
    COUNTS,
    PHASES,
    alert_days,
    camera_days,
    camera_spans,
    case_facts,
    case_places,
    figure_marks,
)
from hub.store.tables.sources import cameras
from hub.store.tables.storms import storm_members
from hub.store.tables.timers import timers
from hub.types.finding import RuleKind, Severity
from hub.types.work import IncidentState, Origin

Found = Row[Any]
FILE, VERIFY = "file", "verify"
"""Steps by the names of their clocks."""
AT_ONCE = 500
"""Values in one `IN (…)`."""


# -- marks -----------------------------------------------------------------------------------


def mark(tx: Connection, name: str) -> float | None:
    """How far something was read or when it was done, None at first."""
    return tx.execute(select(figure_marks.c.reached).where(figure_marks.c.name == name)).scalar()


def put_mark(tx: Connection, name: str, reached: float) -> None:
    """Write down how far it is."""
    tx.execute(delete(figure_marks).where(figure_marks.c.name == name))
    tx.execute(insert(figure_marks).values(name=name, reached=reached))


def forget_all(tx: Connection) -> None:
    """Everything derived is gone; it is derived again from the beginning."""
    for table in (case_facts, case_places, alert_days, camera_days, figure_marks):
        tx.execute(delete(table))


# -- cases -----------------------------------------------------------------------------------


def touched(
    tx: Connection, after: int, through: int, limit: int
) -> tuple[dict[str, set[str]], int]:
    """What lines `after` … `through` of the log speak of, at most `limit` lines.

    Returns the ids of `incident` and `alert`, and the number of the last line that was read.
    """
    log = transitions.c
    query = (
        select(log.seq, log.entity, log.entity_id)
        .where(log.seq > after, log.seq <= through)
        .order_by(log.seq)
        .limit(limit)
    )
    lines = tx.execute(query).all()
    found: dict[str, set[str]] = {"incident": set(), "alert": set()}
    for line in lines:
        found.setdefault(line.entity, set()).add(line.entity_id)
    return found, lines[-1].seq if len(lines) == limit else through


def raised(tx: Connection, ids: Collection[str]) -> list[float]:
    """When these alerts were raised, UTC epoch seconds."""
    return [
        at
        for some in _parts(ids)
        for at in tx.execute(select(alerts.c.raised_at).where(alerts.c.id.in_(some))).scalars()
    ]


def cases(tx: Connection, ids: Collection[str]) -> list[tuple[Case, list[Line]]]:
    """These incidents with their logs, the oldest line first; exercises are left out."""
    found: list[tuple[Case, list[Line]]] = []
    for some in _parts(ids):
        said: dict[str, list[Line]] = {}
        log = transitions.c
        query = (
            select(log.entity_id, log.what, log.at, log.reason)
            .where(log.entity == "incident", log.entity_id.in_(some))
            .order_by(log.seq)
        )
        for row in tx.execute(query):
            said.setdefault(row.entity_id, []).append(Line(row.what, row.at, row.reason))
        errands = _errands(tx, some)
        first, last = _red(tx, some)
        rows = tx.execute(
            select(incidents).where(incidents.c.id.in_(some), incidents.c.exercise.is_(False))
        )
        found += [
            (_case(row, first, last), as_done(said.get(row.id, []), errands.get(row.id, [])))
            for row in rows
        ]
    return found


def _errands(tx: Connection, ids: Sequence[str]) -> dict[str, list[Errand]]:
    """When each errand was done by the phone of whoever went."""
    at = tasks.c
    query = select(at.incident_id, at.created_at, at.accepted_at, at.on_scene_at, at.done_at)
    found: dict[str, list[Errand]] = {}
    for row in tx.execute(query.where(at.incident_id.in_(ids))):
        found.setdefault(row.incident_id, []).append(Errand(*row[1:]))
    return found


Red = dict[tuple[str, str], float]


def _red(tx: Connection, ids: Sequence[str]) -> tuple[Red, Red]:
    """By when the steps that have no column of their own had to be done: first, and last."""
    at = timers.c
    query = select(at.subject_id, at.step, at.due_at, at.first_due_at).where(
        at.subject == "incident",
        at.subject_id.in_(ids),
        at.step.in_((FILE, VERIFY)),
        at.level == "red",
    )
    rows = tx.execute(query).all()
    last = {(row.subject_id, row.step): row.due_at for row in rows}
    later = {(row.subject_id, row.step): row.first_due_at for row in rows if row.first_due_at}
    return last | later, last


def _case(row: Found, first: Red, last: Red) -> Case:
    reopened = row.first_handle_by is not None
    return Case(
        id=row.id,
        state=IncidentState(row.state),
        severity=Severity(row.severity),
        origin=Origin(row.origin),
        rule_kind=RuleKind(row.rule_kind),
        grid_path=tuple(row.grid_path),
        opened_at=row.opened_at,
        handled_at=row.handled_at,
        closed_at=row.closed_at,
        self_handled=row.self_handled,
        rating=row.rating,
        deadlines=Deadlines(
            file_by=first.get((row.id, FILE)),
            accept_by=row.first_accept_by if reopened else row.accept_by,
            on_scene_by=row.first_on_scene_by if reopened else row.on_scene_by,
            handle_by=row.first_handle_by if reopened else row.handle_by,
            verify_by=first.get((row.id, VERIFY)),
        ),
        last_handle_by=row.handle_by,
        last_verify_by=last.get((row.id, VERIFY)),
    )


def put_facts(
    tx: Connection, ids: Collection[str], facts: Sequence[tuple[CaseFacts, str, Sequence[Place]]]
) -> None:
    """The facts of incidents `ids` in place of what they were, each with its day and places."""
    for some in _parts(ids):
        for table in (case_facts, case_places):
            tx.execute(delete(table).where(table.c.incident_id.in_(some)))
    if not facts:
        return
    tx.execute(insert(case_facts), [_fact_row(each, day) for each, day, _ in facts])
    rows = [
        {
            "incident_id": each.case.id,
            "grid_code": place.code,
            "parent_code": place.parent,
            "due_by": each.due_by,
        }
        for each, _, places in facts
        for place in places
    ]
    tx.execute(insert(case_places), rows)


def _fact_row(facts: CaseFacts, day: str) -> dict[str, Any]:
    case = facts.case
    return {
        "incident_id": case.id,
        "due_by": facts.due_by,
        "due_day": day,
        "opened_at": case.opened_at,
        "severity": case.severity.value,
        "origin": case.origin.value,
        "rule_kind": case.rule_kind.value,
        **{f"n_{name}": int(name in facts.counts) for name in COUNTS},
        **{f"s_{name}": facts.waits.get(name) for name in PHASES},
    }


# -- days ------------------------------------------------------------------------------------


def alert_rows(tx: Connection, start: float, end: float) -> Sequence[Found]:
    """Alerts raised then, by path and kind: how many, and what was said of them.

    An incident is counted with its first alert alone: sums over days and paths stay true.
    """
    judged = alerts.c.verdict.is_not(None)
    other = alerts.alias("other")
    sooner = (other.c.raised_at < alerts.c.raised_at) | (
        (other.c.raised_at == alerts.c.raised_at) & (other.c.id < alerts.c.id)
    )
    before = exists().where(other.c.incident_id == alerts.c.incident_id, sooner)
    began = alerts.c.incident_id.is_not(None) & ~before
    return tx.execute(
        select(
            alerts.c.grid_path,
            alerts.c.rule_kind,
            func.count().label("alerts"),
            func.sum(alerts.c.findings).label("findings"),
            func.count().filter(judged).label("judged"),
            func.count().filter(alerts.c.verdict == "false").label("false_alarms"),
            func.count().filter(began).label("incidents"),
        )
        .where(alerts.c.raised_at >= start, alerts.c.raised_at < end, alerts.c.exercise.is_(False))
        .group_by(alerts.c.grid_path, alerts.c.rule_kind)
    ).all()


def put_alert_days(tx: Connection, day: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """A day of alerts in place of what it was."""
    _replace_day(tx, alert_days, day, rows)


def put_camera_days(tx: Connection, day: str, found: Iterable[tuple[Place, Seconds]]) -> None:
    """A day of cameras in place of what it was."""
    rows = [
        {
            "grid_code": place.code,
            "parent_code": place.parent,
            "cameras": seconds.cameras,
            "seconds": seconds.in_all,
            "offline_s": seconds.offline,
            "faulty_s": seconds.faulty,
            "disabled_s": seconds.disabled,
        }
        for place, seconds in found
    ]
    _replace_day(tx, camera_days, day, rows)


def _replace_day(tx: Connection, table: Table, day: str, rows: Iterable[Mapping[str, Any]]) -> None:
    tx.execute(delete(table).where(table.c.day == day))
    fresh = [{"day": day, **row} for row in rows]
    if fresh:
        tx.execute(insert(table), fresh)


def registered(tx: Connection) -> list[Found]:
    """The cameras there are, in use or not, and when the entry of each was changed last."""
    at = cameras.c
    return list(tx.execute(select(at.id, at.enabled, at.updated_at)))


def open_spans(tx: Connection) -> dict[str, There]:
    """The spans that last, by camera."""
    query = select(camera_spans).where(camera_spans.c.until.is_(None))
    return {row.camera_id: _there(row) for row in tx.execute(query)}


def spans(tx: Connection, start: float, end: float) -> list[There]:
    """Where cameras stood at some moment of that time, in use or not."""
    at = camera_spans.c
    lasted = at.until.is_(None) | (at.until > start)
    return [_there(row) for row in tx.execute(select(camera_spans).where(at.since < end, lasted))]


def _there(row: Found) -> There:
    path = None if row.grid_path is None else tuple(row.grid_path)
    return There(row.camera_id, row.since, row.until, row.enabled, path)


def put_spans(tx: Connection, changed: Sequence[There], begun: Sequence[There]) -> None:
    """Write the spans that ended or learned their path, and those that began."""
    at = camera_spans.c
    if changed:
        here = (at.camera_id == bindparam("camera"), at.until.is_(None))
        ends = [{"camera": each.camera, "until": each.until, **_path(each)} for each in changed]
        tx.execute(update(camera_spans).where(*here), ends)
    if begun:
        new = [
            {"camera_id": each.camera, "since": each.since, "enabled": each.enabled, **_path(each)}
            for each in begun
        ]
        tx.execute(insert(camera_spans), new)


def _path(span: There) -> dict[str, Any]:
    return {"grid_path": None if span.path is None else list(span.path)}


def faults(tx: Connection, start: float, end: float) -> list[Fault]:
    """The faults of cameras that lasted at some moment of that time, muted or not."""
    kinds = sorted(kind.value for kind in FAULTS)
    at = alerts.c
    query = select(at.source, at.rule_kind, at.captured_at, at.cleared_at).where(
        at.rule_kind.in_(kinds),
        at.captured_at < end,
        (at.cleared_at.is_(None)) | (at.cleared_at > start),
        at.exercise.is_(False),
    )
    of = storm_members.c
    stormy = select(of.source, of.rule_kind, of.since, of.over_at).where(
        of.since < end, (of.over_at.is_(None)) | (of.over_at > start)
    )
    quiet = muted_faults.c
    silenced = select(quiet.source, quiet.rule_kind, quiet.since, quiet.seen_at).where(
        quiet.since < end, quiet.seen_at > start
    )
    return [
        Fault(source, RuleKind(kind), since, over_at or end)
        for query in (query, stormy, silenced)
        for source, kind, since, over_at in tx.execute(query)
    ]


def _parts(ids: Collection[str]) -> list[list[str]]:
    listed = sorted(ids)
    return [listed[start : start + AT_ONCE] for start in range(0, len(listed), AT_ONCE)]
