"""`calendar:` of dispatch.yaml: when people work, and which severities wait for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from functools import cached_property
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from hub.kit.calendar import WorkCalendar
from hub.types.finding import Severity
from hub.types.site import Spec

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Days = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?$")]
"""A day, or the first and the last of some: `2026-10-01/2026-10-07`."""


class CalendarConfig(Spec):
    """The work calendar. A severity that is not named here runs on the wall clock.

    A day of work is 8 hours with the hours below, so an allowance of three working days is
    86400 seconds.
    """

    time_zone: str = "Asia/Shanghai"
    weekdays: tuple[Weekday, ...] = Field(default=_WEEK[:5], min_length=1)
    hours: tuple[tuple[ClockTime, ClockTime], ...] = Field(
        default=(("08:30", "12:00"), ("13:30", "18:00")), min_length=1
    )
    holidays: tuple[Days, ...] = ()
    workdays: tuple[Days, ...] = ()
    severities: tuple[Severity, ...] = (Severity.P3, Severity.P4)

    @field_validator("holidays", "workdays", mode="before")
    @classmethod
    def _as_text(cls, given: object) -> object:
        # YAML reads a bare day as a date.
        if isinstance(given, list | tuple):
            return tuple(each.isoformat() if isinstance(each, date) else each for each in given)
        return given

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone {self.time_zone!r}") from error
        flat = [text for span in self.hours for text in span]
        if flat != sorted(set(flat)):
            raise ValueError("hours: each from before its to, in order and without overlap")
        for days in (*self.holidays, *self.workdays):
            if not list(_each(days)):
                raise ValueError(f"{days}: the last day is before the first")
        return self

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The calendar that is meant."""
        return WorkCalendar(
            ZoneInfo(self.time_zone),
            tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in self.hours),
            frozenset(_WEEK.index(each) for each in self.weekdays),
            frozenset(day for days in self.holidays for day in _each(days)),
            frozenset(day for days in self.workdays for day in _each(days)),
        )


def _each(days: str) -> Iterator[date]:
    first, _, last = days.partition("/")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    while day <= end:
        yield day
        day += timedelta(days=1)
