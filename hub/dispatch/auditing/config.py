"""`auditor:` of dispatch.yaml: how late is too late to be seen, and whom to call each round."""

from __future__ import annotations

from pydantic import Field

from hub.types.site import Spec


class AuditorConfig(Spec):
    """Bounds of what the auditor names, seconds.

    `call`: an address that is asked (GET) after each round, such as a dead man's switch that
    alarms when it is not asked any more; None: nobody is. `https` goes anywhere, `http` only to
    private addresses.
    """

    outbox_s: float = Field(default=600.0, gt=0)
    approval_s: float = Field(default=86400.0, gt=0)
    whistle_s: float = Field(default=3600.0, gt=0)
    call: str | None = Field(default=None, pattern=r"^https?://[^\s]+$", max_length=500)
    call_timeout_s: float = Field(default=5.0, gt=0, le=30)
