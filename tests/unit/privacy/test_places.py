"""Where no camera may look, and how complete a camera's file is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.config import load
from hub.kit.errors import Refused
from hub.privacy.files.completeness import (
    Completeness,
    Content,
    FileGap,
    Purpose,
    RetentionGround,
    Standing,
    completeness,
)
from hub.privacy.places import place_fault, refuse_place, telling
from hub.types.site import BANNED_PLACES, OwnerKind, PlaceKind
from tests.unit.ingest.clips import camera

FULL = Content(
    purpose=Purpose.TRAFFIC,
    location="pole 7",
    sign_posted=True,
    sign_posted_at=1.0,
    filing_number="F-1",
    retention_days=30,
    retention_ground=RetentionGround.SITE,
)


@pytest.mark.parametrize("place", sorted(PlaceKind))
def test_every_kind_of_spot_is_open_or_banned(place: PlaceKind) -> None:
    fault = place_fault(camera(place=place))
    assert (fault is not None) == (place in BANNED_PLACES)


def test_the_spots_the_law_names_are_banned() -> None:
    named = {"guest_room", "dormitory", "bathroom", "toilet", "changing_room", "ward"}
    assert named <= {place.value for place in BANNED_PLACES}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("二楼女浴室门口", "浴室"),
        ("学生宿舍 3 号楼", "宿舍"),
        ("Toilets (east)", "toilet"),
        ("Pool, changing room", "changing room"),
        ("人民路口", None),
        ("Bathurst road", None),
        ("Forward gate", None),
        ("Warden's post", None),
    ],
)
def test_a_telling_word_asks(name: str, word: str | None) -> None:
    assert telling(name) == word


def test_who_has_said_the_kind_of_spot_is_not_asked() -> None:
    with pytest.raises(Refused) as refused:
        refuse_place(camera(name="三号宿舍楼"))
    assert refused.value.code == "place_unclear"
    refuse_place(camera(name="三号宿舍楼", place="gate"))
    with pytest.raises(Refused) as banned:
        refuse_place(camera(name="A quiet corner", place="bedroom"))
    assert banned.value.code == "banned_place"


@pytest.mark.parametrize("line", ["place: toilet", "name: 更衣室外"])
def test_hub_check_refuses_it_with_file_and_key(tmp_path: Path, line: str) -> None:
    entry = {"id": "one", "name": "One", "owner_kind": "public", "owner": "roads"}
    entry |= {"place_class": "street", "main": "{url: 'rtsp://10.0.0.1/x'}"}
    key, value = line.split(": ")
    written = "\n    ".join(f"{k}: {v}" for k, v in (entry | {key: value}).items())
    (tmp_path / "cameras.yaml").write_text(f"cameras:\n  - {written}\n", "utf-8")
    problems = [str(problem) for problem in load(tmp_path, None).problems]
    wanted = "banned_place" if key == "place" else "place_unclear"
    (found,) = [problem for problem in problems if wanted in problem]
    assert "cameras.yaml" in found
    assert key in found


def test_a_full_file_is_complete_and_says_so() -> None:
    here = Standing(OwnerKind.PUBLIC, "street", map_point=True, consented=False)
    assert completeness(FULL, here) == Completeness(100, ())


def test_each_thing_that_is_missing_is_named_in_the_order_of_the_form() -> None:
    here = Standing(OwnerKind.SCHOOL, None, map_point=False, consented=False)
    assert completeness(Content(), here) == Completeness(0, tuple(FileGap))
    whole = Standing(OwnerKind.SCHOOL, "gate", map_point=True, consented=False)
    found = completeness(FULL, whole)
    assert (found.percent, found.missing) == (87, (FileGap.CONSENT,))


def test_a_sign_wants_its_day() -> None:
    here = Standing(OwnerKind.PUBLIC, "street", map_point=True, consented=False)
    assert completeness(replace(FULL, sign_posted_at=None), here).missing == (FileGap.SIGN,)
    assert completeness(replace(FULL, sign_posted=False), here).missing == (FileGap.SIGN,)
