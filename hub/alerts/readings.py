"""The rules on readings, run by the centre: their memory is stored with what they found.

A source whose rules remember nothing has no row in `rule_states`, so an ordinary reading costs
one look-up, and a tick only visits the sources where something is going on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection

from hub.alerts.engine import RuleEngine
from hub.alerts.memory import repository
from hub.alerts.rule import RuleBinding
from hub.kit.ids import Ids
from hub.types.finding import Finding
from hub.types.scene import HealthChanged, Observation, Reading, SourceKind, Tick

SOURCES_MAX = 10_000
"""Looked at in one tick."""
Identified = tuple[str, Finding]
"""A finding with its id: that of the record it comes from, a slash, and the rule's id."""


def observe(
    tx: Connection,
    record_id: str,
    observation: Reading | HealthChanged,
    rules: Sequence[RuleBinding],
    *,
    now: float,
    ids: Ids,
) -> list[Identified]:
    """What the rules of a sensor find in one spooled record (`record_id` is `producer:seq`).

    Must be called once for each record, in the transaction that moves its high-water mark.
    """
    if not rules:
        return []
    source = observation.source
    state = repository.rule_state(tx, source)
    return _step(tx, source, state, observation, rules, record_id, now, ids)


def remembering(tx: Connection, limit: int) -> list[str]:
    """The sources of which time may bring something about: their rules remember something."""
    return repository.remembering(tx, limit)


def tick(
    tx: Connection,
    rules_of: Callable[[str], Sequence[RuleBinding]],
    *,
    now: float,
    ids: Ids,
    limit: int = SOURCES_MAX,
    only: Collection[str] | None = None,
) -> list[Identified]:
    """What time alone brings about: hold times run out, episodes close.

    The ids derive from the last record of the source: `producer:seq/rule~1` and so on. `only`:
    none but these sources.
    """
    found: list[Identified] = []
    sources = repository.remembering(tx, limit) if only is None else only
    for source, state in repository.rule_states_of(tx, sources).items():
        observation = Tick(source, now)
        found += _step(tx, source, state, observation, rules_of(source), None, now, ids)
    return found


def _step(
    tx: Connection,
    source: str,
    state: dict[str, Any] | None,
    observation: Observation,
    rules: Sequence[RuleBinding],
    record_id: str | None,
    now: float,
    ids: Ids,
) -> list[Identified]:
    known = state is not None
    memory = state or {"record": "", "made": {}, "engine": {}}
    engine = RuleEngine(source, SourceKind.SENSOR, rules, ids, beats=False)
    engine.load(memory["engine"])
    findings = engine.step(observation)
    made: dict[str, int] = {} if record_id is not None else dict(memory["made"])
    record = record_id or memory["record"]
    identified = []
    for finding in findings:
        number = made.get(finding.rule_id, 0)
        made[finding.rule_id] = number + 1
        tail = f"~{number}" if number else ""
        identified.append((f"{record}/{finding.rule_id}{tail}", finding))
    after = None if engine.idle else {"record": record, "made": made, "engine": engine.dump()}
    if after != state:
        repository.put_rule_state(tx, source, after, known=known, now=now)
    return identified
