"""The owners of the camera register, as far as somebody's ground or unit reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.access.consent import Terms, needs_consent
from hub.access.rules import jurisdiction, units
from hub.ingest import service as sources
from hub.kit.errors import Forbidden, NotFound, Refused
from hub.store.ground import Standing, source_paths
from hub.types.site import OwnerKind
from hub.types.staff import NOWHERE, Jurisdiction


@dataclass(frozen=True, slots=True)
class Lender:
    """One owner: of each camera its kind, and whether it lies where one may act."""

    kinds: Mapping[str, OwnerKind]
    reached: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Lenders:
    """All owners, for one who asks. An owner's own people reach all that is the owner's."""

    by_owner: Mapping[str, Lender]
    ground: Jurisdiction
    units: Mapping[str, Jurisdiction]

    def sees(self, owner: str) -> bool:
        """Whether there is such an owner for who asks, today or on file."""
        lender = self.by_owner.get(owner)
        return self._all_of(owner) or (lender is not None and any(lender.reached.values()))

    def shows(self, terms: Terms) -> bool:
        """Whether what is on file is for who asks: of one camera, for who reaches that camera."""
        reached = terms.camera is None or self._reaches(terms.owner, terms.camera)
        return reached and self.sees(terms.owner)

    def may_agree(self, terms: Terms) -> None:
        """Return if who asks may put this on file, or end it.

        Raises NotFound for an owner or a camera that is not there or out of reach, Forbidden
        (`owner_elsewhere`) for an owner whose other cameras are out of reach.
        """
        if not self.sees(terms.owner):
            raise NotFound(f"there is no owner {terms.owner}")
        lender = self.by_owner.get(terms.owner, Lender({}, {}))
        if terms.camera is not None:
            if not self._reaches(terms.owner, terms.camera):
                raise NotFound(f"{terms.owner} has no camera {terms.camera}")
        elif not (self._all_of(terms.owner) or all(lender.reached.values())):
            text = f"{terms.owner} has cameras outside your jurisdiction: name the camera"
            raise Forbidden(text, code="owner_elsewhere")

    def may_give(self, terms: Terms) -> None:
        """Return if such a consent may be given: the owner stands in the register and is asked.

        Raises as `may_agree` does, and Refused (`consent_not_needed`; `several_owners` where the
        name is that of owners of several kinds: one's word must not open the other's cameras).
        """
        self.may_agree(terms)
        lender = self.by_owner.get(terms.owner)
        if lender is None:
            raise NotFound(f"there is no owner {terms.owner}")
        if terms.camera is not None and terms.camera not in lender.kinds:
            raise NotFound(f"{terms.owner} has no camera {terms.camera}")
        kinds = set(lender.kinds.values()) if terms.camera is None else {lender.kinds[terms.camera]}
        if len(kinds) > 1:
            text = f"{terms.owner} is {' and '.join(sorted(kinds))}: name the camera"
            raise Refused(text, code="several_owners")
        if not any(needs_consent(kind) for kind in kinds):
            text = f"{terms.owner} is {', '.join(sorted(kinds))}: it need not be asked"
            raise Refused(text, code="consent_not_needed")

    def _reaches(self, owner: str, camera: str) -> bool:
        lender = self.by_owner.get(owner, Lender({}, {}))
        return self._all_of(owner) or lender.reached.get(camera, False)

    def _all_of(self, owner: str) -> bool:
        return self.ground.everywhere or self.units.get(owner, NOWHERE).everywhere


def lenders(tx: Connection, who: Subject, action: Action) -> Lenders:
    """The owners as they stand in the register now."""
    ground, of_units = jurisdiction(action, who), units(action, who)
    owners = sources.cameras().owners(tx)
    bounded = not ground.everywhere
    paths = source_paths(tx, Standing.CAMERA, owners.keys()) if bounded else {}
    found: dict[str, tuple[dict[str, OwnerKind], dict[str, bool]]] = {}
    for camera, (owner, kind) in owners.items():
        path = paths.get(camera, ())
        kinds, reached = found.setdefault(owner, ({}, {}))
        kinds[camera] = kind
        reached[camera] = ground.covers(path) or of_units.get(owner, NOWHERE).covers(path)
    by_owner = {owner: Lender(*parts) for owner, parts in found.items()}
    return Lenders(by_owner, ground, of_units)
