"""Queries on what people do about incidents: approvals, contacts, keys, boards, timelines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    func,
    insert,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from hub.dispatch.lives import Verb
from hub.store.cases import held
from hub.store.ground import below, inside
from hub.store.page import Cursor, newest_first
from hub.store.tables.alerts import alerts, transitions
from hub.store.tables.dispatch import approvals, contacts, incident_actions, incidents, tasks
from hub.store.tables.whistles import whistles
from hub.types.staff import Jurisdiction
from hub.types.work import TaskState

Found = Row[Any]
"""A row as the database has it."""

ASKED, GRANTED, DENIED, LAPSED = "asked", "granted", "denied", "lapsed"
_ENDED = (TaskState.DONE.value, TaskState.VOID.value)


# -- incidents and their tasks -----------------------------------------------------------------


def incident_row(tx: Connection, incident_id: str) -> Found | None:
    """All that is known of one incident."""
    return tx.execute(select(incidents).where(incidents.c.id == incident_id)).first()


def open_tasks(tx: Connection, incident_id: str) -> Sequence[Found]:
    """The errands of an incident that are neither done nor void, locked."""
    query = (
        select(tasks)
        .where(tasks.c.incident_id == incident_id, tasks.c.state.not_in(_ENDED))
        .order_by(tasks.c.created_at, tasks.c.id)
    )
    return tx.execute(query.with_for_update()).all()


def last_photos(tx: Connection, incident_id: str) -> Sequence[str]:
    """The photos of the incident's newest errand that was done."""
    query = (
        select(tasks.c.photo_ids)
        .where(tasks.c.incident_id == incident_id, tasks.c.state == TaskState.DONE.value)
        .order_by(tasks.c.done_at.desc(), tasks.c.id.desc())
        .limit(1)
    )
    return tx.execute(query).scalar() or ()


def lowered_by(tx: Connection, incident_ids: Sequence[str]) -> set[str]:
    """Who lowered how grave these are."""
    of = incidents.c
    query = select(of.lowered_by).where(of.id.in_(incident_ids), of.lowered_by.is_not(None))
    return set(tx.execute(query).scalars())


def was_filed(tx: Connection, incident_ids: Sequence[str]) -> bool:
    """Whether the log of any of these says that it was filed, or that it was split from one."""
    log = transitions.c
    query = select(log.seq).where(
        log.entity == "incident",
        log.entity_id.in_(incident_ids),
        log.what.in_((Verb.FILE.value, Verb.SPLIT.value)),
    )
    return tx.execute(query.limit(1)).first() is not None


def take_over(tx: Connection, from_id: str, to_id: str) -> None:
    """Contacts and children of one incident become those of another, and what went into it."""
    for table, column in (
        (contacts, contacts.c.incident_id),
        (incidents, incidents.c.parent_id),
        (incidents, incidents.c.merged_into),
    ):
        tx.execute(update(table).where(column == from_id).values({column.name: to_id}))


def is_held(tx: Connection, incident_id: str, now: float) -> bool:
    """Whether nothing of it may be erased now."""
    query = select(incidents.c.id).where(incidents.c.id == incident_id)
    return tx.execute(query.where(held(incidents.c.id, now))).first() is not None


# -- the board ---------------------------------------------------------------------------------


def _shown(
    within: Jurisdiction, grid: str | None, states: Collection[str]
) -> list[ColumnElement[bool]]:
    found = [incidents.c.state.in_(states), inside(incidents.c.grid_path, within)]
    return found if grid is None else [*found, below(incidents.c.grid_path, grid)]


