"""The people of the demo can log in, and the worker's grid is one of the shipped."""

from __future__ import annotations

from pathlib import Path

from hub.access.actions import Role
from hub.access.grants import Grant
from hub.access.login import log_in
from hub.access.passwords import Passwords
from hub.app.demo.logins import WORKER_GRID, make_logins
from hub.config import load_or_refuse
from hub.store.db import Database

ROOT = Path(__file__).parents[3]


def test_they_log_in_and_get_new_passwords_at_every_start(db: Database, database_url: str) -> None:
    first = make_logins(database_url, 100.0)
    second = make_logins(database_url, 200.0)
    assert {password for _, password in first}.isdisjoint(password for _, password in second)
    passwords = Passwords()
    found = {
        login: log_in(db, passwords, login, password, 200.0, old=None).account
        for login, password in second
    }
    grants = {login: [g.grant for g in account.grants] for login, account in found.items()}
    assert grants == {
        "operator": [Grant(Role.OPERATOR)],
        "leader": [Grant(Role.SHIFT_LEADER)],
        "worker": [Grant(Role.WORKER, WORKER_GRID)],
        "admin": [Grant(Role.ADMIN)],
    }
    assert not any(account.must_change for account in found.values())


def test_the_workers_grid_is_on_the_map_and_has_grids_below_it() -> None:
    grids = load_or_refuse(ROOT / "configs", "demo").grids
    codes = {feature.properties.code for feature in grids.features}
    assert WORKER_GRID in codes
    assert len([code for code in codes if code.startswith(WORKER_GRID[:12])]) > 2
