"""What is told and said about classes of events."""

from __future__ import annotations

from hub.api.incidents.schemas import Id, ReasonIn
from hub.api.schemas import Answer
from hub.dispatch.taxonomy import Whistling
from hub.types.finding import Policy, Severity
from hub.types.work import Origin


class EventClassOut(Answer):
    """A minor class. `from_rules` are kinds of rules or ids of single rules."""

    code: str
    name: str
    name_en: str
    severity: Severity
    departments: tuple[str, ...]
    policy: Policy
    whistle: Whistling
    from_rules: tuple[str, ...]
    from_reports: tuple[Origin, ...]


class MajorClassOut(Answer):
    """A major class with its minor ones."""

    code: str
    name: str
    name_en: str
    minor: tuple[EventClassOut, ...]


class ClassifyIn(ReasonIn):
    """Of which class an incident is after all."""

    class_code: Id
