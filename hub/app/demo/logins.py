"""The people of the demo, with passwords that are good for this one run."""

from __future__ import annotations

from hub.access import accounts
from hub.access.actions import Role
from hub.access.grants import Grant
from hub.access.passwords import Passwords, generated
from hub.kit.errors import NotFound
from hub.kit.ids import random_id
from hub.store.db import Database

WORKER_GRID = "990101100001000"
"""中心社区: the square and the market, where most of the demo's tasks arise."""

PEOPLE = (
    ("operator", "受理员 Operator", Grant(Role.OPERATOR)),
    ("leader", "值班长 Shift leader", Grant(Role.SHIFT_LEADER)),
    ("worker", "网格员 Worker", Grant(Role.WORKER, WORKER_GRID)),
    ("admin", "管理员 Administrator", Grant(Role.ADMIN)),
)


def make_logins(database: str, now: float) -> tuple[tuple[str, str], ...]:
    """Login and password of each; those of an earlier run get new passwords."""
    passwords = Passwords()
    made = tuple((login, generated()) for login, *_ in PEOPLE)
    hashes = [passwords.hash(password) for _, password in made]
    db = Database(database)
    try:
        with db.write() as tx:
            for (login, name, grant), hashed in zip(PEOPLE, hashes, strict=True):
                try:
                    known = accounts.by_login(tx, login, now)
                except NotFound:
                    accounts.create(
                        tx, login, name, [grant], hashed, now, random_id, must_change=False
                    )
                else:
                    accounts.set_password(tx, known.id, hashed, now, must_change=False)
    finally:
        db.close()
    return made
