"""Identifiers: random ones for the running hub, counted ones where a result must repeat."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable

Ids = Callable[[], str]
"""Hands out a new identifier at each call."""


def random_id() -> str:
    """32 hex digits, the first 12 the time in milliseconds: they sort by age (as UUIDv7)."""
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


def counted_ids(prefix: str) -> Ids:
    """`prefix-000001`, `prefix-000002`, …: the same at each run."""
    counter = itertools.count(1)
    return lambda: f"{prefix}-{next(counter):06d}"
