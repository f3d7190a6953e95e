"""Lists by pages: what is wanted, and where the next page begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from hub.kit.errors import Refused
from hub.types.finding import RuleKind, Severity
from hub.types.work import IncidentState, TaskState

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """None leaves a condition out. `grid` means that grid and all below it."""

    state: IncidentState | None = None
    severity: Severity | None = None
    rule_kind: RuleKind | None = None
    grid: str | None = None
    unbound: bool | None = None


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """None leaves a condition out."""

    state: TaskState | None = None
    centre: str | None = None
    incident_id: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last entry of a page: its time (UTC epoch seconds) and id."""

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
class Page(Generic[T]):
    """Some entries, newest first, and the cursor of the next page (None at the end)."""

    items: tuple[T, ...]
    next: str | None
