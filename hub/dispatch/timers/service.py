"""What the other rooms ask of clocks: begin a verdict's, end it, and read how late things are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.dispatch import repository as incidents
from hub.dispatch.config import DispatchConfig
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.timers import repository
from hub.dispatch.timers.plan import adopted, hastened, plan
from hub.dispatch.timers.repository import keep_rules
from hub.dispatch.timers.rows import GRAVE, LEVELS, Level, Step, Subject, Timer, TimerState
from hub.types.finding import Alert, Life, Policy, Severity
from hub.types.work import IncidentState

__all__ = [
    "Clock",
    "Reached",
    "adopt",
    "begin_verdicts",
    "clocks_of",
    "end_verdict",
    "hasten_verdict",
    "keep_rules",
    "resume_verdicts",
    "trim",
    "verdict_by",
]

OVER = (
    IncidentState.ARCHIVED,
    IncidentState.EVALUATED,
    IncidentState.VOID,
    IncidentState.MERGED,
)


@dataclass(frozen=True, slots=True)
class Reached:
    """When a clock comes to a level, UTC epoch seconds."""

    level: Level
    at: float


@dataclass(frozen=True, slots=True)
class Clock:
    """How a step stands at the moment it was asked.

    `due_at` is when its allowance is used up (red). `level` is the gravest that is reached, None
    while there is time. `levels` are all of them in order, so that a page can count on by itself.
    `fraction` of the allowance is used up; 1 is red. `held`: it stands still, at the level it had
    come to, and short of the next.
    """

    step: Step
    started_at: float
    due_at: float
    level: Level | None
    fraction: float
    held: bool
    levels: tuple[Reached, ...]


def begin_verdicts(tx: Connection, alerts: Iterable[Alert], config: DispatchConfig) -> None:
    """Of these, those that wait for somebody's verdict do so since they were raised."""
    rows = [
        row
        for alert in alerts
        if _to_judge(alert)
        for row in _verdict(alert, alert.raised_at, config)
    ]
    repository.write(tx, [], rows)


def resume_verdicts(
    tx: Connection, alerts: Sequence[Alert], config: DispatchConfig, now: float
) -> None:
    """These stand for themselves again: they came back, or a merge was taken back.

    A clock that goes on, or that ran out while it waited, is left alone. One that had ended, as
    there was nothing to judge any more, begins anew now: there is again.
    """
    waiting = [alert for alert in alerts if _to_judge(alert)]
    kept = repository.of(tx, Subject.ALERT, [alert.id for alert in waiting])
    rows = []
    for alert in waiting:
        mine = {row.key: row for row in kept[alert.id]}
        ended = any(row.state is TimerState.CANCELLED for row in mine.values())
        if mine and not ended:
            continue
        for row in _verdict(alert, now, config):
            before = mine.get(row.key)
            rows.append(row if before is None else replace(row, version=before.version + 1))
    repository.write(tx, [row for mine in kept.values() for row in mine], rows)


def hasten_verdict(tx: Connection, alert: Alert, config: DispatchConfig, now: float) -> None:
    """It became graver: a verdict that is awaited is awaited by that measure, from now on."""
    kept = repository.of(tx, Subject.ALERT, [alert.id])[alert.id]
    known = {row.key: row for row in kept}
    repository.write(tx, kept, list(hastened(known, _verdict(alert, now, config))))


def verdict_by(tx: Connection, alert: Alert, config: DispatchConfig) -> float:
    """By when somebody should have judged it, UTC epoch seconds: by its clock, if it has one."""
    rows = [
        *repository.of(tx, Subject.ALERT, [alert.id])[alert.id],
        *_verdict(alert, alert.raised_at, config),
    ]
    return next(row.due_at for row in rows if row.level is Level.RED)


def _to_judge(alert: Alert) -> bool:
    """Whether it goes nowhere before somebody judged it; one that is over only if it is grave."""
    over = alert.life is Life.CLEARED and alert.severity not in GRAVE
    return alert.policy is Policy.VERIFY_FIRST and alert.verdict is None and not over


