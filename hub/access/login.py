"""From a login and a password to a session. No transaction is open while a password is proved."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from hub.access import accounts, devices, sessions
from hub.access.accounts import Account, Try
from hub.access.passwords import LONGEST, Passwords, check_new
from hub.kit.errors import Refused
from hub.store.db import Database


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: the cookie's value, had this once, and for how long a browser may keep it.

    `marks` are what the browser shows from now on, to be known again.
    """

    account: Account
    value: str
    longest_s: float
    marks: str


def log_in(
    db: Database,
    passwords: Passwords,
    login: str,
    password: str,
    now: float,
    *,
    old: str | None,
    marks: str | None = None,
) -> Opened:
    """Open a session; `old` is the one the same browser had before, `marks` those it shows.

    Raises Locked, and Forbidden (`wrong_credentials`) in one form and after one time for an
    unknown login, a disabled account and a wrong password.
    """
    with db.write() as tx:
        made = accounts.begin_try(tx, login, now, marks=marks)
    stored = _proved(passwords, made, password)
    rehashed = passwords.hash(password) if passwords.outdated(stored) else None
    with db.write() as tx:
        account = accounts.succeeded(tx, login, made, rehashed)
        if old is not None:
            sessions.end(tx, old, now)
        return _opened(tx, account, rehashed or stored, now, marks, made.own)


def change_own(
    db: Database,
    passwords: Passwords,
    account_id: str,
    old: str,
    new: str,
    now: float,
    *,
    marks: str | None = None,
) -> Opened:
    """Change one's own password: all sessions end, and a new one begins.

    Raises Locked, Forbidden (`wrong_credentials`), Refused (`weak_password`).
    """
    with db.read() as tx:
        login = accounts.by_id(tx, account_id, now).login
    check_new(new, login)
    if old == new:
        raise Refused("this is the password it has already", code="weak_password")
    with db.write() as tx:
        made = accounts.begin_try(tx, login, now, marks=marks, inside=True)
    _proved(passwords, made, old)
    fresh = passwords.hash(new)
    with db.write() as tx:
        account = accounts.succeeded(tx, login, made, None)
        accounts.set_password(tx, account_id, fresh, now, must_change=False)
        return _opened(tx, account, fresh, now, marks, made.own)


def _proved(passwords: Passwords, made: Try, password: str) -> str:
    """The stored hash that was matched. No transaction is open meanwhile."""
    right = passwords.proves(made.proves, password[: LONGEST + 1])
    if made.proves is None or not right:
        raise accounts.wrong_credentials()
    return made.proves


def _opened(
    tx: Connection, account: Account, stored: str, now: float, marks: str | None, own: str | None
) -> Opened:
    value = sessions.open_session(tx, account.id, account.roles, now)
    mark = devices.mark(account.id, stored)
    longest_s = sessions.longest_s(account.roles)
    return Opened(account, value, longest_s, devices.with_mark(marks, mark, own))
