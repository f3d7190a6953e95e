"""The ground of the invented county: a tessellation of four tiers, one of the police, cameras.

Everything is drawn on a lattice of whole numbers and then bent by one smooth map of the plane.
Every ring has all lattice points of its edge as vertices, so that neighbours share them and no gap
or overlap can arise, however it is bent.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shapely.geometry import Polygon

from hub.grids.tree import Grid, GridKind
from hub.kit.datum import LocalPlane
from hub.types.site import CameraSpec, Datum, LonLat, OwnerKind, PlaceClass, Position, Stream, View

COUNTY = "990202000000000"
SCHEME = "cn15"
POLICE_SCHEME = "plain"
TOWNS, VILLAGES, BASE, DEDICATED, POLICE = 18, 799, 996, 3, 64
CAMERAS = 4900
_PLANE = LocalPlane(LonLat(103.20, 38.40))
_EAST, _NORTH = 6, 3
_WIDE, _TALL = 20, 99
"""Lattice steps of a town: 44 villages are 4 columns of 11, 45 are 5 columns of 9."""
_STEP_E_M, _STEP_N_M = 375.0, 130.0
_POLICE_SIDE = 8

_FIRST = "松柳石青白长平安清云龙凤金玉河沙梨杏槐桃"
_SECOND = "溪桥沟岭湾坪台庄园泉坡洼川滩塘原岗峪寨铺井营堡渡林畔峰谷洞墩埠店湖梁垣圩圃屯涧巷"
_OWNERS = (
    (OwnerKind.TOWNSHIP, "镇政府", 0.55),
    (OwnerKind.PUBLIC, "县公共视频", 0.25),
    (OwnerKind.SCHOOL, "学校", 0.12),
    (OwnerKind.ENTERPRISE, "企业", 0.08),
)
_PLACES = tuple(place for place in PlaceClass if place is not PlaceClass.SENSITIVE)


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle on the lattice: `west` and `south` belong to it, `east` and `north` end it."""

    west: int
    south: int
    east: int
    north: int

    def ring(self) -> list[tuple[float, float]]:
        """Its edge, bent, in degrees; every lattice point of it."""
        edge = [(x, self.south) for x in range(self.west, self.east)]
        edge += [(self.east, y) for y in range(self.south, self.north)]
        edge += [(x, self.north) for x in range(self.east, self.west, -1)]
        edge += [(self.west, y) for y in range(self.north, self.south, -1)]
        return [_bent(x, y) for x, y in edge]

    def at(self, share_e: float, share_n: float) -> tuple[float, float]:
        """A place within, by shares 0..1 of its width and height; degrees."""
        across = self.west + share_e * (self.east - self.west)
        return _bent(across, self.south + share_n * (self.north - self.south))


@dataclass(frozen=True, slots=True)
class Plot:
    """A grid of the county with its rectangle."""

    grid: Grid
    block: Block


def _bent(x: float, y: float) -> tuple[float, float]:
    east, north = x * _STEP_E_M, y * _STEP_N_M
    bent_e = east + 600 * math.sin(north / 2900) + 160 * math.sin(north / 610 + east / 4300)
    bent_n = north + 500 * math.sin(east / 3700) + 140 * math.sin(east / 570 + north / 5100)
    at = _PLANE.degrees(bent_e, bent_n)
    return round(at.lon, 7), round(at.lat, 7)


def names(seed: int) -> Iterator[str]:
    """Invented names of places, each once, 800 of them."""
    made = [a + b for a in _FIRST for b in _SECOND]
    random.Random(seed).shuffle(made)
    return iter(made)


