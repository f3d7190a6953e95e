"""When a roll call is held: each week at a minute of the site's day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.kit.errors import Refused

DAY_MINUTES = 24 * 60
LASTS_S = (60, 86400)
"""At least, and at most."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """Each week: `weekday` 1 is Monday, `minute` of the site's day, for `lasts_s` seconds."""

    weekday: int
    minute: int
    lasts_s: int

    def check(self) -> None:
        """Raises Refused (`bad_schedule`) for what no week has."""
        shortest, longest = LASTS_S
        fits = 1 <= self.weekday <= 7 and 0 <= self.minute < DAY_MINUTES
        if not fits or not shortest <= self.lasts_s <= longest:
            raise Refused("a roll call has a weekday, a minute and a length", code="bad_schedule")

    def after(self, at: float, zone: ZoneInfo) -> float:
        """The first one after a moment, UTC epoch seconds.

        A minute that a change of clocks leaves out is that much later (PEP 495, fold 0).
        """
        day = datetime.fromtimestamp(at, zone).date()
        ahead = (self.weekday - day.isoweekday()) % 7
        hour, minute = divmod(self.minute, 60)
        for weeks in (0, 1, 2):
            then = day + timedelta(days=ahead + 7 * weeks)
            found = datetime(then.year, then.month, then.day, hour, minute, tzinfo=zone).timestamp()
            if found > at:
                return found
        raise AssertionError("a week has seven days")
