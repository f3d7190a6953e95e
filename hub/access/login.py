"""From a login and a password to a session. No transaction is open while a password is proved."""

from __future__ import annotations

from dataclasses import dataclass

from hub.access import accounts, sessions
from hub.access.accounts import Account
from hub.access.passwords import LONGEST, Passwords, check_new
from hub.kit.errors import Refused
from hub.store.db import Database


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: the cookie's value, had this once, and for how long a browser may keep it."""

    account: Account
    value: str
    longest_s: float


def log_in(
    db: Database, passwords: Passwords, login: str, password: str, now: float, *, old: str | None
) -> Opened:
    """Open a session; `old` is the one the same browser had before.

    Raises Locked, and Forbidden (`wrong_credentials`) in one form and after one time for an
    unknown login, a disabled account and a wrong password.
    """
    proved, rehashed = _prove(db, passwords, login, password, now)
    with db.write() as tx:
        account = accounts.succeeded(tx, login, proved, rehashed)
        if old is not None:
            sessions.end(tx, old, now)
        value = sessions.open_session(tx, account.id, account.roles, now)
    return Opened(account, value, sessions.longest_s(account.roles))


def change_own(
    db: Database, passwords: Passwords, account_id: str, old: str, new: str, now: float
) -> Opened:
    """Change one's own password: all sessions end, and a new one begins.

    Raises Locked, Forbidden (`wrong_credentials`), Refused (`weak_password`).
    """
    with db.read() as tx:
        login = accounts.by_id(tx, account_id, now).login
    check_new(new, login)
    if old == new:
        raise Refused("this is the password it has already", code="weak_password")
    proved, _ = _prove(db, passwords, login, old, now)
    fresh = passwords.hash(new)
    with db.write() as tx:
        account = accounts.succeeded(tx, login, proved, None)
        accounts.set_password(tx, account_id, fresh, now, must_change=False)
        value = sessions.open_session(tx, account_id, account.roles, now)
    return Opened(account, value, sessions.longest_s(account.roles))


def _prove(
    db: Database, passwords: Passwords, login: str, password: str, now: float
) -> tuple[str, str | None]:
    """The stored hash that was matched, and a new one if it was made with older parameters."""
    with db.write() as tx:
        stored = accounts.begin_try(tx, login, now)
    right = passwords.proves(stored, password[: LONGEST + 1])
    if stored is None or not right:
        raise accounts.wrong_credentials()
    return stored, passwords.hash(password) if passwords.outdated(stored) else None
