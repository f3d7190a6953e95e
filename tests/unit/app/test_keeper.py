"""Findings on their way to a disk that is full: analysis stands still, aloud, and none is lost."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.app import keeper as keeper_module
from hub.app.keeper import Keeper
from hub.kit.clock import SimClock
from hub.kit.errors import Retryable
from hub.kit.metrics import Metrics
from hub.store.spool import Spool
from hub.types.finding import Finding, Phase, RuleKind, Severity
from hub.types.scene import SourceKind


@pytest.fixture
def spool(tmp_path: Path, clock: SimClock) -> Iterator[Spool]:
    """A disk with room for a few findings."""
    made = Spool(tmp_path / "spool.sqlite", "worker-1", clock, max_pages=40)
    yield made
    made.close()


def finding(number: int) -> Finding:
    return Finding(
        episode_id=f"e{number}",
        phase=Phase.OPENED,
        rule_id="r",
        rule_kind=RuleKind.CROWD,
        source="cam",
        source_kind=SourceKind.CAMERA,
        place="square",
        severity=Severity.P2,
        captured_at=float(number),
        raised_at=float(number),
        facts={"note": "x" * 9000},
    )


def told(spool: Spool) -> list[str]:
    return [record.body["episode_id"] for record in spool.after(0, 1000)]


def fill(keeper: Keeper, spool: Spool) -> int:
    """Findings until the disk is full; gives how many were handed over."""
    for number in range(100):
        keeper.keep([finding(number)])
        try:
            keeper.step()
        except Retryable:
            return number + 1
    raise AssertionError("this disk has no end")


def test_a_full_disk_keeps_the_batch_and_it_is_written_when_there_is_room(spool: Spool) -> None:
    metrics = Metrics()
    keeper = Keeper(spool, metrics)
    count = fill(keeper, spool)
    assert len(told(spool)) == count - 1
    assert metrics.get("hub_spool_refusals_total") == 1
    assert not keeper.idle.is_set()
    with pytest.raises(Retryable) as caught:
        keeper.step()
    assert caught.value.code == "spool_full"
    before = told(spool)
    spool.trim(spool.last)  # the centre acknowledged: there is room again
    keeper.step()
    assert before + told(spool) == [f"e{n}" for n in range(count)]
    assert keeper.idle.is_set()
    assert metrics.get("hub_findings_spooled_total") == count


def test_who_has_a_finding_waits_and_says_so(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper_module, "CAPACITY", 2)
    metrics = Metrics()
    keeper = Keeper(spool, metrics)
    put = keeper._channel.put
    monkeypatch.setattr(keeper._channel, "put", lambda item, timeout_s: put(item, 0.05))
    count = fill(keeper, spool)
    more = [finding(n) for n in range(count, count + 5)]
    analysis = threading.Thread(target=keeper.keep, args=(more,))
    analysis.start()
    analysis.join(0.3)
    assert analysis.is_alive(), "analysis stands still"
    assert metrics.get("hub_keeper_waits_total") >= 1
    assert "analysis stands still" in caplog.text
    taken = told(spool)
    for _ in range(50):  # as the supervisor would: tried again until there is room
        spool.trim(spool.last)
        with contextlib.suppress(Retryable):
            keeper.step()
        taken += [one for one in told(spool) if one not in taken]
        if keeper.idle.is_set() and not analysis.is_alive():
            break
    analysis.join(5)
    assert taken == [f"e{n}" for n in range(count + 5)]
