"""An invented county with a year behind it, for those pages that an hour of a demo leaves empty."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench.chaos import READY_S, answers, until
from bench.county import without_its_own
from bench.page_shots import Guest
from hub.access import passwords
from hub.app.run import Hub
from hub.app.seed import county
from hub.app.setup import Setup
from hub.config import load_or_refuse
from hub.dispatch.cases import errands, reporting
from hub.dispatch.cases.errands import Office
from hub.dispatch.cases.life import Word
from hub.dispatch.cases.reporting import Draft
from hub.dispatch.config import DispatchConfig
from hub.dispatch.whistles import service as whistles
from hub.dispatch.whistles.service import Call
from hub.grids import service as grids
from hub.kit.clock import RealClock
from hub.kit.ids import random_id
from hub.store.db import Database
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.whistle import WhistlePart
from hub.types.work import Origin

SHIPPED = Path("configs")
SCALE = 0.05
PASSWORD = "river-stone-lantern"
LATE_S = 3600.0
WAITING = {"树枝折断压线": "power", "水管漏水": "water", "围挡倒塌": "housing"}
LOGINS = {"admin": "admin.1", "leader": "shift-leader.1"}


@contextlib.contextmanager
def county_site(folder: Path, port: int) -> Iterator[Guest]:
    """The hub over a seeded county, with a roll call under way; stopped at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    setup = _setup(folder, port)
    hub = Hub(setup, RealClock(), folder / "hub.log")
    address = hub.prepare().address
    db = Database(hub.setup.database)
    try:
        plan = county.Plan(1, time.time() - LATE_S, passwords.first_hash(PASSWORD), SCALE)
        dispatch = load_or_refuse(setup.config, None).dispatch
        with db.write() as tx:
            county.seed(tx, plan, dispatch, lambda _line: None)
        for title, unit in WAITING.items():
            _a_case_that_waits(db, dispatch, title, unit)
        hub.start()
        until(lambda: answers(f"{address}/healthz"), READY_S, "the api")
        people = {person: (login, PASSWORD) for person, login in LOGINS.items()}
        today = datetime.now(UTC).date()
        days = {"january": f"{today.year}-01-01", "today": today.isoformat()}
        guest = Guest(address, people, days)
        _a_roll_call(guest)
        yield guest
    finally:
        hub.stop()
        db.close()


def _setup(folder: Path, port: int) -> Setup:
    config = folder / "config"
    shutil.copytree(SHIPPED, config, ignore=shutil.ignore_patterns("profiles"))
    without_its_own(config)
    return Setup(
        config=config,
        profile=None,
        data=folder / "data",
        cache=folder / "cache",
        host="127.0.0.1",
        port=port,
        workers=0,
        log_level="WARNING",
        redis_url=None,
        database_url=None,
    )


def _a_case_that_waits(db: Database, config: DispatchConfig, title: str, unit: str) -> None:
    """Reported, sent out, a department called: and then nobody did anything for an hour."""
    office = Office(config, random_id)
    word = Word("值班长", frozenset({Role.SHIFT_LEADER}), time.time() - LATE_S)
    with db.write() as tx:
        here = min(each.code for each in grids.load_tree(tx) if each.code.endswith("201001"))
        binding = grids.load_binder(tx).bind_named(here)
        draft = Draft(Origin.PATROL, title, "", Severity.P2, binding)
        case = reporting.report(tx, draft, word, office)
        reporting.triage(tx, case.id, word)
        errands.file(tx, case.id, word, office)
        call = Call(unit, WhistlePart.LEAD, "请派人到场")
        whistles.call(tx, case.id, call, word, config, random_id)


def _a_roll_call(guest: Guest) -> None:
    """The shift leader calls the roll of all that is theirs."""
    with httpx.Client(base_url=f"{guest.address}/api/v1", timeout=30.0) as http:
        myself = http.post("/session", json=guest.session_of("leader")).raise_for_status().json()
        roll_call = {"title": "周五视频点名", "grid": myself["grants"][0]["grid"]}
        origin = {"Origin": guest.address}
        http.post("/drills", json=roll_call, headers=origin).raise_for_status()
