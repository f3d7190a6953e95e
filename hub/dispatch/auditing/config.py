"""`auditor:` of dispatch.yaml: how late is too late to be seen, and whom to call each round."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.types.finding import Severity
from hub.types.site import Spec

Seconds = Annotated[float, Field(gt=0)]


class ApprovalBounds(Spec):
    """How long a question of a case may wait for its second person, by severity, seconds."""

    P1: Seconds = 300.0
    P2: Seconds = 1800.0
    P3: Seconds = 14_400.0
    P4: Seconds = 86_400.0

    def of(self, severity: Severity) -> float:
        """That of a severity."""
        bound: float = getattr(self, severity.value)
        return bound


class AuditorConfig(Spec):
    """Bounds of what the auditor names, seconds.

    `call`: an address that is asked (GET) after each round, such as a dead man's switch that
    alarms when it is not asked any more; None: nobody is. `https` goes anywhere, `http` only to
    private addresses.
    """

    outbox_s: float = Field(default=600.0, gt=0)
    approval_s: ApprovalBounds = ApprovalBounds()
    whistle_s: float = Field(default=3600.0, gt=0)
    call: str | None = Field(default=None, pattern=r"^https?://[^\s]+$", max_length=500)
    call_timeout_s: float = Field(default=5.0, gt=0, le=30)
