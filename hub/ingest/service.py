"""The register of sources: cameras, sensors, brokers, from files and through the API.

Secrets never stand in a spec that leaves this file, except where the name says `unlocked`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import SecretStr
from sqlalchemy import Connection

from hub.ingest import repository
from hub.store import feed
from hub.store.ground import Moving, Standing, sources_inside
from hub.store.managed import Among, Changes, Draft, Entry, Managed
from hub.store.secrets import SecretBox
from hub.types.site import BrokerSpec, CameraSpec, OwnerKind, SensorSpec
from hub.types.staff import EVERYWHERE, Jurisdiction

S = TypeVar("S", bound=CameraSpec | SensorSpec | BrokerSpec)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Registered(Generic[S]):
    """An entry as it stands in the register; its spec has an empty secret, `secret_set` tells.

    `enabled` is what counts: an entry that has gone from its file is disabled by that alone.
    """

    spec: S
    secret_set: bool
    managed_by: str
    origin: str | None
    enabled: bool
    version: int
    updated_at: float


@dataclass(frozen=True, slots=True)
class Shape(Generic[S]):
    """How a kind of spec is taken apart and put together again.

    `hide` gives its JSON without the secret, and the secret: None keeps the one the register has,
    "" removes it. `show` puts a secret in its place.
    """

    hide: Callable[[S], tuple[Json, str | None]]
    show: Callable[[Json, str | None], S]


def _hide_camera(camera: CameraSpec) -> tuple[Json, str | None]:
    body = camera.model_dump(mode="json", exclude={"credentials"})
    if camera.credentials is None:
        return {**body, "credentials": None}, ""
    # An empty password keeps the place, so that the JSON is a whole CameraSpec by itself.
    credentials = {"username": camera.credentials.username, "password": ""}
    password = camera.credentials.password.get_secret_value()
    return {**body, "credentials": credentials}, password or None


def _show_camera(body: Json, secret: str | None) -> CameraSpec:
    if body["credentials"] is not None:
        body = {**body, "credentials": {**body["credentials"], "password": secret or ""}}
    return CameraSpec.model_validate(body)


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


CAMERA = Shape(_hide_camera, _show_camera)
SENSOR: Shape[SensorSpec] = Shape(
    lambda spec: (spec.model_dump(mode="json", exclude={"token"}), _plain(spec.token)),
    lambda body, secret: SensorSpec.model_validate({**body, "token": secret}),
)
BROKER: Shape[BrokerSpec] = Shape(
    lambda spec: (spec.model_dump(mode="json", exclude={"password"}), _plain(spec.password)),
    lambda body, secret: BrokerSpec.model_validate({**body, "password": secret}),
)


class Register(Generic[S]):
    """One kind of source. Every change stands in the feed, in the same transaction."""

    def __init__(
        self, managed: Managed, shape: Shape[S], topic: str, standing: Standing | None = None
    ) -> None:
        """`standing`: what is written of where they stand; None: they are of the whole site."""
        self._managed = managed
        self._shape = shape
        self._topic = topic
        self._standing = standing

    def list(
        self,
        tx: Connection,
        *,
        enabled: bool | None = None,
        text: str = "",
        after_id: str = "",
        limit: int | None = None,
        within: Jurisdiction = EVERYWHERE,
    ) -> list[Registered[S]]:
        """Entries of that ground by id, above `after_id`; `text` stands in id, name or owner."""
        entries = self._managed.list(
            tx,
            enabled=enabled,
            text=text,
            after_id=after_id,
            limit=limit,
            among=self._among(within),
        )
        return [self._registered(entry) for entry in entries]

    def get(self, tx: Connection, id_: str, *, within: Jurisdiction = EVERYWHERE) -> Registered[S]:
        """One entry of that ground. Raises NotFound."""
        return self._registered(self._managed.get(tx, id_, self._among(within)))

    def find(
        self, tx: Connection, id_: str, *, within: Jurisdiction = EVERYWHERE
    ) -> Registered[S] | None:
        """One entry of that ground, or None."""
        entry = self._managed.find(tx, id_, self._among(within))
        return None if entry is None else self._registered(entry)

    def known(
        self, tx: Connection, ids: Collection[str], *, within: Jurisdiction = EVERYWHERE
    ) -> set[str]:
        """Which of the ids are registered, in that ground."""
        return self._managed.known(tx, ids, self._among(within))

    def names(self, tx: Connection, within: Jurisdiction = EVERYWHERE) -> dict[str, str]:
        """What the entries of that ground are called, by id: nothing else of them is read."""
        found = self._managed.fields(tx, ("name",), self._among(within))
        return {id_: name for id_, (name,) in found.items()}

    def owners(
        self, tx: Connection, ids: Collection[str] | None = None
    ) -> dict[str, tuple[str, OwnerKind]]:
        """Who lends each of these entries (None: each of all), by id."""
        found = self._managed.fields(tx, ("owner", "owner_kind"), ids)
        return {id_: (owner, OwnerKind(kind)) for id_, (owner, kind) in found.items()}

    def unlocked(self, tx: Connection, id_: str, *, within: Jurisdiction = EVERYWHERE) -> S:
        """The spec with its secret in plain text. Raises NotFound, Misconfigured."""
        entry = self._managed.get(tx, id_, self._among(within))
        return self._shape.show(entry.spec, self._managed.reveal(entry))

    def create(self, tx: Connection, spec: S, now: float) -> Registered[S]:
        """Add an entry of the API. Raises Conflict (`exists`, `managed_by_file`)."""
        body, secret = self._shape.hide(spec)
        entry = self._managed.create(
            tx, spec.id, body, now, secret=secret or None, enabled=_enabled(spec)
        )
        self.tell(tx, {spec.id: "created"}, now)
        return self._registered(entry)

    def update(
        self, tx: Connection, spec: S, now: float, *, version: int | None = None
    ) -> Registered[S]:
        """Replace an entry; a secret that is not given stays.

        Raises NotFound, Conflict (`managed_by_file`, `version`).
        """
        body, secret = self._shape.hide(spec)
        entry = self._managed.update(
            tx, spec.id, body, now, secret=secret, enabled=_enabled(spec), version=version
        )
        self.tell(tx, {spec.id: "updated"}, now)
        return self._registered(entry)

    def put_all(self, tx: Connection, wanted: Sequence[tuple[S, int | None]], now: float) -> None:
        """Add and replace many: (spec, version of the entry it replaces, None for a new one).

        Raises Conflict (`exists`, `version`, `managed_by_file`); then nothing is written.
        """
        drafts = [
            Draft(spec.id, *self._shape.hide(spec), _enabled(spec), version)
            for spec, version in wanted
        ]
        self._managed.put_all(tx, drafts, now)
        done = {draft.id: "created" if draft.version is None else "updated" for draft in drafts}
        self.tell(tx, done, now)

    def delete(self, tx: Connection, id_: str, now: float) -> None:
        """Remove an entry. Raises NotFound, Conflict (`managed_by_file`)."""
        self._managed.delete(tx, id_)
        self.tell(tx, {id_: "deleted"}, now)

    def sync_file(self, tx: Connection, specs: Iterable[S], origin: str, now: float) -> Changes:
        """Make the file-managed entries equal to those of the file `origin`."""
        split = {spec.id: self._shape.hide(spec) for spec in specs}
        secrets = {id_: secret for id_, (_, secret) in split.items() if secret}
        entries = {id_: body for id_, (body, _) in split.items()}
        changes = self._managed.sync_file(tx, entries, origin, now, secrets)
        for what in ("added", "updated", "disabled"):
            self.tell(tx, dict.fromkeys(getattr(changes, what), what), now)
        return changes

    def same(self, tx: Connection, spec: S) -> bool:
        """True when the register holds this entry already, secret included where one is given."""
        entry = self._managed.find(tx, spec.id)
        if entry is None:
            return False
        body, secret = self._shape.hide(spec)
        kept = secret is None or (self._managed.reveal(entry) or "") == secret
        return kept and (entry.spec, entry.enabled) == (body, _enabled(spec))

    def _registered(self, entry: Entry) -> Registered[S]:
        return Registered(
            spec=self._shape.show(entry.spec, None),
            secret_set=entry.secret is not None,
            managed_by=entry.managed_by,
            origin=entry.origin,
            enabled=entry.enabled,
            version=entry.version,
            updated_at=entry.updated_at,
        )

    def tell(self, tx: Connection, done: Mapping[str, str], now: float) -> None:
        """Say in the feed what was done, by id: to those of the ground where it stood, or stands.

        To be said before where it stands is written anew.
        """
        if self._standing is None:
            said = [(id_, {"what": what}, None) for id_, what in done.items()]
            feed.append_all(tx, self._topic, said, now)
            return
        moving = Moving(tx, self._standing, done.keys())
        told = [(id_, {"what": what}, moving.path(id_)) for id_, what in done.items()]
        feed.append_all(tx, self._topic, told, now)

    def _among(self, within: Jurisdiction) -> Among:
        if within.everywhere or self._standing is None:
            return None
        return sources_inside(self._standing, within)


def cameras(box: SecretBox | None = None) -> Register[CameraSpec]:
    """The register of cameras; `box` is needed to write or unlock passwords."""
    return Register(repository.cameras(box), CAMERA, "camera", Standing.CAMERA)


def sensors(box: SecretBox | None = None) -> Register[SensorSpec]:
    """The register of sensors."""
    return Register(repository.sensors(box), SENSOR, "sensor", Standing.SENSOR)


def brokers(box: SecretBox | None = None) -> Register[BrokerSpec]:
    """The register of brokers."""
    return Register(repository.brokers(box), BROKER, "broker")


def sensor_token(tx: Connection, sensor_id: str, box: SecretBox) -> str | None:
    """The sensor's own token, None where it has none, is disabled or unknown."""
    managed = repository.sensors(box)
    entry = managed.find(tx, sensor_id)
    return managed.reveal(entry) if entry is not None and entry.enabled else None


def _enabled(spec: CameraSpec | SensorSpec | BrokerSpec) -> bool:
    return spec.enabled if isinstance(spec, CameraSpec | SensorSpec) else True
