"""Liveness, readiness, health in words, numbers for Prometheus, the ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi.responses import PlainTextResponse

from hub.access.actions import Action, Subject
from hub.alerts.repository import outcome_counts
from hub.api.guard import Hub, domain, may
from hub.api.health.checks import checks, ready, worst
from hub.api.health.exposition import MEDIA_TYPE, samples_of, text_of
from hub.api.health.schemas import Alive, HealthOut, LedgerLine, LedgerOut
from hub.types.finding import Outcome

probes = domain("health", prefix="")
router = domain("health")


@probes.get("/healthz")
def read_liveness(_who: Annotated[Subject, may(Action.LIVENESS_READ)]) -> Alive:
    """The process answers."""
    return Alive()


@probes.get("/readyz")
def read_readiness(hub: Hub, _who: Annotated[Subject, may(Action.LIVENESS_READ)]) -> Alive:
    """Requests can be served; 503 while the database does not answer."""
    ready(hub)
    return Alive()


@probes.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text"}},
)
def read_metrics(hub: Hub, _who: Annotated[Subject, may(Action.METRICS_READ)]) -> PlainTextResponse:
    """Numbers of this process, the workers, the queues and the ledger."""
    return PlainTextResponse(text_of(samples_of(hub)), media_type=MEDIA_TYPE)


@router.get("/health")
def read_health(hub: Hub, _who: Annotated[Subject, may(Action.HEALTH_READ)]) -> HealthOut:
    """How the hub is, part by part, in words."""
    parts = tuple(checks(hub))
    return HealthOut(word=worst(parts), at=hub.clock.now(), parts=parts)


@router.get("/ledger")
def read_ledger(hub: Hub, _who: Annotated[Subject, may(Action.LEDGER_READ)]) -> LedgerOut:
    """What became of every finding so far, by outcome and reason."""
    with hub.db.read() as tx:
        counts = outcome_counts(tx)
    sums = {
        outcome: sum(count for (each, _), count in counts.items() if each is outcome)
        for outcome in Outcome
    }
    return LedgerOut(
        findings=sum(counts.values()),
        opened=sums[Outcome.OPENED],
        merged=sums[Outcome.MERGED],
        muted=sums[Outcome.MUTED],
        rejected=sums[Outcome.REJECTED],
        lines=tuple(
            LedgerLine(outcome=outcome, reason=reason, count=count)
            for (outcome, reason), count in sorted(counts.items())
        ),
    )
