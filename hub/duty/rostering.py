"""The roster: turns given, ended and swapped, weeks copied. What is over is never rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.duty import repository
from hub.duty.config import POSTED
from hub.duty.turns import TURN_S_MAX, Shift, Week, day_of, span, week_from
from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import Ids
from hub.types.staff import Role


@dataclass(frozen=True, slots=True)
class Wanted:
    """A turn to be given: who, where, as what, from when to when. `shift` None: by hours."""

    account: str
    grid: str
    role: Role
    shift: str | None
    day: date
    starts_at: float
    ends_at: float

    def overlaps(self, entry: Entry) -> bool:
        """Whether the same person is there in that role at the same time already."""
        same = (self.account, self.grid, self.role) == (entry.account, entry.grid, entry.role)
        return same and self.starts_at < entry.until and entry.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Entry:
    """A turn on file, with the person's name; times are UTC epoch seconds.

    `ended_at`: when it was taken back or swapped, None while it stands.
    """

    id: str
    account: str
    name: str
    grid: str
    role: Role
    shift: str | None
    day: str
    starts_at: float
    ends_at: float
    ended_at: float | None

    @property
    def until(self) -> float:
        """When it really ends."""
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)

    @property
    def void(self) -> bool:
        """True when it was taken back before it began."""
        return self.until <= self.starts_at


def by_shift(
    account: str,
    grid: str,
    role: Role,
    shift: Shift,
    days: Iterable[date],
    zone: ZoneInfo,
    now: float,
) -> list[Wanted]:
    """A turn a day. Days that are over are left out, and one that runs begins now."""
    spans = ((day, *span(shift, day, zone)) for day in days)
    return [
        Wanted(account, grid, role, shift.id, day, max(starts_at, now), ends_at)
        for day, starts_at, ends_at in spans
        if ends_at > now
    ]


def by_hours(
    account: str,
    grid: str,
    role: Role,
    starts_at: float,
    ends_at: float,
    zone: ZoneInfo,
) -> Wanted:
    """One turn of its own hours."""
    return Wanted(account, grid, role, None, day_of(starts_at, zone), starts_at, ends_at)


def add(
    tx: Connection, wanted: Sequence[Wanted], path: Sequence[str], by: str, now: float, ids: Ids
) -> list[Entry]:
    """Give turns on one grid, whose path is `path`; all or none.

    Raises Refused (`turn_over`, `bad_turn`, `no_posted_role`, `not_entitled`) and Conflict
    (`overlaps`).
    """
    if not wanted:
        raise Refused("what is over is not rewritten", code="turn_over")
    names = dict[str, str]()
    for account, role in {(each.account, each.role) for each in wanted}:
        check_role(role)
        names[account] = _entitled(tx, account, role, path, now)
    there = _touching(tx, wanted)
    for each in wanted:
        check_times(each, now)
        if any(each.overlaps(entry) for entry in there):
            said = f"{names[each.account]} has a turn there on {each.day} already"
            raise Conflict(said, code="overlaps")
        there.append(_made(each, "", names[each.account]))
    made = [_made(each, ids(), names[each.account]) for each in wanted]
    repository.insert_entries(tx, [_row_of(each, by, now) for each in made])
    return made


def write(tx: Connection, wanted: Iterable[Wanted], by: str, now: float, ids: Ids) -> None:
    """Give turns that were judged already (a sheet of them)."""
    rows = [_row_of(_made(each, ids(), ""), by, now) for each in wanted]
    repository.insert_entries(tx, rows)


def of_people(
    tx: Connection, people: Iterable[str], since: float, last: date, zone: ZoneInfo
) -> list[Entry]:
    """The turns of these accounts from a moment to the end of a day's nights."""
    until = week_from(last + timedelta(days=2), zone).ends_at
    return [_entry(row) for row in repository.entries(tx, since, until, of=set(people))]


def check_role(role: Role) -> None:
    """Raises Refused (`no_posted_role`)."""
    if role not in POSTED:
        raise Refused(f"nobody has to be there as {role}", code="no_posted_role")


def check_times(wanted: Wanted, now: float) -> None:
    """Raises Refused (`turn_over`, `bad_turn`)."""
    if not wanted.starts_at < wanted.ends_at <= wanted.starts_at + TURN_S_MAX:
        raise Refused("a turn ends after it begins, within seven days", code="bad_turn")
    if wanted.starts_at < now:
        raise Refused("what is over is not rewritten", code="turn_over")


def _entitled(tx: Connection, account: str, role: Role, path: Sequence[str], now: float) -> str:
    """The name of an account that holds a role on a grid of that path, whatever its hours say.

    The same is said of one that does not, is closed, or is none. Raises Refused (`not_entitled`).
    """
    for held in repository.held_by(tx, account, now):
        if held.role is role and (held.grid is None or held.grid in path):
            return held.name
    raise Refused(f"this person does not hold the role {role} there", code="not_entitled")


def get(tx: Connection, entry_id: str) -> Entry:
    """One turn. Raises NotFound."""
    row = repository.entry(tx, entry_id)
    if row is None:
        raise NotFound(no_turn(entry_id))
    return _entry(row)


def no_turn(entry_id: str) -> str:
    """What is said of a turn that is not there, or not for whoever asks."""
    return f"there is no turn {entry_id}"


def end(tx: Connection, entry: Entry, by: str, now: float) -> Entry:
    """End a turn now, or take it back before it begins. Raises Conflict (`turn_over`)."""
    if entry.until <= now or entry.void:
        raise Conflict("this turn is over", code="turn_over")
    repository.end_entry(tx, entry.id, by, now)
    return replace(entry, ended_at=now)


def swap(
    tx: Connection,
    entry: Entry,
    account: str,
    path: Sequence[str],
    by: str,
    now: float,
    ids: Ids,
) -> Entry:
    """Another takes what is left of a turn. Raises what `end` and `add` do."""
    end(tx, entry, by, now)
    starts_at, day = max(entry.starts_at, now), date.fromisoformat(entry.day)
    rest = Wanted(account, entry.grid, entry.role, entry.shift, day, starts_at, entry.ends_at)
    (made,) = add(tx, [rest], path, by, now, ids)
    return made


def of_week(tx: Connection, grid: str, week: Week) -> list[Entry]:
    """The turns of a grid that touch a week, those that were taken back or swapped too."""
    rows = repository.entries(tx, week.starts_at, week.ends_at, grid=grid)
    return [_entry(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a copied week; `left` are turns that could not be given again."""

    made: list[Entry]
    left: int


def copy_week(
    tx: Connection,
    grid: str,
    path: Sequence[str],
    week: Week,
    to: Week,
    zone: ZoneInfo,
    by: str,
    now: float,
    ids: Ids,
) -> Copied:
    """The turns that begin in one week once more in another, at the same hours of the clock.

    Left out: what would be over, who has a turn there already, who holds the role no more.
    """
    days = (to.monday - week.monday).days
    made, left = list[Entry](), 0
    for entry in of_week(tx, grid, week):
        if entry.void or not week.starts_at <= entry.starts_at < week.ends_at:
            continue
        later = Wanted(
            entry.account,
            grid,
            entry.role,
            entry.shift,
            date.fromisoformat(entry.day) + timedelta(days=days),
            _moved(entry.starts_at, days, zone),
            _moved(entry.ends_at, days, zone),
        )
        try:
            made += add(tx, [later], path, by, now, ids)
        except Refused:
            left += 1
    return Copied(made, left)


def _moved(at: float, days: int, zone: ZoneInfo) -> float:
    """The same time of the clock so many days later."""
    return (datetime.fromtimestamp(at, zone) + timedelta(days=days)).timestamp()


def _touching(tx: Connection, wanted: Sequence[Wanted]) -> list[Entry]:
    since = min(each.starts_at for each in wanted)
    until = max(each.ends_at for each in wanted)
    people = {each.account for each in wanted}
    return [_entry(row) for row in repository.entries(tx, since, until, of=people)]


def _made(wanted: Wanted, entry_id: str, name: str) -> Entry:
    return Entry(
        entry_id,
        wanted.account,
        name,
        wanted.grid,
        wanted.role,
        wanted.shift,
        wanted.day.isoformat(),
        wanted.starts_at,
        wanted.ends_at,
        None,
    )


def _row_of(entry: Entry, by: str, now: float) -> dict[str, Any]:
    """A turn as it is stored."""
    return {
        "id": entry.id,
        "account_id": entry.account,
        "grid": entry.grid,
        "role": entry.role.value,
        "shift": entry.shift,
        "day": entry.day,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
        "made_at": now,
        "made_by": by,
    }


def _entry(row: Any) -> Entry:
    return Entry(
        row.id,
        row.account_id,
        row.name,
        row.grid,
        Role(row.role),
        row.shift,
        row.day,
        row.starts_at,
        row.ends_at,
        row.ended_at,
    )
