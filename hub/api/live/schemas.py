"""What a browser says on the wall's WebSocket."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from hub.access.service import LookReason
from hub.api.schemas import Body
from hub.live.wall import TILES_MAX
from hub.types.media import StreamRole
from hub.types.site import Identifier


class TileIn(Body):
    """A tile of the browser's own numbering, the stream to be seen in it, and why."""

    tile: int = Field(ge=0, le=65_535)
    camera: Identifier
    role: StreamRole = StreamRole.SUB
    reason: LookReason = LookReason.PATROL


class TilesIn(Body):
    """All tiles from now on, and the codecs the browser plays (`h264`, `hevc`)."""

    op: Literal["tiles"]
    tiles: list[TileIn] = Field(max_length=TILES_MAX)
    codecs: list[str] | None = Field(default=None, max_length=16)


class PauseIn(Body):
    """The window is hidden."""

    op: Literal["pause"]


class ResumeIn(Body):
    """The window is shown again."""

    op: Literal["resume"]


class GotIn(Body):
    """Everything up to this tick has arrived."""

    op: Literal["got"]
    tick: int = Field(ge=0)


WallIn = Annotated[TilesIn | PauseIn | ResumeIn | GotIn, Field(discriminator="op")]
WALL_IN: TypeAdapter[TilesIn | PauseIn | ResumeIn | GotIn] = TypeAdapter(WallIn)
