"""CSV files for office programs: with a mark, and no name that is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | float | int | None
BOM = "\ufeff"
"""Office programs take a CSV without it for one in the code page of the machine."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_file(rows: Iterable[Sequence[Cell]]) -> bytes:
    """The rows as UTF-8 with a mark; what begins like a formula gets an apostrophe (CWE-1236)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return (BOM + text.getvalue()).encode()


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell
