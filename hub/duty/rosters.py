"""A sheet of turns: what each line would put on the roster. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hub.duty.config import POSTED
from hub.duty.onduty import Holder
from hub.duty.rostering import Entry, Wanted, by_shift
from hub.duty.sheet import Line, LineOutcome, Row, day_of, role_of
from hub.duty.turns import Shift
from hub.types.staff import Role

HEADS: Mapping[str, tuple[str, ...]] = {
    "login": ("account", "登录名", "账号", "用户名"),
    "grid": ("网格", "网格编码", "网格代码"),
    "role": ("角色", "岗位"),
    "shift": ("班次",),
    "from": ("from date", "从", "开始日期", "起始日期"),
    "to": ("to date", "到", "结束日期", "截止日期"),
}
NEEDED = ("login", "grid", "role", "shift", "from")
DAYS_MAX = 366
"""Of one line."""
TURNS_MAX = 60_000
"""Of one sheet: a month of a whole county; the database is locked while they are written."""

Key = tuple[str, str, Role]


@dataclass(frozen=True, slots=True)
class Person:
    """Whose login it is."""

    id: str
    name: str
    disabled: bool
    holds: tuple[Holder, ...] = ()

    def may(self, role: Role, path: Collection[str]) -> bool:
        """Whether they hold the role on one of these grids."""
        return any(h.role is role and (h.grid is None or h.grid in path) for h in self.holds)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a line is judged by: people by login, paths of grids by code, and the shifts."""

    people: Mapping[str, Person]
    paths: Mapping[str, tuple[str, ...]]
    shifts: tuple[Shift, ...]
    zone: ZoneInfo
    now: float

    def shift(self, word: str, path: Collection[str]) -> Shift | None:
        """The shift of that id or name which may be given there."""
        fitting = (s for s in self.shifts if s.grid is None or s.grid in path)
        return next((s for s in fitting if word in (s.id, s.name)), None)


@dataclass(frozen=True, slots=True)
class Given:
    """What a line does: the turns that it adds."""

    line: Line
    adds: tuple[Wanted, ...] = ()


@dataclass(slots=True)
class _There:
    """The turns that stand, and those of the lines before."""

    by_key: dict[Key, list[Entry]] = field(default_factory=dict)
    new: dict[Key, list[Wanted]] = field(default_factory=dict)


def plan(rows: Iterable[Row], there: Iterable[Entry], rules: Rules) -> list[Given]:
    """One result a line; `there` are the turns of these people in the time of the sheet."""
    books = _There()
    for entry in there:
        if not entry.void:
            key = (entry.account, entry.grid, entry.role)
            books.by_key.setdefault(key, []).append(entry)
    return [_given(row, books, rules) for row in rows]


def days_of(row: Row) -> list[date] | None:
    """The days of a line; None where they are none, [] where they are too many."""
    first = day_of(row.cells["from"])
    last = day_of(row.cells["to"]) if row.cells["to"] else first
    if first is None or last is None or last < first:
        return None
    count = (last - first).days + 1
    return [first + timedelta(days=n) for n in range(count)] if count <= DAYS_MAX else []


def _given(row: Row, books: _There, rules: Rules) -> Given:
    wanted = _wanted(row, rules)
    if isinstance(wanted, Line):
        return Given(wanted)
    key = (wanted[0].account, wanted[0].grid, wanted[0].role)
    standing, new = books.by_key.get(key, []), books.new.setdefault(key, [])
    adds = []
    for each in wanted:
        met = [entry for entry in standing if each.overlaps(entry)]
        if any(_same(each, entry) for entry in met):
            continue
        if met or any(_meets(each, other) for other in new):
            text = f"there is another turn there on {each.day}"
            return Given(row.refused("overlaps", text))
        adds.append(each)
    new += adds
    if not adds:
        return Given(Line(row.number, row.cells["login"], LineOutcome.UNCHANGED, "as it is"))
    text = f"{len(adds)} × {adds[0].shift}, {adds[0].day} – {adds[-1].day}"
    outcome = LineOutcome.CREATED if len(adds) == len(wanted) else LineOutcome.CHANGED
    return Given(Line(row.number, row.cells["login"], outcome, text), tuple(adds))


def _wanted(row: Row, rules: Rules) -> list[Wanted] | Line:
    cells, days = row.cells, days_of(row)
    person = rules.people.get(cells["login"].lower())
    path = rules.paths.get(cells["grid"])
    role, shift = role_of(cells["role"]), rules.shift(cells["shift"], path or ())
    if person is None or person.disabled:
        return row.refused("unknown_account", f"there is no account {cells['login']}")
    if path is None:
        return row.refused("unknown_grid", f"there is no grid {cells['grid']}")
    if role is None or role not in POSTED:
        return row.refused("unknown_role", f"nobody has to be there as {cells['role']}")
    if shift is None:
        return row.refused("unknown_shift", f"there is no shift {cells['shift']} on this grid")
    if not days:
        text = "from which day to which?" if days is None else f"at most {DAYS_MAX} days a line"
        return row.refused("bad_days", text)
    if not person.may(role, path):
        text = f"{person.name} does not hold the role {role} there"
        return row.refused("not_entitled", text)
    wanted = by_shift(person.id, cells["grid"], role, shift, days, rules.zone, rules.now)
    return wanted or row.refused("turn_over", "what is over is not rewritten")


def _same(wanted: Wanted, entry: Entry) -> bool:
    """The turn is there: it may have begun before this sheet came."""
    return entry.ends_at == wanted.ends_at and entry.starts_at <= wanted.starts_at


def _meets(wanted: Wanted, other: Wanted) -> bool:
    return wanted.starts_at < other.ends_at and other.starts_at < wanted.ends_at
