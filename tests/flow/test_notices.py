"""Who is told what and when: a night and a day on a fake clock, with a real gateway."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from hub.access import accounts
from hub.access.grants import Grant
from hub.app.notices import NoticeSteps
from hub.dispatch.config import DispatchConfig
from hub.dispatch.notices.repository import put
from hub.grids.binding import Binder
from hub.grids.tree import GridTree
from hub.kit.clock import SimClock
from hub.kit.ids import counted_ids
from hub.kit.metrics import Metrics
from hub.store import feed
from hub.store.db import Database
from hub.store.tables.alerts import alerts
from hub.store.tables.duty import roster
from hub.store.tables.notices import channels, deliveries, notices, tries
from hub.types.duty import Notice
from hub.types.finding import Severity
from hub.types.staff import Role
from tests.gateway import Gateway, Heard, gateway

ZONE = ZoneInfo("Asia/Shanghai")
EAST = "east"
PATH = ("county", "town", EAST)


def at(text: str) -> float:
    """A moment of Monday to Wednesday on the site's clock."""
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=ZONE).timestamp()


class Night:
    """A town with a gateway for messages, and who works in it."""

    def __init__(self, db: Database, there: Gateway) -> None:
        self.db, self.there = db, there
        self.clock = SimClock(at("02 12:00"))
        self.ids = counted_ids("id")
        sms = {
            "id": "sms",
            "type": "sms",
            "url": f"{there.url}/send",
            "body": {"to": "{phone}", "text": "{text}", "id": "{key}"},
        }
        self.config = DispatchConfig.model_validate(
            {
                "centres": [{"id": "county", "name": "县"}],
                "default_centre": "county",
                "notices": {"channels": [{"id": "live", "type": "live"}, sms]},
            }
        )
        self.metrics = Metrics()
        self.steps = NoticeSteps(
            db,
            self.clock,
            self.ids,
            lambda _tx: None,
            config=lambda: self.config,
            zone=lambda: ZONE,
            binder=lambda: Binder(GridTree([])),
            metrics=self.metrics,
            wake=lambda: None,
        )
        there.body = b"{}"

    def person(self, name: str, *grants: Grant, phone: str | None = None) -> str:
        now = self.clock.now() - 86400
        with self.db.write() as tx:
            made = accounts.create(tx, name, name, grants, "x", now, self.ids)
            if phone is not None:
                row = {"account": made.id, "phone": phone, "mention": False, "updated_at": now}
                tx.execute(channels.insert().values(**row))
        return made.id

    def shift(
        self, account: str, start: str, end: str, grid: str = EAST, role: str = "worker"
    ) -> None:
        with self.db.write() as tx:
            row = {
                "id": self.ids(),
                "account_id": account,
                "role": role,
                "grid": grid,
                "day": "2026-03-02",
                "starts_at": at(start),
                "ends_at": at(end),
                "made_at": 0.0,
                "made_by": "hub",
            }
            tx.execute(roster.insert().values(**row))

    def tell(self, key: str, severity: Severity, *roles: Role, **more: Any) -> None:
        found = frozenset(roles or (Role.WORKER,))
        about = f"incident/{key}"
        notice = Notice(key, about, "dispatched", severity, PATH, self.clock.now(), found, **more)
        with self.db.write() as tx:
            put(tx, [notice])

    def turn(self) -> None:
        while self.steps.resolve() == 0.0:
            pass
        for channel in ("live", "sms"):
            self.steps.deliver(channel)

    def until(self, text: str, step_s: float = 60.0) -> None:
        """Turns of the loops until then."""
        while self.clock.now() < at(text):
            self.turn()
            self.clock.advance(min(step_s, at(text) - self.clock.now()))
        self.turn()

    def tries_until(self, text: str) -> None:
        """From one try to the next until then."""
        self.turn()
        while (due := self.next_try()) is not None and due <= at(text):
            self.clock.advance(max(0.0, due - self.clock.now()))
            self.turn()
        self.clock.advance(max(0.0, at(text) - self.clock.now()))

    def next_try(self) -> float | None:
        with self.db.read() as tx:
            query = select(func.min(deliveries.c.next_try_at))
            return tx.execute(query.where(deliveries.c.state == "waiting")).scalar()

    def texted(self) -> list[tuple[str, str]]:
        """Number and text of what the gateway took, each message once, in order."""
        seen = {each.json()["id"]: (each.json()["to"], each.json()["text"]) for each in self.heard}
        return list(seen.values())

    @property
    def heard(self) -> list[Heard]:
        return self.there.heard

    def rung(self, account: str) -> list[str]:
        """What that person's bell was told."""
        with self.db.read() as tx:
            found = feed.after(tx, 0, topics=["notice"])
        return [change.entity_id for change in found if change.account == account]

    def states(self, channel: str = "sms") -> list[str]:
        with self.db.read() as tx:
            query = select(deliveries.c.state).where(deliveries.c.channel == channel)
            return list(tx.execute(query.order_by(deliveries.c.id)).scalars())


