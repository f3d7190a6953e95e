"""Lists by pages: which alerts are wanted, and where the next page begins."""

from __future__ import annotations

from dataclasses import dataclass

from hub.kit.errors import Refused
from hub.types.finding import Ack, Alert, Life, RuleKind, Severity, Verdict


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """None leaves a condition out. `grid` means that grid and all below it.

    `raised_from` and `raised_before` are UTC epoch seconds. `judged` asks whether there is a
    verdict at all, `live` whether it has not been cleared.
    """

    life: Life | None = None
    live: bool | None = None
    ack: Ack | None = None
    verdict: Verdict | None = None
    judged: bool | None = None
    severity: Severity | None = None
    rule_kind: RuleKind | None = None
    rule_id: str | None = None
    source: str | None = None
    grid: str | None = None
    unbound: bool | None = None
    incident_id: str | None = None
    exercise: bool | None = None
    raised_from: float | None = None
    raised_before: float | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last alert of a page: when it was raised (UTC epoch seconds) and its id."""

    at: float
    id: str

    def text(self) -> str:
        """As handed to callers; the float is exact."""
        return f"{self.at!r}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises Refused (`bad_cursor`)."""
        at, _, key = text.partition("~")
        try:
            return cls(float(at), key)
        except ValueError as error:
            raise Refused(f"{text!r} is no cursor of ours", code="bad_cursor") from error


@dataclass(frozen=True, slots=True)
class Page:
    """Some alerts, newest first, and the cursor of the next page (None at the end)."""

    items: tuple[Alert, ...]
    next: str | None
