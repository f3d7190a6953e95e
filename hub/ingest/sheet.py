"""A sheet (CSV) of cameras: every row becomes a registration or a list of what is wrong with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from hub.kit.errors import Refused
from hub.types.site import CameraSpec

MAX_ROWS = 20_000

PATHS: dict[str, tuple[str, ...]] = {
    "id": ("id",),
    "name": ("name",),
    "owner_kind": ("owner_kind",),
    "owner": ("owner",),
    "place_class": ("place_class",),
    "place": ("place",),
    "main_url": ("main", "url"),
    "sub_url": ("sub", "url"),
    "transport": ("transport",),
    "username": ("credentials", "username"),
    "password": ("credentials", "password"),
    "lon": ("position", "lon"),
    "lat": ("position", "lat"),
    "datum": ("position", "datum"),
    "height_m": ("height_m",),
    "azimuth_deg": ("view", "azimuth_deg"),
    "fov_deg": ("view", "fov_deg"),
    "range_m": ("view", "range_m"),
    "analysis_fps": ("analysis_fps",),
    "model": ("model",),
    "tags": ("tags",),
    "enabled": ("enabled",),
}
"""Column → place in the registration. `tags` are separated by semicolons."""

REQUIRED = ("id", "name", "owner_kind", "owner", "place_class", "main_url")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `line` as an editor counts; either `spec` or `faults`, never with a value in them.

    `given` holds only the cells that were filled, placed as in the registration.
    """

    line: int
    camera_id: str
    spec: CameraSpec | None
    faults: tuple[str, ...] = ()
    given: dict[str, Any] = field(default_factory=dict)


def text_of(data: bytes) -> str:
    """UTF-8 with or without a mark, else GB 18030, which Chinese spreadsheets still write.

    Raises Refused (`wrong_encoding`).
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("the sheet is neither UTF-8 nor GB 18030", code="wrong_encoding")


def read_cameras(data: bytes) -> tuple[Row, ...]:
    """All rows of a sheet. Raises Refused when the sheet as a whole cannot be read."""
    reader = csv.DictReader(io.StringIO(text_of(data), newline=""), strict=True)
    try:
        _check_columns(reader.fieldnames or ())
        return tuple(_rows(reader))
    except csv.Error as error:
        raise Refused(f"line {reader.line_num}: {error}", code="bad_sheet") from error


def _check_columns(names: Any) -> None:
    faults = [f"unknown column {name!r}" for name in names if name not in PATHS]
    faults += [f"column {name!r} is missing" for name in REQUIRED if name not in names]
    faults += [f"column {name!r} stands twice" for name in PATHS if list(names).count(name) > 1]
    if faults:
        raise Refused(f"line 1: {'; '.join(faults)}", code="bad_sheet")


def _rows(reader: csv.DictReader[str]) -> Iterator[Row]:
    seen: dict[str, int] = {}
    for count, cells in enumerate(reader, start=1):
        line = reader.line_num
        if count > MAX_ROWS:
            raise Refused(f"line {line}: more than {MAX_ROWS} rows", code="too_large")
        row = _row(line, cells)
        first = seen.setdefault(row.camera_id, line)
        if first != line:
            row = Row(line, row.camera_id, None, (*row.faults, f"id: stands on line {first} too"))
        yield row


def _row(line: int, cells: dict[str, Any]) -> Row:
    camera_id = (cells.get("id") or "").strip()
    if None in cells or None in cells.values():
        return Row(line, camera_id, None, ("the number of cells differs from the header's",))
    given = _nested(cells)
    try:
        return Row(line, camera_id, CameraSpec.model_validate(given), given=given)
    except ValidationError as error:
        faults = tuple(f"{column_of(e['loc'])}: {e['msg']}" for e in error.errors())
        return Row(line, camera_id, None, faults)


def _nested(cells: dict[str, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for column, cell in cells.items():
        if not cell.strip():
            continue
        *parents, leaf = PATHS[column]
        place = entry
        for parent in parents:
            place = place.setdefault(parent, {})
        place[leaf] = cell if column == "password" else cell.strip()
    if "tags" in entry:
        entry["tags"] = [tag.strip() for tag in entry["tags"].split(";") if tag.strip()]
    if "credentials" in entry:
        entry["credentials"].setdefault("password", "")  # the register keeps the one it has
    return entry


def column_of(loc: tuple[str | int, ...]) -> str:
    """The column a fault of the registration belongs to."""
    names = tuple(str(part) for part in loc)
    columns = [column for column, path in PATHS.items() if names[: len(path)] == path]
    return columns[0] if columns else ".".join(names)
