"""Queries on posts, shifts, the roster and absences, and on who holds which role where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, or_, select, update

from hub.duty.onduty import Holder
from hub.duty.turns import TURN_S_MAX, Turn, Week
from hub.store.tables.access import accounts, grants
from hub.store.tables.duty import absences, posts, roster, shifts
from hub.store.tables.grids import grids
from hub.store.windows import window_of
from hub.types.staff import Role

CHUNK = 500
"""Rows of one statement: SQLite takes at most 32,766 parameters."""


# -- who is there at a moment -------------------------------------------------------------------


def holders(tx: Connection, role: Role, path: Collection[str], at: float) -> list[Holder]:
    """Who held the role on one of these grids, or on the whole site; of accounts open now."""
    on = or_(grants.c.grid.in_(sorted(path)), grants.c.grid.is_(None))
    query = _held_at(at).where(on, grants.c.role == role.value)
    return [_holder(row) for row in tx.execute(query)]


def holders_on(tx: Connection, path: Collection[str], at: float) -> list[Holder]:
    """Who held anything there, by name."""
    on = or_(grants.c.grid.in_(sorted(path)), grants.c.grid.is_(None))
    query = _held_at(at).where(on).order_by(accounts.c.name, grants.c.id)
    return [_holder(row) for row in tx.execute(query)]


def held_by(tx: Connection, account: str, at: float) -> list[Holder]:
    """What one account held, () for one that is disabled."""
    query = _held_at(at).where(grants.c.account_id == account)
    return [_holder(row) for row in tx.execute(query)]


def of_unit(tx: Connection, people: Collection[str], role: Role, unit: str, at: float) -> set[str]:
    """Those of these accounts who held the role for that department, wherever."""
    if not people:
        return set()
    query = _held_at(at).where(
        grants.c.account_id.in_(sorted(people)),
        grants.c.role == role.value,
        grants.c.unit == unit,
    )
    return {row.account_id for row in tx.execute(query)}


def _held_at(at: float) -> Select[Any]:
    return (
        select(grants, accounts.c.name)
        .join(accounts, accounts.c.id == grants.c.account_id)
        .where(
            accounts.c.disabled_at.is_(None),
            grants.c.given_at <= at,
            or_(grants.c.ended_at.is_(None), grants.c.ended_at > at),
        )
    )


def _holder(row: Any) -> Holder:
    role = Role(row.role)
    return Holder(row.account_id, row.name, role, row.grid, row.unit, window_of(row))


def turns_on(tx: Connection, role: Role, path: Collection[str], week: Week) -> list[Turn]:
    """The turns on these grids that begin in the week, or may reach into it."""
    query = select(roster).where(
        roster.c.grid.in_(sorted(path)), roster.c.role == role.value, *_reaches(week)
    )
    return [_turn(row) for row in tx.execute(query)]


def turns_of(tx: Connection, people: Collection[str], week: Week) -> list[tuple[Role, Turn]]:
    """The turns of these accounts, likewise."""
    if not people:
        return []
    query = select(roster).where(roster.c.account_id.in_(sorted(people)), *_reaches(week))
    return [(Role(row.role), _turn(row)) for row in tx.execute(query)]


def _reaches(week: Week) -> tuple[ColumnElement[bool], ...]:
    since = week.starts_at - TURN_S_MAX
    return roster.c.starts_at >= since, roster.c.starts_at < week.ends_at


def _turn(row: Any) -> Turn:
    until = row.ends_at if row.ended_at is None else min(row.ends_at, row.ended_at)
    return Turn(row.account_id, row.grid, row.starts_at, until)


def away(tx: Connection, people: Collection[str], at: float) -> set[str]:
    """Which of these accounts are on leave at that moment."""
    if not people:
        return set()
    query = select(absences.c.account_id).where(
        absences.c.account_id.in_(sorted(people)),
        absences.c.ends_at > at,
        absences.c.starts_at <= at,
        or_(absences.c.ended_at.is_(None), absences.c.ended_at > at),
    )
    return set(tx.execute(query).scalars())


# -- the registers ------------------------------------------------------------------------------


def account(tx: Connection, account_id: str) -> Row[Any] | None:
    """Id, login, name and `disabled_at` of one account."""
    return tx.execute(_people().where(accounts.c.id == account_id)).one_or_none()


def people(tx: Connection) -> Sequence[Row[Any]]:
    """The same of all accounts."""
    return tx.execute(_people()).all()


def _people() -> Select[Any]:
    return select(accounts.c.id, accounts.c.login, accounts.c.name, accounts.c.disabled_at)


def ground_of(tx: Connection, people: Iterable[str]) -> dict[str, set[str | None]]:
    """The grids (None: the whole site) on which these accounts hold anything."""
    query = select(grants.c.account_id, grants.c.grid).where(grants.c.ended_at.is_(None))
    found: dict[str, set[str | None]] = {}
    for chunk in _chunks(sorted(set(people))):
        for row in tx.execute(query.where(grants.c.account_id.in_(chunk))):
            found.setdefault(row.account_id, set()).add(row.grid)
    return found


def live_holders(tx: Connection, now: float, grid: str | None = None) -> list[Holder]:
    """Everybody's roles that were not ended and are not over, whatever their hours say.

    `grid`: only those on exactly this one.
    """
    query = _held_at(now).where(or_(grants.c.ends_at.is_(None), grants.c.ends_at > now))
    if grid is not None:
        query = query.where(grants.c.grid == grid)
    return [_holder(row) for row in tx.execute(query.order_by(accounts.c.name))]


def ever_held(tx: Connection, grid: str | None = None) -> set[tuple[str, str]]:
    """(grid, role) of all grants that any account was ever given, of all grids or one."""
    query = select(grants.c.grid, grants.c.role).distinct()
    if grid is not None:
        query = query.where(grants.c.grid == grid)
    rows = tx.execute(query.where(grants.c.account_id.is_not(None), grants.c.grid.is_not(None)))
    return {(row.grid, row.role) for row in rows}


def redrawn(tx: Connection) -> set[tuple[str, str]]:
    """(grid, role) where a redraw drew a grid anew and ended ground of the kind with that role.

    Which of the ended ones its ground was of is not asked: in one redraw that is soon wrong.
    """
    ended = (
        select(grids.c.ended_in, grids.c.kind, grants.c.role)
        .join(grants, grants.c.grid == grids.c.code)
        .where(grids.c.ended_in.is_not(None), grants.c.account_id.is_not(None))
    )
    roles: dict[tuple[int, str], set[str]] = {}
    for row in tx.execute(ended.distinct()):
        roles.setdefault((row.ended_in, row.kind), set()).add(row.role)
    if not roles:
        return set()
    begun = select(grids.c.code, grids.c.kind, func.min(grids.c.version).label("no"))
    rows = tx.execute(begun.group_by(grids.c.code, grids.c.kind))
    return {(row.code, role) for row in rows for role in roles.get((row.no, row.kind), ())}


def live_posts(tx: Connection, grid: str | None = None) -> Sequence[Row[Any]]:
    """The posts set by hand that were not ended, of all grids or one."""
    query = select(posts).where(posts.c.ended_at.is_(None))
    if grid is not None:
        query = query.where(posts.c.grid == grid)
    return tx.execute(query.order_by(posts.c.grid, posts.c.role)).all()


def post(tx: Connection, post_id: str) -> Row[Any] | None:
    """One that was not ended."""
    query = select(posts).where(posts.c.id == post_id, posts.c.ended_at.is_(None))
    return tx.execute(query).one_or_none()


def insert_post(tx: Connection, values: dict[str, Any]) -> None:
    """Write a new post."""
    tx.execute(insert(posts).values(**values))


def end_posts(tx: Connection, grid: str, role: Role, by: str, now: float) -> None:
    """Mark what stands for a grid and a role as ended."""
    query = update(posts).where(posts.c.grid == grid, posts.c.role == role.value)
    tx.execute(query.where(posts.c.ended_at.is_(None)).values(ended_at=now, ended_by=by))


def live_shifts(tx: Connection) -> Sequence[Row[Any]]:
    """The shifts made in the hub that were not ended."""
    query = select(shifts).where(shifts.c.ended_at.is_(None))
    return tx.execute(query.order_by(shifts.c.from_minute, shifts.c.name)).all()


def insert_shift(tx: Connection, values: dict[str, Any]) -> None:
    """Write a new shift."""
    tx.execute(insert(shifts).values(**values))


def end_shift(tx: Connection, shift_id: str, now: float) -> None:
    """Mark a shift as ended; the turns that were made by it stay."""
    tx.execute(update(shifts).where(shifts.c.id == shift_id).values(ended_at=now))


def entries(
    tx: Connection,
    since: float,
    until: float,
    *,
    grid: str | None = None,
    of: Collection[str] | None = None,
) -> list[Row[Any]]:
    """Rows of the roster with the people's names that touch a time, of a grid or of accounts."""
    named = select(roster, accounts.c.name).join(accounts, accounts.c.id == roster.c.account_id)
    query = named.where(
        roster.c.starts_at >= since - TURN_S_MAX,
        roster.c.starts_at < until,
        roster.c.ends_at > since,
    ).order_by(roster.c.starts_at, accounts.c.name, roster.c.id)
    if grid is not None:
        query = query.where(roster.c.grid == grid)
    if of is None:
        return list(tx.execute(query).all())
    found: list[Row[Any]] = []
    for chunk in _chunks(sorted(of)):
        found += tx.execute(query.where(roster.c.account_id.in_(chunk))).all()
    return found


