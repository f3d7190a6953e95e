"""Health in words and numbers."""

from __future__ import annotations

from typing import Literal

from hub.api.schemas import Answer, Moment
from hub.types.finding import Outcome, Reason

Word = Literal["good", "degraded", "bad"]


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
