"""A hub without cameras, to be talked to over HTTP, for figures 5 and 6."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import httpx

from bench.chaos import READY_S, prepare, until
from bench.chaos_site import HIGH, HTTP_SENSORS, LOW
from bench.prove.installation import Installation
from hub.access import service as access
from hub.access.actions import Role
from hub.access.grants import Grant
from hub.app.run import Hub
from hub.kit.ids import random_id
from hub.store.db import Database

WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Counter:
    """A running api with its centre. `db` is read behind its back."""

    hub: Hub
    address: str
    token: str
    db: Database

    def client(self, token: str | None = None) -> httpx.Client:
        """Somebody with that token; the administrator without one."""
        return httpx.Client(
            base_url=f"{self.address}/api/v1",
            headers={"Authorization": f"Bearer {token or self.token}"},
            timeout=WAIT_S,
            limits=httpx.Limits(max_connections=200),
        )

    def raise_alerts(self, count: int) -> None:
        """That many alarms of the HTTP sensors, one after the other, each its own matter."""
        with self.client() as http:
            for number in range(count):
                sensor = HTTP_SENSORS[number % len(HTTP_SENSORS)]
                for value in (HIGH, LOW):
                    body = {"data": {"level": value}}
                    http.post(f"/sensors/{sensor}/readings", json=body).raise_for_status()


@contextlib.contextmanager
def counter(place: Installation, name: str) -> Iterator[Counter]:
    """The hub with its sensors alone: no cameras, no workers."""
    options, _ = place.options(name)
    chaos = prepare(options, lambda *given: Hub(replace(given[0], workers=0), *given[1:]))
    with contextlib.ExitStack() as stack:
        stack.callback(chaos.db.close)
        stack.callback(chaos.hub.stop)
        chaos.hub.start()
        token = issue(chaos.db, "who proves", (Role.ADMIN,))
        known = Counter(chaos.hub, chaos.address, token, chaos.db)
        with known.client() as http:
            until(lambda: _answers(http), READY_S, "the api")
        yield known


def issue(db: Database, name: str, roles: Sequence[Role]) -> str:
    """A token of those roles on the whole site."""
    with db.write() as tx:
        grants = [Grant(role, None) for role in roles]
        return access.issue(tx, name, grants, time.time(), random_id)[1]


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/me").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
