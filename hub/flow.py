"""The one way through the hub, stage by stage. Nothing else joins the rooms.

`worker_flow` runs in the worker, per analysed frame of a camera. `centre_flow` runs in the
centre, per batch of spooled records, and opens the one transaction they share; `clock_flow` does
what time alone brings about, of which no row shall stop another. `judge_flow` and `merge_flow` run
in the api when a person judges, or says that two alerts are one matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.alerts import group
from hub.alerts.admission import Admission, Incoming
from hub.alerts.merging import Pair
from hub.kit.supervise import Aside, Key
from hub.store.db import Database
from hub.store.spool import Record
from hub.types.finding import Alert, Finding
from hub.types.media import Frame
from hub.types.scene import Observation, TracksSeen

File = Callable[[Connection, Sequence[tuple[Alert, group.Group]]], None]
"""Makes incidents of alerts, each with its group, and outbox rows of those that nobody awaits."""


Fold = Callable[[Connection, Sequence[tuple[str, str]]], None]
"""What becomes of the incidents of alerts that are now duplicates: pairs of duplicate and other."""


Worsen = Callable[[Connection, Sequence[Alert]], None]
"""What becomes of the incidents of alerts that are graver than they were."""


def _nothing_to_fold(_tx: Connection, _pairs: Sequence[tuple[str, str]]) -> None:
    """For who has no storms."""


def _nothing_to_worsen(_tx: Connection, _alerts: Sequence[Alert]) -> None:
    """For whom no alert grows."""


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


AT_ONCE = 200
"""Rows of a kind that one tick works on, where the kind says nothing else."""
SOURCES_AT_ONCE = 10_000
"""Sensors whose rules wait for time to pass; each is looked at in every tick."""


@dataclass(frozen=True, slots=True)
class Chore:
    """One kind of what time brings about: the names of what is due, at most `limit`, and its work.

    `due` only names rows: one that cannot be read must not hide the others. `do` looks again
    whether what it is given is still due.
    """

    kind: str
    due: Callable[[Connection, int], Sequence[Key]]
    do: Callable[[Connection, Sequence[Key]], None]
    limit: int = AT_ONCE


@dataclass(frozen=True, slots=True)
class CentreStages:
    """What happens to a batch of spooled records, in order; all in one transaction.

    `read` turns a record into findings with their ids (rules on readings run there), `admit`
    decides about them (dedup, binding, mute, lifecycle), `file` makes incident and outbox row,
    `mark` moves the producers' high-water marks. `fold` brings the incidents of alerts that a
    storm took to its own, `worsen` makes those of alerts that grew as grave. For the clock:
    `remembering` names the sources of which time may bring something about, `tick` gives that,
    and `chores` is all else that is due.
    """

    fence: Callable[[Connection], None]
    read: Callable[[Connection, Record], Iterable[Incoming]]
    remembering: Callable[[Connection, int], Sequence[Key]]
    tick: Callable[[Connection, Sequence[Key]], Iterable[Incoming]]
    admit: Callable[[Connection, Sequence[Incoming]], Sequence[Admission]]
    file: File
    mark: Callable[[Connection, Sequence[Record]], None]
    chores: Sequence[Chore]
    fold: Fold = _nothing_to_fold
    worsen: Worsen = _nothing_to_worsen


def centre_flow(db: Database, stages: CentreStages, records: Sequence[Record]) -> None:
    """Record → reading rules → dedup, binding, mute, lifecycle → group → incident and outbox."""
    with db.write() as tx:
        stages.fence(tx)
        _settle(tx, stages, [item for record in records for item in stages.read(tx, record)])
        stages.mark(tx, records)


def clock_flow(db: Database, stages: CentreStages, aside: Aside | None = None) -> None:
    """Hold times, group waits, clocks and silent episodes run out.

    A look costs no lock; what is due is done under the fence, kind by kind, in a transaction for
    all of a kind, or one for each row where that fails. `aside` keeps what raises from stopping
    the others; without it an error goes to the caller.
    """
    for chore in (_readings(stages), *stages.chores):
        room = 0 if aside is None else aside.room(chore.kind)
        with db.read() as tx:
            due = chore.due(tx, chore.limit + room)

        def work(keys: Sequence[Key], chore: Chore = chore) -> None:
            with db.write() as tx:
                stages.fence(tx)
                chore.do(tx, keys)

        if aside is not None:
            aside.run(chore.kind, due, work)
        elif due:
            work(due)


def _readings(stages: CentreStages) -> Chore:
    """What time makes of the rules on readings goes the way of what is said."""
    return Chore(
        "reading",
        stages.remembering,
        lambda tx, keys: _settle(tx, stages, list(stages.tick(tx, keys))),
        SOURCES_AT_ONCE,
    )


def _settle(tx: Connection, stages: CentreStages, incoming: Sequence[Incoming]) -> None:
    admissions = stages.admit(tx, incoming)
    due = [each.alert for each in admissions if each.dispatch and each.alert is not None]
    stages.file(tx, [(alert, group.plan(alert)) for alert in due])
    stages.fold(tx, [(one, e.alert.id) for e in admissions if e.alert for one in e.folded])
    grown = {e.alert.id: e.alert for e in admissions if e.alert and e.graver}
    stages.worsen(tx, [grown[one] for one in sorted(grown)])


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
