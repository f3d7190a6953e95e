"""A camera's file 一机一档: what stands in it, and what is missing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from hub.types.site import OwnerKind


class Purpose(StrEnum):
    """What a camera is there for; there is no other reason to have one."""

    PUBLIC_ORDER = "public_order"
    TRAFFIC = "traffic"
    FIRE = "fire"
    FLOOD = "flood"
    FOREST_FIRE = "forest_fire"
    SCHOOL_SAFETY = "school_safety"
    WORK_SAFETY = "work_safety"
    KEY_SITE = "key_site"
    EMERGENCY = "emergency"


class RetentionGround(StrEnum):
    """Why its evidence is kept as long as the file says."""

    SITE = "site"
    PRESCRIBED = "prescribed"
    AGREED = "agreed"


class FileGap(StrEnum):
    """What a file wants."""

    PURPOSE = "purpose"
    PLACE = "place"
    LOCATION = "location"
    MAP_POINT = "map_point"
    SIGN = "sign"
    FILING_NUMBER = "filing_number"
    RETENTION = "retention"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Content:
    """What somebody wrote into a file. Times are UTC epoch seconds."""

    purpose: Purpose | None = None
    purpose_note: str = ""
    location: str = ""
    sign_posted: bool | None = None
    sign_posted_at: float | None = None
    sign_posted_by: str | None = None
    filing_number: str = ""
    retention_days: int | None = None
    retention_ground: RetentionGround | None = None
    consent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the register says of the camera: `place` was declared, `map_point`: it is on the map.

    `consented`: an owner who is asked has a consent on file that counts.
    """

    owner_kind: OwnerKind
    place: str | None
    map_point: bool
    consented: bool


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete it is, in whole percent, and what is missing, in the order of the form."""

    percent: int
    missing: tuple[FileGap, ...]


ASKED = frozenset({OwnerKind.SCHOOL, OwnerKind.ENTERPRISE})
"""Owners whose consent a file names."""


Has = tuple[bool | None, ...]
"""Whether each FileGap is there, in their order; None: it is not wanted."""


def has(content: Content, standing: Standing) -> Has:
    """What is there. A consent is wanted only of owners who are asked."""
    return (
        content.purpose is not None,
        standing.place is not None,
        bool(content.location.strip()),
        standing.map_point,
        bool(content.sign_posted) and content.sign_posted_at is not None,
        bool(content.filing_number.strip()),
        None not in (content.retention_days, content.retention_ground),
        standing.consented if standing.owner_kind in ASKED else None,
    )


@lru_cache(maxsize=512)
def counted(there: Has) -> Completeness:
    """Of all that is wanted; never 100 while something is missing."""
    missing = tuple(gap for gap, one in zip(FileGap, there, strict=True) if one is False)
    wanted = sum(one is not None for one in there)
    return Completeness(100 * (wanted - len(missing)) // wanted, missing)


def completeness(content: Content, standing: Standing) -> Completeness:
    """How complete a file is."""
    return counted(has(content, standing))
