"""What the centre does by itself: silent episodes, its own alerts, a flood of findings."""

from __future__ import annotations

import time

from hub.alerts import service
from hub.alerts.admission import Admission
from hub.kit.ids import counted_ids, random_id
from hub.store.db import Database
from hub.types.finding import Life, Outcome, Reason, RuleKind
from hub.types.scene import SourceKind
from tests.unit.alerts.desk import BOUND, GRID, OPENED, UPDATED, Tell, bind, finding, incoming
from tests.unit.alerts.scenes import T0


def test_an_episode_nobody_speaks_of_is_over(db: Database, tell: Tell) -> None:
    gone = tell(finding(OPENED, 0, "a", source="cam1")).alert
    kept = tell(finding(OPENED, 0, "b", source="cam2")).alert
    tell(finding(UPDATED, 20, "b", source="cam2"))
    assert gone is not None
    assert kept is not None
    with db.write() as tx:
        assert service.close_silent_episodes(tx, T0 + 40, awake_since=T0 + 11) == [], "too fresh"
        closed = service.close_silent_episodes(tx, T0 + 40)
        assert [alert.id for alert in closed] == [gone.id]
        assert service.get(tx, kept.id).life is Life.ACTIVE
        assert service.history(tx, gone.id)[-1].reason == "silent"
    back = tell(finding(UPDATED, 900, "a", source="cam1"))
    assert (back.outcome, back.reason) == (Outcome.MERGED, Reason.REOPENED)


def test_the_centre_s_own_alerts(db: Database) -> None:
    def gap(now: float, cameras: int) -> Admission:
        with db.write() as tx:
            return service.raise_own(
                tx,
                RuleKind.UNOBSERVED,
                "w1",
                SourceKind.WORKER,
                BOUND,
                place=GRID,
                facts={"cameras": cameras},
                now=now,
                ids=random_id,
            )

    first, again, more = gap(T0, 3), gap(T0 + 1, 3), gap(T0 + 2, 4)
    assert (first.outcome, first.dispatch) == (Outcome.OPENED, True)
    assert (again.outcome, again.dispatch, again.alert) == (Outcome.MERGED, False, first.alert)
    assert more.alert is not None
    assert more.alert.facts == {"cameras": 4}
    with db.write() as tx:
        assert service.close_silent_episodes(tx, T0 + 999) == [], "it stays until it is over"
        assert service.live_own_places(tx, RuleKind.UNOBSERVED) == {GRID}
        over = service.clear_own(tx, RuleKind.UNOBSERVED, "w1", place=GRID, now=T0 + 1000)
        assert over is not None
        assert over.life is Life.CLEARED
        assert service.clear_own(tx, RuleKind.UNOBSERVED, "w1", place=GRID, now=T0 + 1001) is None
        assert service.ledger(tx).total == 0, "it comes from no finding"


# -- many -----------------------------------------------------------------------------------------


def test_ten_thousand_findings_at_once(db: Database) -> None:
    """A thousand cameras, five episodes each of two findings: in seconds, one outcome each."""
    batch = []
    for n in range(10_000):
        phase = OPENED if n % 2 == 0 else UPDATED
        told = finding(phase, n // 2 % 5, f"e{n // 2}", source=f"cam{n // 10}")
        batch.append(incoming(n, told))
    ids, begin = counted_ids("a"), time.process_time()
    with db.write() as tx:
        first = service.admit_all(tx, batch[:6000], bind=bind, now=T0 + 60, ids=ids)
    with db.write() as tx:
        rest = service.admit_all(tx, batch[6000:], bind=bind, now=T0 + 61, ids=ids)
    spent_s = time.process_time() - begin
    admitted = [*first, *rest]
    with db.read() as tx:
        ledger = service.ledger(tx)
    assert {i for found in ledger.ids.values() for i in found} == {i.finding_id for i in batch}
    assert ledger.total == 10_000
    assert len(ledger.ids[Outcome.OPENED]) == 1000
    assert sum(admission.dispatch for admission in admitted) == 1000
    assert spent_s < 10.0, "of CPU; some 1 s on an idle machine"
