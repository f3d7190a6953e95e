"""What sensors say, in all the ways they say it wrongly."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.ingest.readings import BadReading, parse
from hub.types.scene import Reading
from hub.types.site import OwnerKind, ReadingMap, SensorSpec

NOW = 1_790_000_000.0


def sensor(*paths: str, time_path: str | None = None, scale: float = 1.0) -> SensorSpec:
    return SensorSpec(
        id="smoke-01",
        name="烟感",
        owner_kind=OwnerKind.SCHOOL,
        owner="中心小学",
        readings=tuple(
            ReadingMap(quantity=f"q{n}", path=path, unit="ppm", scale=scale)
            for n, path in enumerate(paths)
        ),
        time_path=time_path,
    )


def test_a_nested_payload_gives_its_readings_in_order() -> None:
    payload = json.dumps({"data": {"co2": [{"value": 12.5}], "temp": "21.5"}, "on": True})
    spec = sensor("data.co2[0].value", "data.temp", "on", scale=2.0)
    assert parse(spec, payload.encode(), NOW) == (
        Reading("smoke-01", "q0", 25.0, "ppm", NOW, NOW),
        Reading("smoke-01", "q1", 43.0, "ppm", NOW, NOW),
        Reading("smoke-01", "q2", 2.0, "ppm", NOW, NOW),
    )


def test_a_payload_may_be_a_bare_list() -> None:
    assert parse(sensor("[1]"), b"[3, 4]", NOW)[0].value == 4.0


@pytest.mark.parametrize(
    "said",
    [NOW - 5, (NOW - 5) * 1000, str(NOW - 5), "2026-09-21T14:13:15Z", "2026-09-21T22:13:15+08:00"],
)
def test_time_is_seconds_or_milliseconds_or_iso(said: float | str) -> None:
    payload = json.dumps({"v": 1, "ts": said}).encode()
    (reading,) = parse(sensor("v", time_path="ts"), payload, NOW)
    assert reading.measured_at == pytest.approx(NOW - 5, abs=1e-3)
    assert reading.received_at == NOW


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "reading_not_json"),
        (b"\xff\xfe", "reading_not_json"),
        (b"{'v': 1}", "reading_not_json"),
        (b"[" * 60_000, "reading_not_json"),
        (b'{"v": 1}' + b" " * 70_000, "reading_too_long"),
        (b'{"w": 1}', "reading_path_missing"),
        (b"17", "reading_path_missing"),
        (b'{"v": null}', "reading_not_a_number"),
        (b'{"v": {}}', "reading_not_a_number"),
        (b'{"v": "hot"}', "reading_not_a_number"),
        (b'{"v": 1' + b"0" * 400 + b"}", "reading_not_a_number"),
        (b'{"v": NaN}', "reading_not_finite"),
        (b'{"v": "inf"}', "reading_not_finite"),
        (b'{"v": 1e999}', "reading_not_finite"),
    ],
)
def test_a_bad_payload_has_a_named_error(payload: bytes, code: str) -> None:
    with pytest.raises(BadReading) as caught:
        parse(sensor("v"), payload, NOW)
    assert caught.value.code == code
    assert "smoke-01" in str(caught.value)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (0, "reading_absurd_time"),
        (NOW + 2 * 86_400, "reading_absurd_time"),
        (NOW - 60 * 86_400, "reading_absurd_time"),
        ("yesterday", "reading_bad_time"),
        ("2026-09-21T14:13:15", "reading_bad_time"),
        (True, "reading_bad_time"),
        ("nan", "reading_not_finite"),
        (None, "reading_not_a_number"),
    ],
)
def test_a_bad_time_spoils_the_message(said: object, code: str) -> None:
    payload = json.dumps({"v": 1, "ts": said}).encode()
    with pytest.raises(BadReading) as caught:
        parse(sensor("v", time_path="ts"), payload, NOW)
    assert caught.value.code == code


@pytest.mark.parametrize("path", ["a..b", ".a", "a[", "a[x]", "a.[0]", "a[0]b"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(BadReading) as caught:
        parse(sensor(path), b'{"a": 1}', NOW)
    assert caught.value.code == "reading_bad_path"


def test_one_bad_quantity_spoils_the_whole_message() -> None:
    with pytest.raises(BadReading):
        parse(sensor("a", "b"), b'{"a": 1, "b": "x"}', NOW)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_payload_does_more_than_be_refused(payload: bytes) -> None:
    code = ""
    try:
        assert len(parse(sensor("a.b[0]", time_path="t"), payload, NOW)) == 1
    except BadReading as refused:
        code = refused.code
    assert code == "" or code.startswith("reading_")
