"""One line of the proof: a figure, its bound, what was measured, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table

from bench.chaos_ledger import Figure


@dataclass(frozen=True, slots=True)
class Line:
    """`bound` is an upper one unless `exactly`; None where the number only informs."""

    figure: int
    what: str
    measured: float
    bound: float | None = None
    unit: str = ""
    exactly: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is as it must be."""
        if self.bound is None:
            return True
        return self.measured == self.bound if self.exactly else self.measured <= self.bound

    def __str__(self) -> str:
        """As it is told while the rest still runs; the table comes at the end."""
        judged = "" if self.bound is None else ("  holds" if self.holds else "  DOES NOT HOLD")
        text = f"{self.figure}  {self.what}: {self.measured_text}  {self.bound_text}{judged}"
        return text.rstrip()

    @property
    def measured_text(self) -> str:
        """What was measured as printed."""
        return f"{_number(self.measured)} {self.unit}".rstrip()

    @property
    def bound_text(self) -> str:
        """The bound as printed."""
        if self.bound is None:
            return ""
        return f"{'=' if self.exactly else '≤'} {_number(self.bound)} {self.unit}".rstrip()


def lines(figure: int, found: Iterable[Figure], only: Sequence[str] = ()) -> list[Line]:
    """Figures of the ledger as lines; those named, or all."""
    return [
        Line(figure, each.name.strip(), each.measured, each.bound, each.unit)
        for each in found
        if not only or each.name.strip() in only
    ]


def table(title: str, found: Sequence[Line]) -> Table:
    """figure | what | bound | measured | holds."""
    shown = Table("", "what", "bound", "measured", "holds", title=title)
    for line in found:
        judged = "" if line.bound is None else ("yes" if line.holds else "NO")
        shown.add_row(
            str(line.figure),
            line.what,
            line.bound_text,
            line.measured_text,
            judged,
            style="" if line.holds else "bold red",
        )
    return shown


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
