"""Accounts of people: registered by an administrator, opened by login and password."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from hub.access import devices, granting, names, repository, sessions
from hub.access.actions import Role
from hub.access.granting import Given, Holder
from hub.access.grants import Grant
from hub.access.service import hashed
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import Ids

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
FREE_TRIES = 4
"""The next wrong password locks the login."""
LOCKS_S = (60.0, 120.0, 240.0, 480.0, 900.0)
"""For how long the first lock holds, the second, …; the last one stays the longest."""
INSIDE = "inside"
"""Where who is in proves the password once more."""
FORGET_S = 24 * 3600.0
"""After so long without a wrong password the counting starts anew."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account as listed, with the grants that were not ended: never its password.

    Times are UTC epoch seconds.
    """

    id: str
    login: str
    name: str
    grants: tuple[Given, ...]
    must_change: bool
    created_at: float
    disabled_at: float | None = None
    locked_until: float | None = None

    @property
    def roles(self) -> frozenset[Role]:
        """What one has been made, whether it counts at this moment or not."""
        return granting.roles_of(self.grants)


class Locked(Forbidden):
    """Too many wrong passwords; `retry_after_s` says when it may be tried again."""

    code = "locked"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("too many wrong passwords: wait before the next try")
        self.retry_after_s = retry_after_s


def known_as(login: str) -> str:
    """A login as it is stored and looked for, however it was typed."""
    return login.strip().lower()


def create(
    tx: Connection,
    login: str,
    name: str,
    grants: Iterable[Grant],
    password_hash: str,
    now: float,
    ids: Ids,
    *,
    by: str = "hub",
    must_change: bool = True,
) -> Account:
    """Register an account with its grants, given `by` someone.

    Raises Refused (`bad_login`, `bad_name`, `role_not_given` and the others of `granting.give`) and
    Conflict (`login_taken`, `name_taken`: a name tells one person, for good).
    """
    login, name = known_as(login), names.checked(name)
    if not LOGIN.fullmatch(login):
        raise Refused("a login is 2 to 40 of a-z, 0-9, dot, dash, underscore", code="bad_login")
    if repository.account_by_login(tx, login) is not None:
        raise Conflict(f"there is an account {login}", code="login_taken")
    account_id = ids()
    names.give_account(tx, name, account_id, now)
    repository.insert_account(
        tx,
        {
            "id": account_id,
            "login": login,
            "name": name,
            "password_hash": password_hash,
            "must_change": must_change,
            "created_at": now,
        },
    )
    held = granting.give(tx, Holder(account=account_id), grants, by, now, ids)
    return Account(account_id, login, name, held, must_change, now)


def list_accounts(tx: Connection, now: float) -> list[Account]:
    """All accounts by login, the disabled ones too."""
    locks, held = repository.locks(tx, now), granting.live_by_account(tx)
    return [_account(row, locks, held.get(row.id, ())) for row in repository.all_accounts(tx)]


def by_id(tx: Connection, account_id: str, now: float) -> Account:
    """One account. Raises NotFound."""
    return _whole(tx, _row(tx, account_id), now)


def open_name(tx: Connection, account_id: str) -> str | None:
    """The name of an account that is not disabled, None if there is none."""
    row = repository.account_by_id(tx, account_id)
    return None if row is None or row.disabled_at is not None else str(row.name)


def by_login(tx: Connection, login: str, now: float) -> Account:
    """One account. Raises NotFound."""
    row = repository.account_by_login(tx, known_as(login))
    if row is None:
        raise NotFound("there is no such account")
    return _whole(tx, row, now)


def rename(tx: Connection, account_id: str, name: str, now: float) -> None:
    """Give another name, as long as nothing is written under the present one.

    Raises NotFound, Refused (`bad_name`), Conflict (`name_taken`, `name_stands`).
    """
    before, name = str(_row(tx, account_id).name), names.checked(name)
    if before != name:
        names.give_account(tx, name, account_id, now)
        names.refuse_written(tx, before)
        repository.update_account(tx, account_id, {"name": name})


def disable(tx: Connection, account_id: str, now: float) -> None:
    """Close an account and end its sessions; its name stays, for the register of look-ups.

    Raises NotFound, Conflict (`last_admin`).
    """
    row = _row(tx, account_id)
    if row.disabled_at is None:
        if granting.administers(granting.live_of(tx, Holder(account=account_id))):
            granting.somebody_is_left(tx, account=account_id)
        repository.update_account(tx, account_id, {"disabled_at": now})
        sessions.end_all(tx, account_id, now)


def enable(tx: Connection, account_id: str) -> None:
    """Open a disabled account again. Raises NotFound."""
    _row(tx, account_id)
    repository.update_account(tx, account_id, {"disabled_at": None})


def unlock(tx: Connection, account_id: str) -> None:
    """Forget the wrong passwords, but not those of browsers that are known. Raises NotFound."""
    login = str(_row(tx, account_id).login)
    for key in (_counted(login), _counted(login, INSIDE)):
        repository.clear_failures(tx, key)


def set_password(
    tx: Connection, account_id: str, password_hash: str, now: float, *, must_change: bool
) -> None:
    """Give a new password, unlock, and end all sessions. Raises NotFound."""
    unlock(tx, account_id)
    values = {"password_hash": password_hash, "must_change": must_change}
    repository.update_account(tx, account_id, values)
    sessions.end_all(tx, account_id, now)


@dataclass(frozen=True, slots=True)
class Try:
    """One try: the stored hash to prove a password with (None: no, or a disabled account).

    `key`: where it is counted; `own`: the mark by which the browser was known.
    """

    proves: str | None
    key: str
    own: str | None = None


def begin_try(
    tx: Connection, login: str, now: float, *, marks: str | None = None, inside: bool = False
) -> Try:
    """Count a try as failed until `succeeded` says otherwise, so that many at once gain nothing.

    It counts for the login, whoever types it; but for the browser alone that shows a mark of the
    account (`devices`), and for who is `inside` already. Raises Locked, for a login that does not
    exist as for one that does.
    """
    login = known_as(login)
    row = repository.account_by_login(tx, login)
    if row is not None and row.disabled_at is not None:
        row = None
    own = None if row is None else devices.known(marks, row.id, row.password_hash)
    key = _counted(login)
    if own is not None:
        key = _counted(login, own)
    elif inside:
        key = _counted(login, INSIDE)
    _count(tx, key, now)
    return Try(None if row is None else str(row.password_hash), key, own)


def _counted(*parts: str) -> str:
    """Where tries at a login are counted, or at a part of it of its own.

    A login is whatever somebody typed: parts are told apart by more than a character in between.
    """
    return hashed(json.dumps(parts))


def _count(tx: Connection, key: str, now: float) -> None:
    repository.forget_failures(tx, now - FORGET_S)
    found = repository.failures_of(tx, key, now)
    if found.locked_until is not None and found.locked_until > now:
        raise Locked(found.locked_until - now)
    failures = found.failures + 1
    over = failures - FREE_TRIES - 1
    until = None if over < 0 else now + LOCKS_S[min(over, len(LOCKS_S) - 1)]
    repository.write_failures(tx, key, failures, now, until)


def succeeded(tx: Connection, login: str, made: Try, rehashed: str | None) -> Account:
    """The account whose stored hash the try matched; `rehashed` replaces it.

    What others tried stays counted where it was. Raises Forbidden (`wrong_credentials`) if the
    account was changed meanwhile.
    """
    row = repository.account_by_login(tx, known_as(login))
    if row is None or row.disabled_at is not None or row.password_hash != made.proves:
        raise wrong_credentials()
    repository.clear_failures(tx, made.key)
    if rehashed is not None:
        repository.update_account(tx, row.id, {"password_hash": rehashed})
    return _account(row, MappingProxyType({}), granting.live_of(tx, Holder(account=row.id)))


def wrong_credentials() -> Forbidden:
    """One answer for whatever is wrong with a login."""
    return Forbidden("the login or the password is wrong", code="wrong_credentials")


def _row(tx: Connection, account_id: str) -> Any:
    row = repository.account_by_id(tx, account_id)
    if row is None:
        raise NotFound(f"there is no account {account_id}")
    return row


def _whole(tx: Connection, row: Any, now: float) -> Account:
    held = granting.live_of(tx, Holder(account=row.id))
    return _account(row, repository.locks(tx, now), held)


def _account(row: Any, locks: Mapping[str, float], held: Iterable[Given]) -> Account:
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        grants=tuple(held),
        must_change=row.must_change,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        locked_until=locks.get(_counted(row.login)),
    )
