"""Errands find a centre whatever the files make of it: renamed, gone, moved to another stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import redis
from sqlalchemy import Connection, select

from hub.app.relays import Relays, heir
from hub.dispatch.config import CentreConfig, DispatchConfig
from hub.dispatch.outbox import repository as outbox_rows
from hub.kit.clock import SimClock
from hub.kit.errors import Conflict
from hub.kit.ids import counted_ids
from hub.kit.metrics import Metrics
from hub.store.db import Database
from hub.store.tables.dispatch import outbox
from tests.unit.dispatch.given import NOW, an_alert, file


def config(*centres: tuple[str, str], default: str, **more: Any) -> DispatchConfig:
    """Centres by id and stream."""
    return DispatchConfig.model_validate(
        {
            "centres": [{"id": id_, "name": id_, "stream": stream} for id_, stream in centres],
            "default_centre": default,
            **more,
        }
    )


OLD = config(("city", "dispatch:city"), ("town", "dispatch:town"), default="town")
CITY, TOWN = OLD.centres


class House:
    """A centre process's relays, turn by turn, and what its outbox and its queues hold."""

    def __init__(self, db: Database, client: redis.Redis) -> None:
        self.db, self.client = db, client
        self.ids = counted_ids("id")
        self.active = True
        self.start()

    def start(self) -> None:
        """Also again: what a process knew is forgotten."""
        self.loops: dict[str, Callable[[], float]] = {}
        self.relays = Relays(
            self.db, self.client, SimClock(NOW),
            fence=self._fence, on_dead=self._dead, metrics=Metrics(), loop=self._loop,
        )  # fmt: skip

    def _fence(self, _tx: Connection) -> None:
        if not self.active:
            raise Conflict("this centre stands by", code="fenced")

    def _dead(self, _tx: Connection, _letters: Sequence[object]) -> None:
        raise AssertionError("nobody took one")

    def _loop(self, name: str, step: Callable[[], float], **_how: object) -> None:
        self.loops[name] = step

    def file(self, *names: str, by: DispatchConfig = OLD) -> None:
        """Errands that go to the default centre of that configuration."""
        with self.db.write() as tx:
            for name in names:
                file(tx, an_alert(name), now=NOW, group_key=name, config=by, ids=self.ids)

    def turn(self, config: DispatchConfig) -> None:
        self.relays.follow(config)
        for _ in range(3):
            for step in self.loops.values():
                step()

    def sent(self, stream: str) -> int:
        return int(self.client.xlen(stream))

    def rows(self) -> list[tuple[str, bool]]:
        with self.db.read() as tx:
            found = tx.execute(select(outbox.c.centre, outbox.c.sent).order_by(outbox.c.id))
            return [(row.centre, row.sent) for row in found]

    def acknowledge(self, centre: CentreConfig) -> None:
        """All that there is, by whoever reads that stream."""
        read: Any = self.client.xreadgroup(centre.group, "desk", {centre.stream: ">"})
        for _, entries in read:
            self.client.xack(centre.stream, centre.group, *(entry for entry, _ in entries))


@pytest.fixture
def house(db: Database, valkey: redis.Redis) -> House:
    return House(db, valkey)


def test_a_centre_that_went_while_nobody_ran_leaves_its_errands_to_the_default(
    house: House,
) -> None:
    house.file("unsent-1", "unsent-2")
    house.start()
    house.turn(config(("city", "dispatch:city"), default="city"))
    assert house.rows() == [("city", True)] * 2
    assert (house.sent("dispatch:city"), house.sent("dispatch:town")) == (2, 0)


def test_what_lay_at_a_centre_that_goes_is_sent_again(house: House) -> None:
    house.file("acked")
    house.turn(OLD)
    house.acknowledge(TOWN)
    house.turn(OLD)
    house.file("lies there")
    house.turn(OLD)
    assert house.sent("dispatch:town") >= 1
    new = config(("city", "dispatch:city"), default="city")
    house.turn(new)
    assert house.rows() == [("town", True), ("city", True)], "what was taken is taken"
    house.file("by an api that has not read the files yet")
    house.turn(new)
    assert house.rows()[-1] == ("city", True)
    assert house.sent("dispatch:city") == 2


@pytest.mark.parametrize("restarted", [False, True])
def test_under_another_name_the_same_stream_goes_on(house: House, restarted: bool) -> None:
    house.file("one", "two")
    house.turn(OLD)
    if restarted:
        house.start()
    new = config(("city", "dispatch:city"), ("town-2", "dispatch:town"), default="city")
    house.turn(new)
    house.acknowledge(new.centres[1])
    house.turn(new)
    assert house.rows() == [("town-2", True)] * 2
    with house.db.read() as tx:
        assert outbox_rows.backlog(tx, "town-2").acked == 2
    assert house.sent("dispatch:city") == 0


def test_another_stream_of_the_same_centre_gets_what_is_open(house: House) -> None:
    house.file("one")
    house.turn(OLD)
    house.turn(config(("town", "county:tasks"), default="town"))
    assert house.sent("county:tasks") == 1


def test_a_centre_that_stands_by_moves_nothing(house: House) -> None:
    house.file("one")
    house.active = False
    with pytest.raises(Conflict):
        house.relays.follow(config(("city", "dispatch:city"), default="city"))
    assert house.rows() == [("town", False)]


def test_the_heir_reads_the_same_stream_or_is_the_default() -> None:
    assert heir(CITY, OLD) == CITY
    assert heir(CentreConfig(id="gone", name="Gone"), OLD) == TOWN
    assert heir(CentreConfig(id="gone", name="Gone", stream="dispatch:city"), OLD) == CITY