def civil(seed: int) -> list[Plot]:
    """1,817 grids: the county, 18 towns, 799 villages, 996 base grids and 3 dedicated ones."""
    whole = Block(0, 0, _EAST * _WIDE, _NORTH * _TALL)
    found = [_plot(COUNTY, "松溪县（虚构）", None, whole)]
    called, left = names(seed), BASE
    for number in range(TOWNS):
        east, north = (number % _EAST) * _WIDE, (number // _EAST) * _TALL
        town = f"{COUNTY[:6]}{101 + number}000000"
        ground = Block(east, north, east + _WIDE, north + _TALL)
        count = VILLAGES // TOWNS + (number < VILLAGES % TOWNS)
        blocks = _villages(ground, count)
        found.append(_plot(town, f"{called_town(number)}镇", COUNTY, ground))
        for place, block in enumerate(blocks, start=1):
            village = f"{town[:9]}{200 + place}000"
            name = next(called)
            found.append(_plot(village, f"{name}村", town, block))
            for side, half in enumerate(_halves(block) if left else (), start=1):
                left -= 1
                code = f"{village[:12]}{side:03}"
                found.append(_plot(code, f"{name}第{side}网格", village, half))
    return [*found, *_dedicated()]


def called_town(number: int) -> str:
    """The invented name of a town."""
    return f"{_SECOND[-1 - number]}{_FIRST[number]}"


def _villages(town: Block, count: int) -> list[Block]:
    columns = 5 if count % 5 == 0 else 4
    rows = count // columns
    wide, tall = _WIDE // columns, _TALL // rows
    return [
        Block(west, south, west + wide, south + tall)
        for south in range(town.south, town.north, tall)
        for west in range(town.west, town.east, wide)
    ]


def _halves(block: Block) -> tuple[Block, Block]:
    middle = (block.west + block.east) // 2
    west = Block(block.west, block.south, middle, block.north)
    return west, Block(middle, block.south, block.east, block.north)


def _dedicated() -> list[Plot]:
    ground = (
        ("河道专属网格", Block(0, 48, 118, 51)),
        ("水库专属网格", Block(84, 210, 97, 236)),
        ("工业园专属网格", Block(30, 120, 39, 150)),
    )
    return [
        _plot(f"{COUNTY[:12]}{901 + number}", name, COUNTY, block, GridKind.DEDICATED)
        for number, (name, block) in enumerate(ground)
    ]


def police() -> list[Plot]:
    """64 police grids over the same ground, cut at other lines."""
    wide, tall = _EAST * _WIDE, _NORTH * _TALL
    cuts_e = [wide * n // _POLICE_SIDE for n in range(_POLICE_SIDE + 1)]
    cuts_n = [tall * n // _POLICE_SIDE for n in range(_POLICE_SIDE + 1)]
    return [
        _plot(
            f"JW-{row * _POLICE_SIDE + column + 1:03}",
            f"警务网格{row * _POLICE_SIDE + column + 1}",
            COUNTY,
            Block(cuts_e[column], cuts_n[row], cuts_e[column + 1], cuts_n[row + 1]),
            GridKind.POLICE,
        )
        for row in range(_POLICE_SIDE)
        for column in range(_POLICE_SIDE)
    ]


def _plot(
    code: str, name: str, parent: str | None, block: Block, kind: GridKind = GridKind.CIVIL
) -> Plot:
    scheme = POLICE_SCHEME if kind is GridKind.POLICE else SCHEME
    return Plot(Grid(code, name, kind, scheme, parent, Polygon(block.ring())), block)


def cameras(plots: Sequence[Plot], rng: random.Random, count: int) -> list[CameraSpec]:
    """Invented cameras, disabled: nobody must try to open their addresses (TEST-NET-1).

    Towns' seats have many, half of the villages one or two.
    """
    parents = {plot.grid.parent_code for plot in plots}
    leaves = [p for p in plots if p.grid.code not in parents and p.grid.kind is GridKind.CIVIL]
    weights = [rng.paretovariate(1.3) for _ in leaves]
    return [
        _camera(number, plot, rng)
        for number, plot in enumerate(rng.choices(leaves, weights, k=count), start=1)
    ]


def _camera(number: int, plot: Plot, rng: random.Random) -> CameraSpec:
    lon, lat = plot.block.at(rng.uniform(0.05, 0.95), rng.uniform(0.05, 0.95))
    (kind, owner, _share), *_ = rng.choices(_OWNERS, [share for *_, share in _OWNERS])
    seen = rng.random() < 0.6
    view = (
        View(azimuth_deg=rng.randrange(360), fov_deg=rng.choice((40, 60, 90))) if seen else View()
    )
    return CameraSpec(
        id=f"xs-{number:05}",
        name=f"{plot.grid.name}{number}号",
        owner_kind=kind,
        owner=f"{plot.grid.name}{owner}" if kind is not OwnerKind.PUBLIC else owner,
        place_class=rng.choice(_PLACES),
        main=Stream(url=f"rtsp://192.0.2.{1 + number % 254}/{number}/main"),
        sub=Stream(url=f"rtsp://192.0.2.{1 + number % 254}/{number}/sub"),
        position=Position(lon=lon, lat=lat, datum=Datum.WGS84),
        view=view,
        tags=("seed",),
        enabled=False,
    )
