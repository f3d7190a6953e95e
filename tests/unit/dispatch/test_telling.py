"""The gravest first, and nothing silently lost: what people are told on a fake clock."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Row, event, func, select

from hub.access.grants import Grant
from hub.dispatch.auditing import repository as audit
from hub.dispatch.auditing.config import AuditorConfig
from hub.dispatch.auditing.repository import Kind
from hub.dispatch.calls import Answer, Call, Caller
from hub.dispatch.notices import resolving, sending, service
from hub.dispatch.notices.config import NoticesConfig
from hub.dispatch.notices.repository import put
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents
from hub.store.tables.notices import deliveries, notices
from hub.types.duty import Notice
from hub.types.finding import Severity
from hub.types.staff import Role
from tests.flow.test_notices import EAST, PATH, Night
from tests.flow.test_notices import night as night
from tests.unit.privacy.rows import put_incident


class Line(Caller):
    """A gateway without a network: it notes the body and answers at once."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.heard: list[dict[str, str]] = []

    async def call(self, call: Call) -> Answer:
        self.heard.append(json.loads(call.content))
        return self.answer


def on_a_line(night: Night, answer: Answer = Answer(200, b"{}", None)) -> Line:
    """All gateways are this one from now on."""
    line = Line(answer)
    night.steps = replace(night.steps, caller=line)
    return line


def with_channels(night: Night, **changes: Any) -> None:
    """The same house, its SMS channel changed; no digest, so that P4 goes out at once."""
    [live, sms] = night.config.notices.channels
    said = {"channels": (live, sms.model_copy(update=changes)), "digest": {"severities": ()}}
    told = NoticesConfig.model_validate(night.config.notices.model_dump() | said)
    night.config = night.config.model_copy(update={"notices": told})


def tell_many(night: Night, count: int, severity: Severity = Severity.P4) -> None:
    with night.db.write() as tx:
        put(
            tx,
            [
                Notice(
                    f"{severity.value}-{number:04d}",
                    f"incident/{severity.value}-{number:04d}",
                    "dispatched",
                    severity,
                    PATH,
                    night.clock.now(),
                    frozenset({Role.WORKER}),
                )
                for number in range(count)
            ],
        )


def alarms(night: Night) -> dict[str, Row[Any]]:
    """The alarms about what could not be told that are not over, by place."""
    query = select(alerts).where(alerts.c.rule_kind == "undelivered", alerts.c.cleared_at.is_(None))
    with night.db.read() as tx:
        return {row.place: row for row in tx.execute(query)}


def seen(night: Night) -> dict[str, tuple[int, str]]:
    """What the auditor sees of it: how many, and the first."""
    with night.db.read() as tx:
        found = audit.findings(tx, night.clock.now(), AuditorConfig())
    kinds = (Kind.DEAD_LETTERS, Kind.UNHEARD)
    return {each.kind.value: (each.count, each.first) for each in found if each.kind in kinds}


def of(night: Night, key: str, channel: str = "sms") -> Row[Any]:
    with night.db.read() as tx:
        query = select(deliveries).where(
            deliveries.c.notice_key == key, deliveries.c.channel == channel
        )
        return tx.execute(query).one()


# -- the gravest first ---------------------------------------------------------------------------


def test_one_p1_does_not_wait_behind_500_p4(night: Night) -> None:
    with_channels(night)
    line = on_a_line(night)
    night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    tell_many(night, 500)
    night.clock.advance(1)
    night.tell("fire", Severity.P1)

    night.steps.resolve()
    with night.db.read() as tx:
        told = set(tx.execute(select(deliveries.c.notice_key)).scalars())
    assert "fire" in told, "who is told of it is asked in the first turn"
    assert len(told) == resolving.AT_ONCE, "and of the others no more than one turn holds"

    while night.steps.resolve() == 0.0:
        pass
    night.steps.deliver("sms")
    assert len(line.heard) == sending.BATCHES
    assert any("P1" in each["text"] for each in line.heard), "it leaves in the first turn"
    with night.db.read() as tx:
        sent = select(deliveries.c.notice_key).where(
            deliveries.c.channel == "sms", deliveries.c.state == "sent"
        )
        others = sorted(set(tx.execute(sent).scalars()) - {"fire"})
    assert others == [f"P4-{number:04d}" for number in range(49)], "among equals the first come"