@pytest.fixture
def night(db: Database) -> Iterator[Night]:
    with gateway() as there:
        yield Night(db, there)


def test_a_night_and_a_day(night: Night) -> None:
    day = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    late = night.person("li", Grant(Role.WORKER, EAST), phone="2")
    night.shift(day, "02 08:00", "02 20:00")
    night.shift(late, "02 20:00", "03 08:00")
    night.shift(day, "03 08:00", "03 20:00")

    night.until("02 23:00", 3600)
    night.tell("fire", Severity.P1)
    night.tell("door", Severity.P3)
    night.tell("litter", Severity.P4)
    night.turn()
    assert [to for to, _ in night.texted()] == ["2"], "P1 breaks the quiet hours"
    assert set(night.rung(late)) == {"door", "fire", "litter"}, (
        "the bell rings for all, it is quiet"
    )
    assert night.rung(day) == [], "who is off duty hears nothing"

    night.until("03 05:59", 600)
    assert len(night.texted()) == 1, "nobody is disturbed in the night"
    night.until("03 06:01")
    assert [to for to, _ in night.texted()] == ["2", "2"], "then P3 is told"

    night.tell("lamp", Severity.P4)
    night.turn()
    night.until("03 08:29", 600)
    assert len(night.texted()) == 2, "P4 waits for the digest"
    night.until("03 08:31")
    assert len(night.texted()) == 2, "the night shift has gone home: it is not called back"
    assert "dropped" in night.states()
    night.until("03 14:31", 3600)
    [*_, (to, digest)] = night.texted()
    assert (len(night.texted()), to) == (3, "1"), "the day shift is told, once"
    assert digest.startswith("共2条")


def test_a_gateway_that_is_down_for_an_hour_delivers_once(night: Night) -> None:
    night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.there.status = 503
    night.tell("fire", Severity.P1)
    night.tries_until("02 13:00")
    assert set(night.states()) == {"waiting"}
    tried = len(night.heard)
    assert 8 <= tried <= 14, "ever more slowly"
    night.there.status = 200
    night.tries_until("02 13:15")
    assert night.states() == ["sent"]
    assert len(night.heard) == tried + 1
    assert len({each.json()["id"] for each in night.heard}) == 1, "one key for all tries"
    with night.db.read() as tx:
        classes = list(tx.execute(select(tries.c.error_class).order_by(tries.c.seq)).scalars())
    assert classes.count("retryable") == tried
    assert classes.count(None) == 2, "the bell and, at last, the gateway"


def test_a_gateway_that_refuses_is_a_dead_letter_and_an_alarm(night: Night) -> None:
    night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.there.status = 400
    night.tell("fire", Severity.P1)
    night.turn()
    assert night.states() == ["dead"]
    with night.db.read() as tx:
        [alarm] = tx.execute(select(alerts).where(alerts.c.rule_kind == "undelivered")).all()
        assert alarm.place == "sms"
        assert alarm.cleared_at is None
    night.there.status = 200
    night.tell("next", Severity.P1)
    night.turn()
    with night.db.read() as tx:
        [alarm] = tx.execute(select(alerts).where(alerts.c.rule_kind == "undelivered")).all()
    assert alarm.cleared_at is not None, "it works again"


