"""Queries on the log of transitions and on the actions done under an idempotency key."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from hub.store.tables.alerts import transitions
from hub.store.tables.dispatch import task_actions

Found = Row[Any]
"""A row as the database has it."""


def find_action(tx: Connection, key: str) -> Found | None:
    """The action done under this idempotency key."""
    return tx.execute(select(task_actions).where(task_actions.c.key == key)).first()


def insert_action(
    tx: Connection, *, key: str, task_id: str, action: str, result: str, actor: str, at: float
) -> bool:
    """Note an action and its answer; False if the key was used at the same moment."""
    row = {"key": key, "task_id": task_id, "action": action, "result": result}
    try:
        with tx.begin_nested():
            tx.execute(insert(task_actions).values(**row, actor=actor, at=at))
    except IntegrityError:
        return False
    return True


def results(tx: Connection, task_id: str, action: str) -> list[str]:
    """The answers to all actions of this name for one task, in the order of their keys."""
    return list(
        tx.execute(
            select(task_actions.c.result)
            .where(task_actions.c.task_id == task_id, task_actions.c.action == action)
            .order_by(task_actions.c.key)
        ).scalars()
    )


def was_said(tx: Connection, incident_id: str, what: str, reason: str) -> bool:
    """Whether the incident's log has such a line."""
    log = transitions.c
    query = select(log.seq).where(
        log.entity == "incident",
        log.entity_id == incident_id,
        log.what == what,
        log.reason == reason,
    )
    return tx.execute(query.limit(1)).first() is not None


def actors(
    tx: Connection, entity: str, ids: Collection[str], what: Collection[str]
) -> dict[str, frozenset[str]]:
    """Who ever did one of these things to each of these; those that nobody did it to are left out.

    A column keeps the last one only: who did it before must not judge it either.
    """
    found: dict[str, frozenset[str]] = {}
    if ids:
        log = transitions.c
        query = select(log.entity_id, log.actor).distinct()
        query = query.where(log.entity == entity, log.entity_id.in_(ids), log.what.in_(what))
        for entity_id, actor in tx.execute(query):
            found[entity_id] = found.get(entity_id, frozenset()) | {actor}
    return found


def note_transitions(tx: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Append to the log of transitions; each row names all columns but `seq`."""
    if rows:
        tx.execute(insert(transitions), [dict(row) for row in rows])
