"""Figure 5: the same words said a hundred times at the same moment are one incident."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
from sqlalchemy import select

from bench.chaos import until
from bench.chaos_site import HIGH, HTTP_SENSORS
from bench.prove.counter import WAIT_S, Counter, counter, issue
from bench.prove.figures import Line
from bench.prove.installation import Installation
from hub.access.actions import Role
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents

TIMES = 100
TITLE = "A tree lies on the road"
Post = Callable[[httpx.Client], httpx.Response]


def once(place: Installation) -> list[Line]:
    """Figure 5: a report under one key, and an alarm of one sensor."""
    with counter(place, "once") as desk:
        reporter = issue(desk.db, "who reports", (Role.OPERATOR,))
        body = {"origin": "patrol", "title": TITLE, "grid": None}
        key = {"Idempotency-Key": "prove-once-1"}
        said = at_once(desk, reporter, lambda http: http.post("/incidents", json=body, headers=key))
        told = {answer.json()["id"] for answer in said if answer.is_success}
        reading = {"data": {"level": HIGH}}
        path = f"/sensors/{HTTP_SENSORS[0]}/readings"
        read = at_once(desk, desk.token, lambda http: http.post(path, json=reading))
        until(lambda: bool(alarmed(desk)), WAIT_S, "the sensor's incident")
        until(lambda: len(set(settled(desk))) == 1, WAIT_S, "one count of incidents")
        return [
            Line(5, "reports answered with success", _good(said), TIMES, exactly=True),
            Line(5, "different incidents in the answers", len(told), 1, exactly=True),
            Line(5, "incidents of that report", len(reported(desk)), 1, exactly=True),
            Line(5, "readings answered with success", _good(read), TIMES, exactly=True),
            Line(5, "incidents of that sensor's alarm", len(alarmed(desk)), 1, exactly=True),
        ]


def at_once(desk: Counter, token: str, post: Post) -> list[httpx.Response]:
    """All of them let go at the same moment, each over a connection of its own."""
    gate = threading.Barrier(TIMES)
    with desk.client(token) as http, ThreadPoolExecutor(TIMES) as pool:

        def one(_number: int) -> httpx.Response:
            gate.wait(WAIT_S)
            return post(http)

        return list(pool.map(one, range(TIMES)))


def _good(answers: list[httpx.Response]) -> int:
    return Tally(answer.is_success for answer in answers)[True]


def reported(desk: Counter) -> set[str]:
    """The incidents that have this report's title."""
    with desk.db.read() as tx:
        return set(tx.execute(select(incidents.c.id).where(incidents.c.title == TITLE)).scalars())


def alarmed(desk: Counter) -> set[str]:
    """The incidents of this sensor's alerts."""
    query = select(alerts.c.incident_id).where(
        alerts.c.source == HTTP_SENSORS[0], alerts.c.incident_id.is_not(None)
    )
    with desk.db.read() as tx:
        return set(tx.execute(query).scalars())


def settled(desk: Counter) -> list[int]:
    """Four looks a little apart at the number of incidents."""
    looks = []
    for _ in range(4):
        looks.append(len(alarmed(desk)))
        threading.Event().wait(0.5)
    return looks
