"""Findings, readings and health changes as JSON values, the form in which they are spooled."""

from __future__ import annotations

import math
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from hub.kit.errors import Permanent
from hub.types.finding import Finding
from hub.types.scene import HealthChanged, Reading, TracksSeen

T = TypeVar("T")
Body = dict[str, Any]

_finding = TypeAdapter(Finding)
_reading = TypeAdapter(Reading)
_health = TypeAdapter(HealthChanged)
_tracks = TypeAdapter(TracksSeen)


def finding_to_json(finding: Finding) -> Body:
    """Plain JSON values; NaN never stands in a finding."""
    return _dump(_finding, finding)


def finding_from_json(body: Body) -> Finding:
    """Raises Permanent (`unreadable_record`) for what is no finding."""
    return _load(_finding, body)


def reading_to_json(reading: Reading) -> Body:
    """Plain JSON values; a value that is not a finite number becomes null (JSON knows no NaN)."""
    body = _dump(_reading, reading)
    return body if math.isfinite(reading.value) else {**body, "value": None}


def reading_from_json(body: Body) -> Reading:
    """Raises Permanent (`unreadable_record`) for what is no reading."""
    value = float("nan") if body.get("value") is None else body["value"]
    return _load(_reading, {**body, "value": value})


def health_to_json(change: HealthChanged) -> Body:
    """Plain JSON values."""
    return _dump(_health, change)


def health_from_json(body: Body) -> HealthChanged:
    """Raises Permanent (`unreadable_record`) for what is no change of health."""
    return _load(_health, body)


def tracks_to_json(seen: TracksSeen) -> Body:
    """Plain JSON values; only ever sent to a process that asked, never stored."""
    return _dump(_tracks, seen)


def tracks_from_json(body: Body) -> TracksSeen:
    """Raises Permanent (`unreadable_record`) for what are no tracks."""
    return _load(_tracks, body)


def _dump(adapter: TypeAdapter[T], value: T) -> Body:
    body: Body = adapter.dump_python(value, mode="json")
    return body


def _load(adapter: TypeAdapter[T], body: Body) -> T:
    try:
        return adapter.validate_python(body)
    except ValidationError as error:
        raise Permanent(f"unreadable record: {error}", code="unreadable_record") from error
