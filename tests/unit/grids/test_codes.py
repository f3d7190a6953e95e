"""Codes by scheme."""

from __future__ import annotations

import pytest

from hub.grids.codes import SCHEMES

CN15 = SCHEMES["cn15"]


def test_the_road_from_a_base_grid_to_its_county() -> None:
    path = ["370682100201003"]
    while (parent := CN15.parent(path[-1])) is not None:
        path.append(parent)
    assert path == ["370682100201003", "370682100201000", "370682100000000", "370682000000000"]
    assert [CN15.fault(code) for code in path] == [None] * 4


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("37068210020100", "15 digits"),
        ("37068210020100x", "15 digits"),
        ("００６８２１００２０１０００", "15 digits"),
        ("000682100201003", "province"),
        ("370682000201003", "without a town"),
        ("370682100000003", "without a village"),
    ],
)
def test_bad_codes_are_named(code: str, words: str) -> None:
    fault = CN15.fault(code)
    assert fault is not None
    assert words in fault


def test_dedicated_grids_hang_on_any_tier() -> None:
    for code in ("990101100201901", "990101100000901", "990101000000999"):
        assert CN15.dedicated(code)
        assert CN15.fault(code) is None
    assert not CN15.dedicated("990101100201900")
    assert CN15.parent("990101100000901") == "990101100000000"


def test_plain_codes_tell_nothing() -> None:
    assert SCHEMES["plain"].fault("JW-01") is None
    assert SCHEMES["plain"].fault("警务1") is not None
    assert SCHEMES["plain"].parent("JW-01") is None