def test_a_hundred_notices_of_a_storm_ask_about_their_grid_once_a_turn(night: Night) -> None:
    said: list[str] = []
    night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.person("li", Grant(Role.WORKER, EAST), phone="2")
    tell_many(night, 1, Severity.P2)
    event.listen(night.db.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    night.steps.resolve()
    for_one = len(said)
    tell_many(night, 101, Severity.P2)
    said.clear()
    while night.steps.resolve() == 0.0:
        pass
    turns = 1 + 100 // resolving.AT_ONCE
    assert len(said) <= turns * (for_one + 1), f"{len(said)} statements for 100, {for_one} for one"
    with night.db.read() as tx:
        told = select(func.count()).select_from(deliveries)
        assert tx.execute(told).scalar() == 101 * 4, "two people, the bell and the text"


def test_a_minutes_room_is_kept_for_p1_and_the_others_keep_their_turn(night: Night) -> None:
    with_channels(night, per_minute=20)
    line = on_a_line(night)
    night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    tell_many(night, 30)
    night.turn()
    assert len(line.heard) == 16, "a fifth is kept"
    night.clock.advance(1)
    night.turn()
    assert len(line.heard) == 16
    with night.db.read() as tx:
        query = select(func.max(deliveries.c.next_try_at)).where(deliveries.c.state == "waiting")
        assert tx.execute(query).scalar_one() < night.clock.now(), "they wait where they stand"
    tell_many(night, 5, Severity.P1)
    night.turn()
    assert len(line.heard) == 20, "the gateway's bound holds for P1 too"
    assert sum("P1" in each["text"] for each in line.heard) == 4
    night.clock.advance(60)
    night.turn()
    assert sum("P1" in each["text"] for each in line.heard) == 5
    assert len(line.heard) == 20 + 1 + 14


# -- nobody is forgotten -------------------------------------------------------------------------


def test_who_went_home_is_told_when_they_are_back_and_it_still_matters(night: Night) -> None:
    li = night.person("li", Grant(Role.WORKER, EAST), phone="2")
    night.shift(li, "02 20:00", "03 08:00")
    night.shift(li, "03 20:00", "04 16:00")
    with night.db.write() as tx:
        put_incident(tx, "litter", "dispatched", None)
        put_incident(tx, "cable", "dispatched", None)
    night.until("02 23:00", 3600)
    night.tell("litter", Severity.P4)
    night.tell("cable", Severity.P4)
    night.until("03 08:31", 1800)
    assert {of(night, "litter").state, of(night, "cable").state} == {"dropped"}
    with night.db.write() as tx:
        put_incident(tx, "gone", "closed", night.clock.now())
        tx.execute(notices.update().where(notices.c.key == "cable").values(about="incident/gone"))

    night.until("03 20:02", 600)
    assert of(night, "litter").state == "waiting", "it waits for the next digest of the same person"
    night.until("04 08:31", 1800)
    assert of(night, "litter").state == "sent"
    assert [to for to, _ in night.texted()] == ["2"]
    assert of(night, "cable").state == "dropped", "its matter is over: nobody is told any more"
    assert alarms(night) == {}


def test_what_was_read_on_the_bell_is_not_sent_once_more(night: Night) -> None:
    li = night.person("li", Grant(Role.WORKER, EAST), phone="2")
    night.shift(li, "02 20:00", "03 08:00")
    night.shift(li, "03 20:00", "04 16:00")
    night.until("02 23:00", 3600)
    night.tell("litter", Severity.P4)
    night.until("03 08:31", 1800)
    assert of(night, "litter").state == "dropped"
    with night.db.write() as tx:
        service.acknowledge(tx, li, ["litter"], night.clock.now())
    night.until("04 08:31", 1800)
    assert night.texted() == []


def test_who_is_named_is_waited_for(night: Night) -> None:
    wang = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.shift(wang, "02 12:00", "02 23:00")
    night.shift(wang, "03 08:00", "03 20:00")
    night.until("02 22:30", 3600)
    night.tell("leave", Severity.P3, account=wang)
    night.until("03 06:30", 600)
    assert of(night, "leave").state == "waiting", "nobody else can be told instead"
    assert night.texted() == []
    night.until("03 08:02")
    assert [to for to, _ in night.texted()] == ["1"]


# -- alarms --------------------------------------------------------------------------------------


def test_what_waits_for_a_channel_that_is_gone_is_a_dead_letter_and_an_alarm(
    night: Night,
) -> None:
    night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    with night.db.write() as tx:
        put_incident(tx, "door", "dispatched", None)
    night.until("02 23:00", 3600)
    night.tell("door", Severity.P3)
    night.turn()
    assert of(night, "door").state == "waiting"
    with_channels(night, enabled=False)
    night.turn()
    assert (of(night, "door").state, of(night, "door").error) == ("dead", "no_such_channel")
    [alarm] = alarms(night).values()
    assert (alarm.place, alarm.facts) == ("sms", {"error": "no_such_channel", "count": 1})
    assert night.metrics.get("hub_notice_dead_total", channel="sms", error="no_such_channel") == 1
    night.turn()
    assert set(alarms(night)) == {"sms"}, "as long as its matter goes on"
    assert seen(night) == {"dead_letters": (1, "sms")}
    with night.db.write() as tx:
        put_over(tx, "door", night.clock.now())
    night.turn()
    assert (alarms(night), seen(night)) == ({}, {})


def put_over(tx: Any, incident: str, now: float) -> None:
    """The incident ends."""
    values = {"state": "closed", "closed_at": now}
    tx.execute(incidents.update().where(incidents.c.id == incident).values(**values))


def test_the_last_try_that_broke_off_is_an_alarm(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    told = night.config.notices.model_copy(update={"dead_after": 1})
    night.config = night.config.model_copy(update={"notices": told})
    night.tell("fire", Severity.P1)
    night.steps.resolve()

    def gone(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hub.dispatch.notices.sending.mark", gone)
        with pytest.raises(KeyboardInterrupt):
            night.steps.deliver("sms")
    assert alarms(night) == {}
    night.clock.advance(45)
    night.steps.deliver("sms")
    assert of(night, "fire").state == "dead"
    [alarm] = alarms(night).values()
    assert (alarm.place, alarm.facts["error"], alarm.facts["tries"]) == ("sms", "unknown", 1)
    assert len(night.heard) == 1, "it is not sent a second time"


def test_the_alarm_that_nobody_is_on_duty_ends_when_somebody_is(night: Night) -> None:
    night.tell("lamp", Severity.P3)
    night.turn()
    night.clock.advance(night.config.notices.stale_after_s)
    night.turn()
    assert set(alarms(night)) == {"nobody"}
    assert seen(night) == {"unheard": (1, "lamp")}
    night.clock.advance(700)
    night.turn()
    assert set(alarms(night)) == {"nobody"}, "still nobody"
    late = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.clock.advance(700)
    night.turn()
    assert night.rung(late) == ["lamp"], "it is still for whoever comes"
    assert (alarms(night), seen(night)) == ({}, {})


def test_it_ends_when_there_is_nothing_left_to_tell(night: Night) -> None:
    with night.db.write() as tx:
        put_incident(tx, "lamp", "dispatched", None)
    night.tell("lamp", Severity.P3)
    night.clock.advance(night.config.notices.stale_after_s)
    night.turn()
    assert set(alarms(night)) == {"nobody"}
    with night.db.write() as tx:
        put_over(tx, "lamp", night.clock.now())
    night.turn()
    assert alarms(night) == {}


# -- acknowledged wins ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 400, 503])
def test_what_is_read_while_it_is_under_way_is_delivered(
    night: Night, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    wang = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.there.status = status
    night.tell("fire", Severity.P1)
    night.steps.resolve()
    night.steps.deliver("live")
    mark = sending.mark

    def read_first(tx: Any, *more: Any) -> bool:
        assert of(night, "fire").state == "sending"
        service.acknowledge(tx, wang, ["fire"], night.clock.now())
        return mark(tx, *more)

    monkeypatch.setattr("hub.dispatch.notices.sending.mark", read_first)
    night.steps.deliver("sms")
    row = of(night, "fire")
    assert (row.state, row.acked_at) == ("delivered", night.clock.now())
    assert (row.sent_at is not None) is (status == 200)
    assert alarms(night) == {}, "they know: it is no dead letter"
    night.clock.advance(3600)
    night.steps.deliver("sms")
    assert len(night.heard) == 1


# -- an answer silences nobody for long ----------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
def test_no_answer_silences_a_channel_for_longer_than_the_house_says(
    night: Night, status: int
) -> None:
    with_channels(night)
    night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    line = on_a_line(night, Answer(status, b"", 3600.0))
    tell_many(night, 100, Severity.P2)
    night.turn()
    assert len(line.heard) == 50
    night.turn()
    assert len(line.heard) == 50, "the others wait as it asks"
    bound = night.config.notices.longest_wait_s
    night.clock.advance(bound - 1)
    night.turn()
    assert len(line.heard) == 50
    night.clock.advance(1)
    for _ in range(3):
        night.turn()
    tried = {each["id"] for each in line.heard}
    assert len(tried) == 100, "then each is tried, though it answers so again"
    night.tell("fire", Severity.P1)
    night.turn()
    assert any("P1" in each["text"] for each in line.heard), "what is new is tried at once"
