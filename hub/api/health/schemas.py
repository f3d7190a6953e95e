"""Health in words and numbers."""

from __future__ import annotations

from typing import Literal

from hub.api.schemas import Answer, Moment
from hub.dispatch.auditing.repository import Kind
from hub.types.finding import Outcome, Reason

Word = Literal["good", "degraded", "bad"]
Standstill = Literal["no_centre", "auditor_late"]


class Alive(Answer):
    """The process answers."""

    status: Literal["alive"] = "alive"


class CheckOut(Answer):
    """One part of the hub, in a sentence."""

    part: str
    word: Word
    says: str


class HealthOut(Answer):
    """The worst word of all parts, and each of them."""

    word: Word
    at: Moment
    parts: tuple[CheckOut, ...]


class StandstillOut(Answer):
    """Why cases are not worked on by the hub, null while they are: no centre is at work, or nobody
    watches the clocks."""

    standstill: Standstill | None


class LedgerLine(Answer):
    """How many findings came to one outcome for one reason."""

    outcome: Outcome
    reason: Reason
    count: int


class LedgerOut(Answer):
    """What became of every finding so far: the four sums make up `findings`."""

    findings: int
    opened: int
    merged: int
    muted: int
    rejected: int
    lines: tuple[LedgerLine, ...]


class FaultOut(Answer):
    """A loop whose last turn failed, with its error's text."""

    loop: str
    says: str


class ProcessOut(Answer):
    """What a worker or a centre last said of itself.

    `age_s`: since it said so by its own clock, negative where that clock is ahead of ours;
    `counts`: its counters since its start by their names in `/metrics`, summed over labels.
    """

    name: str
    age_s: float | None
    cameras: int
    online: int
    spool_pending: int | None
    memory_bytes: int | None
    counts: dict[str, float]
    faults: list[FaultOut]


class StorageOut(Answer):
    """The disk of the evidence, and what waits in the api's own spool."""

    free_bytes: int | None
    total_bytes: int | None
    spool_pending: int


class QueueOut(Answer):
    """A centre's queue: tasks by where they are, and how long the oldest has waited."""

    centre: str
    unsent: int
    unacked: int
    acked: int
    dead: int
    oldest_s: float | None


class AwayOut(Answer):
    """A camera with a trouble; `state` is `unwatched` where no worker speaks of it."""

    id: str
    name: str
    state: str
    says: str


class CamerasOut(Answer):
    """How many are in each state; of those without a picture (`away`) and those that no model looks
    at (`blind`) the first 50."""

    states: dict[str, int]
    away: list[AwayOut]
    blind: int
    blind_named: list[AwayOut]


class LogOut(Answer):
    """How far a log is sealed: its newest seal, the rows after it, the age of the oldest of them.

    `late`: it is so old that the sealer must have stopped.
    """

    chain: str
    seal: int
    sealed_at: Moment | None
    sealed_rows: int
    unsealed_rows: int
    unsealed_s: float | None
    late: bool


class FoundOut(Answer):
    """Something the auditor found: how many, and the first of them by its id."""

    kind: Kind
    count: int
    first: str


class AuditorOut(Answer):
    """The auditor's last round. `late`: it is so old, or so far ahead, that the auditor may have
    stopped."""

    at: Moment
    age_s: float
    late: bool
    rounds: int
    found: list[FoundOut]


class RecordsOut(Answer):
    """What the database tells. `centre_gone_s`: since when no centre is active.

    `auditor`: null before its first round.
    """

    centre_active: bool
    centre_gone_s: float | None
    cameras: CamerasOut
    queues: list[QueueOut]
    ledger: LedgerOut
    logs: list[LogOut]
    auditor: AuditorOut | None


class SystemOut(Answer):
    """The facts of this moment; `records` null while the database does not answer, `redis` false
    while Redis does not (then nothing is known of workers and centres)."""

    at: Moment
    redis: bool
    workers: list[ProcessOut]
    centres: list[ProcessOut]
    storage: StorageOut
    records: RecordsOut | None
