"""`notices:` of dispatch.yaml: the channels, and when people are left in peace."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from hub.dispatch.notifiers import Channel
from hub.dispatch.notifiers.live import LiveConfig
from hub.types.finding import Severity
from hub.types.site import Spec

TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""On the site's clock."""


def minute_of(text: str) -> int:
    """Minutes since midnight."""
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


class QuietHours(Spec):
    """When nobody is disturbed who has not said otherwise, and by what all the same."""

    start: TimeOfDay = "22:00"
    end: TimeOfDay = "06:00"
    broken_by: tuple[Severity, ...] = (Severity.P1,)

    @model_validator(mode="after")
    def _not_against_the_gravest(self) -> Self:
        if Severity.P1 not in self.broken_by:
            raise ValueError("quiet: P1 waits for nothing, broken_by has to name it")
        return self


class Digest(Spec):
    """What is told together: one message per person and channel at each of these times."""

    severities: tuple[Severity, ...] = (Severity.P4,)
    at: tuple[TimeOfDay, ...] = Field(default=("08:30", "14:30"), min_length=1, max_length=24)

    @model_validator(mode="after")
    def _not_the_gravest(self) -> Self:
        if Severity.P1 in self.severities:
            raise ValueError("digest: P1 waits for nothing")
        return self


class NoticesConfig(Spec):
    """How people are told.

    A try that failed is made again after `first_wait_s`, twice as long after each further one, at
    most `longest_wait_s`; no answer silences a channel for longer than that either. After
    `dead_after` tries it is a dead letter. A notice that found nobody on duty for `stale_after_s`
    is given up aloud.
    """

    channels: tuple[Channel, ...] = (LiveConfig(id="live", name="页面提醒 / bell"),)
    quiet: QuietHours = QuietHours()
    digest: Digest = Digest()
    first_wait_s: float = Field(default=10.0, gt=0, le=3600)
    longest_wait_s: float = Field(default=600.0, gt=0, le=86_400)
    dead_after: int = Field(default=20, ge=1, le=1000)
    stale_after_s: float = Field(default=172_800.0, gt=0)

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        ids = [channel.id for channel in self.channels]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"channels: id {', '.join(twice)} stands twice")
        return self

    def channel(self, channel_id: str) -> Channel | None:
        """The channel of that id that is switched on, None if there is none."""
        on = (each for each in self.channels if each.enabled)
        return next((each for each in on if each.id == channel_id), None)

    def wait_s(self, tries: int) -> float:
        """How long to wait after so many tries."""
        return float(min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(tries - 1, 30)))
