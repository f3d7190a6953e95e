"""When a department has to have signed, contacted and reported; pure."""

from __future__ import annotations

import math
from dataclasses import asdict, astuple, dataclass, fields

from hub.dispatch import clocks
from hub.dispatch.config import DispatchConfig
from hub.types.finding import Severity

CONTACT_SHARE = 2.0
"""Twice the time to sign, where nothing else is written."""
SOON_SHARE = 0.8
"""Yellow comes at this part of an allowance, as it does with cases."""


@dataclass(frozen=True, slots=True)
class WhistleDue:
    """Deadlines, and from when on each is near; UTC epoch seconds."""

    sign_by: float
    contact_by: float
    report_by: float
    sign_soon: float
    contact_soon: float
    report_soon: float


def due(severity: Severity, called_at: float, config: DispatchConfig) -> WhistleDue:
    """The deadlines of a department called at `called_at` (UTC epoch seconds)."""
    given, timers = getattr(config.whistles, severity.value), config.timers.of(severity)
    sign_s = given.sign_s or timers.accept_s
    contact_s = given.contact_s or CONTACT_SHARE * sign_s
    report_s = given.report_s or timers.handle_s
    waits = (sign_s, contact_s, report_s)
    nearly = (SOON_SHARE * each for each in waits)
    ends = (clocks.after(severity, called_at, each, config) for each in (*waits, *nearly))
    return WhistleDue(*ends)


def of(row: object) -> WhistleDue:
    """The deadlines in a row's columns; where one of old has no near moment, it is never near."""
    return WhistleDue(*(getattr(row, each.name) or math.inf for each in fields(WhistleDue)))


def sooner(one: WhistleDue, other: WhistleDue) -> WhistleDue:
    """The earlier of each."""
    return WhistleDue(*map(min, astuple(one), astuple(other)))


def columns(due: WhistleDue) -> dict[str, object]:
    """The deadlines as columns."""
    return {**asdict(due)}
