"""A thousand cameras lost at once: one alert a grid, one incident, one task; nothing is lost."""

from __future__ import annotations

import random

import pytest

from hub.alerts import register
from hub.alerts import service as alerts
from hub.ingest import service as sources
from hub.store.matters import ailing_cameras
from hub.store.spool import Record
from hub.types.finding import Alert, Life, Outcome, Phase, RuleKind, Severity, Verdict
from tests.flow.centre import RULES, Centre
from tests.unit.alerts.scenes import rule
from tests.unit.grids import town

PLACES = {
    "990101100201001": (200, 200),
    "990101100201002": (700, 200),
    "990101101201001": (1200, 200),
}
COUNTS = dict(zip(PLACES, (334, 333, 333), strict=True))
CAMERAS = {f"{code}-{n}": at for code, at in PLACES.items() for n in range(COUNTS[code])}


@pytest.fixture
def county(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """The town with a thousand cameras in three grids, and a rule of degree P3 for them."""
    monkeypatch.setitem(RULES, "lost", rule("camera_offline", id="lost", severity="P3"))
    specs = [town.camera(*at, id=name) for name, at in (CAMERAS | {"lone": (1700, 1700)}).items()]
    with centre.db.write() as tx:
        stored = {"lost": RULES["lost"].model_dump(mode="json")}
        register.rules().sync_file(tx, stored, "lost.yaml", centre.clock.now())
        sources.cameras().put_all(tx, [(each, None) for each in specs], centre.clock.now())
    centre.start()
    return centre


def say(centre: Centre, phase: Phase, cameras: list[str], episode: str = "1") -> list[Record]:
    return [centre.finding(phase, each, "lost", episode_id=f"{each}-{episode}") for each in cameras]


def lose(centre: Centre, cameras: list[str], seconds: int, episode: str = "1") -> int:
    """They go one after the other, in no order of place; returns how many findings that were."""
    shuffled = sorted(cameras, key=lambda name: random.Random(name).random())
    size = -(-len(shuffled) // seconds)
    for start in range(0, len(shuffled), size):
        centre.take(*say(centre, Phase.OPENED, shuffled[start : start + size], episode))
        centre.wait(1)
    return len(shuffled)


def storms(centre: Centre) -> list[Alert]:
    return centre.alerts("storm")


def test_a_thousand_in_three_grids_from_beginning_to_end(county: Centre) -> None:
    county.awake_since = None  # nobody is silent: updates are left out here
    told = lose(county, list(CAMERAS), 20)
    county.wait(40, every_s=4)
    found = storms(county)
    assert {each.place: each.facts["cameras"] for each in found} == COUNTS
    assert {each.severity for each in found} == {Severity.P1}, "more than a hundred each"
    beside = [each for each in county.alerts() if each.source != "storm"]
    assert len(beside) <= 3 * 10, "those before the threshold was crossed"
    assert {each.merged_into for each in beside} <= {each.id for each in found}
    assert len(county.incidents()) == len(county.tasks()) == 3
    with county.db.read() as tx:
        assert set(ailing_cameras(tx)) == set(CAMERAS), "each camera's own state stays known"

    half = list(CAMERAS)[::2]
    county.take(*say(county, Phase.CLOSED, half))
    assert sum(int(each.facts["lost"]) for each in storms(county)) == len(CAMERAS) - len(half)
    assert {each.life for each in storms(county)} == {Life.ACTIVE}

    rest = list(CAMERAS)[1::2]
    county.take(*say(county, Phase.CLOSED, rest))
    assert {each.life for each in storms(county)} == {Life.CLEARED}
    assert {each.facts["cameras"] for each in storms(county)} == set(COUNTS.values())
    assert len(county.tasks()) == 3
    with county.db.read() as tx:
        ledger = alerts.ledger(tx)
        assert ailing_cameras(tx) == {}
    everything = {f"worker.aaaa:{n}" for n in range(1, 2 * told + 1)}
    assert set().union(*ledger.ids.values()) == everything
    assert ledger.total == len(everything), "one outcome each"
    assert len(ledger.ids[Outcome.OPENED]) == 3 + len(beside)


def test_a_lone_camera_before_and_after_has_its_own_alert(county: Centre) -> None:
    code = next(iter(PLACES))
    here = [name for name in CAMERAS if name.startswith(code)]
    county.take(*say(county, Phase.OPENED, here[:1]))
    county.wait(300, every_s=100)
    lose(county, here[1:60], 5)
    [storm] = storms(county)
    assert storm.facts["cameras"] == 59, "what was lost minutes before is its own matter"
    county.wait(300, every_s=100)
    county.take(*say(county, Phase.OPENED, here[60:61]))
    assert storms(county)[0].life is Life.CLEARED, "nobody spoke of them"
    assert [len(county.alerts(name)) for name in (here[0], here[60])] == [1, 1]


def test_those_before_the_threshold_are_folded_in_with_their_incident(county: Centre) -> None:
    county.awake_since = None  # nobody is silent: updates are left out here
    code = next(iter(PLACES))
    here = [name for name in CAMERAS if name.startswith(code)]
    for name in here[:14]:
        county.take(*say(county, Phase.OPENED, [name]))
        county.wait(1)
    [storm] = storms(county)
    assert storm.facts == {"cameras": 14, "lost": 14, "first": here[10]}
    own = [each for each in county.alerts() if each.source != "storm"]
    assert {(each.verdict, each.merged_into) for each in own} == {(Verdict.DUPLICATE, storm.id)}
    assert len(own) == 10
    county.wait(40, every_s=4)
    assert len(county.tasks()) == 1
    assert (storm.severity, storm.rule_kind) == (Severity.P2, RuleKind.CAMERA_OFFLINE)
    county.take(*say(county, Phase.CLOSED, here[:13]))
    assert storms(county)[0].facts["lost"] == 1
    county.take(*say(county, Phase.CLOSED, here[13:14]))
    assert storms(county)[0].life is Life.CLEARED
    assert {each.life for each in county.alerts()} == {Life.CLEARED}


def test_those_that_waited_for_a_verdict_are_of_the_storms_incident(
    county: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = rule("camera_offline", id="lost", severity="P3", policy="verify_first")
    monkeypatch.setitem(RULES, "lost", waits)
    with county.db.write() as tx:
        stored = {"lost": waits.model_dump(mode="json")}
        register.rules().sync_file(tx, stored, "lost.yaml", county.clock.now())
    county.start()
    here = [name for name in CAMERAS if name.startswith(next(iter(PLACES)))]
    for name in here[:14]:
        county.take(*say(county, Phase.OPENED, [name]))
        county.wait(1)
    [storm] = storms(county)
    assert not county.incidents(), "all of them wait"
    county.judge(storm.id, Verdict.CONFIRMED)
    [case] = county.incidents()
    assert len(case.alert_ids) == 11, "the storm and the ten folded into it"
    assert set(case.alert_ids) == {each.id for each in county.alerts()}


def test_told_again_changes_nothing(county: Centre) -> None:
    records = say(county, Phase.OPENED, list(CAMERAS)[:30])
    county.take(*records)
    before = storms(county)
    with county.db.write() as tx:
        county.desk.admit(tx, [one for each in records for one in county.desk.read(tx, each)])
    assert storms(county) == before
