"""GCJ-02 against WGS-84, and metres around a point."""

from __future__ import annotations

import pytest

from hub.kit.datum import LocalPlane, distance_m, gcj02_to_wgs84, to_wgs84, wgs84_to_gcj02
from hub.types.site import Datum, LonLat

# South-west corner of the counties the hub is for, and their extent of about 60 km.
COUNTIES = {
    "Laiyang": (120.4, 36.7),
    "Kangxian": (105.3, 33.0),
    "Guangan": (106.5, 30.3),
    "Jingtai": (103.6, 36.8),
    "Gonghe": (100.0, 36.0),
}


def test_the_published_example() -> None:
    """Known from the open implementations: a point in Beijing and its image."""
    shifted = wgs84_to_gcj02(LonLat(116.404, 39.915))
    assert shifted.lon == pytest.approx(116.41024449916938, abs=1e-9)
    assert shifted.lat == pytest.approx(39.91640428150164, abs=1e-9)


@pytest.mark.parametrize("county", COUNTIES)
def test_there_and_back_over_a_county(county: str) -> None:
    west, south = COUNTIES[county]
    worst_m, shifts_m = 0.0, []
    for i in range(15):
        for j in range(15):
            at = LonLat(west + 0.04 * i, south + 0.04 * j)
            shifted = wgs84_to_gcj02(at)
            shifts_m.append(distance_m(at, shifted))
            worst_m = max(worst_m, distance_m(at, gcj02_to_wgs84(shifted)))
    assert worst_m < 0.01
    assert 100 < min(shifts_m) <= max(shifts_m) < 700, "a mix-up moves a camera by a grid"


def test_outside_the_country_nothing_moves() -> None:
    assert wgs84_to_gcj02(LonLat(8.5, 47.4)) == LonLat(8.5, 47.4)
    assert gcj02_to_wgs84(LonLat(8.5, 47.4)) == LonLat(8.5, 47.4)


def test_a_position_is_read_in_its_datum() -> None:
    given = wgs84_to_gcj02(LonLat(116.4, 36.2))
    assert to_wgs84(116.4, 36.2, Datum.WGS84) == LonLat(116.4, 36.2)
    assert distance_m(to_wgs84(given.lon, given.lat, Datum.GCJ02), LonLat(116.4, 36.2)) < 0.01


def test_a_degree_has_its_known_length() -> None:
    """WGS-84 at 36°: 110,958 m a degree of latitude, 90,163 m one of longitude."""
    plane = LocalPlane(LonLat(116.0, 36.0))
    assert plane.m_per_deg_lat == pytest.approx(110_958, abs=5)
    assert plane.m_per_deg_lon == pytest.approx(90_163, abs=5)
    there = plane.degrees(120.0, -45.0)
    assert plane.metres(there) == pytest.approx((120.0, -45.0))
