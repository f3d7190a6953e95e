"""The one way through the hub, stage by stage. Nothing else joins the rooms.

`worker_flow` runs in the worker, per analysed frame of a camera. `centre_flow` runs in the
centre, per batch of spooled records, and opens the one transaction they share; `clock_flow` does
the same for what time alone brings about. `judge_flow` and `merge_flow` run in the api when a
person judges, or says that two alerts are one matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.alerts import group
from hub.alerts.admission import Admission, Incoming
from hub.alerts.merging import Pair
from hub.store.db import Database
from hub.store.spool import Record
from hub.types.finding import Alert, Finding
from hub.types.media import Frame
from hub.types.scene import Observation, TracksSeen

File = Callable[[Connection, Sequence[tuple[Alert, group.Group]]], None]
"""Makes incidents of alerts, each with its group, and outbox rows of those that nobody awaits."""


@dataclass(frozen=True, slots=True)
class WorkerStages:
    """What happens to one camera's frame, in order."""

    look: Callable[[Frame], TracksSeen]
    remember: Callable[[TracksSeen], None]
    judge: Callable[[Observation], list[Finding]]
    illustrate: Callable[[Finding, Frame], Finding]
    keep: Callable[[Sequence[Finding]], None]


def worker_flow(stages: WorkerStages, frame: Frame) -> None:
    """Frame → model and tracker → rules → evidence → spool."""
    seen = stages.look(frame)
    stages.remember(seen)
    findings = stages.judge(seen)
    if findings:
        stages.keep([stages.illustrate(finding, frame) for finding in findings])


@dataclass(frozen=True, slots=True)
class CentreStages:
    """What happens to a batch of spooled records, in order; all in one transaction.

    `read` turns a record into findings with their ids (rules on readings run there), `admit`
    decides about them (dedup, binding, mute, lifecycle), `file` makes incident and outbox row,
    `mark` moves the producers' high-water marks. `tick` gives what time alone brings about, and
    `expire` lets waits run out.
    """

    fence: Callable[[Connection], None]
    read: Callable[[Connection, Record], Iterable[Incoming]]
    tick: Callable[[Connection], Iterable[Incoming]]
    admit: Callable[[Connection, Sequence[Incoming]], Sequence[Admission]]
    file: File
    mark: Callable[[Connection, Sequence[Record]], None]
    expire: Callable[[Connection], None]


def centre_flow(db: Database, stages: CentreStages, records: Sequence[Record]) -> None:
    """Record → reading rules → dedup, binding, mute, lifecycle → group → incident and outbox."""
    with db.write() as tx:
        stages.fence(tx)
        _settle(tx, stages, [item for record in records for item in stages.read(tx, record)])
        stages.mark(tx, records)


def clock_flow(db: Database, stages: CentreStages) -> None:
    """Hold times, group waits and silent episodes run out."""
    with db.write() as tx:
        stages.fence(tx)
        _settle(tx, stages, list(stages.tick(tx)))
        stages.expire(tx)


def _settle(tx: Connection, stages: CentreStages, incoming: Sequence[Incoming]) -> None:
    admissions = stages.admit(tx, incoming)
    due = [each.alert for each in admissions if each.dispatch and each.alert is not None]
    stages.file(tx, [(alert, group.plan(alert)) for alert in due])


def judge_flow(
    tx: Connection,
    judge: Callable[[Connection], Admission],
    file: File,
) -> Admission:
    """A verdict, and the queue where it says so; a person has decided, nobody waits for others."""
    admission = judge(tx)
    if admission.dispatch and admission.alert is not None:
        file(tx, [(admission.alert, group.Group(group.plan(admission.alert).key, 0.0))])
    return admission


def merge_flow(
    tx: Connection,
    say: Callable[[Connection], Pair],
    follow: Callable[[Connection, Pair], None],
) -> Pair:
    """Two alerts become one matter, or two again: first the alerts, then their incidents.

    What cannot be done with the incidents undoes the rest: the transaction is the caller's.
    """
    pair = say(tx)
    follow(tx, pair)
    return pair
