"""Sensors come and go: by their last will, by silence, with their broker."""

from __future__ import annotations

from hub.ingest.links import SensorLinks
from hub.types.scene import HealthChanged, HealthState, SourceKind
from hub.types.site import OwnerKind, SensorSpec

ON, OFF = HealthState.ONLINE, HealthState.OFFLINE


def sensor(name: str, silent_after_s: float | None = None) -> SensorSpec:
    return SensorSpec(
        id=name,
        name=name,
        owner_kind=OwnerKind.PUBLIC,
        owner="county",
        topic=name,
        silent_after_s=silent_after_s,
    )


def states(changes: list[HealthChanged]) -> list[tuple[str, HealthState, str]]:
    assert all(change.source_kind is SourceKind.SENSOR for change in changes)
    return [(change.source, change.state, change.detail) for change in changes]


def test_a_change_is_told_once() -> None:
    links = SensorLinks([sensor("a")], 0.0, 10.0)
    assert states(links.heard("a", 1.0, 101.0)) == [("a", ON, "")]
    assert links.heard("a", 2.0, 102.0) == []
    assert states(links.left("a", 103.0)) == [("a", OFF, "last will")]
    assert links.left("a", 104.0) == []
    (back,) = links.heard("a", 5.0, 105.0)
    assert (back.state, back.at) == (ON, 105.0)


def test_silence_counts_from_the_last_word() -> None:
    links = SensorLinks([sensor("a", 30.0), sensor("b")], 0.0, 10.0)
    links.heard("a", 5.0, 105.0)
    assert links.due(34.9, 134.9) == []
    assert states(links.due(35.0, 135.0)) == [("a", OFF, "silent for 30 s")]
    assert links.due(99.0, 199.0) == []


def test_one_that_never_spoke_falls_silent_too() -> None:
    links = SensorLinks([sensor("a", 30.0)], 0.0, 10.0)
    assert states(links.due(30.0, 130.0)) == [("a", OFF, "silent for 30 s")]


def test_a_lost_broker_takes_its_sensors_after_a_grace_and_brings_them_back() -> None:
    links = SensorLinks([sensor("a", 30.0), sensor("b")], 0.0, 10.0)
    links.heard("a", 1.0, 101.0)
    links.heard("b", 1.0, 101.0)
    links.broker_lost(20.0)
    links.broker_lost(28.0)  # each failed attempt says so again; the first one counts
    assert links.due(29.9, 129.9) == []
    assert states(links.due(30.0, 130.0)) == [("a", OFF, "broker lost"), ("b", OFF, "broker lost")]
    assert states(links.broker_back(90.0, 190.0)) == [
        ("a", ON, "broker is back"),
        ("b", ON, "broker is back"),
    ]
    assert links.due(119.0, 219.0) == [], "silence is counted anew from the broker's return"


def test_a_short_loss_of_the_broker_is_no_news() -> None:
    links = SensorLinks([sensor("a")], 0.0, 10.0)
    links.heard("a", 1.0, 101.0)
    links.broker_lost(5.0)
    assert links.due(14.0, 114.0) == []
    assert links.broker_back(14.5, 114.5) == []


def test_who_had_left_before_the_broker_does_not_come_back_with_it() -> None:
    links = SensorLinks([sensor("a")], 0.0, 10.0)
    links.left("a", 101.0)
    links.broker_lost(2.0)
    assert links.due(20.0, 120.0) == []
    assert links.broker_back(21.0, 121.0) == []
