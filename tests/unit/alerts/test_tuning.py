"""Rules that fire too often, and what is proposed for them."""

from __future__ import annotations

from dataclasses import replace

from hub.alerts.tuning.propose import Advice, Fired, Proposal, noisy
from hub.alerts.tuning.repository import fired
from hub.store.db import Database
from hub.types.finding import Policy, RuleKind, Verdict
from hub.types.staff import EVERYWHERE, Jurisdiction
from tests.unit.alerts.desk import CLOSED, GRID, OPENED, Tell, finding
from tests.unit.alerts.scenes import T0

ONE = Fired(
    "a", "zone", RuleKind.ZONE_INTRUSION, "cam", 0.0, 4.0, 2, Policy.AUTO_DISPATCH, None, None
)


def test_a_hundred_in_an_hour_are_too_many_and_ninety_nine_are_not() -> None:
    many = [replace(ONE, alert_id=str(n), at=36.0 * n + 1800) for n in range(100)]
    [noise] = noisy(many)
    assert (noise.alerts, noise.per_hour, noise.findings) == (100, 100, 200)
    assert noise.proposals == (
        Proposal(Advice.LONGER_DWELL, 8.0),
        Proposal(Advice.VERIFY_FIRST),
        Proposal(Advice.MUTE, 3600.0),
    )
    assert noisy(many[1:]) == []


def test_a_rule_that_is_mostly_wrong_is_told_too() -> None:
    said = [Verdict.FALSE] * 6 + [Verdict.CONFIRMED] * 4
    judged = [replace(ONE, alert_id=str(n), at=7200.0 * n, verdict=v) for n, v in enumerate(said)]
    [noise] = noisy(judged)
    assert (noise.judged, noise.false_share, noise.per_hour) == (10, 0.6, 1)
    assert noisy(judged[1:]) == [], "nine are too few to tell"
    assert noisy([replace(each, verdict=Verdict.DUPLICATE) for each in judged]) == []


def test_a_threshold_is_proposed_from_what_it_was_crossed_with() -> None:
    values = [replace(ONE, rule_kind=RuleKind.SENSOR_THRESHOLD, value=float(n)) for n in range(101)]
    [noise] = noisy(values)
    assert noise.proposals[0] == Proposal(Advice.HIGHER_THRESHOLD, 90.0)


def test_a_rule_that_fires_each_half_minute_is_told_though_it_is_one_alert(
    db: Database, tell: Tell
) -> None:
    for n in range(100):
        tell(finding(OPENED, 36.0 * n + 1800, f"e{n}"))
        tell(finding(CLOSED, 36.0 * n + 1805, f"e{n}"))
    with db.read() as tx:
        found = fired(tx, T0, EVERYWHERE)
        assert len({each.alert_id for each in found}) == 1, "it came back each time"
        [noise] = noisy(found)
        assert (noise.source, noise.alerts, noise.per_hour) == ("cam", 100, 100)
        assert noise.findings == 200, "each counted once"
        late = noisy(fired(tx, T0 + 1800 + 36 * 1, EVERYWHERE))
    assert late == [], "of those of before the time looked at none counts"


def test_a_rule_that_fires_a_little_everywhere_is_told_as_a_whole(db: Database, tell: Tell) -> None:
    for n in range(10):
        for camera in range(10):
            tell(finding(OPENED, 300.0 * n + camera, f"{camera}-{n}", source=f"cam-{camera}"))
            tell(finding(CLOSED, 300.0 * n + camera + 5, f"{camera}-{n}", source=f"cam-{camera}"))
    with db.read() as tx:
        [noise] = noisy(fired(tx, T0 - 1, EVERYWHERE))
    assert (noise.rule_id, noise.source, noise.per_hour) == ("zone", None, 100)
    assert Advice.MUTE not in {each.advice for each in noise.proposals}


def test_the_alerts_of_a_ground_are_looked_at(db: Database, tell: Tell) -> None:
    tell(finding(OPENED, 0))
    tell(finding(CLOSED, 5))
    elsewhere = Jurisdiction(roots=frozenset({"370682999000000"}))
    with db.read() as tx:
        [one] = fired(tx, T0 - 1, EVERYWHERE)
        assert (one.rule_id, one.source, one.findings) == ("zone", "cam", 2)
        assert fired(tx, T0 - 1, Jurisdiction(roots=frozenset({GRID}))) == [one]
        assert fired(tx, T0 - 1, elsewhere) == fired(tx, T0 + 100, EVERYWHERE) == []
