"""`dispatch.yaml`: the centres, the clocks of each severity, and how the queue behaves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from hub.dispatch.auditing.config import AuditorConfig
from hub.dispatch.departments import DepartmentConfig, WhistleClocks
from hub.dispatch.notices.config import NoticesConfig
from hub.dispatch.taxonomy import ClockChange, Taxonomy
from hub.dispatch.workdays import CalendarConfig
from hub.types.finding import Severity
from hub.types.site import Identifier, Spec

Seconds = Annotated[float, Field(gt=0)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9:._-]{1,128}$")]
"""A Redis key or group name without surprises for a shell."""


class CentreConfig(Spec):
    """One governance centre and the names it is reached by in Redis.

    `stream` defaults to `dispatch:<id>`; dead letters stand in `<stream>:dead`, receipts come
    on `receipts:<id>`.
    """

    id: Identifier
    name: str = Field(min_length=1)
    stream: Key = ""
    group: Key = "centre"

    @model_validator(mode="before")
    @classmethod
    def _name_stream(cls, given: object) -> object:
        if isinstance(given, dict) and not given.get("stream") and isinstance(given.get("id"), str):
            return {**given, "stream": f"dispatch:{given['id']}"}
        return given

    @property
    def dead_stream(self) -> str:
        """Where letters go that nobody could be made to acknowledge."""
        return f"{self.stream}:dead"

    @property
    def receipts_stream(self) -> str:
        """Where a centre's own program reports what became of a task."""
        return f"receipts:{self.id}"


class SeverityTimers(Spec):
    """Clocks of one severity, seconds. `on_scene_s` is None where nobody has to go there.

    They run from the dispatch, except the group wait (from the alert), the verdict (from the
    alert), filing (from the report, or from when it was given back), verifying (from the
    handling) and the longest silence (from the last word of a person, always on the wall clock).
    Where the severity is one of the work calendar's, all others are seconds of work time.
    """

    group_wait_s: float = Field(ge=0)
    verdict_s: Seconds
    file_s: Seconds
    accept_s: Seconds
    on_scene_s: Seconds | None
    handle_s: Seconds
    verify_s: Seconds = 4 * 3600.0
    silence_s: Seconds = 24 * 3600.0


_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86400.0
_WORKDAY_S = 8 * _HOUR_S
"""P3 and P4 are counted in work time, of which a day has eight hours."""

P1 = SeverityTimers(
    group_wait_s=0,
    verdict_s=30,
    file_s=60,
    accept_s=2 * _MINUTE_S,
    on_scene_s=15 * _MINUTE_S,
    handle_s=2 * _HOUR_S,
    verify_s=30 * _MINUTE_S,
    silence_s=4 * _HOUR_S,
)
P2 = SeverityTimers(
    group_wait_s=10,
    verdict_s=2 * _MINUTE_S,
    file_s=3 * _MINUTE_S,
    accept_s=5 * _MINUTE_S,
    on_scene_s=30 * _MINUTE_S,
    handle_s=24 * _HOUR_S,
    verify_s=4 * _HOUR_S,
    silence_s=24 * _HOUR_S,
)
P3 = SeverityTimers(
    group_wait_s=30,
    verdict_s=10 * _MINUTE_S,
    file_s=15 * _MINUTE_S,
    accept_s=30 * _MINUTE_S,
    on_scene_s=1 * _WORKDAY_S,
    handle_s=3 * _WORKDAY_S,
    verify_s=1 * _WORKDAY_S,
    silence_s=24 * _HOUR_S,
)
P4 = SeverityTimers(
    group_wait_s=60,
    verdict_s=1 * _HOUR_S,
    file_s=2 * _HOUR_S,
    accept_s=2 * _HOUR_S,
    on_scene_s=None,
    handle_s=7 * _WORKDAY_S,
    verify_s=2 * _WORKDAY_S,
    silence_s=7 * _DAY_S,
)