def test_a_crash_between_send_and_mark_sends_again_under_the_same_key(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.tell("fire", Severity.P1)
    night.steps.resolve()

    def gone(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hub.dispatch.notices.sending.mark", gone)
        with pytest.raises(KeyboardInterrupt):
            night.steps.deliver("sms")
    assert night.states() == ["sending"], "never delivered before it is known"
    night.clock.advance(30)
    night.steps.deliver("sms")
    assert len(night.heard) == 1, "not before the other's time is over"
    night.clock.advance(15)
    night.steps.deliver("sms")
    assert [each.json()["id"] for each in night.heard] == [night.heard[0].json()["id"]] * 2
    assert night.states() == ["sent"]
    assert night.metrics.get("hub_notice_repeats_total") == 1


def test_p1_is_never_for_nobody(night: Night) -> None:
    off = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.shift(off, "03 08:00", "03 20:00")
    night.tell("smoke", Severity.P2)
    night.tell("fire", Severity.P1)
    night.turn()
    assert [to for to, _ in night.texted()] == ["1"], "whoever holds the post hears of P1 alone"
    assert night.rung(off) == ["fire"]
    assert night.metrics.get("hub_notices_unheard") == 1
    night.until("03 08:02", 3600)
    assert night.rung(off) == ["fire", "smoke"], "the other waited for somebody to come"


def test_p1_climbs_where_no_worker_is_at_all(night: Night) -> None:
    chief = night.person("zhou", Grant(Role.CHIEF, "town"), phone="9")
    night.tell("fire", Severity.P1)
    night.turn()
    assert night.rung(chief) == ["fire"]


@pytest.mark.parametrize("severity", [Severity.P1, Severity.P2])
def test_a_whistle_is_heard_by_the_department_that_was_called(
    night: Night, severity: Severity
) -> None:
    fire = night.person("huo", Grant(Role.DEPARTMENT, None, "fire"))
    police = night.person("jing", Grant(Role.DEPARTMENT, "town", "police"))
    night.tell("blaze", severity, Role.DEPARTMENT, unit="fire")
    night.turn()
    assert (night.rung(fire), night.rung(police)) == (["blaze"], [])


def test_a_p1_whistle_is_heard_off_duty_by_the_nearest_of_its_own(night: Night) -> None:
    fire = night.person("huo", Grant(Role.DEPARTMENT, "county", "fire"))
    police = night.person("jing", Grant(Role.DEPARTMENT, "town", "police"))
    night.shift(fire, "03 08:00", "03 20:00", grid="county", role="department")
    night.tell("blaze", Severity.P1, Role.DEPARTMENT, unit="fire")
    night.turn()
    assert (night.rung(fire), night.rung(police)) == (["blaze"], [])


@pytest.mark.parametrize("severity", [Severity.P2, Severity.P3])
def test_a_lesser_whistle_waits_for_whoever_comes_on_duty(night: Night, severity: Severity) -> None:
    fire = night.person("huo", Grant(Role.DEPARTMENT, "county", "fire"), phone="1")
    night.shift(fire, "03 08:00", "03 20:00", grid="county", role="department")
    night.tell("hydrant", severity, Role.DEPARTMENT, unit="fire")
    night.until("03 07:59", 3600)
    assert (night.rung(fire), night.texted()) == ([], []), "their shift is tomorrow"
    night.until("03 08:02")
    assert (night.rung(fire), len(night.texted())) == (["hydrant"], 1)


def test_a_p1_whistle_for_a_department_without_people_goes_up_and_not_aside(night: Night) -> None:
    police = night.person("jing", Grant(Role.DEPARTMENT, "town", "police"))
    chief = night.person("zhou", Grant(Role.CHIEF, "town"))
    night.tell("blaze", Severity.P1, Role.DEPARTMENT, unit="fire")
    night.turn()
    assert (night.rung(chief), night.rung(police)) == (["blaze"], [])


def test_a_disabled_account_is_never_told(night: Night) -> None:
    gone = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    stays = night.person("li", Grant(Role.WORKER, EAST), phone="2")
    with night.db.write() as tx:
        accounts.disable(tx, gone, night.clock.now())
    night.tell("fire", Severity.P1)
    night.turn()
    assert (night.rung(gone), night.rung(stays)) == ([], ["fire"])


def test_what_is_put_twice_is_told_once(night: Night) -> None:
    wang = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    for _ in range(2):
        night.tell("fire", Severity.P1)
        night.turn()
    assert night.rung(wang) == ["fire"]
    assert len(night.texted()) == 1


def test_a_notice_that_nobody_ever_hears_is_given_up_aloud(night: Night) -> None:
    night.tell("lamp", Severity.P3)
    night.turn()
    night.clock.advance(night.config.notices.stale_after_s)
    night.turn()
    with night.db.read() as tx:
        [row] = tx.execute(select(notices)).all()
        [alarm] = tx.execute(select(alerts).where(alerts.c.rule_kind == "undelivered")).all()
    assert (row.told, alarm.place) == (0, "nobody")


def test_who_is_named_is_texted_on_duty_only(night: Night) -> None:
    wang = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.shift(wang, "03 08:00", "03 20:00")
    night.tell("leave", Severity.P3, account=wang)
    night.turn()
    assert night.rung(wang) == ["leave"]
    assert night.texted() == []


def test_no_secret_and_no_number_stands_in_a_try(night: Night, tmp_path: Path) -> None:
    night.person("wang", Grant(Role.WORKER, EAST), phone="13800000001")
    night.there.status, night.there.body = 400, b"bad number 13800000001"
    night.tell("fire", Severity.P1)
    night.turn()
    with night.db.read() as tx:
        told = " ".join(tx.execute(select(tries.c.words)).scalars())
    assert "138" not in told
    assert "127.0.0.1" not in told
