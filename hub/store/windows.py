"""The hours of a grant as they are stored: without `weekdays` it counts always."""

from __future__ import annotations

from typing import Any

from hub.types.window import Window


def window_of(row: Any) -> Window | None:
    """From a row of `grants`."""
    if row.weekdays is None:
        return None
    days = frozenset(int(day) for day in row.weekdays)
    return Window(row.starts_at, row.ends_at, days, row.from_minute, row.to_minute)
