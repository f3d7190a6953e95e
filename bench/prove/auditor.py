"""Figure 11: the auditor finds what is stuck, and when it stops somebody else says so."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
from sqlalchemy import select, update

from bench.chaos import READY_S, until
from bench.prove.counter import Counter, counter
from bench.prove.figures import Line
from bench.prove.installation import Installation
from hub.dispatch.auditing.repository import LATE_S, ROUND_S
from hub.store.tables.timers import auditor_beats

Told = Callable[[str], None]


def heartbeat(place: Installation, short: bool, told: Told) -> list[Line]:
    """Figure 11: the auditor's process is killed, and another process says so."""
    with counter(place, "auditor") as desk, desk.client() as http:
        until(lambda: _word(http) in ("good", "degraded"), READY_S + ROUND_S, "the first round")
        looked = _beat(desk)
        desk.hub.engine.stop("centre", 0.0)  # killed, and nobody starts it again
        began = time.monotonic()
        told("the auditor is dead")
        if short:
            with desk.db.write() as tx:  # as if it had been dead for that long
                tx.execute(update(auditor_beats).values(at=auditor_beats.c.at - LATE_S))
        until(lambda: _word(http) == "bad", LATE_S + ROUND_S, "the alarm", pause_s=0.5)
        took_s = time.monotonic() - began
        at_rest = _beat(desk)
    return [
        Line(11, "rounds before it was killed", looked),
        Line(11, "rounds after it was killed", at_rest - looked, 0),
        Line(11, "the api's health is bad after", round(took_s, 1), LATE_S + 5.0, "s"),
    ]


def _word(http: httpx.Client) -> str:
    """What the api says of the auditor."""
    parts = http.get("/health").json()["parts"]
    return next((str(each["word"]) for each in parts if each["part"] == "auditor"), "")


def _beat(desk: Counter) -> int:
    with desk.db.read() as tx:
        return int(tx.execute(select(auditor_beats.c.rounds)).scalar() or 0)
