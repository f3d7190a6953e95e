"""What callers send about cameras and what they are told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from hub.api.schemas import Answer, Body, Moment
from hub.ingest.roster import RowOutcome
from hub.ingest.service import Registered
from hub.ingest.source import SourceError
from hub.kit.errors import Refused
from hub.types.scene import HealthState
from hub.types.site import (
    CameraSpec,
    Credentials,
    Identifier,
    Line,
    OwnerKind,
    PlaceClass,
    PlaceKind,
    Position,
    Ring,
    RuleUse,
    Stream,
    View,
    Zone,
)


class CredentialsIn(Body):
    """Name and password; a password left out at an update stays as it is."""

    username: str
    password: SecretStr | None = None

    def complete(self) -> Credentials:
        """As the register wants it; an empty password stands for one not given."""
        return Credentials(username=self.username, password=self.password or SecretStr(""))


class CredentialsOut(Answer):
    """The name, and whether there is a password: the password itself never comes out."""

    username: str
    password_set: bool


class CameraHead(Body):
    """What sender and receiver of a camera have in common."""

    id: Identifier
    name: str = Field(min_length=1, max_length=200)
    owner_kind: OwnerKind
    owner: str = Field(min_length=1, max_length=200)
    place_class: PlaceClass
    place: PlaceKind | None = None
    main: Stream
    sub: Stream | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    position: Position | None = None
    height_m: float = Field(default=4.0, gt=0, le=200)
    view: View = View()
    analysis_fps: float = Field(default=5.0, gt=0, le=30)
    model: Identifier | None = None
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    rules: tuple[RuleUse, ...] = ()
    masks: tuple[Ring, ...] = ()
    tags: tuple[str, ...] = ()
    enabled: bool = True


class CameraIn(CameraHead):
    """A camera to register, or the whole of its new registration."""

    credentials: CredentialsIn | None = None

    def spec(self) -> CameraSpec:
        """As the register wants it."""
        head = {name: getattr(self, name) for name in CameraHead.model_fields}
        credentials = self.credentials.complete() if self.credentials else None
        return CameraSpec(**head, credentials=credentials)

    def named(self, camera_id: str) -> CameraSpec:
        """The same for an entry named by its path. Raises Refused (`other_id`)."""
        if self.id != camera_id:
            raise Refused(f"the body speaks of {self.id}, the path of {camera_id}", code="other_id")
        return self.spec()


class CameraState(Answer):
    """How its picture is, as its worker last said.

    `last_error`: why there is no picture; `analysis_error`: why no model looks at it.
    """

    state: HealthState
    worker: str | None = None
    fps: float | None = None
    bitrate_bps: float | None = None
    last_picture_at: Moment | None = None
    last_error: str | None = None
    analysis_error: str | None = None


class CameraOut(CameraHead):
    """A camera as registered, with its state; `managed_by: file` is read-only here.

    `grid_code`: the civil grid it stands in; only where cameras are read.
    """

    grid_code: str | None
    credentials: CredentialsOut | None
    managed_by: str
    origin: str | None
    version: int
    updated_at: Moment
    health: CameraState | None

    @classmethod
    def of(
        cls,
        entry: Registered[CameraSpec],
        health: CameraState | None,
        grid_code: str | None = None,
    ) -> CameraOut:
        """An entry as told."""
        spec = entry.spec
        head = {name: getattr(spec, name) for name in CameraHead.model_fields}
        credentials = None
        if spec.credentials is not None:
            credentials = CredentialsOut(
                username=spec.credentials.username, password_set=entry.secret_set
            )
        return cls(
            **{**head, "enabled": entry.enabled},
            grid_code=grid_code,
            credentials=credentials,
            managed_by=entry.managed_by,
            origin=entry.origin,
            version=entry.version,
            updated_at=entry.updated_at,
            health=health,
        )


class StatesOut(Answer):
    """The state of every camera a worker speaks of, by id: small, to be asked for often."""

    states: dict[str, HealthState]


class ProbeOut(Answer):
    """What a camera offered when it was tried; `picture_jpeg` is base64.

    `gop`: pictures from one keyframe to the next, null where it was not seen. `reordered`: it sends
    B-frames.
    """

    reachable: bool
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    took_s: float
    error: str | None
    picture_jpeg: str | None
    gop: int | None = None
    reordered: bool | None = None

    @classmethod
    def failed(cls, error: SourceError, took_s: float) -> ProbeOut:
        """No picture, and the word for it."""
        return cls(
            reachable=False,
            codec=None,
            width=None,
            height=None,
            fps=None,
            took_s=took_s,
            error=error.code,
            picture_jpeg=None,
        )


class RowOut(Answer):
    """What becomes of one row of a sheet."""

    line: int
    camera_id: str
    outcome: RowOutcome
    faults: tuple[str, ...]


class ImportOut(Answer):
    """What a sheet does, or with `dry_run` would do: all of its rows or none."""

    applied: bool
    created: int
    updated: int
    same: int
    refused: int
    rows: tuple[RowOut, ...]
