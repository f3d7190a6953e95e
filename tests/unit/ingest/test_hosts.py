"""One address is one camera, however it is written."""

from __future__ import annotations

import pytest

from hub.ingest.addresses import AddressPolicy
from hub.ingest.hosts import address, cameras_at, leads_of
from hub.ingest.service import cameras
from hub.kit.errors import Refused
from hub.store.db import Database
from hub.types.site import CameraSpec, OwnerKind, PlaceClass, Stream

GATE = "rtsp://10.1.2.3/main"


def camera(url: str, sub: str | None = None, id_: str = "gate-1") -> CameraSpec:
    return CameraSpec(
        id=id_,
        name="Gate",
        owner_kind=OwnerKind.SCHOOL,
        owner="School",
        place_class=PlaceClass.SCHOOL_GATE,
        main=Stream(url=url),
        sub=None if sub is None else Stream(url=sub),
    )


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://10.1.2.3:8554/main?profile=2",
        "RTSP://10.1.2.3/main",
        "rtsp://167838211/main",
        "rtsp://0x0a.1.515/main",
        "rtsp://012.1.2.3/main",
        "rtsp://10.1.2.3./main",
        "rtsp://１0。1.2.3/main",
        "rtsp://[::ffff:10.1.2.3]/main",
        "rtsp://[::ffff:a01:203]/main",
        "rtsp://10.1.2.3//main",
        "rtsp://10.1.2.3/./main/",
        "rtsp://10.1.2.3/x/../main",
        "rtsp://10.1.2.3/%6Dain",
        "rtsp://10.1.2.3/MAIN#there",
    ],
)
def test_every_way_to_write_an_address_is_that_address(url: str) -> None:
    assert address(url) == address(GATE) == ("10.1.2.3", "/main")


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://10.1.2.4/main",
        "rtsp://10.1.2.3/sub",
        "rtsp://10.1.2.3/main/sub",
        "rtsp://cam.lan/main",
    ],
)
def test_another_host_or_path_is_another(url: str) -> None:
    assert address(url) != address(GATE)


def test_this_machine_has_many_names_and_one_address() -> None:
    assert address("rtsp://[::1]/a") == address("rtsp://127.0.0.9/a") == address("rtsp://127.1/a")


@pytest.mark.parametrize("url", ["rtsp://[::1/main", "rtsp://10.1.2.3\0/main", "clips/a.mp4", ""])
def test_what_is_no_address_breaks_nothing(url: str) -> None:
    assert address(url) == address(url)


def test_a_name_leads_to_its_number_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.ingest.addresses._resolve", lambda _host: ["10.1.2.3"])
    found = leads_of(camera("rtsp://Cam.lan/main"), AddressPolicy())
    assert found == {("cam.lan", "/main"), ("10.1.2.3", "/main")}


@pytest.mark.parametrize(
    ("url", "code"),
    [("rtsp://[::1/main", "address_refused"), ("rtsp://a:b@10.1.2.3/", "password_in_address")],
)
def test_an_address_that_may_not_be_leads_nowhere(url: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        leads_of(camera(url), AddressPolicy())
    assert caught.value.code == code


def test_cameras_are_found_by_either_stream_however_they_were_entered(db: Database) -> None:
    with db.write() as tx:
        cameras().create(tx, camera("rtsp://167838211/main", "rtsp://10.1.2.3//sub", "a"), 1.0)
        cameras().create(tx, camera("rtsp://10.1.2.9/main", id_="b"), 1.0)
    with db.read() as tx:
        assert cameras_at(tx, {address(GATE), address("rtsp://10.1.2.3/sub")}) == ["a"]
        assert cameras_at(tx, {("10.1.2.9", "/main"), ("10.1.2.3", "/sub")}) == ["a", "b"]
        assert cameras_at(tx, {("10.1.2.7", "/main")}) == []
