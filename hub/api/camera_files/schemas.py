"""What is said and told of a camera's file."""

from __future__ import annotations

from pydantic import Field

from hub.api.schemas import Answer, Body, Moment, When
from hub.privacy.files.completeness import Content, FileGap, Purpose, RetentionGround
from hub.privacy.files.service import CameraFile, Version
from hub.types.site import OwnerKind, PlaceClass, PlaceKind


class CameraFileIn(Body):
    """The whole content of a file. `version` is the one that was looked at, 0 where there was none.

    `location` says in words where the camera hangs; `sign_posted` null: nobody has looked.
    """

    version: int = Field(ge=0)
    purpose: Purpose | None = None
    purpose_note: str = Field(default="", max_length=500)
    location: str = Field(default="", max_length=200)
    sign_posted: bool | None = None
    sign_posted_at: When | None = None
    sign_posted_by: str | None = Field(default=None, max_length=100)
    filing_number: str = Field(default="", max_length=100)
    retention_days: int | None = Field(default=None, ge=1, le=3650)
    retention_ground: RetentionGround | None = None
    consent_id: str | None = Field(default=None, max_length=64)

    def content(self) -> Content:
        """As the hub reckons with it."""
        said = self.model_dump(exclude={"version", "sign_posted_at"})
        at = self.sign_posted_at
        return Content(**said, sign_posted_at=None if at is None else at.timestamp())


class ContentOut(Answer):
    """What stands in a file."""

    purpose: Purpose | None
    purpose_note: str
    location: str
    sign_posted: bool | None
    sign_posted_at: Moment | None
    sign_posted_by: str | None
    filing_number: str
    retention_days: int | None
    retention_ground: RetentionGround | None
    consent_id: str | None


class CameraFileOut(Answer):
    """The newest file of a camera, how complete it is in percent, and what is missing.

    `version` 0: nobody has written one yet.
    """

    camera: str
    name: str
    owner: str
    owner_kind: OwnerKind
    place_class: PlaceClass
    place: PlaceKind | None
    content: ContentOut
    percent: int
    missing: tuple[FileGap, ...]
    version: int
    written_at: Moment | None
    written_by: str | None

    @classmethod
    def of(cls, file: CameraFile) -> CameraFileOut:
        """A file as told."""
        return cls(
            camera=file.camera,
            name=file.name,
            owner=file.owner,
            owner_kind=file.owner_kind,
            place_class=PlaceClass(file.place_class),
            place=None if file.place is None else PlaceKind(file.place),
            content=ContentOut.model_validate(file.content),
            percent=file.complete.percent,
            missing=file.complete.missing,
            version=file.version,
            written_at=file.written_at,
            written_by=file.written_by,
        )


class VersionOut(Answer):
    """What was written into a file at some time."""

    version: int
    content: ContentOut
    written_at: Moment
    written_by: str


class CameraFileDetailOut(CameraFileOut):
    """A file with all its versions, newest first."""

    versions: tuple[VersionOut, ...]

    @classmethod
    def told(cls, file: CameraFile, versions: list[Version]) -> CameraFileDetailOut:
        """One file in full."""
        head = CameraFileOut.of(file)
        body = {name: getattr(head, name) for name in CameraFileOut.model_fields}
        all_ = tuple(VersionOut.model_validate(each) for each in versions)
        return cls(**body, versions=all_)


class CameraFilesOut(Answer):
    """Some files, the least complete first, and how many there are of all that was asked for."""

    items: list[CameraFileOut]
    next: str | None
    total: int
    incomplete: int
