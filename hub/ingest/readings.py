"""A sensor's payload, made into readings by the JSON paths of its entry."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from hub.kit.clock import from_iso
from hub.kit.errors import Permanent
from hub.types.scene import Reading
from hub.types.site import SensorSpec

PAYLOAD_BYTES_MAX = 65_536
AHEAD_S_MAX = 3600.0
BEHIND_S_MAX = 30 * 86_400.0
_MILLISECONDS_FROM = 1e11
"""A count since 1970 above this is in milliseconds: in seconds it would be the year 5138."""
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PATH = re.compile(
    r"[^.\[\]]+(\[\d+\])*(\.[^.\[\]]+(\[\d+\])*)*|(\[\d+\])+(\.[^.\[\]]+(\[\d+\])*)*"
)


class BadReading(Permanent):
    """A payload that cannot be read; `code` says why, and nothing of it is used.

    Codes: `reading_too_long`, `reading_not_json`, `reading_path_missing`,
    `reading_not_a_number`, `reading_not_finite`, `reading_bad_time`, `reading_absurd_time`,
    `reading_bad_path`.
    """

    code = "bad_reading"


def parse(sensor: SensorSpec, payload: bytes, received_at: float) -> tuple[Reading, ...]:
    """All readings of one message, in the order of the sensor's entry.

    `measured_at` is the time at `time_path` (seconds or milliseconds since 1970, or ISO 8601
    with an offset), else `received_at`. A message gives all its readings or none.
    Raises BadReading.
    """
    document = _document(sensor, payload)
    measured_at = received_at
    if sensor.time_path is not None:
        measured_at = _moment(sensor, _at(sensor, document, sensor.time_path), received_at)
    return tuple(
        Reading(
            source=sensor.id,
            quantity=wanted.quantity,
            value=_number(sensor, wanted.path, _at(sensor, document, wanted.path)) * wanted.scale
            + wanted.offset,
            unit=wanted.unit,
            measured_at=measured_at,
            received_at=received_at,
        )
        for wanted in sensor.readings
    )


def steps(path: str) -> tuple[str | int, ...]:
    """A path such as `data.co2[0].value` as keys and indices. Raises ValueError."""
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} is no path like data.co2[0].value")
    return tuple(_steps(path))


def _steps(path: str) -> Iterator[str | int]:
    for found in _STEP.finditer(path):
        yield found[1] if found[1] is not None else int(found[2])


def _bad(sensor: SensorSpec, code: str, why: str) -> BadReading:
    return BadReading(f"sensor {sensor.id}: {why}", code=code)


def _document(sensor: SensorSpec, payload: bytes) -> Any:
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise _bad(sensor, "reading_too_long", f"{len(payload)} bytes")
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise _bad(sensor, "reading_not_json", f"payload is not JSON: {error}") from error


def _at(sensor: SensorSpec, document: Any, path: str) -> Any:
    try:
        wanted = steps(path)
    except ValueError as error:
        raise _bad(sensor, "reading_bad_path", str(error)) from error
    here = document
    for step in wanted:
        if isinstance(step, int):
            fits = isinstance(here, list) and step < len(here)
        else:
            fits = isinstance(here, dict) and step in here
        if not fits:
            raise _bad(sensor, "reading_path_missing", f"nothing at {path} (no {step!r})")
        here = here[step]
    return here


def _number(sensor: SensorSpec, path: str, found: Any) -> float:
    """A number, a truth value (a pressed button) or a number written as text."""
    if not isinstance(found, (int, float, str)):
        raise _bad(sensor, "reading_not_a_number", f"{path} is a {type(found).__name__}")
    try:
        value = float(found)
    except (ValueError, OverflowError) as error:
        raise _bad(sensor, "reading_not_a_number", f"{path} is {str(found)[:40]!r}") from error
    if not math.isfinite(value):
        raise _bad(sensor, "reading_not_finite", f"{path} is {value}")
    return value


def _moment(sensor: SensorSpec, found: Any, received_at: float) -> float:
    if isinstance(found, str) and not _is_number(found):
        try:
            moment = from_iso(found)
        except (ValueError, OverflowError) as error:
            raise _bad(sensor, "reading_bad_time", f"time {found[:40]!r}: {error}") from error
    else:
        if isinstance(found, bool):
            raise _bad(sensor, "reading_bad_time", f"time is {found}")
        moment = _number(sensor, sensor.time_path or "", found)
        if abs(moment) >= _MILLISECONDS_FROM:
            moment /= 1000.0
    if not received_at - BEHIND_S_MAX <= moment <= received_at + AHEAD_S_MAX:
        raise _bad(
            sensor,
            "reading_absurd_time",
            f"measured {moment - received_at:+.0f} s from when it came",
        )
    return moment


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
