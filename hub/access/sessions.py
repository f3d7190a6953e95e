"""Sessions of people: a random value in the browser's cookie, its hash with us.

A session is over 12 hours after its last sign of life, that of somebody who is a worker and nothing
else (a phone that is put away for days) after 30 days, and each of them some time after its
opening, however lively it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Set
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.access import granting, repository
from hub.access.actions import Role, Subject
from hub.access.granting import Given, Holder
from hub.access.service import hashed

SESSION_BYTES = 32
DAY_S = 86_400.0
IDLE_S = 12 * 3600.0
IDLE_WORKER_S = 30 * DAY_S
LONGEST_S = 30 * DAY_S
LONGEST_WORKER_S = 90 * DAY_S
SEEN_S = 60.0
"""A sign of life is written at most so often."""
KEEP_S = 7 * DAY_S
"""Sessions that are over are deleted after this time, at the next login."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whose session it is; `unseen` asks for its sign of life to be written."""

    subject: Subject
    unseen: bool


@dataclass(frozen=True, slots=True)
class OnFile:
    """A session that was not ended, its account, and all grants not ended; times in UTC seconds."""

    account: str
    name: str
    must_change: bool
    held: tuple[Given, ...]
    created_at: float
    seen_at: float
    expires_at: float

    def at(self, now: float, zone: ZoneInfo) -> Found | None:
        """Who stands behind it at this moment; None if it is over.

        The grants are those in force now at a site of that time zone. Who was a worker and now
        has another role is held to the shorter times of that.
        """
        roles = granting.roles_of(self.held)
        idle_s = IDLE_WORKER_S if _on_foot(roles) else IDLE_S
        over = min(self.expires_at, self.created_at + longest_s(roles), self.seen_at + idle_s)
        if now >= over:
            return None
        counts = granting.in_force(self.held, now, zone)
        who = Subject(self.name, counts, account=self.account, must_change=self.must_change)
        return Found(who, now - self.seen_at >= SEEN_S)


def longest_s(roles: Set[Role]) -> float:
    """Seconds from its opening to the end of any session of someone with these roles."""
    return LONGEST_WORKER_S if _on_foot(roles) else LONGEST_S


def open_session(tx: Connection, account_id: str, roles: Set[Role], now: float) -> str:
    """Begin a session; gives its plain value, which is never to be had again."""
    repository.forget_sessions(tx, now - KEEP_S)
    plain = secrets.token_urlsafe(SESSION_BYTES)
    repository.insert_session(tx, hashed(plain), account_id, now, now + longest_s(roles))
    return plain


def find(tx: Connection, plain: str, now: float, zone: ZoneInfo) -> Found | None:
    """Who stands behind a session's value; None if it is over, ended or none of ours."""
    filed = on_file(tx, plain)
    return None if filed is None else filed.at(now, zone)


def on_file(tx: Connection, plain: str) -> OnFile | None:
    """What is on file of a session; None if it was ended or is none of ours."""
    row = repository.session_and_account(tx, hashed(plain))
    if row is None:
        return None
    held = granting.live_of(tx, Holder(account=row.id))
    return OnFile(
        row.id, row.name, row.must_change, held, row.created_at, row.seen_at, row.expires_at
    )


def see(tx: Connection, plain: str, now: float) -> None:
    """Write a session's sign of life."""
    repository.see_session(tx, hashed(plain), now)


def end(tx: Connection, plain: str, now: float) -> None:
    """End one session."""
    repository.end_sessions(tx, "id_hash", hashed(plain), now)


def end_all(tx: Connection, account_id: str, now: float) -> None:
    """End all sessions of an account."""
    repository.end_sessions(tx, "account_id", account_id, now)


def _on_foot(roles: Set[Role]) -> bool:
    return roles == {Role.WORKER}
