"""How the queues stand, out of the api's `/metrics`: what any outside observer could read."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

_FAMILIES = {
    "hub_outbox_unsent": "unsent",
    "hub_outbox_unacked": "unacked",
    "hub_outbox_acked_total": "acked",
    "hub_outbox_dead": "dead",
    "hub_outbox_age_seconds": "age_s",
}


@dataclass(frozen=True, slots=True)
class Backlog:
    """One centre's queue: tasks by where they are, and how long the oldest has waited."""

    centre: str
    unsent: int = 0
    unacked: int = 0
    acked: int = 0
    dead: int = 0
    age_s: float = 0.0


def backlogs(exposition: str) -> list[Backlog]:
    """The queues by centre; empty for a text without any."""
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            if sample.name in _FAMILIES:
                of_centre = found.setdefault(sample.labels["centre"], {})
                of_centre[_FAMILIES[sample.name]] = sample.value
    return [_backlog(centre, of_centre) for centre, of_centre in sorted(found.items())]


def _backlog(centre: str, numbers: dict[str, float]) -> Backlog:
    counts = {key: int(value) for key, value in numbers.items() if key != "age_s"}
    return Backlog(centre, **counts, age_s=numbers.get("age_s", 0.0))
