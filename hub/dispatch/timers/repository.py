"""Queries on clocks, and the rules that they are planned by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from pydantic import Field
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from hub.dispatch.config import ClockRules, DispatchConfig, Timers
from hub.dispatch.timers.rows import RUNS, Level, Step, Subject, Timer, TimerState
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents
from hub.store.tables.ops import settings
from hub.store.tables.timers import timers
from hub.store.tables.whistles import whistles
from hub.types.finding import Life, Policy
from hub.types.work import IncidentState

Found = Row[Any]
"""A row as the database has it."""

RULES = "clocks"
"""Under which key of the settings the rules stand."""
_KEY = ("subject", "subject_id", "step", "level")


# -- the rules -----------------------------------------------------------------------------------


class KeptRules(ClockRules):
    """What clocks are planned by; `by_class` are the allowances of classes with their own."""

    by_class: dict[str, Timers] = Field(default_factory=dict)

    @cached_property
    def _of_class(self) -> dict[str, ClockRules]:
        return {
            code: ClockRules(timers=timers, calendar=self.calendar)
            for code, timers in self.by_class.items()
        }

    def of_class(self, code: str) -> ClockRules:
        """Those of a class."""
        return self._of_class.get(code, self)


def keep_rules(tx: Connection, config: DispatchConfig) -> None:
    """Write down what clocks are planned by, for every process that makes a change."""
    own = {each.code: config.of_class(each.code).timers for each in config.classes if each.timers}
    text = KeptRules(
        timers=config.timers,
        calendar=config.calendar,
        by_class=own,
    ).model_dump_json()
    there = tx.execute(select(settings.c.value).where(settings.c.key == RULES)).scalar()
    if there is None:
        tx.execute(insert(settings).values(key=RULES, value=text))
    elif there != text:
        tx.execute(update(settings).where(settings.c.key == RULES).values(value=text))


def rules(tx: Connection) -> KeptRules:
    """The rules in force; those of the house where nobody wrote any."""
    text = tx.execute(select(settings.c.value).where(settings.c.key == RULES)).scalar()
    return KeptRules() if text is None else _parsed(text)


@lru_cache(maxsize=8)
def _parsed(text: str) -> KeptRules:
    return KeptRules.model_validate_json(text)


# -- rows ----------------------------------------------------------------------------------------


def of(tx: Connection, subject: Subject, ids: Collection[str]) -> dict[str, list[Timer]]:
    """All rows of these, by id."""
    found: dict[str, list[Timer]] = {one: [] for one in ids}
    if ids:
        query = select(timers).where(
            timers.c.subject == subject.value, timers.c.subject_id.in_(ids)
        )
        for row in tx.execute(query):
            found[row.subject_id].append(_timer(row))
    return found


def unclocked(tx: Connection) -> list[str]:
    """Open cases that never had a clock; what waits for others of its group has none yet."""
    running = {state for states in RUNS.values() for state in states} - {IncidentState.FILED}
    at = incidents.c
    waits = (at.state == IncidentState.FILED.value) & at.dispatch_at.is_(None)
    mine = exists().where(timers.c.subject == Subject.INCIDENT.value, timers.c.subject_id == at.id)
    query = select(at.id).where(
        at.state.in_(sorted(state.value for state in running)) | waits, ~mine
    )
    return list(tx.execute(query).scalars())


def unjudged(tx: Connection) -> list[Found]:
    """Alerts that wait for a verdict and never had a clock: id, raised_at, severity."""
    at = alerts.c
    mine = exists().where(timers.c.subject == Subject.ALERT.value, timers.c.subject_id == at.id)
    query = select(at.id, at.raised_at, at.severity).where(
        at.policy == Policy.VERIFY_FIRST.value,
        at.verdict.is_(None),
        at.life != Life.CLEARED.value,
        ~mine,
    )
    return list(tx.execute(query))


def write(tx: Connection, kept: Collection[Timer], changed: Sequence[Timer]) -> None:
    """Insert those that are not among the kept ones, update the others, in two statements."""
    known = {_key(timer) for timer in kept}
    fresh = [_values(each) for each in changed if _key(each) not in known]
    other = [
        {f"k_{name}" if name in _KEY else name: value for name, value in _values(each).items()}
        for each in changed
        if _key(each) in known
    ]
    if fresh:
        tx.execute(insert(timers), fresh)
    if other:
        tx.execute(update(timers).where(*(timers.c[k] == bindparam(f"k_{k}") for k in _KEY)), other)


def _key(timer: Timer) -> tuple[str, ...]:
    return timer.subject, timer.subject_id, timer.step, timer.level


def _values(timer: Timer) -> dict[str, object]:
    return {
        "subject": timer.subject.value,
        "subject_id": timer.subject_id,
        "step": timer.step.value,
        "level": timer.level.value,
        "started_at": timer.started_at,
        "due_at": timer.due_at,
        "state": timer.state.value,
        "fired_at": timer.fired_at,
        "version": timer.version,
        "first_due_at": timer.first_due_at,
    }


def _timer(row: Found) -> Timer:
    return Timer(
        Subject(row.subject),
        row.subject_id,
        Step(row.step),
        Level(row.level),
        row.started_at,
        row.due_at,
        TimerState(row.state),
        row.fired_at,
        row.version,
        row.first_due_at,
    )


def waiting(tx: Connection, now: float, keys: Collection[tuple[str, ...]]) -> list[Timer]:
    """Those of these that are due and still wait, by subject and then the longest due first.

    Not locked: people lock an incident before its clocks, and `end` takes a row only as it was
    read. `alert` before `incident` before `whistle`, each in the order of their ids, as whoever
    locks two does.
    """
    key = tuple_(*(timers.c[name] for name in _KEY))
    query = (
        select(timers)
        .where(
            key.in_(sorted(keys)),
            timers.c.state == TimerState.WAITING.value,
            timers.c.due_at <= now,
        )
        .order_by(
            timers.c.subject,
            timers.c.subject_id,
            timers.c.due_at,
            timers.c.step,
            timers.c.level,
        )
    )
    return [_timer(row) for row in tx.execute(query)]


def come(
    tx: Connection, now: float, of: Collection[Timer]
) -> Mapping[tuple[Subject, str, Step], Collection[Level]]:
    """Of the steps of these clocks the levels whose time has come, told or not yet."""
    names = _KEY[:-1]
    key = tuple_(*(timers.c[name] for name in names))
    steps = {(each.subject, each.subject_id, each.step) for each in of}
    query = select(*(timers.c[name] for name in _KEY)).where(
        key.in_(sorted(steps)),
        timers.c.state.in_((TimerState.WAITING.value, TimerState.FIRED.value)),
        timers.c.due_at <= now,
    )
    found: dict[tuple[Subject, str, Step], set[Level]] = {each: set() for each in steps}
    for row in tx.execute(query) if steps else ():
        found[Subject(row.subject), row.subject_id, Step(row.step)].add(Level(row.level))
    return found


def end(tx: Connection, timer: Timer, state: TimerState, at: float) -> bool:
    """Take a waiting row as fired or cancelled; False if it no longer waits in this round.

    Nor fires what is not due at `at` any more: an extension was granted since it was read.
    """
    query = update(timers).where(
        *(timers.c[name] == value for name, value in zip(_KEY, _key(timer), strict=True)),
        timers.c.state == TimerState.WAITING.value,
        timers.c.version == timer.version,
    )
    if state is TimerState.FIRED:
        done = tx.execute(query.where(timers.c.due_at <= at).values(state=state.value, fired_at=at))
    else:
        done = tx.execute(query.values(state=state.value, fired_at=None))
    return done.rowcount == 1


def cancel(tx: Connection, subject: Subject, subject_id: str) -> int:
    """End all that still waits for one; returns how many rows did."""
    done = tx.execute(
        update(timers)
        .where(
            timers.c.subject == subject.value,
            timers.c.subject_id == subject_id,
            timers.c.state.in_((TimerState.WAITING.value, TimerState.HELD.value)),
        )
        .values(state=TimerState.CANCELLED.value)
    )
    return done.rowcount


def over(tx: Connection, subject: Subject, subject_id: str) -> None:
    """The step has ended: also rows that fired are over, and keep when they did."""
    tx.execute(
        update(timers)
        .where(timers.c.subject == subject.value, timers.c.subject_id == subject_id)
        .values(state=TimerState.CANCELLED.value)
    )


def lock_alert(tx: Connection, alert_id: str) -> Found | None:
    """The alert of a verdict's clock, locked before it, as by whoever judges."""
    return tx.execute(select(alerts).where(alerts.c.id == alert_id).with_for_update()).first()


def trim(tx: Connection, before: float, over: Collection[str]) -> int:
    """Forget rows from before that moment of incidents that are over, of judged alerts, and of
    whistles that have ended.

    Deadlines that stand nowhere else are kept: figures are derived from them again and again.
    """
    ended: ColumnElement[bool] = timers.c.state != TimerState.WAITING.value
    gone = select(incidents.c.id).where(incidents.c.state.in_(over))
    judged = select(alerts.c.id).where(alerts.c.verdict.is_not(None))
    ended_whistles = select(whistles.c.id).where(whistles.c.ended_at.is_not(None))
    mine = [
        (timers.c.subject == subject.value) & timers.c.subject_id.in_(ids)
        for subject, ids in (
            (Subject.INCIDENT, gone),
            (Subject.ALERT, judged),
            (Subject.WHISTLE, ended_whistles),
        )
    ]
    deadline = timers.c.step.in_((Step.FILE.value, Step.VERIFY.value)) & (
        timers.c.level == Level.RED.value
    )
    old = (timers.c.due_at < before, ended, ~deadline, or_(*mine))
    done = tx.execute(delete(timers).where(*old))
    return done.rowcount
