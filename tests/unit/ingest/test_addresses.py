from __future__ import annotations

import ipaddress

import pytest

from hub.ingest.addresses import AddressPolicy
from hub.kit.errors import HubError, Refused

NAMES = {
    "camera.lan": ["10.1.2.3"],
    "both.lan": ["10.1.2.3", "93.184.216.34"],
    "six.lan": ["fd00::7"],
    "mapped.lan": ["::ffff:169.254.169.254"],
}


def resolve(host: str) -> list[str]:
    if host in NAMES:
        return NAMES[host]
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        raise OSError("no such name") from None


def check(url: str, policy: AddressPolicy = AddressPolicy()) -> str:
    return policy.check(url, resolve)


@pytest.mark.parametrize(
    ("url", "by_number"),
    [
        ("rtsp://camera.lan/main?x=1", "rtsp://10.1.2.3/main?x=1"),
        ("rtsp://joe:pw@camera.lan:8554/main", "rtsp://joe:pw@10.1.2.3:8554/main"),
        ("rtsp://192.168.1.20/a", "rtsp://192.168.1.20/a"),
        ("rtsp://six.lan:554/a", "rtsp://[fd00::7]:554/a"),
        ("rtsp://[fd00::8]/a", "rtsp://[fd00::8]/a"),
    ],
)
def test_an_allowed_address_is_given_by_number(url: str, by_number: str) -> None:
    assert check(url) == by_number


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("rtsp://8.8.8.8/a", "address_refused"),
        ("rtsp://both.lan/a", "address_refused"),
        ("rtsp://mapped.lan/a", "address_refused"),
        ("rtsp://169.254.169.254/latest", "address_refused"),
        ("rtsp://0.0.0.0/a", "address_refused"),
        ("http://10.1.2.3/a", "address_refused"),
        ("file:///etc/passwd", "address_refused"),
        ("/etc/passwd", "address_refused"),
        ("rtsp:///a", "address_refused"),
        ("rtsp://10.1.2.3:99999/a", "address_refused"),
        ("rtsp://[10.1.2.3/a", "address_refused"),
        ("rtsp://gone.lan/a", "unreachable"),
    ],
)
def test_everything_else_is_refused_by_name(url: str, code: str) -> None:
    with pytest.raises(HubError) as caught:
        check(url)
    assert caught.value.code == code


def test_schemes_and_ranges_can_be_set_and_are_checked_when_read() -> None:
    policy = AddressPolicy.model_validate({"schemes": ["rtsp", "file"], "ranges": ["10.1.0.0/16"]})
    assert check("file:///clips/a.mp4", policy) == "file:///clips/a.mp4"
    assert check("rtsp://camera.lan/a", policy)
    with pytest.raises(Refused):
        check("rtsp://192.168.1.20/a", policy)
    with pytest.raises(ValueError, match="ranges"):
        AddressPolicy.model_validate({"ranges": ["10.1.0.0/99"]})
