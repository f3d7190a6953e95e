"""Sheets as counties send them: CSV in UTF-8 or GB18030, heads in Chinese or English. Pure."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from hub.kit.errors import Refused
from hub.types.staff import Role

ROWS_MAX = 20_000
_ENCODINGS = ("utf-8-sig", "gb18030")
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
_BETWEEN = str.maketrans(dict.fromkeys(";；、|/，,", " "))

ROLES: Mapping[str, Role] = {
    "系统管理员": Role.ADMIN,
    "视频管理员": Role.CAMERA_ADMIN,
    "受理员": Role.OPERATOR,
    "值班长": Role.SHIFT_LEADER,
    "派遣员": Role.DISPATCHER,
    "网格员": Role.WORKER,
    "网格长": Role.CHIEF,
    "专业部门": Role.DEPARTMENT,
    "督查员": Role.SUPERVISOR,
    "考核员": Role.ASSESSOR,
    "隐私专员": Role.PRIVACY,
    "权属单位": Role.OWNER,
}
"""What a role is called in a sheet, beside its own word."""


class LineOutcome(StrEnum):
    """What becomes of a line."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Line:
    """What a line of the sheet comes to; `code` is a word for why it is refused, `text` says it.

    `number` is that of the sheet, whose head is line 1.
    """

    number: int
    login: str
    outcome: LineOutcome
    text: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the sheet: its cells by the names of the columns, "" where there is none."""

    number: int
    cells: Mapping[str, str]

    def refused(self, code: str, text: str) -> Line:
        """This line is not taken."""
        return Line(self.number, self.cells["login"], LineOutcome.REFUSED, text, code)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that could be read; `ignored` are the heads of columns that nobody keeps."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...]


def read(raw: bytes, heads: Mapping[str, tuple[str, ...]], wanted: Iterable[str]) -> Sheet:
    """The lines of a sheet. `heads`: the names of each column beside its own.

    Raises Refused (`bad_sheet`) for one that is no CSV, has a head twice or lacks a `wanted` one.
    """
    text = _decoded(raw)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refused(f"this is no CSV sheet: {error}", code="bad_sheet") from error
    if len(lines) - 1 > ROWS_MAX:
        raise Refused(f"a sheet has at most {ROWS_MAX} lines", code="bad_sheet")
    columns, ignored = _columns(lines[0] if lines else [], heads)
    missing = [name for name in wanted if name not in columns.values()]
    if missing:
        raise Refused(f"the sheet has no column {', '.join(missing)}", code="bad_sheet")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = dict.fromkeys(heads, "") | {
            name: line[place].strip() for place, name in columns.items() if place < len(line)
        }
        if any(cells.values()):
            rows.append(Row(number, cells))
    return Sheet(tuple(rows), ignored)


def _decoded(raw: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("a sheet is CSV in UTF-8 or GB18030", code="bad_sheet")


def _columns(
    head: list[str], heads: Mapping[str, tuple[str, ...]]
) -> tuple[dict[int, str], tuple[str, ...]]:
    """Place of each known column, and the heads of the others."""
    called = {other: name for name, others in heads.items() for other in (name, *others)}
    columns: dict[int, str] = {}
    ignored = []
    for place, cell in enumerate(head):
        said = cell.strip().lower()
        name = called.get(said)
        if name is None:
            ignored += [cell.strip()] if said else []
        elif name in columns.values():
            raise Refused(f"the column {name} stands twice", code="bad_sheet")
        else:
            columns[place] = name
    return columns, tuple(ignored)


def role_of(word: str) -> Role | None:
    """The role of a word, None where there is none."""
    known = ROLES.get(word)
    if known is not None:
        return known
    return next((role for role in ROLES.values() if role.value == word.lower()), None)


def words(cell: str) -> list[str]:
    """The words of a cell with several."""
    return cell.translate(_BETWEEN).split()


def day_of(cell: str) -> date | None:
    """A date as people write it, None where it is none."""
    for form in _DATES:
        try:
            return datetime.strptime(cell, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def stamp_of(raw: bytes, lines: Iterable[Line]) -> str:
    """A word for a sheet and what would come of it now: shown again, nothing else is done."""
    told = [(line.number, line.login, line.outcome, line.code, line.text) for line in lines]
    digest = hashlib.sha256(raw)
    digest.update(json.dumps(told, ensure_ascii=False).encode())
    return digest.hexdigest()
