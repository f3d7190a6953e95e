"""Classes of events: what is of which class, how grave it is by itself, whom it concerns.

`classes:` of `dispatch.yaml`. The codes are the site's own: two digits for a major class 大类,
four for a minor one 小类.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, RootModel, model_validator

from hub.types.finding import Policy, RuleKind, Severity
from hub.types.site import Identifier, Spec
from hub.types.work import Origin

Name = Annotated[str, Field(min_length=1, max_length=60)]
Positive = Annotated[float, Field(gt=0)]

OTHER = "9999"
"""The class of what is of no other; always there."""
REPORTED = frozenset(
    {Origin.WORKER, Origin.COUNTER, Origin.PATROL, Origin.DEPARTMENT, Origin.OTHER}
)


class Whistling(StrEnum):
    """Whether the departments of a class are only proposed, or called at once."""

    PROPOSE = "propose"
    AUTO = "auto"


class ClockChange(Spec):
    """Clocks of a class, seconds; what is left out is the severity's own."""

    group_wait_s: float | None = Field(default=None, ge=0)
    verdict_s: Positive | None = None
    file_s: Positive | None = None
    accept_s: Positive | None = None
    on_scene_s: Positive | None = None
    handle_s: Positive | None = None

    def changes(self) -> dict[str, float]:
        """Those that are given."""
        return self.model_dump(exclude_none=True)


class EventClass(Spec):
    """A minor class.

    `from_rules`: kinds of rules, or ids of single rules, which count before kinds. `from_reports`:
    origins of reports whose author chose no class. `whistle`: whether its departments are proposed,
    or called by the hub when a case of it is filed or goes out.
    """

    code: Annotated[str, Field(pattern=r"^\d{4}$")]
    name: Name
    name_en: Name
    severity: Severity = Severity.P3
    departments: tuple[Identifier, ...] = ()
    policy: Policy = Policy.AUTO_DISPATCH
    whistle: Whistling = Whistling.PROPOSE
    timers: Mapping[Severity, ClockChange] = Field(default_factory=dict)
    from_rules: tuple[Identifier, ...] = ()
    from_reports: tuple[Origin, ...] = ()


class MajorClass(Spec):
    """A major class and its minor ones."""

    code: Annotated[str, Field(pattern=r"^\d{2}$")]
    name: Name
    name_en: Name
    minor: tuple[EventClass, ...] = Field(min_length=1, max_length=99)

    @model_validator(mode="after")
    def _of_it(self) -> Self:
        alien = [each.code for each in self.minor if not each.code.startswith(self.code)]
        if alien:
            raise ValueError(f"{', '.join(alien)} does not begin with {self.code}")
        return self


_FALLBACK = EventClass(code=OTHER, name="其他", name_en="Other")
FALLBACK = MajorClass(code="99", name="其他", name_en="Other", minor=(_FALLBACK,))


class Taxonomy(RootModel[tuple[MajorClass, ...]]):
    """All classes; the fallback is there whether it is written or not."""

    model_config = ConfigDict(frozen=True)
    root: tuple[MajorClass, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _none_is_empty(cls, given: Any) -> Any:
        return () if given is None else given

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        written = [each for major in self.root for each in major.minor]
        for what, said in (
            ("code", [major.code for major in self.root] + [each.code for each in written]),
            ("from_rules", [rule for each in written for rule in each.from_rules]),
            ("from_reports", [str(o) for each in written for o in each.from_reports]),
        ):
            twice = sorted({one for one in said if said.count(one) > 1})
            if twice:
                raise ValueError(f"classes: {what} {', '.join(twice)} stands twice")
        machines = {str(o) for each in written for o in each.from_reports if o not in REPORTED}
        if machines:
            raise ValueError(f"classes: nobody reports from {', '.join(sorted(machines))}")
        return self

    @cached_property
    def majors(self) -> tuple[MajorClass, ...]:
        """The major classes by code, the fallback with them."""
        if OTHER in {each.code for major in self.root for each in major.minor}:
            return tuple(sorted(self.root, key=lambda each: each.code))
        ours = [major for major in self.root if major.code == FALLBACK.code]
        grown = [m.model_copy(update={"minor": (*m.minor, _FALLBACK)}) for m in ours]
        rest = [major for major in self.root if major.code != FALLBACK.code]
        return tuple(sorted([*rest, *(grown or [FALLBACK])], key=lambda each: each.code))

    @cached_property
    def _minors(self) -> Mapping[str, EventClass]:
        return {each.code: each for major in self.majors for each in major.minor}

    def __iter__(self) -> Iterator[EventClass]:  # type: ignore[override]
        """The minor classes by code."""
        return iter(self._minors[code] for code in sorted(self._minors))

    def find(self, code: str) -> EventClass | None:
        """The minor class of that code, None if there is none."""
        return self._minors.get(code)

    def get(self, code: str) -> EventClass:
        """The minor class of that code, else the fallback: a class may leave the file."""
        return self._minors.get(code) or self._minors[OTHER]

    def of_rule(self, kind: RuleKind, rule_id: str) -> EventClass:
        """What a rule's alerts are of."""
        return self._by_rule.get(rule_id) or self._by_rule.get(kind.value) or self.get(OTHER)

    @cached_property
    def _by_rule(self) -> Mapping[str, EventClass]:
        return {rule: each for each in self for rule in each.from_rules}

    def of_report(self, origin: Origin, chosen: str | None = None) -> EventClass:
        """What a report is of: what its author chose, else by its origin."""
        found = None if chosen is None else self.find(chosen)
        return found or next((c for c in self if origin in c.from_reports), None) or self.get(OTHER)

    def rules_named(self) -> frozenset[str]:
        """The ids of single rules that classes name, without the kinds of rules."""
        kinds = {kind.value for kind in RuleKind}
        return frozenset(rule for each in self for rule in each.from_rules if rule not in kinds)
