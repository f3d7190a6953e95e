"""`duty.yaml`: which posts grids have, and the shifts of the site."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hub.duty.turns import DAY_MINUTES, Shift
from hub.types.site import Identifier, Spec
from hub.types.staff import Role

POSTED: frozenset[Role] = frozenset(
    {
        Role.OPERATOR,
        Role.SHIFT_LEADER,
        Role.DISPATCHER,
        Role.WORKER,
        Role.CHIEF,
        Role.DEPARTMENT,
        Role.SUPERVISOR,
    }
)
"""Roles that somebody has to be there for; the others keep the house."""


def _posted(role: Role) -> Role:
    if role not in POSTED:
        raise ValueError(f"{role} is no role with posts; these are: {', '.join(sorted(POSTED))}")
    return role


PostRole = Annotated[Role, AfterValidator(_posted)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
"""Hours and minutes on the site's clock, 08:30."""


class PostSpec(Spec):
    """One post that every grid of a kind and a depth has. `tier`: 0 is the top of the tree."""

    kind: Literal["civil", "police", "dedicated"] = "civil"
    tier: int | None = Field(default=None, ge=0, le=20)
    role: PostRole
    wanted: int = Field(default=1, ge=1, le=100)
    title: str = Field(default="", max_length=60)

    def fits(self, kind: str, tier: int) -> bool:
        """Whether a grid has it."""
        return self.kind == kind and self.tier in (None, tier)


class ShiftSpec(Spec):
    """A shift of the whole site, on its clock; one that ends before it begins is over midnight."""

    id: Identifier
    name: str = Field(min_length=1, max_length=60)
    from_: Clock = Field(alias="from")
    to: Clock

    def shift(self) -> Shift:
        """As the hub reckons with it."""
        return Shift(self.id, self.name, minutes(self.from_), minutes(self.to), from_file=True)


def minutes(clock: str) -> int:
    """Minutes after midnight of a `Clock`."""
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


def clock(minute: int) -> str:
    """A `Clock` of minutes after midnight."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


DAY = (
    ShiftSpec.model_validate({"id": "early", "name": "早班", "from": "08:00", "to": "16:00"}),
    ShiftSpec.model_validate({"id": "late", "name": "中班", "from": "16:00", "to": "24:00"}),
    ShiftSpec.model_validate({"id": "night", "name": "夜班", "from": "00:00", "to": "08:00"}),
)
"""Of a site that says nothing of its shifts."""


class DutyConfig(Spec):
    """The whole of `duty.yaml`; without the file grids have only the posts that are set by hand."""

    posts: tuple[PostSpec, ...] = Field(default=(), max_length=200)
    shifts: tuple[ShiftSpec, ...] = Field(default=DAY, max_length=20)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [shift.id for shift in self.shifts]
        for twice in sorted({id_ for id_ in ids if ids.count(id_) > 1}):
            raise ValueError(f"shifts: {twice} stands twice")
        begins = next((s for s in self.shifts if minutes(s.from_) == DAY_MINUTES), None)
        if begins is not None:
            raise ValueError(f"shifts: {begins.id} begins at 24:00; that is 00:00 of the next day")
        return self

    def wanted(self, kind: str, tier: int) -> dict[Role, PostSpec]:
        """The posts of a grid, by role; the first that fits counts."""
        return {spec.role: spec for spec in reversed(self.posts) if spec.fits(kind, tier)}
