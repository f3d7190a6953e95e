"""What the journal does about clocks with every change of an incident, in its transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.timers import repository
from hub.dispatch.timers.plan import Moved, follow
from hub.dispatch.timers.rows import RUNS, Level, Subject, Timer, TimerState
from hub.types.work import Incident

_SUPERVISED = (Level.SUPERVISION, Level.LEADER, Level.CLIMB)
Change = tuple[Incident, Moved]


def changed(tx: Connection, steps: Sequence[Change], *, fresh: bool = False) -> None:
    """Plan, hold, move and end the clocks of these incidents, as they stand now.

    `fresh`: all of them begin with this, and have no rows yet.
    """
    if not steps:
        return
    ids = [incident.id for incident, _ in steps]
    kept = dict[str, list[Timer]]() if fresh else repository.of(tx, Subject.INCIDENT, ids)
    rules = repository.rules(tx)
    rows: list[Timer] = []
    for incident, moved in steps:
        mine = kept.get(incident.id, [])
        different = follow(mine, incident, moved, rules.of_class(incident.class_code))
        rows += different
        _end_supervisions(tx, incident, mine, different, moved.at)
    repository.write(tx, [each for mine in kept.values() for each in mine], rows)


def _end_supervisions(
    tx: Connection, incident: Incident, kept: Sequence[Timer], different: Sequence[Timer], at: float
) -> None:
    """What was asked about a step needs no answer once the step does not run any more.

    A new round of it (a word after a long silence) ends what was asked about the one before.
    """
    asked = {t.step for t in kept if t.state is TimerState.FIRED and t.level in _SUPERVISED}
    if not asked:
        return
    renewed = {t.step for t in different if t.state is TimerState.WAITING and t.started_at == at}
    over = {step for step in asked if step in renewed or incident.state not in RUNS[step]}
    if over:
        supervisions.end(tx, Subject.INCIDENT, incident.id, over, at)