def _verdict(alert: Alert, since: float, config: DispatchConfig) -> list[Timer]:
    rules = config.of_class(config.classes.of_rule(alert.rule_kind, alert.rule_id).code)
    return plan((Subject.ALERT, alert.id), Step.VERDICT, since, alert.severity, rules)


def adopt(tx: Connection, now: float) -> int:
    """Give clocks to cases that go on since before there were any; returns how many.

    And to alerts that have waited for a verdict since then.
    """
    rules = repository.rules(tx)
    ids = repository.unclocked(tx)
    found = [each for each in (incidents.get_incident(tx, id_) for id_ in ids) if each is not None]
    rows = [row for each in found for row in adopted(each, now, rules.of_class(each.class_code))]
    rows += [
        row
        for each in repository.unjudged(tx)
        for row in plan(
            (Subject.ALERT, each.id), Step.VERDICT, each.raised_at, Severity(each.severity), rules
        )
    ]
    repository.write(tx, [], rows)
    return len(found)


def end_verdict(tx: Connection, alert_id: str, now: float) -> None:
    """Somebody has judged it; what was asked about that needs no answer any more."""
    repository.over(tx, Subject.ALERT, alert_id)
    supervisions.end(tx, Subject.ALERT, alert_id, (Step.VERDICT,), now)


def trim(tx: Connection, before: float) -> int:
    """Forget the clocks of cases that are over, from before that moment; how many rows."""
    return repository.trim(tx, before, [state.value for state in OVER])


def clocks_of(
    tx: Connection, incident_ids: Collection[str], now: float
) -> dict[str, tuple[Clock, ...]]:
    """The clocks that run or are held, of each incident, the most urgent first."""
    found = repository.of(tx, Subject.INCIDENT, incident_ids)
    return {one: read(rows, now) for one, rows in found.items()}


def read(rows: Sequence[Timer], now: float) -> tuple[Clock, ...]:
    """The clocks of one subject from its rows, the most urgent first; pure."""
    by_step: dict[Step, list[Timer]] = {}
    for row in rows:
        by_step.setdefault(row.step, []).append(row)
    clocks = [_clock(step, mine, now) for step, mine in by_step.items()]
    return tuple(sorted((c for c in clocks if c is not None), key=_urgency))


def _urgency(clock: Clock) -> tuple[bool, bool, float]:
    # The longest silence says something only when it is broken.
    return clock.held, clock.step is Step.SILENCE and clock.level is None, clock.due_at


def _clock(step: Step, rows: Sequence[Timer], now: float) -> Clock | None:
    """None where the step has ended."""
    shares = LEVELS[step]
    mine = sorted((r for r in rows if r.level in shares), key=lambda r: r.due_at)
    if not mine or all(row.state is TimerState.CANCELLED for row in rows):
        return None
    levels = tuple(Reached(row.level, row.due_at) for row in mine)
    end = next(row for row in mine if shares[row.level] == 1.0)
    climbs = [r for r in rows if r.level is Level.CLIMB and r.state is not TimerState.CANCELLED]
    held = any(row.state is TimerState.HELD for row in rows)
    # What stands still comes to no further level, whatever the wall says: it is as late as it was.
    reached = [row.level for row in mine if _is_reached(row, now, held)]
    level = reached[-1] if reached else None
    if climbs:
        waits = any(row.state is not TimerState.FIRED for row in climbs)
        level = Level.CLIMB if waits else Level.LEADER
    used = _used(mine, shares, now)
    if held:
        used = min([used, *(shares[row.level] for row in mine if row.level not in reached)])
    return Clock(step, end.started_at, end.due_at, level, used, held, levels)


def _is_reached(row: Timer, now: float, held: bool) -> bool:
    return row.state is TimerState.FIRED if held else row.due_at <= now


def _used(rows: Sequence[Timer], shares: Mapping[Level, float], now: float) -> float:
    """Which part of the allowance is used up: between two levels it grows evenly."""
    at, share = rows[0].started_at, 0.0
    for row in rows:
        if now < row.due_at:
            width = row.due_at - at
            grown = (now - at) / width if width > 0 else 1.0
            return round(max(0.0, share + (shares[row.level] - share) * grown), 3)
        at, share = row.due_at, shares[row.level]
    return share
