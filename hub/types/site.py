"""Where things stand: positions, cameras and sensors as their owners register them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""Id of an entry: small letters, digits, dot, dash, underscore."""

Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Ring = Annotated[tuple[tuple[Unit, Unit], ...], Field(min_length=3, max_length=64)]
"""A polygon in picture coordinates 0..1, not closed; crossing itself is refused by `check`."""

# No character that could end the policy's directive and begin another.
_TILE_SERVER = re.compile(r"(https?://(?:\{s\}\.)?[A-Za-z0-9.-]+(?::\d{1,5})?)/")


class Spec(BaseModel):
    """Base of everything an administrator writes: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Datum(StrEnum):
    """Datum of a position as given; inside the hub all is WGS-84."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


@dataclass(frozen=True, slots=True)
class LonLat:
    """WGS-84 degrees."""

    lon: float
    lat: float


class Position(Spec):
    """A position with its datum named. Degrees."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    datum: Datum


class OwnerKind(StrEnum):
    """Who lends the feed."""

    TOWNSHIP = "township"
    SCHOOL = "school"
    ENTERPRISE = "enterprise"
    PUBLIC = "public"


class PlaceClass(StrEnum):
    """What kind of place is watched; at `sensitive` ones only safety rules may run."""

    STREET = "street"
    ROAD = "road"
    SQUARE = "square"
    MARKET = "market"
    SCHOOL_GATE = "school_gate"
    FACTORY = "factory"
    STATION = "station"
    WATERSIDE = "waterside"
    FOREST = "forest"
    OFFICE = "office"
    SENSITIVE = "sensitive"


class PlaceKind(StrEnum):
    """The kind of spot that a camera looks at. Those in `BANNED_PLACES` may not be filmed."""

    STREET = "street"
    CROSSROADS = "crossroads"
    SQUARE = "square"
    GATE = "gate"
    YARD = "yard"
    CAR_PARK = "car_park"
    ENTRANCE_HALL = "entrance_hall"
    CORRIDOR = "corridor"
    STAIRS = "stairs"
    LIFT = "lift"
    SALES_FLOOR = "sales_floor"
    WORKSHOP = "workshop"
    WAREHOUSE = "warehouse"
    KITCHEN = "kitchen"
    CLASSROOM = "classroom"
    PLAYGROUND = "playground"
    PLATFORM = "platform"
    ROOF = "roof"
    WATER = "water"
    WOODS = "woods"
    FIELD = "field"
    MACHINE_ROOM = "machine_room"
    GUEST_ROOM = "guest_room"
    DORMITORY = "dormitory"
    BEDROOM = "bedroom"
    BATHROOM = "bathroom"
    TOILET = "toilet"
    CHANGING_ROOM = "changing_room"
    FITTING_ROOM = "fitting_room"
    NURSING_ROOM = "nursing_room"
    WARD = "ward"
    CONSULTING_ROOM = "consulting_room"


BANNED_PLACES = frozenset(
    {
        PlaceKind.GUEST_ROOM,
        PlaceKind.DORMITORY,
        PlaceKind.BEDROOM,
        PlaceKind.BATHROOM,
        PlaceKind.TOILET,
        PlaceKind.CHANGING_ROOM,
        PlaceKind.FITTING_ROOM,
        PlaceKind.NURSING_ROOM,
        PlaceKind.WARD,
        PlaceKind.CONSULTING_ROOM,
    }
)
"""Where people sleep, wash, undress or are examined: no camera there, whoever asks for it."""


class Stream(Spec):
    """One stream of a camera; `url` carries no password, `path` of a file for tests."""

    url: str = Field(min_length=3)


class Credentials(Spec):
    """Name and password towards the camera; from `${ENV}` in files, encrypted in the database."""

    username: str
    password: SecretStr


class GroundPoint(Spec):
    """One of at least four points whose place on the ground is known (for the homography)."""

    x: Unit
    y: Unit
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class View(Spec):
    """Where a camera looks. Azimuth in degrees clockwise from north, angles in degrees."""

    azimuth_deg: float | None = Field(default=None, ge=0, lt=360)
    fov_deg: float | None = Field(default=None, gt=0, lt=180)
    range_m: float = Field(default=60.0, gt=0, le=2000)
    ground_points: tuple[GroundPoint, ...] = Field(default=(), max_length=16)


class Zone(Spec):
    """A named polygon in the picture."""

    id: Identifier
    name: str = ""
    polygon: Ring


class Line(Spec):
    """A named line a→b in the picture; crossing it from its left to its right is `a_to_b`."""

    id: Identifier
    name: str = ""
    a: tuple[Unit, Unit]
    b: tuple[Unit, Unit]


class RuleUse(Spec):
    """A rule of rules.yaml applied at one camera, in one of its zones or on one of its lines."""

    rule: Identifier
    zone: Identifier | None = None
    line: Identifier | None = None


class CameraSpec(Spec):
    """One camera as registered.

    `sub` is analysed where it exists, `main` is kept for evidence and the enlarged picture.
    `place` is the kind of spot it looks at, asked for where the name makes one wonder.
    """

    id: Identifier
    name: str = Field(min_length=1)
    owner_kind: OwnerKind
    owner: str = Field(min_length=1)
    place_class: PlaceClass
    place: PlaceKind | None = None
    main: Stream
    sub: Stream | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    credentials: Credentials | None = None
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


class ReadingMap(Spec):
    """Where in a JSON payload a quantity stands: a dotted path such as `data.co2[0].value`."""

    quantity: Identifier
    path: str = Field(min_length=1)
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0


class SensorSpec(Spec):
    """One alarm sensor or panic button."""

    id: Identifier
    name: str = Field(min_length=1)
    owner_kind: OwnerKind
    owner: str = Field(min_length=1)
    place_class: PlaceClass = PlaceClass.STREET
    kind: Literal["sensor", "panic_button"] = "sensor"
    protocol: Literal["mqtt", "http"] = "mqtt"
    broker: Identifier | None = None
    topic: str | None = None
    will_topic: str | None = None
    will_offline: str = "offline"
    readings: tuple[ReadingMap, ...] = ()
    time_path: str | None = None
    token: SecretStr | None = None
    position: Position | None = None
    rules: tuple[Identifier, ...] = ()
    silent_after_s: float | None = Field(default=None, gt=0)
    tags: tuple[str, ...] = ()
    enabled: bool = True


class BrokerSpec(Spec):
    """An MQTT broker the workers listen to."""

    id: Identifier
    host: str
    port: int = Field(default=1883, ge=1, le=65535)
    tls: bool = False
    ca_file: str | None = None
    username: str | None = None
    password: SecretStr | None = None
    client_id: str | None = None


class BaseMap(Spec):
    """Tiles under the map of the pages: an address with `{z}`, `{x}` and `{y}`.

    `{s}` in it stands for one of the servers a, b, c. Tiles of services in mainland China are in
    GCJ-02; their positions are shifted when they are drawn.
    """

    name: str = Field(min_length=1, max_length=60)
    url: str = Field(max_length=500)
    datum: Datum = Datum.WGS84
    attribution: str = Field(default="", max_length=200)

    @field_validator("url")
    @classmethod
    def _tiles(cls, url: str) -> str:
        if not all(part in url for part in ("{z}", "{x}", "{y}")):
            raise ValueError("wants {z}, {x} and {y} in it")
        ours = url.startswith("/") and not url.startswith("//")
        if not ours and _TILE_SERVER.match(url) is None:
            raise ValueError("is neither http(s)://host/… nor a path of this server")
        return url

    @property
    def origin(self) -> str | None:
        """Where the tiles come from, as a content security policy says it; None: from the hub."""
        found = _TILE_SERVER.match(self.url)
        return None if found is None else found.group(1).replace("{s}.", "*.")
