"""The auditor's beat is watched by another process: this one."""

from __future__ import annotations

from hub.access.actions import Role
from hub.dispatch.auditing import repository as audit
from hub.dispatch.auditing.repository import Beat, Kind
from hub.store.lease import CENTRE, Lease
from tests.unit.api.conftest import Desk

MINUTE_S = 60.0


def beat(desk: Desk, *found: audit.Finding) -> None:
    with desk.deps.db.write() as tx:
        audit.put_beat(tx, Beat(desk.clock.now(), 7, 0.01, found))


def word(desk: Desk) -> tuple[str, str]:
    [part] = [p for p in desk.get("/health", Role.OPERATOR)["parts"] if p["part"] == "auditor"]
    return part["word"], part["says"]


def standstill(desk: Desk, role: Role = Role.WORKER) -> str | None:
    found: str | None = desk.get("/health/standstill", role)["standstill"]
    return found


def test_a_beat_of_a_clock_that_was_ahead_says_nothing(desk: Desk) -> None:
    desk.clock.advance(3600)
    beat(desk)
    desk.clock.set_wall(desk.clock.now() - 3600)
    told = "its last look is dated 3600 s ahead: nobody knows whether it looks"
    assert word(desk) == ("bad", told)
    assert desk.get("/system")["records"]["auditor"]["late"] is True
    beat(desk)
    desk.clock.set_wall(desk.clock.now() - 5)
    assert word(desk)[0] == "good", "two machines differ by seconds"


def test_every_page_hears_that_nobody_works_on_cases(desk: Desk) -> None:
    assert standstill(desk) == "no_centre", "there never was one"
    lease = Lease(CENTRE, "centre-a", desk.clock, ttl_s=10.0)
    with desk.deps.db.write() as tx:
        lease.acquire(tx)
    beat(desk)
    assert {standstill(desk, role) for role in (Role.WORKER, Role.OPERATOR, Role.ADMIN)} == {None}
    desk.clock.advance(25)
    assert standstill(desk) is None, "a standby may take over yet"
    desk.clock.advance(6)
    assert standstill(desk) == "no_centre"
    with desk.deps.db.write() as tx:
        Lease(CENTRE, "centre-a", desk.clock, ttl_s=10_000.0).acquire(tx)
    assert standstill(desk) is None
    desk.clock.advance(3 * MINUTE_S)
    assert standstill(desk) == "auditor_late", "a centre is there, and nobody watches the clocks"


def test_an_auditor_that_was_killed_is_noticed_by_the_api(desk: Desk) -> None:
    assert word(desk)[0] == "degraded", "it has not looked yet"
    beat(desk)
    assert word(desk) == ("good", "it looked 0 s ago and found nothing")
    desk.clock.advance(3 * MINUTE_S + 1)
    assert word(desk)[0] == "bad"
    told = desk.get("/system")["records"]["auditor"]
    assert (told["late"], told["age_s"]) == (True, 181.0)
    numbers = desk.http.get(
        "/metrics", headers={"Authorization": f"Bearer {desk.tokens[Role.ADMIN]}"}
    ).text
    assert "hub_auditor_age_seconds 181" in numbers
    beat(desk, audit.Finding(Kind.NO_CLOCK, 2, "case-1"))
    assert word(desk) == ("bad", "it found: 2 no_clock (first case-1)")
    told = desk.get("/system")["records"]["auditor"]
    assert told["found"] == [{"kind": "no_clock", "count": 2, "first": "case-1"}]
    beat(desk, audit.Finding(Kind.UNDECIDED, 1, "case-1"))
    assert word(desk)[0] == "degraded", "people left it undone, the hub works"
