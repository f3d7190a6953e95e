"""Tokens (only their hashes are stored) and the register of who looked at what, and why."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from hub.access import repository
from hub.access.actions import GIVEN_ROLES, Action, Role, Subject
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import Ids

TOKEN_BYTES = 32
ONE_LOOK_S = 300.0
"""A player fetches one clip in many ranges; within this time that is one look."""


class LookReason(StrEnum):
    """Why someone looks at a picture, a clip or a probe."""

    PATROL = "patrol"
    ALERT = "alert"
    TASK = "task"
    CASE = "case"
    MAINTENANCE = "maintenance"
    EXERCISE = "exercise"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as listed: never the token itself. Times are UTC epoch seconds."""

    id: str
    name: str
    role: Role
    created_at: float
    revoked_at: float | None


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the register."""

    seq: int
    at: float
    actor: str
    action: Action
    subject: str
    reason: LookReason


def hashed(plain: str) -> str:
    """SHA-256 of a token. A plain hash is enough: a token carries 256 random bits."""
    return hashlib.sha256(plain.encode()).hexdigest()


def issue(tx: Connection, name: str, role: Role, now: float, ids: Ids) -> tuple[Token, str]:
    """Make a token and return it with its plain text, which is never to be had again.

    Raises Refused (`role_not_given`) for a role that no token carries.
    """
    if role not in GIVEN_ROLES:
        raise Refused(f"no token is given for the role {role}", code="role_not_given")
    plain = secrets.token_urlsafe(TOKEN_BYTES)
    token = Token(ids(), name, role, now, None)
    repository.insert_token(tx, token.id, hashed(plain), name, role.value, now)
    return token, plain


def first_admin(tx: Connection, now: float, ids: Ids) -> str | None:
    """The plain text of a new administrator's token if there is none yet, else None."""
    if repository.count_live(tx, Role.ADMIN.value):
        return None
    return issue(tx, "first administrator", Role.ADMIN, now, ids)[1]


def subject_of(tx: Connection, plain: str) -> Subject:
    """Who a token belongs to. Raises Forbidden (`unauthenticated`) if it is none of ours."""
    row = repository.live_token(tx, hashed(plain))
    if row is None:
        raise Forbidden("this token is unknown or was revoked", code="unauthenticated")
    return Subject(row.name, Role(row.role))


def list_tokens(tx: Connection) -> list[Token]:
    """All tokens ever given, oldest first."""
    return [
        Token(row.id, row.name, Role(row.role), row.created_at, row.revoked_at)
        for row in repository.all_tokens(tx)
    ]


def revoke(tx: Connection, token_id: str, now: float) -> None:
    """End a token at once.

    Raises NotFound, and Conflict (`last_admin`) when nobody could administer any more.
    """
    row = repository.token_by_id(tx, token_id)
    if row is None or row.revoked_at is not None:
        raise NotFound(f"no token {token_id}")
    if row.role == Role.ADMIN and repository.count_live(tx, Role.ADMIN.value) == 1:
        raise Conflict("this is the last administrator's token", code="last_admin")
    repository.revoke_token(tx, token_id, now)


def note_look(
    tx: Connection, who: Subject, action: Action, subject: str, reason: LookReason, now: float
) -> None:
    """Write into the register that `who` was shown `subject` (`picture/<id>`, `probe/<camera>`)."""
    note_looks(tx, who, action, [(subject, reason)], now)


def note_looks(
    tx: Connection,
    who: Subject,
    action: Action,
    seen: Iterable[tuple[str, LookReason]],
    now: float,
) -> None:
    """Write several looks at once; one that stands there since a moment ago is the same look."""
    known = repository.looked_since(tx, who.name, action.value, now - ONE_LOOK_S)
    new = {(subject, reason.value) for subject, reason in seen} - known
    if new:
        repository.insert_looks(tx, at=now, actor=who.name, action=action.value, seen=sorted(new))


def list_looks(tx: Connection, before: int | None, limit: int) -> list[Look]:
    """Lines of the register, newest first; `before` is the `seq` to go on from."""
    return [
        Look(row.seq, row.at, row.actor, Action(row.action), row.subject, LookReason(row.reason))
        for row in repository.looks_before(tx, before, limit)
    ]