def counts(
    tx: Connection, states: Collection[str], within: Jurisdiction, grid: str | None
) -> dict[str, int]:
    """How many incidents of that ground are in each of these states."""
    query = (
        select(incidents.c.state, func.count())
        .where(*_shown(within, grid, states))
        .group_by(incidents.c.state)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def count_unbound(tx: Connection, states: Collection[str], within: Jurisdiction) -> int:
    """How many of them no grid contains."""
    query = select(func.count()).select_from(incidents)
    nowhere = incidents.c.grid_code.is_(None)
    return tx.execute(query.where(nowhere, *_shown(within, None, states))).scalar_one()


def most_urgent(
    tx: Connection, states: Collection[str], within: Jurisdiction, grid: str | None, limit: int
) -> Sequence[Found]:
    """The gravest of them, among equals those that are due first."""
    query = (
        select(incidents)
        .where(*_shown(within, grid, states))
        .order_by(incidents.c.severity, incidents.c.handle_by, incidents.c.id)
        .limit(limit)
    )
    return tx.execute(query).all()


# -- what is asked for -------------------------------------------------------------------------


def insert_ask(tx: Connection, **values: object) -> None:
    """A new question."""
    tx.execute(insert(approvals).values(state=ASKED, decision_note="", **values))


def ask_row(tx: Connection, approval_id: str) -> Found | None:
    """One question with the ground of its incident."""
    query = _asks(incidents.c.grid_path).where(approvals.c.id == approval_id)
    return tx.execute(query).first()


def _asks(*more: Any) -> Select[Any]:
    """Questions, each with the version of its incident."""
    version = incidents.c.version.label("incident_version")
    return select(approvals, version, *more).join(
        incidents, incidents.c.id == approvals.c.incident_id
    )


def lock_ask(tx: Connection, approval_id: str) -> Found | None:
    """The question, locked."""
    query = select(approvals).where(approvals.c.id == approval_id)
    return tx.execute(query.with_for_update()).first()


def open_asks(tx: Connection, incident_id: str) -> Sequence[Found]:
    """What is asked for about an incident and not decided."""
    return tx.execute(
        select(approvals).where(approvals.c.incident_id == incident_id, approvals.c.state == ASKED)
    ).all()


def decide_ask(tx: Connection, approval_id: str, state: str, by: str, at: float, note: str) -> None:
    """Note the decision."""
    tx.execute(
        update(approvals)
        .where(approvals.c.id == approval_id)
        .values(state=state, decided_by=by, decided_at=at, decision_note=note)
    )


def lapse_asks(tx: Connection, approval_ids: Sequence[str], at: float) -> None:
    """What was asked for is no longer possible."""
    if approval_ids:
        tx.execute(
            update(approvals)
            .where(approvals.c.id.in_(approval_ids))
            .values(state=LAPSED, decided_at=at)
        )


def list_asks(
    tx: Connection,
    state: str | None,
    incident_id: str | None,
    within: Jurisdiction,
    after: Cursor | None,
    limit: int,
) -> Sequence[Found]:
    """Questions about incidents of that ground, newest first."""
    query = _asks().where(inside(incidents.c.grid_path, within))
    if state is not None:
        query = query.where(approvals.c.state == state)
    if incident_id is not None:
        query = query.where(approvals.c.incident_id == incident_id)
    return tx.execute(newest_first(query, approvals.c.asked_at, approvals.c.id, after, limit)).all()


def count_asks(tx: Connection, within: Jurisdiction) -> int:
    """How many questions about incidents of that ground wait for a decision."""
    query = (
        select(func.count())
        .select_from(approvals)
        .join(incidents, incidents.c.id == approvals.c.incident_id)
        .where(approvals.c.state == ASKED, inside(incidents.c.grid_path, within))
    )
    return tx.execute(query).scalar_one()


# -- contacts ----------------------------------------------------------------------------------


def insert_contact(
    tx: Connection, contact_id: str, incident_id: str, name: str, phone: str, at: float
) -> None:
    """Someone who reported."""
    tx.execute(
        insert(contacts).values(
            id=contact_id, incident_id=incident_id, name=name, phone=phone, taken_at=at
        )
    )


def erase_contacts(tx: Connection, incident_id: str, at: float) -> None:
    """Forget who reported this incident."""
    tx.execute(
        update(contacts)
        .where(contacts.c.incident_id == incident_id, contacts.c.erased_at.is_(None))
        .values(name=None, phone=None, erased_at=at)
    )


def contacts_of(tx: Connection, incident_id: str) -> Sequence[Found]:
    """Those of an incident that are not erased."""
    query = select(contacts).where(
        contacts.c.incident_id == incident_id, contacts.c.phone.is_not(None)
    )
    return tx.execute(query.order_by(contacts.c.taken_at, contacts.c.id)).all()


# -- keys --------------------------------------------------------------------------------------


def claim_key(
    tx: Connection, key: str, subject: str, verb: str, by: str, at: float, said: str | None
) -> bool:
    """Take a key; False if it is taken, also by a transaction that has just ended."""
    row = {"key": key, "subject": subject, "verb": verb, "result": "", "actor": by, "at": at}
    row["said"] = said
    try:
        with tx.begin_nested():
            tx.execute(insert(incident_actions).values(**row))
    except IntegrityError:
        return False
    return True


def keep_answer(tx: Connection, key: str, answer: str) -> None:
    """What was answered under a key."""
    tx.execute(update(incident_actions).where(incident_actions.c.key == key).values(result=answer))


def deed(tx: Connection, key: str) -> Found:
    """What was done under a key."""
    return tx.execute(select(incident_actions).where(incident_actions.c.key == key)).one()


def sent_by(tx: Connection, verb: str, by: str, subjects: Collection[str]) -> set[str]:
    """Those of these subjects to which this person did that."""
    done = incident_actions.c
    query = select(done.subject).where(
        done.verb == verb, done.actor == by, done.subject.in_(subjects)
    )
    return set(tx.execute(query).scalars())


# -- the timeline ------------------------------------------------------------------------------


def merged_ids(tx: Connection, incident_id: str) -> list[str]:
    """The incidents that went into this one, and those that went into them."""
    found, new = [incident_id], [incident_id]
    while new:
        query = select(incidents.c.id).where(incidents.c.merged_into.in_(new))
        new = [each for each in tx.execute(query).scalars() if each not in found]
        found += new
    return found[1:]


def timeline(tx: Connection, incident_ids: Sequence[str], limit: int) -> Sequence[Found]:
    """The log of these incidents, their alerts and their tasks, the newest lines first."""
    parts: dict[str, Any] = {
        "incident": incident_ids,
        "alert": select(alerts.c.id).where(alerts.c.incident_id.in_(incident_ids)),
        "task": select(tasks.c.id).where(tasks.c.incident_id.in_(incident_ids)),
        "whistle": select(whistles.c.id).where(whistles.c.incident_id.in_(incident_ids)),
    }
    log = transitions.c
    # One query each: with `or` between them PostgreSQL reads the whole log.
    said = union_all(
        *(
            select(transitions).where(log.entity == entity, log.entity_id.in_(ids))
            for entity, ids in parts.items()
        )
    ).subquery()
    query = select(said).order_by(said.c.at.desc(), said.c.seq.desc()).limit(limit)
    return tx.execute(query).all()


def evidence(tx: Connection, incident_ids: Sequence[str]) -> dict[str, list[str]]:
    """What pictures belong to alerts, tasks and reports, by their ids."""
    found: dict[str, list[str]] = {}
    pictures = select(alerts.c.id, alerts.c.evidence_id).where(
        alerts.c.incident_id.in_(incident_ids), alerts.c.evidence_id.is_not(None)
    )
    for alert_id, evidence_id in tx.execute(pictures):
        found[alert_id] = [evidence_id]
    for table, column in ((tasks, tasks.c.incident_id), (incidents, incidents.c.id)):
        query = select(table.c.id, table.c.photo_ids).where(column.in_(incident_ids))
        found |= {id_: list(photos) for id_, photos in tx.execute(query) if photos}
    return found


def reports(tx: Connection, incident_ids: Sequence[str]) -> dict[str, list[list[str]]]:
    """The photos of each report of the departments called, by whistle, the oldest first."""
    query = select(whistles.c.id, whistles.c.reports).where(
        whistles.c.incident_id.in_(incident_ids)
    )
    return {id_: [each["photo_ids"] for each in said] for id_, said in tx.execute(query)}
