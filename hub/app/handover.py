"""The last minutes of a producer: what is in its spool goes to the centre, as far as it goes."""

from __future__ import annotations

import threading

from hub.kit.clock import Clock
from hub.store.spool import Spool

STALL_S = 6.0
"""Longer than the pause before a resend; after that nobody takes anything any more."""
LOOK_S = 0.1


def hand_over(
    spool: Spool,
    clock: Clock,
    stopping: threading.Event,
    limit_s: float,
    stall_s: float = STALL_S,
) -> int:
    """Wait until the centre has acknowledged everything; returns how many records stay.

    It gives up after `limit_s`, and when nothing has moved for `stall_s`: a centre that is gone
    too must not hold up the next start, which finds the records in the file.
    """
    began = moved = clock.monotonic()
    left = spool.pending()
    while left and clock.monotonic() - began < limit_s and clock.monotonic() - moved < stall_s:
        clock.wait(stopping, LOOK_S)
        before, left = left, spool.pending()
        if left != before:
            moved = clock.monotonic()
    return left
