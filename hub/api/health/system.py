"""The facts behind the health in words: numbers and names, for a page that says them in two
languages and knows what to do about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hub.alerts.repository import outcome_counts
from hub.api.cameras.states import states_in
from hub.api.deps import Beats, Deps
from hub.api.health.schemas import (
    AuditorOut,
    AwayOut,
    CamerasOut,
    FaultOut,
    FoundOut,
    LedgerLine,
    LedgerOut,
    LogOut,
    ProcessOut,
    QueueOut,
    RecordsOut,
    StorageOut,
    SystemOut,
)
from hub.dispatch.auditing import repository as audit
from hub.dispatch.auditing.repository import Beat
from hub.dispatch.outbox.repository import Backlog, backlog
from hub.ingest import service as sources
from hub.kit.errors import Retryable
from hub.store.audit import seals
from hub.store.lease import CENTRE, held_until
from hub.types.finding import Outcome, Reason
from hub.types.scene import HealthState

UNWATCHED = "unwatched"
"""State of a camera that no worker speaks of."""
NAMED_MAX = 50

Bodies = Mapping[str, dict[str, Any]]


def system_of(hub: Deps) -> SystemOut:
    """All of it; a database or a Redis that does not answer is told, not raised."""
    now = hub.clock.now()
    workers, centres = _bodies(hub.heartbeats), _bodies(hub.centres)
    return SystemOut(
        at=now,
        redis=workers is not None and centres is not None,
        workers=[_process(name, body, now) for name, body in (workers or {}).items()],
        centres=[_process(name, body, now) for name, body in (centres or {}).items()],
        storage=_storage(hub),
        records=_records(hub, workers or {}, now),
    )


def ledger_of(counts: Mapping[tuple[Outcome, Reason], int]) -> LedgerOut:
    """What became of every finding, from the counts by outcome and reason."""
    sums = Counter[Outcome]()
    for (outcome, _), count in counts.items():
        sums[outcome] += count
    return LedgerOut(
        findings=sums.total(),
        opened=sums[Outcome.OPENED],
        merged=sums[Outcome.MERGED],
        muted=sums[Outcome.MUTED],
        rejected=sums[Outcome.REJECTED],
        lines=tuple(
            LedgerLine(outcome=outcome, reason=reason, count=count)
            for (outcome, reason), count in sorted(counts.items())
        ),
    )


def _bodies(beats: Beats) -> Bodies | None:
    try:
        return beats.all()
    except Retryable:
        return None


def _process(name: str, body: Mapping[str, Any], now: float) -> ProcessOut:
    counts = Counter[str]()
    for metric, _labels, value in body.get("metrics", []):
        counts[metric] += value
    cameras = body.get("cameras", [])
    said_at = body.get("at")
    return ProcessOut(
        name=name,
        age_s=None if said_at is None else now - float(said_at),
        cameras=len(cameras),
        online=sum(camera["state"] == HealthState.ONLINE for camera in cameras),
        spool_pending=body.get("spool_pending"),
        memory_bytes=body.get("rss_bytes"),
        counts=dict(counts),
        faults=[FaultOut(loop=k, says=v) for k, v in sorted(body.get("errors", {}).items())],
    )


def _storage(hub: Deps) -> StorageOut:
    room = hub.media.room()
    return StorageOut(
        free_bytes=room.free_bytes if room else None,
        total_bytes=room.total_bytes if room else None,
        spool_pending=hub.spool.pending(),
    )


def _records(hub: Deps, workers: Bodies, now: float) -> RecordsOut | None:
    """What the database tells; None while it does not answer."""
    try:
        with hub.db.read() as tx:
            named = {e.spec.id: e.spec.name for e in sources.cameras().list(tx, enabled=True)}
            queues = [_queue(backlog(tx, centre.id), now) for centre in hub.dispatch.centres]
            until = held_until(tx, CENTRE) or 0.0
            ledger = ledger_of(outcome_counts(tx))
            logs = [_log(each, now) for each in seals.standings(tx)]
            beat = audit.last_beat(tx)
    except Retryable:
        return None
    return RecordsOut(
        centre_active=until > now,
        centre_gone_s=None if until > now or not until else now - until,
        cameras=_cameras(named, workers),
        queues=queues,
        ledger=ledger,
        logs=logs,
        auditor=None if beat is None else _auditor(beat, now),
    )


def _queue(one: Backlog, now: float) -> QueueOut:
    oldest = one.oldest_unacked_at
    return QueueOut(
        centre=one.centre,
        unsent=one.unsent,
        unacked=one.unacked,
        acked=one.acked,
        dead=one.dead,
        oldest_s=None if oldest is None else now - oldest,
    )


def _auditor(beat: Beat, now: float) -> AuditorOut:
    age_s = now - beat.at
    return AuditorOut(
        at=beat.at,
        age_s=age_s,
        late=beat.is_late(now),
        rounds=beat.rounds,
        found=[FoundOut.model_validate(each) for each in beat.found],
    )


def _log(one: seals.Standing, now: float) -> LogOut:
    return LogOut(
        chain=one.chain,
        seal=one.number,
        sealed_at=one.sealed_at,
        sealed_rows=one.sealed_rows,
        unsealed_rows=one.unsealed_rows,
        unsealed_s=one.unsealed_s(now),
        late=one.is_late(now),
    )


def _cameras(named: Mapping[str, str], workers: Bodies) -> CamerasOut:
    states = states_in(workers)
    counts = Counter[str]()
    away, blind = [], []
    for id_, name in named.items():
        known = states.get(id_)
        state = known.state.value if known else UNWATCHED
        counts[state] += 1
        if known is None or known.state is not HealthState.ONLINE:
            says = (known.last_error if known else None) or ""
            away.append(AwayOut(id=id_, name=name, state=state, says=says))
        elif known.analysis_error:
            blind.append(AwayOut(id=id_, name=name, state=state, says=known.analysis_error))
    return CamerasOut(
        states=dict(counts),
        away=away[:NAMED_MAX],
        blind=len(blind),
        blind_named=blind[:NAMED_MAX],
    )
