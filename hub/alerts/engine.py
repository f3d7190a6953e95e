"""Runs the rules of one source and makes episodes out of their signals.

An episode opens with the first signal, is updated at most once in `UPDATE_EVERY_S` for as long as
it is open, and closes when no signal has come for the rule's `clear_after_s`. As long as it is open
ticks keep the updates coming, so that for the centre silence means a dead worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from hub.alerts.presence import MAX_GAP_S
from hub.alerts.rule import Rule, RuleBinding, Signal, State
from hub.alerts.rules import make
from hub.kit.clock import Clock
from hub.kit.ids import Ids
from hub.types.finding import Facts, Finding, Phase
from hub.types.scene import Box, Observation, Point, Reading, SourceKind, Tick, observed_at

UPDATE_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Episode:
    """One open episode; times are those of observations on our own clock (UTC epoch seconds).

    `since` and `held_s` are the finding's `captured_at` and `dwell_s`.
    """

    id: str
    evidence_id: str | None
    since: float
    held_s: float
    last_at: float
    sent_at: float
    facts: Facts
    box: Box | None
    point: Point | None


class _Cell:
    """One rule at one place, with what it remembers."""

    def __init__(self, binding: RuleBinding) -> None:
        self.binding = binding
        self.rule: Rule = make(binding)
        self.state: State = self.rule.start()
        self.episode: Episode | None = None
        self.key = f"{binding.rule.id}/{binding.place}"

    def reads(self, observation: Observation) -> bool:
        return type(observation) in self.rule.reads

    @property
    def at_rest(self) -> bool:
        return self.episode is None and self.state == self.rule.start()

    def dump(self) -> dict[str, Any]:
        episode = None if self.episode is None else asdict(self.episode)
        return {"state": self.state, "episode": episode}

    def load(self, raw: dict[str, Any]) -> None:
        self.state = raw["state"]
        self.episode = None if raw["episode"] is None else _episode(raw["episode"])


class RuleEngine:
    """All rules of one source. Disabled rules are left out.

    `clock` gives `raised_at`; without one (replay) it is the observation's own time, and the
    result is the same at each run. `ids` hands out the ids of episodes and evidence.
    `beats`: whether time alone brings updates of open episodes.
    """

    def __init__(
        self,
        source: str,
        source_kind: SourceKind,
        rules: Sequence[RuleBinding],
        ids: Ids,
        clock: Clock | None = None,
        *,
        beats: bool = True,
    ) -> None:
        self._source = source
        self._source_kind = source_kind
        self._ids = ids
        self._clock = clock
        self._beats = beats
        self._cells = [_Cell(binding) for binding in rules if binding.rule.enabled]

    def step(self, observation: Observation) -> list[Finding]:
        """The findings that one observation leads to, in the order of the rules."""
        now = _own_time(observation)
        findings: list[Finding] = []
        for cell in self._cells:
            signals: tuple[Signal, ...] = ()
            if cell.reads(observation):
                cell.state, signals = cell.rule.step(cell.state, observation)
            if signals or cell.episode is not None:
                self._advance(cell, signals, observation, now, findings)
        return findings

    @property
    def idle(self) -> bool:
        """True when nothing is open, held or counted: the engine remembers nothing."""
        return all(cell.at_rest for cell in self._cells)

    def dump(self) -> dict[str, Any]:
        """What is remembered, as JSON, by rule and place."""
        return {cell.key: cell.dump() for cell in self._cells if not cell.at_rest}

    def load(self, state: dict[str, Any]) -> None:
        """Put back what `dump` gave; entries of rules that are no longer here are left out."""
        for cell in self._cells:
            if cell.key in state:
                cell.load(state[cell.key])

    def _advance(
        self,
        cell: _Cell,
        signals: tuple[Signal, ...],
        observation: Observation,
        now: float,
        findings: list[Finding],
    ) -> None:
        episode = cell.episode
        if episode is not None and now < episode.last_at:
            # The clock was set back: count the silence from here.
            episode = replace(episode, last_at=now, sent_at=min(now, episode.sent_at))
        clear_after_s = cell.binding.rule.clear_after_s
        if not cell.reads(observation):
            # It says nothing to this rule but that time passed; its own may come any moment.
            clear_after_s = max(clear_after_s, MAX_GAP_S)
        if episode is not None and not signals and now - episode.last_at >= clear_after_s:
            findings.append(self._finding(cell, episode, Phase.CLOSED, now))
            episode = None
        for signal in signals:
            if episode is None:
                episode = self._open(cell, signal, now)
                findings.append(self._finding(cell, episode, Phase.OPENED, now))
            else:
                episode = _heard(episode, signal, now)
        speaks = self._beats or not isinstance(observation, Tick)
        if episode is not None and speaks and now - episode.sent_at >= UPDATE_EVERY_S:
            episode = replace(episode, sent_at=now)
            findings.append(self._finding(cell, episode, Phase.UPDATED, now))
        cell.episode = episode

    def _open(self, cell: _Cell, signal: Signal, now: float) -> Episode:
        return Episode(
            id=self._ids(),
            evidence_id=self._ids() if cell.rule.shows else None,
            since=signal.since,
            held_s=signal.at - signal.since,
            last_at=now,
            sent_at=now,
            facts=signal.facts,
            box=signal.box,
            point=signal.point,
        )

    def _finding(self, cell: _Cell, episode: Episode, phase: Phase, now: float) -> Finding:
        rule = cell.binding.rule
        return Finding(
            episode_id=episode.id,
            phase=phase,
            rule_id=rule.id,
            rule_kind=rule.kind,
            source=self._source,
            source_kind=self._source_kind,
            place=cell.binding.place,
            severity=rule.severity,
            captured_at=episode.since,
            raised_at=self._clock.now() if self._clock is not None else now,
            dwell_s=episode.held_s,
            picture_point=episode.point,
            box=episode.box,
            evidence_id=episode.evidence_id,
            facts=episode.facts,
            exercise=rule.exercise,
        )


def _heard(episode: Episode, signal: Signal, now: float) -> Episode:
    return replace(episode, last_at=now, facts=signal.facts, box=signal.box, point=signal.point)


def _episode(raw: dict[str, Any]) -> Episode:
    box, point = raw["box"], raw["point"]
    return Episode(
        **{
            **raw,
            "box": None if box is None else Box(**box),
            "point": None if point is None else (point[0], point[1]),
        }
    )


def _own_time(observation: Observation) -> float:
    """The moment on our own clock: a sensor's clock may be wrong, episodes must not suffer."""
    if isinstance(observation, Reading):
        return observation.received_at
    return observed_at(observation)
