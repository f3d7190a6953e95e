"""What is said and told of consents, and of the owners who give them."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from hub.access.consent import WINDOWS_MAX, Consent, Mode, Terms
from hub.access.grants import Window
from hub.api.grants.schemas import WindowIn, WindowOut
from hub.api.schemas import Answer, Body, Moment, When
from hub.types.site import Identifier, OwnerKind
from hub.types.staff import Role


class ConsentIn(Body):
    """What an owner has agreed to, to be put on file.

    `camera` null: for all of the owner's cameras. `roles` empty: for all who may look anyway.
    `agreed_by` is who said yes, `document` where that is written. `starts_at` null: from now.
    """

    owner: str = Field(min_length=1, max_length=200)
    camera: Identifier | None = None
    mode: Mode
    windows: list[WindowIn] = Field(default=[], max_length=WINDOWS_MAX)
    roles: frozenset[Role] = Field(default=frozenset(), max_length=len(Role))
    agreed_by: str = Field(min_length=1, max_length=120)
    document: str = Field(min_length=1, max_length=200)
    starts_at: When | None = None

    def terms(self) -> Terms:
        """As the hub reckons with it."""
        windows = tuple(each.window() for each in self.windows)
        return Terms(self.owner, self.mode, self.camera, windows, self.roles)


class ConsentOut(Answer):
    """A consent on file; `in_force`: whether it counts at this moment."""

    id: str
    owner: str
    camera: str | None
    mode: Mode
    windows: list[WindowOut]
    roles: list[Role]
    agreed_by: str
    document: str
    starts_at: Moment
    entered_by: str
    entered_at: Moment
    ended_at: Moment | None
    ended_by: str | None
    in_force: bool

    @classmethod
    def of(cls, consent: Consent, now: float) -> ConsentOut:
        """A consent as it stands now."""
        terms = consent.terms
        return cls(
            id=consent.id,
            owner=terms.owner,
            camera=terms.camera,
            mode=terms.mode,
            windows=_windows(terms.windows),
            roles=sorted(terms.roles),
            agreed_by=consent.agreed_by,
            document=consent.document,
            starts_at=consent.starts_at,
            entered_by=consent.entered_by,
            entered_at=consent.entered_at,
            ended_at=consent.ended_at,
            ended_by=consent.ended_by,
            in_force=consent.in_force(now),
        )


class OwnerOut(Answer):
    """Who lends cameras, how many of them one may see here, and what is agreed.

    `consent` counts for all its cameras but those of `own`, which have one of their own. Without
    either a picture is shown while a matter of the camera is open; `asked` is false for owners who
    need not be asked.
    """

    owner: str
    owner_kind: OwnerKind
    cameras: int
    asked: bool
    consent: ConsentOut | None
    own: list[ConsentOut]


def _windows(windows: Iterable[Window]) -> list[WindowOut]:
    return [
        WindowOut(
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            weekdays=tuple(sorted(window.weekdays)),
            from_minute=window.from_minute,
            to_minute=window.to_minute,
        )
        for window in windows
    ]
