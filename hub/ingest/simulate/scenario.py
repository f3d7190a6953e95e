"""What is simulated: cameras with playlists, sensors, panic buttons, and a timetable of faults."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hub.kit.errors import Misconfigured
from hub.types.media import Codec, StreamRole
from hub.types.site import Identifier, Spec, Unit

Seconds = Annotated[float, Field(ge=0)]
Rectangle = tuple[Unit, Unit, Unit, Unit]


class FaultKind(StrEnum):
    """What can go wrong with a simulated camera, to order."""

    STALL = "stall"
    FREEZE = "freeze"
    VANISH = "vanish"
    GARBAGE = "garbage"
    CLOCK_JUMP = "clock_jump"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    SLOW_LINK = "slow_link"
    LONG_GOP = "long_gop"
    RESOLUTION = "resolution"


class Fault(Spec):
    """One fault of one camera: begins `at_s` after the start, ends `for_s` later (never if None).

    `jump_s` belongs to `clock_jump` (negative: backwards), `rate_kbps` to `slow_link`, `share`
    to `garbage` (part of the RTP packets that is spoilt).
    """

    kind: FaultKind
    at_s: Seconds = 0.0
    for_s: float | None = Field(default=None, gt=0)
    jump_s: float = 3600.0
    rate_kbps: float = Field(default=100.0, gt=0)
    share: float = Field(default=0.1, gt=0, le=1)


class Clip(Spec):
    """A piece of real footage: a member of a package, or a file (`file:/path`, no member).

    `crop` is (x, y, width, height) in picture coordinates 0..1; `start_s` and `seconds` cut.
    `blank` are rectangles (the same four, of the uncropped picture) in which somebody stands
    still for the whole clip: the empty background is painted over there.
    """

    source: str = Field(min_length=6)
    member: str = ""
    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    crop: Rectangle = (0.0, 0.0, 1.0, 1.0)
    blank: tuple[Rectangle, ...] = ()
    start_s: Seconds = 0.0
    seconds: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        x, y, width, height = self.crop
        if width <= 0 or height <= 0 or x + width > 1 or y + height > 1:
            raise ValueError("crop is (x, y, width, height) within 0..1")
        if self.source.startswith("pypi") and not (self.member and self.sha256):
            raise ValueError("a clip out of a package needs its member and sha256")
        return self


class Segment(Spec):
    """A clip shown for `seconds` (for ever if None), or with `empty` its background alone."""

    clip: str
    seconds: float | None = Field(default=None, gt=0)
    empty: bool = False


class Rendering(Spec):
    """Size and bit rate of one of the two streams."""

    width: int = Field(ge=64, le=3840, multiple_of=2)
    height: int = Field(ge=64, le=2160, multiple_of=2)
    kbps: int = Field(default=1000, ge=50)


MAIN = Rendering(width=1280, height=720, kbps=2000)
SUB = Rendering(width=640, height=360, kbps=500)


class CameraSim(Spec):
    """One simulated camera: `rtsp://host:port/<id>/main` and `/<id>/sub`.

    A playlist whose segments all end begins anew. `sprop` false leaves the parameter sets out
    of the SDP, as some cameras do.
    """

    id: Identifier
    playlist: tuple[Segment, ...] = Field(min_length=1)
    codec: Codec = Codec.H264
    main: Rendering = MAIN
    sub: Rendering | None = SUB
    fps: int = Field(default=25, ge=1, le=60)
    gop_s: float = Field(default=2.0, gt=0, le=20)
    auth: Literal["none", "basic", "digest"] = "none"
    username: str = ""
    password: SecretStr = SecretStr("")
    sprop: bool = True
    faults: tuple[Fault, ...] = ()

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.auth != "none" and not self.username:
            raise ValueError("authentication needs a username")
        return self

    def renderings(self) -> dict[StreamRole, Rendering]:
        """The streams this camera has."""
        streams = {StreamRole.MAIN: self.main}
        if self.sub is not None:
            streams[StreamRole.SUB] = self.sub
        return streams


class SensorSim(Spec):
    """A sensor that publishes `{"device", "data": {quantity: value}, "ts"}` over MQTT.

    `course` is the value over time as (seconds, value) corners, straight between them. `away`
    are spans (from, to) in seconds in which the sensor is gone without a farewell, so that
    its last will is sent.
    """

    id: Identifier
    topic: str
    quantity: str = "value"
    every_s: float = Field(default=1.0, gt=0)
    course: tuple[tuple[float, float], ...] = Field(min_length=1)
    will_topic: str | None = None
    away: tuple[tuple[float, float], ...] = ()


class ButtonSim(Spec):
    """A panic button that POSTs to the hub at each of `at_s`."""

    id: Identifier
    at_s: tuple[float, ...] = Field(min_length=1)
    path: str = "/api/v1/sensors/{id}/press"
    token: SecretStr | None = None


class BrokerSim(Spec):
    """The MQTT broker; `embedded` ones are started by the simulator."""

    host: str = "127.0.0.1"
    port: int = Field(default=18883, ge=1, le=65535)
    embedded: bool = True


class Scenario(Spec):
    """Everything that is simulated. `port` 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = Field(default=18554, ge=0, le=65535)
    control_port: int = Field(default=18555, ge=0, le=65535)
    clips: dict[str, Clip]
    cameras: tuple[CameraSim, ...] = ()
    broker: BrokerSim | None = None
    sensors: tuple[SensorSim, ...] = ()
    buttons: tuple[ButtonSim, ...] = ()
    hub_url: str | None = None
    hub_token: SecretStr | None = None

    @model_validator(mode="after")
    def _joined(self) -> Self:
        ids = [camera.id for camera in self.cameras]
        if len(set(ids)) != len(ids):
            raise ValueError("two cameras have the same id")
        for camera in self.cameras:
            for segment in camera.playlist:
                if segment.clip not in self.clips:
                    raise ValueError(f"camera {camera.id}: no clip {segment.clip!r}")
        if self.sensors and self.broker is None:
            raise ValueError("sensors need a broker")
        return self

    def emptied(self) -> Scenario:
        """The same with every clip's empty background in its place and the faults left in."""
        cameras = tuple(
            camera.model_copy(
                update={
                    "playlist": tuple(s.model_copy(update={"empty": True}) for s in camera.playlist)
                }
            )
            for camera in self.cameras
        )
        return self.model_copy(update={"cameras": cameras})


def load_scenario(path: Path) -> Scenario:
    """Read a scenario from a YAML file. Raises Misconfigured naming the file and the keys."""
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        return Scenario.model_validate(raw)
    except (OSError, YAMLError) as error:
        raise Misconfigured(f"{path}: {error}") from error
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors(include_input=False)
        )
        raise Misconfigured(f"{path}: {said}") from error
