"""Evidence: whole or by range, and the register says who looked."""

from __future__ import annotations

import pytest

from hub.access.actions import Role
from hub.api.evidence.ranges import span
from hub.kit.errors import Refused
from hub.store.media import MediaKind
from tests.unit.api.conftest import Desk

CLIP = bytes(range(256)) * 1000


@pytest.fixture
def shown(desk: Desk) -> Desk:
    desk.deps.media.put("ev-0001", MediaKind.CLIP, CLIP)
    desk.deps.media.put("ev-0001", MediaKind.PICTURE, b"\xff\xd8picture")
    return desk


def test_a_clip_comes_whole_or_in_parts_and_no_cache_keeps_it(shown: Desk) -> None:
    whole = shown.ask("GET", "/evidence/ev-0001/clip", Role.OPERATOR)
    assert (whole.status_code, whole.content) == (200, CLIP)
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert "no-store" in whole.headers["Cache-Control"]
    for wanted, part in (
        ("bytes=0-99", CLIP[:100]),
        ("bytes=255990-", CLIP[255990:]),
        ("bytes=-10", CLIP[-10:]),
        ("bytes=100-999999999", CLIP[100:]),
    ):
        answer = shown.ask("GET", "/evidence/ev-0001/clip", headers={"Range": wanted})
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["Content-Range"].endswith("/256000")
    beyond = shown.ask("GET", "/evidence/ev-0001/clip", headers={"Range": "bytes=256000-"})
    assert (beyond.status_code, beyond.json()["code"]) == (416, "bad_range")


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("bytes=0-0", (0, 0)),
        ("bytes=5-", (5, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=-99", (0, 9)),
        ("bytes=2-99", (2, 9)),
        ("bytes=7-2", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("lines=1-2", None),
    ],
)
def test_ranges_of_ten_bytes(header: str | None, wanted: tuple[int, int] | None) -> None:
    assert span(header, 10) == wanted


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_a_range_behind_the_end_is_refused(header: str, size: int) -> None:
    with pytest.raises(Refused):
        span(header, size)


def test_who_looks_is_written_down_once_for_one_look(shown: Desk) -> None:
    for first in range(5):
        headers = {"Range": f"bytes={first}-"}
        shown.ask("GET", "/evidence/ev-0001/clip", Role.OPERATOR, headers=headers)
    shown.ask("GET", "/evidence/ev-0001/picture?reason=case", Role.WORKER)
    shown.clock.advance(3600)
    shown.ask("GET", "/evidence/ev-0001/clip", Role.OPERATOR)
    looks = [
        (look["actor"], look["subject"], look["reason"]) for look in shown.get("/looks")["items"]
    ]
    assert looks == [
        ("the operator", "clip/ev-0001", "alert"),
        ("the worker", "picture/ev-0001", "case"),
        ("the operator", "clip/ev-0001", "alert"),
    ]


def test_what_is_not_there_is_not_found_and_no_look(shown: Desk) -> None:
    for path in ("ev-9999/clip", "ev-0001/photo", "ev-0001/secret.key"):
        assert shown.ask("GET", f"/evidence/{path}").status_code in (404, 422), path
    for path in ("..%2f..%2fetc/clip", "a/clip"):
        assert shown.ask("GET", f"/evidence/{path}").status_code in (404, 422), path
    assert shown.ask("GET", "/evidence/ev-0001/clip?reason=curiosity").status_code == 422
    assert shown.get("/looks")["items"] == []
