"""Whose a camera is: written into the register as consents are, for it decides who is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from functools import cached_property

from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.access.consent import Lent, needs_consent
from hub.access.consents import service as consents
from hub.access.rules import covers, jurisdiction
from hub.grids import service as grids
from hub.ingest.hosts import Address, Whose, addresses, by_address
from hub.kit.errors import Forbidden
from hub.store.ground import Path, paths
from hub.types.site import CameraSpec, OwnerKind


class Owners:
    """Whether cameras may change hands as somebody wants them to.

    Else whoever may correct a camera could undo what a school has agreed to by calling it a road,
    by taking it out and entering it anew, or by giving its stream a second name. What is on file is
    read when it is first asked for, once for a sheet of thousands. What is done is answered in
    lines for the register of looks.
    """

    def __init__(self, tx: Connection, who: Subject, action: Action, now: float) -> None:
        self._tx, self._who, self._action, self._now = tx, who, action, now

    def write(
        self, before: CameraSpec | None, after: CameraSpec, leads: Collection[Address]
    ) -> list[str]:
        """A camera is entered, or takes the place of `before`; `leads`: where its streams lead.

        Raises Forbidden: `owner_is_asked`, or `outside_jurisdiction` for the stream of a camera on
        which this may not be done.
        """
        told = [] if before is None else self._own(before, after)
        for other in self._doubled(before, after, leads):
            if not self._covers(self._action, other):
                raise Forbidden(
                    f"{after.id}: this stream is registered outside your jurisdiction",
                    code="outside_jurisdiction",
                )
            if self._is_asked(other, after):
                self._ask(other)
                told.append(f"{_told(other)} to {after.owner} as {after.id}")
        return told

    def delete(self, before: CameraSpec) -> list[str]:
        """A camera is taken out of the register. Raises Forbidden (`owner_is_asked`)."""
        lent = _lent(before)
        if not needs_consent(lent.owner_kind):
            return []
        self._ask(lent)
        return [f"{_told(lent)}, taken out"]

    def _own(self, before: CameraSpec, after: CameraSpec) -> list[str]:
        lent = _lent(before)
        if _owner(before) != _owner(after):
            self._ask(lent)
            return [f"{_told(lent)} to {after.owner}"]
        moves = needs_consent(lent.owner_kind) and addresses(before) - addresses(after)
        return [f"{_told(lent)}, another stream"] if moves else []

    def _ask(self, lent: Lent) -> None:
        if not needs_consent(lent.owner_kind):
            return
        if not self._covers(Action.CONSENTS_WRITE, lent):
            raise Forbidden(
                f"{lent.owner} is asked about {lent.camera}: that is done by somebody who puts"
                " consents on file",
                code="owner_is_asked",
            )

    def _doubled(
        self, before: CameraSpec | None, after: CameraSpec, leads: Collection[Address]
    ) -> Iterator[Lent]:
        """The other cameras with a stream that this one gets."""
        had = addresses(before) if before is not None else set[Address]()
        if addresses(after) <= had:
            return
        there = {each for where in set(leads) - had for each in self._by_address.get(where, ())}
        yield from (Lent(*each) for each in sorted(there) if each[0] != after.id)

    def _is_asked(self, other: Lent, after: CameraSpec) -> bool:
        """Whether other terms count for the second name: its owner's, or either camera's own."""
        if not needs_consent(other.owner_kind):
            return False
        same = (other.owner, other.owner_kind) == _owner(after)
        return not same or not self._own_terms.isdisjoint({other.camera, after.id})

    def _covers(self, action: Action, lent: Lent) -> bool:
        if jurisdiction(action, self._who).everywhere:
            return True
        return covers(action, self._who, self._paths.get(lent.camera, ()), lent.owner)

    @cached_property
    def _by_address(self) -> Mapping[Address, list[Whose]]:
        return by_address(self._tx)

    @cached_property
    def _own_terms(self) -> Set[str | None]:
        standing = consents.standing(self._tx, self._now)
        return {each.terms.camera for found in standing.values() for each in found} - {None}

    @cached_property
    def _paths(self) -> Mapping[str, Path]:
        standing = grids.mounted(self._tx)
        known = paths(self._tx, standing.values())
        return {camera_id: known[code] for camera_id, code in standing.items()}


def _owner(camera: CameraSpec) -> tuple[str, OwnerKind]:
    return camera.owner, camera.owner_kind


def _lent(camera: CameraSpec) -> Lent:
    return Lent(camera.id, *_owner(camera))


def _told(lent: Lent) -> str:
    return f"owner/{lent.camera}: {lent.owner} ({lent.owner_kind})"
