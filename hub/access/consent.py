"""What owners have agreed to: whether a camera's picture may be shown, and why not. Pure.

Schools and enterprises lend their cameras: they say to whom and when. What townships and public
bodies own is the county's own and needs nobody's word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import Field

from hub.access.grants import Window, check_window
from hub.kit.errors import Refused
from hub.types.site import OwnerKind, Spec
from hub.types.staff import Role

ASKED = frozenset({OwnerKind.SCHOOL, OwnerKind.ENTERPRISE})
"""Kinds of owners who are asked."""

WINDOWS_MAX = 14
"""Of one consent: twice a day, each day otherwise."""


class ConsentSettings(Spec):
    """What an owner's "during an incident" takes in.

    An incident within `near_m` metres of where the camera hangs is one at its place.
    """

    near_m: float = Field(default=100.0, ge=0, le=1000)


class Mode(StrEnum):
    """When a picture may be shown."""

    ALWAYS = "always"
    SCHEDULE = "schedule"
    INCIDENT = "incident"


class Why(StrEnum):
    """Why a picture is withheld. `no_consent`: none is on file, and no matter is open."""

    NO_CONSENT = "no_consent"
    OUTSIDE_HOURS = "outside_hours"
    ONLY_DURING_INCIDENT = "only_during_incident"
    NOT_FOR_THIS_ROLE = "not_for_this_role"


TEXTS = {
    Why.NO_CONSENT: "its owner has not agreed; it is shown while a matter of it is open",
    Why.OUTSIDE_HOURS: "its owner has agreed for other hours",
    Why.ONLY_DURING_INCIDENT: "its owner has agreed while a matter of it is open",
    Why.NOT_FOR_THIS_ROLE: "its owner has agreed for others",
}
"""For people who read no pages; pages have words of their own."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed. `camera` None: all of the owner's; `roles` empty: all who may look anyway.

    `windows` are those of a schedule, on the wall clock of the site.
    """

    owner: str
    mode: Mode
    camera: str | None = None
    windows: tuple[Window, ...] = ()
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Consent:
    """One agreement on file, from `starts_at` until `ended_at` (UTC epoch seconds, None: open).

    `agreed_by` is who said yes, `document` where that is written; `entered_by` put it on file.
    """

    id: str
    terms: Terms
    agreed_by: str
    document: str
    starts_at: float
    entered_by: str
    entered_at: float
    ended_at: float | None = None
    ended_by: str | None = None

    def in_force(self, now: float) -> bool:
        """Whether it counts now."""
        return self.starts_at <= now and (self.ended_at is None or now < self.ended_at)


@dataclass(frozen=True, slots=True)
class Lent:
    """A camera as its owner lends it."""

    camera: str
    owner: str
    owner_kind: OwnerKind


@dataclass(frozen=True, slots=True)
class Shown:
    """The picture may be shown."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """The picture is withheld, and why."""

    why: Why


SHOWN = Shown()


def needs_consent(kind: OwnerKind) -> bool:
    """Whether such an owner is asked at all."""
    return kind in ASKED


def that_counts(lent: Lent, on_file: Iterable[Consent], now: float) -> Consent | None:
    """The consent in force for a camera: its own, else its owner's; of several the latest."""
    found = [
        each
        for each in on_file
        if each.in_force(now)
        and each.terms.owner == lent.owner
        and each.terms.camera in (None, lent.camera)
    ]
    return max(found, key=_order, default=None)


def _order(each: Consent) -> tuple[bool, float, float, str]:
    return each.terms.camera is not None, each.starts_at, each.entered_at, each.id


def asks_for_a_matter(lent: Lent, counts: Consent | None) -> bool:
    """Whether it matters for the decision that a matter of the camera is open."""
    by_itself = counts is not None and counts.terms.mode is not Mode.INCIDENT
    return needs_consent(lent.owner_kind) and not by_itself


def decide(
    lent: Lent,
    counts: Consent | None,
    roles: Collection[Role],
    now: float,
    zone: ZoneInfo,
    *,
    matter: bool,
) -> Shown | Withheld:
    """Whether the picture may be shown to somebody who acts there in these roles.

    `counts` is what `that_counts` found, `matter`: one of that camera is open. With nothing on
    file it is shown while a matter is open.
    """
    if not needs_consent(lent.owner_kind):
        return SHOWN
    if counts is None:
        return SHOWN if matter else Withheld(Why.NO_CONSENT)
    terms = counts.terms
    if terms.roles and terms.roles.isdisjoint(roles):
        return Withheld(Why.NOT_FOR_THIS_ROLE)
    if terms.mode is Mode.INCIDENT and not matter:
        return Withheld(Why.ONLY_DURING_INCIDENT)
    if terms.mode is Mode.SCHEDULE and not _within(terms.windows, now, zone):
        return Withheld(Why.OUTSIDE_HOURS)
    return SHOWN


def _within(windows: Sequence[Window], now: float, zone: ZoneInfo) -> bool:
    return any(window.in_force(now, zone) for window in windows)


def check_terms(terms: Terms) -> None:
    """Raises Refused (`windows_wanted`, `windows_not_wanted`, `too_many`, `bad_window`)."""
    if terms.mode is Mode.SCHEDULE and not terms.windows:
        raise Refused("a schedule has at least one window", code="windows_wanted")
    if terms.mode is not Mode.SCHEDULE and terms.windows:
        raise Refused(f"{terms.mode} has no windows", code="windows_not_wanted")
    if len(terms.windows) > WINDOWS_MAX:
        raise Refused(f"a schedule has at most {WINDOWS_MAX} windows", code="too_many")
    for window in terms.windows:
        check_window(window)