def entry(tx: Connection, entry_id: str) -> Row[Any] | None:
    """One row of the roster with the person's name."""
    named = select(roster, accounts.c.name).join(accounts, accounts.c.id == roster.c.account_id)
    return tx.execute(named.where(roster.c.id == entry_id)).one_or_none()


def insert_entries(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write turns, any number."""
    for start in range(0, len(rows), CHUNK):
        tx.execute(insert(roster), list(rows[start : start + CHUNK]))


def end_entry(tx: Connection, entry_id: str, by: str, now: float) -> None:
    """Mark a turn as ended."""
    query = update(roster).where(roster.c.id == entry_id)
    tx.execute(query.values(ended_at=now, ended_by=by))


def leaves(tx: Connection, since: float, until: float | None = None) -> Sequence[Row[Any]]:
    """Absences with the people's names that last beyond `since`, and begin before `until`."""
    named = select(absences, accounts.c.name).join(accounts, accounts.c.id == absences.c.account_id)
    query = named.where(absences.c.ends_at > since)
    if until is not None:
        query = query.where(absences.c.starts_at < until)
    return tx.execute(query.order_by(absences.c.starts_at, absences.c.id)).all()


def leave(tx: Connection, leave_id: str) -> Row[Any] | None:
    """One absence with the person's name."""
    named = select(absences, accounts.c.name).join(accounts, accounts.c.id == absences.c.account_id)
    return tx.execute(named.where(absences.c.id == leave_id)).one_or_none()


def insert_leave(tx: Connection, values: dict[str, Any]) -> None:
    """Write an absence."""
    tx.execute(insert(absences).values(**values))


def end_leave(tx: Connection, leave_id: str, by: str, now: float) -> None:
    """Mark an absence as ended."""
    query = update(absences).where(absences.c.id == leave_id)
    tx.execute(query.values(ended_at=now, ended_by=by))


def present_grids(tx: Connection) -> list[Any]:
    """Code, name, kind, depth and parent of the grids in force."""
    columns = grids.c.code, grids.c.name, grids.c.kind, grids.c.tier, grids.c.parent_code
    return list(tx.execute(select(*columns).where(grids.c.present)))


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
