"""Liveness, readiness, health in words, numbers for Prometheus, the ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi.responses import PlainTextResponse

from hub.access.actions import Action, Subject
from hub.alerts.repository import outcome_counts
from hub.api.guard import Hub, domain, may
from hub.api.health.checks import checks, ready, standstill, worst
from hub.api.health.exposition import MEDIA_TYPE, samples_of, text_of
from hub.api.health.schemas import Alive, HealthOut, LedgerOut, StandstillOut, SystemOut
from hub.api.health.system import ledger_of, system_of

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


@router.get("/health/standstill")
def read_standstill(hub: Hub, _who: Annotated[Subject, may(Action.SITE_READ)]) -> StandstillOut:
    """Whether the hub works on cases at all: for everybody, whatever their ground."""
    return StandstillOut(standstill=standstill(hub))


@router.get("/system")
def read_system(hub: Hub, _who: Annotated[Subject, may(Action.HEALTH_READ)]) -> SystemOut:
    """The same as facts: processes, queues, storage, cameras, the ledger."""
    return system_of(hub)


@router.get("/ledger")
def read_ledger(hub: Hub, _who: Annotated[Subject, may(Action.LEDGER_READ)]) -> LedgerOut:
    """What became of every finding so far, by outcome and reason."""
    with hub.db.read() as tx:
        counts = outcome_counts(tx)
    return ledger_of(counts)
