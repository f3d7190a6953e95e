"""Whom a whistle calls: the departments of a county, and how long they have."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.types.site import Identifier, Spec


class DepartmentConfig(Spec):
    """One department; grants of the role `department` name it by `id` (their `unit`)."""

    id: Identifier
    name: str = Field(min_length=1, max_length=100)


Seconds = Annotated[float, Field(gt=0)]


class WhistleClock(Spec):
    """Of one severity, seconds from the call.

    What is left out comes from its other timers: to sign as long as to accept, to contact twice
    that, to report as long as to handle.
    """

    sign_s: Seconds | None = None
    contact_s: Seconds | None = None
    report_s: Seconds | None = None


class WhistleClocks(Spec):
    """The clocks of whistles, by severity."""

    P1: WhistleClock = WhistleClock()
    P2: WhistleClock = WhistleClock()
    P3: WhistleClock = WhistleClock()
    P4: WhistleClock = WhistleClock()
