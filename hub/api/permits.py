"""Whether a picture may leave: by the ground of who asks, and the consent of who lends the camera.

Asked for many cameras at once: a wall's rounds ask once a second for all that all walls show.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.access import consent
from hub.access.actions import Action, Subject
from hub.access.consent import Consent, Lent, Shown, Withheld
from hub.access.consents import service as consents
from hub.access.rights import RIGHTS
from hub.access.rules import jurisdiction
from hub.api.deps import Deps
from hub.ingest import service as sources
from hub.kit.errors import Forbidden, NotFound
from hub.store.ground import Path, Standing, source_paths
from hub.store.matters import open_matters
from hub.types.staff import Role

Answer = Shown | Withheld | None
"""None: there is no such camera for who asks."""


def no_camera(camera_id: str) -> str:
    """The words for a camera that is not there, or not on the asker's ground."""
    return f"there is no camera {camera_id}"


@dataclass(frozen=True, slots=True)
class Permits:
    """What was found of some cameras at one moment; answers for anybody.

    `counts` has the consent that counts for those that have one, `matters` the cameras of which
    one is open, as far as that matters. `paths` has those that somebody's ground asks for.
    """

    now: float
    zone: ZoneInfo
    lent: Mapping[str, Lent]
    counts: Mapping[str, Consent]
    matters: Collection[str]
    paths: Mapping[str, Path]

    def of(self, who: Subject, action: Action) -> Callable[[str], Answer]:
        """What to say to somebody of each camera; the same camera is thought of once."""
        ground = jurisdiction(action, who)
        grants = [g for g in who.grants if action in RIGHTS[g.role]]
        known: dict[str, Answer] = {}

        def answer(camera: str) -> Answer:
            if camera not in known:
                path = self.paths.get(camera, ())
                there = camera in self.lent and ground.covers(path)
                roles = {g.role for g in grants if g.grid is None or g.grid in path}
                known[camera] = self._decide(camera, roles) if there else None
            return known[camera]

        return answer

    def _decide(self, camera: str, roles: Collection[Role]) -> Shown | Withheld:
        return consent.decide(
            self.lent[camera],
            self.counts.get(camera),
            roles,
            self.now,
            self.zone,
            matter=camera in self.matters,
        )


@dataclass(frozen=True, slots=True)
class OnFile:
    """What the database has of some cameras, good for any moment until it changes."""

    zone: ZoneInfo
    lent: Mapping[str, Lent]
    consents: Mapping[str, Collection[Consent]]
    matters: Collection[str]
    paths: Mapping[str, Path]

    def at(self, now: float) -> Permits:
        """What it means at a moment."""
        counts = {
            camera: found
            for camera, lent in self.lent.items()
            if consent.needs_consent(lent.owner_kind)
            and (found := consent.that_counts(lent, self.consents.get(lent.owner, ()), now))
        }
        return Permits(now, self.zone, self.lent, counts, self.matters, self.paths)


def on_file(hub: Deps, tx: Connection, cameras: Collection[str], *, paths: bool) -> OnFile:
    """Look up all that has to be known of these cameras; `paths` where somebody's ground asks."""
    owners = sources.cameras().owners(tx, cameras)
    lent = {camera: Lent(camera, *owner) for camera, owner in owners.items()}
    asked = [each for each in lent.values() if consent.needs_consent(each.owner_kind)]
    terms = consents.standing(tx, hub.clock.now(), {each.owner for each in asked}) if asked else {}
    return OnFile(
        ZoneInfo(hub.site.time_zone),
        lent,
        terms,
        open_matters(tx, [each.camera for each in asked], hub.consents.near_m),
        source_paths(tx, Standing.CAMERA, lent.keys()) if paths else {},
    )


def permits(
    hub: Deps, tx: Connection, cameras: Collection[str], subjects: Iterable[Subject]
) -> Permits:
    """What these askers may be shown of these cameras now."""
    somewhere = any(g.grid is not None for who in subjects for g in who.grants)
    return on_file(hub, tx, cameras, paths=somewhere).at(hub.clock.now())


def allow_picture(hub: Deps, tx: Connection, who: Subject, action: Action, camera_id: str) -> None:
    """Return if this camera's picture may be shown now.

    Raises NotFound as for a camera that does not exist, and Forbidden: its code is why the picture
    is withheld (`no_consent`, `outside_hours`, `only_during_incident`, `not_for_this_role`).
    """
    answer = permits(hub, tx, [camera_id], [who]).of(who, action)(camera_id)
    if answer is None:
        raise NotFound(no_camera(camera_id))
    if isinstance(answer, Withheld):
        raise withheld(answer)


def withheld(answer: Withheld) -> Forbidden:
    """A refusal by the owner's terms; its code is why."""
    return Forbidden(f"the picture is withheld: {consent.TEXTS[answer.why]}", code=answer.why)
