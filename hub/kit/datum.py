"""WGS-84 and GCJ-02, and metres around a point.

GCJ-02 is the datum that map services in mainland China must use. Its formula was never
published by the authority; the one here is the reconstruction known since 2010, as in the
`eviltransform` libraries, on the Krasovsky 1940 ellipsoid. It moves a point by 123–476 m in the
counties this hub is for, which is more than a grid, so no position goes without its datum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hub.types.site import Datum, LonLat, Position

_A_M = 6_378_245.0
_E2 = 0.006_693_421_622_965_943
_EARTH_A_M = 6_378_137.0
_EARTH_E2 = 0.006_694_379_990_14


def wgs84_to_gcj02(at: LonLat) -> LonLat:
    """Shift a WGS-84 position to GCJ-02; unchanged outside mainland China's box."""
    if not (72.004 <= at.lon <= 137.8347 and 0.8293 <= at.lat <= 55.8271):
        return at
    x, y = at.lon - 105.0, at.lat - 35.0
    sin_lat = math.sin(math.radians(at.lat))
    w = 1 - _E2 * sin_lat * sin_lat
    per_lat = math.pi / 180 * _A_M * (1 - _E2) / (w * math.sqrt(w))
    per_lon = math.pi / 180 * _A_M / math.sqrt(w) * math.cos(math.radians(at.lat))
    return LonLat(at.lon + _east_m(x, y) / per_lon, at.lat + _north_m(x, y) / per_lat)


def _waves(t: float, first: float, second: float) -> float:
    """Two sine terms of the published series, of π·t over 3 and 1, or over 30 and 12."""
    return first * math.sin(t * math.pi) + second * math.sin(t * math.pi / 3)


def _north_m(x: float, y: float) -> float:
    ripple = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    slow = 160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)
    trend = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    return trend + (ripple + _waves(y, 20, 40) + slow) * 2 / 3


def _east_m(x: float, y: float) -> float:
    ripple = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    slow = 150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)
    trend = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    return trend + (ripple + _waves(x, 20, 40) + slow) * 2 / 3


def gcj02_to_wgs84(at: LonLat, tolerance_deg: float = 1e-9) -> LonLat:
    """The inverse of `wgs84_to_gcj02` by fixed-point iteration (residual below a millimetre)."""
    guess = at
    for _ in range(12):
        shifted = wgs84_to_gcj02(guess)
        east, north = at.lon - shifted.lon, at.lat - shifted.lat
        guess = LonLat(guess.lon + east, guess.lat + north)
        if abs(east) < tolerance_deg and abs(north) < tolerance_deg:
            break
    return guess


def to_wgs84(lon: float, lat: float, datum: Datum) -> LonLat:
    """A position as given, in the hub's own datum."""
    given = LonLat(lon, lat)
    return gcj02_to_wgs84(given) if datum is Datum.GCJ02 else given


def position_wgs84(position: Position) -> LonLat:
    """A registered position in the hub's own datum."""
    return to_wgs84(position.lon, position.lat, position.datum)


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """Metres east and north of an origin: exact to 1 in 10,000 within ten kilometres.

    The two scales are the meridian's and the parallel's radius of curvature (WGS-84 ellipsoid).
    """

    origin: LonLat

    @property
    def m_per_deg_lat(self) -> float:
        """Metres per degree of latitude at the origin."""
        w = self._w
        return math.pi / 180 * _EARTH_A_M * (1 - _EARTH_E2) / (w * math.sqrt(w))

    @property
    def m_per_deg_lon(self) -> float:
        """Metres per degree of longitude at the origin."""
        across = math.cos(math.radians(self.origin.lat))
        return math.pi / 180 * _EARTH_A_M / math.sqrt(self._w) * across

    @property
    def _w(self) -> float:
        sin_lat = math.sin(math.radians(self.origin.lat))
        return 1 - _EARTH_E2 * sin_lat * sin_lat

    def metres(self, at: LonLat) -> tuple[float, float]:
        """East and north of the origin."""
        return (
            (at.lon - self.origin.lon) * self.m_per_deg_lon,
            (at.lat - self.origin.lat) * self.m_per_deg_lat,
        )

    def degrees(self, east_m: float, north_m: float) -> LonLat:
        """The position so many metres east and north of the origin."""
        return LonLat(
            self.origin.lon + east_m / self.m_per_deg_lon,
            self.origin.lat + north_m / self.m_per_deg_lat,
        )


def distance_m(a: LonLat, b: LonLat) -> float:
    """Metres between two positions of one county, in the plane around the first."""
    return math.hypot(*LocalPlane(a).metres(b))
