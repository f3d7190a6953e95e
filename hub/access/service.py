"""Tokens (only their hashes are stored) and the register of who looked at what, and why."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.access import granting, names, repository
from hub.access.actions import Action, Role, Subject
from hub.access.granting import Given, Holder
from hub.access.grants import Grant
from hub.kit.errors import Forbidden, NotFound
from hub.kit.ids import Ids

TOKEN_BYTES = 32
ACCOUNT = "account/"
"""How a subject begins that names an account, by its id: what is sealed holds nobody's login."""
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
    """A token as listed, with the grants that were not ended: never the token itself.

    Times are UTC epoch seconds.
    """

    id: str
    name: str
    grants: tuple[Given, ...]
    created_at: float
    revoked_at: float | None

    @property
    def roles(self) -> frozenset[Role]:
        """What it is given for, whether that counts now or not."""
        return granting.roles_of(self.grants)


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the register; `about` is the login of the account that its subject names."""

    seq: int
    at: float
    actor: str
    action: Action
    subject: str
    reason: LookReason
    about: str | None = None


def hashed(plain: str) -> str:
    """SHA-256 of a token. A plain hash is enough: a token carries 256 random bits."""
    return hashlib.sha256(plain.encode()).hexdigest()


def issue(
    tx: Connection, name: str, grants: Sequence[Grant], now: float, ids: Ids, *, by: str = "hub"
) -> tuple[Token, str]:
    """Make a token and return it with its plain text, which is never to be had again.

    Raises Refused (`bad_name`, `role_not_given` and the others of `granting.give`), Conflict
    (`name_taken`: a task belongs to a name, and the register tells who looked by it).
    """
    plain, token_id, name = secrets.token_urlsafe(TOKEN_BYTES), ids(), names.checked(name)
    names.give_token(tx, name, token_id, now)
    repository.insert_token(tx, token_id, hashed(plain), name, now)
    held = granting.give(tx, Holder(token=token_id), grants, by, now, ids)
    return Token(token_id, name, held, now, None), plain


def first_admin(tx: Connection, now: float, ids: Ids) -> str | None:
    """The plain text of an administrator's token if nobody could administer, else None."""
    if repository.count_admins(tx, grant_id=None, account=None, token=None):
        return None
    return issue(tx, "first administrator", [Grant(Role.ADMIN)], now, ids)[1]


@dataclass(frozen=True, slots=True)
class TokenOnFile:
    """A token that is not revoked, and all grants not ended, whether they count now or not."""

    id: str
    name: str
    held: tuple[Given, ...]

    def at(self, now: float, zone: ZoneInfo) -> Subject:
        """Who it belongs to, with the grants in force now at a site of that time zone."""
        return Subject(self.name, granting.in_force(self.held, now, zone), token=self.id)


def token_on_file(tx: Connection, plain: str) -> TokenOnFile:
    """What is on file of a token. Raises Forbidden (`unauthenticated`) if it is none of ours."""
    row = repository.live_token(tx, hashed(plain))
    if row is None:
        raise Forbidden("this token is unknown or was revoked", code="unauthenticated")
    return TokenOnFile(row.id, row.name, granting.live_of(tx, Holder(token=row.id)))


def subject_of(tx: Connection, plain: str, now: float, zone: ZoneInfo) -> Subject:
    """Who a token belongs to, with the grants in force now at a site of that time zone.

    Raises Forbidden (`unauthenticated`) if it is none of ours.
    """
    return token_on_file(tx, plain).at(now, zone)


def list_tokens(tx: Connection) -> list[Token]:
    """All tokens ever given, oldest first."""
    held = granting.live_by_token(tx)
    return [
        Token(row.id, row.name, tuple(held.get(row.id, ())), row.created_at, row.revoked_at)
        for row in repository.all_tokens(tx)
    ]


def revoke(tx: Connection, token_id: str, now: float) -> None:
    """End a token at once.

    Raises NotFound, and Conflict (`last_admin`) when nobody could administer any more.
    """
    row = repository.token_by_id(tx, token_id)
    if row is None or row.revoked_at is not None:
        raise NotFound(f"no token {token_id}")
    if granting.administers(granting.live_of(tx, Holder(token=token_id))):
        granting.somebody_is_left(tx, token=token_id)
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
    *,
    same_s: float = ONE_LOOK_S,
) -> None:
    """Write several looks at once; one that stands there since `same_s` ago is the same look."""
    known = repository.looked_since(tx, who.name, action.value, now - same_s)
    new = {(subject, reason.value) for subject, reason in seen} - known
    if new:
        repository.insert_looks(tx, at=now, actor=who.name, action=action.value, seen=sorted(new))


@dataclass(frozen=True, slots=True)
class LookFilter:
    """Which lines are wanted; `subject` is part of theirs. UTC epoch seconds, `until` not in it."""

    actor: str | None = None
    action: Action | None = None
    subject: str = ""
    since: float | None = None
    until: float | None = None


def list_looks(
    tx: Connection, before: int | None, limit: int, wanted: LookFilter | None = None
) -> list[Look]:
    """Lines of the register, newest first; `before` is the `seq` to go on from.

    Accounts are told by the logins they have now, none once they are erased.
    """
    rows = repository.looks_before(tx, before, limit, **({} if wanted is None else asdict(wanted)))
    named = {row.seq: _account_in(row.subject) for row in rows if row.subject.startswith(ACCOUNT)}
    logins = repository.logins(tx, set(named.values()))
    return [
        Look(
            row.seq,
            row.at,
            row.actor,
            Action(row.action),
            row.subject,
            LookReason(row.reason),
            logins.get(named.get(row.seq, "")),
        )
        for row in rows
    ]


def _account_in(subject: str) -> str:
    return subject.removeprefix(ACCOUNT).split(":")[0]
