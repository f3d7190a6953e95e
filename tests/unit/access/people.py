"""Accounts for the tests of access: quick hashes, and a database that has none yet."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from hub.access import accounts
from hub.access.accounts import Account
from hub.access.actions import Role
from hub.access.grants import Grant
from hub.access.passwords import Passwords
from hub.kit.ids import counted_ids
from hub.store.db import Database

PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
ZONE = ZoneInfo("Asia/Shanghai")
PASSWORD = "river-stone-lantern"
IDS = counted_ids("account")
NOW = 1_700_000_000.0


def register(
    db: Database,
    login: str = "li.na",
    role: Role = Role.OPERATOR,
    *,
    grid: str | None = None,
    **more: Any,
) -> Account:
    """An account with one grant whose password is `PASSWORD`."""
    name = more.pop("name", f"{login} at work")
    hashed = PASSWORDS.hash(PASSWORD)
    with db.write() as tx:
        return accounts.create(tx, login, name, [Grant(role, grid)], hashed, NOW, IDS, **more)