class Timers(Spec):
    """The clocks of all severities; what is left out keeps its default."""

    P1: SeverityTimers = P1
    P2: SeverityTimers = P2
    P3: SeverityTimers = P3
    P4: SeverityTimers = P4

    def of(self, severity: Severity) -> SeverityTimers:
        """The clocks of one severity."""
        match severity:
            case Severity.P1:
                return self.P1
            case Severity.P2:
                return self.P2
            case Severity.P3:
                return self.P3
            case Severity.P4:
                return self.P4

    def changed(self, changes: Mapping[Severity, ClockChange]) -> Timers:
        """With single clocks replaced."""
        return self.model_copy(
            update={
                severity.value: self.of(severity).model_copy(update=change.changes())
                for severity, change in changes.items()
            }
        )


Share = Annotated[float, Field(ge=0, le=1)]


class Sampling(Spec):
    """Which share of self-handled incidents is verified by another person; the lot decides."""

    P1: Share = 1.0
    P2: Share = 1.0
    P3: Share = 0.3
    P4: Share = 0.1

    def of(self, severity: Severity) -> float:
        """The share of one severity, 0 to 1."""
        return {
            Severity.P1: self.P1,
            Severity.P2: self.P2,
            Severity.P3: self.P3,
            Severity.P4: self.P4,
        }[severity]


class ClockRules(Spec):
    """What clocks are planned by: the allowances, and the calendar of those who work by one."""

    timers: Timers = Timers()
    calendar: CalendarConfig = CalendarConfig()


class DispatchConfig(ClockRules):
    """The whole of `dispatch.yaml`.

    `default_centre` serves what no grid claims: the unbound, and grids no centre stands for.
    A task delivered `dead_letter_after` times and not acknowledged for `redelivery_idle_s`
    goes to the dead letters. Acknowledged entries stay readable for `keep_acked_s`.
    A closed incident is reopened within `reopen_within_s` and archived after `archive_after_s`.
    """

    centres: tuple[CentreConfig, ...] = Field(min_length=1)
    default_centre: Identifier
    sampling: Sampling = Sampling()
    auditor: AuditorConfig = AuditorConfig()
    departments: tuple[DepartmentConfig, ...] = ()
    whistles: WhistleClocks = WhistleClocks()
    reopen_within_s: Seconds = 7 * _DAY_S
    archive_after_s: Seconds = 7 * _DAY_S
    dead_letter_after: int = Field(default=5, ge=1, le=1000)
    redelivery_idle_s: Seconds = 30.0
    keep_acked_s: float = Field(default=3600.0, ge=0)
    poll_s: float = Field(default=0.2, gt=0, le=0.5)
    evidence_path: str = Field(
        default="/api/v1/evidence", pattern=r"^/[A-Za-z0-9/_.-]*[A-Za-z0-9_.-]$"
    )
    classes: Taxonomy = Taxonomy()
    notices: NoticesConfig = NoticesConfig()

    @model_validator(mode="after")
    def _names_are_one_each(self) -> Self:
        for what in ("id", "stream"):
            names = [getattr(centre, what) for centre in self.centres]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"centres: {what} {', '.join(twice)} stands twice")
        units = [each.id for each in self.departments]
        if twice := sorted({unit for unit in units if units.count(unit) > 1}):
            raise ValueError(f"departments: id {', '.join(twice)} stands twice")
        if self.default_centre not in {centre.id for centre in self.centres}:
            raise ValueError(f"default_centre: there is no centre {self.default_centre!r}")
        return self

    @model_validator(mode="after")
    def _departments_of_classes(self) -> Self:
        known = {each.id for each in self.departments}
        for each in self.classes:
            if unknown := sorted(set(each.departments) - known):
                raise ValueError(f"classes: {each.code} names no department: {', '.join(unknown)}")
        return self

    def of_class(self, code: str) -> Self:
        """The same with the clocks of a class."""
        return self._by_class.get(code, self)

    @cached_property
    def _by_class(self) -> dict[str, Self]:
        return {
            each.code: self.model_copy(update={"timers": self.timers.changed(each.timers)})
            for each in self.classes
            if each.timers
        }

    def centre(self, centre_id: str) -> CentreConfig | None:
        """The centre of that id, None if there is none."""
        return next((centre for centre in self.centres if centre.id == centre_id), None)

    @property
    def fallback(self) -> CentreConfig:
        """The default centre itself."""
        return next(centre for centre in self.centres if centre.id == self.default_centre)
