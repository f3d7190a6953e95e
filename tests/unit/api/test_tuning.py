"""Rules that fire too often, as pages ask for them."""

from __future__ import annotations

from hub.access.actions import Role
from hub.alerts import service as alerts
from hub.types.finding import Binding, GridWhy, RuleKind
from hub.types.scene import SourceKind
from tests.unit.api.conftest import Desk

NOWHERE = Binding(None, None, None, (), GridWhy.NO_POSITION, 0.0, None)


def fire(desk: Desk, count: int) -> None:
    """So many alerts of one rule at one camera within the hour."""
    with desk.deps.db.write() as tx:
        for number in range(count):
            alerts.raise_own(
                tx,
                RuleKind.ZONE_INTRUSION,
                "gate-1",
                SourceKind.CAMERA,
                NOWHERE,
                place=f"zone-{number}",
                now=desk.clock.now(),
                ids=desk.deps.ids,
            )


def test_a_rule_is_listed_from_a_hundred_alerts_an_hour_on_with_what_could_be_changed(
    desk: Desk,
) -> None:
    fire(desk, 99)
    assert desk.get("/tuning", Role.OPERATOR)["items"] == []
    fire(desk, 100)
    [noise] = desk.get("/tuning", Role.OPERATOR)["items"]
    assert (noise["rule_id"], noise["source"], noise["per_hour"]) == (
        "zone_intrusion",
        "gate-1",
        100,
    )
    assert [each["advice"] for each in noise["proposals"]] == [
        "longer_dwell",
        "verify_first",
        "mute",
    ]
    desk.clock.advance(86_400 + 1)
    assert desk.get("/tuning", Role.OPERATOR)["items"] == []
