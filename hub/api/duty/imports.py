"""Sheets of people and of turns: told line by line first, then taken with the stamp of that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Response
from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.api.bodies import Raw, described
from hub.api.deps import Deps
from hub.api.duty import people as accounts
from hub.api.guard import Hub, domain, may
from hub.api.schemas import Answer
from hub.duty import people, repository, rostering, rosters, shifts
from hub.duty.onduty import Holder
from hub.duty.rosters import Given, Person
from hub.duty.sheet import Line, LineOutcome, Sheet, read, stamp_of
from hub.duty.turns import day_of
from hub.kit.errors import Conflict, Refused

router = domain("duty")

SHEET_BYTES_MAX = 4 << 20
SHEET = described("text/csv")

Stamp = Annotated[str, Query(max_length=64)]
Importer = Annotated[Subject, may(Action.DUTY_IMPORT)]


class DutyLineOut(Answer):
    """What a line of a sheet comes to, `code` a word for why it is refused."""

    number: int
    login: str
    outcome: LineOutcome
    text: str
    code: str | None


class FirstOut(Answer):
    """A first password: told this once, to be changed at the first login."""

    login: str
    name: str
    password: str


class DutySheetOut(Answer):
    """What a sheet comes to. `ignored` are heads of columns that nobody keeps.

    `written`: it was done. Else show `stamp` to have just this done.
    """

    written: bool
    stamp: str
    lines: tuple[DutyLineOut, ...]
    ignored: tuple[str, ...]
    first_passwords: tuple[FirstOut, ...] = ()


@router.post("/duty/people/import", max_body_size=SHEET_BYTES_MAX, openapi_extra=SHEET)
def import_people(
    body: Raw,
    response: Response,
    hub: Hub,
    who: Importer,
    dry_run: bool = False,
    stamp: Stamp = "",
    skip_refused: bool = False,
) -> DutySheetOut:
    """People and what they may: makes accounts, gives names and rights, takes nothing away.

    Columns `login, name, roles, grid, unit`, in English or Chinese. 409 `stale_stamp` where it
    would do something else than it told, `lines_refused` unless `skip_refused`.
    """
    sheet, now = read(body, people.HEADS, people.NEEDED), hub.clock.now()
    with hub.db.read() as tx:
        changes = accounts.plan(hub, tx, sheet, now)
    told = stamp_of(body, (each.line for each in changes))
    if dry_run:
        return _told(sheet, told, (each.line for each in changes))
    _refuse(told, stamp, [each.line for each in changes], skip_refused=skip_refused)
    # Hashed before the transaction: whoever else wants to write waits for its end.
    first = accounts.first_passwords(changes)
    with hub.write() as tx:
        changes = accounts.plan(hub, tx, sheet, now)
        _refuse_stale(stamp_of(body, (each.line for each in changes)), stamp)
        accounts.write(hub, tx, changes, first, who, now)
    response.headers["Cache-Control"] = "no-store"
    done = _told(sheet, told, (each.line for each in changes), written=True)
    shown = tuple(FirstOut.model_validate(each) for each in first.values())
    return done.model_copy(update={"first_passwords": shown})


@router.post("/duty/rosters/import", max_body_size=SHEET_BYTES_MAX, openapi_extra=SHEET)
def import_rosters(
    body: Raw,
    hub: Hub,
    who: Importer,
    dry_run: bool = False,
    stamp: Stamp = "",
    skip_refused: bool = False,
) -> DutySheetOut:
    """Turns: a line gives one person a shift on a grid from one day to another.

    Columns `login, grid, role, shift, from, to`, in English or Chinese. Refused as for people, and
    `too_many_turns`: a month of a county at once.
    """
    sheet, now = read(body, rosters.HEADS, rosters.NEEDED), hub.clock.now()
    with hub.db.read() as tx:
        given = _plan(hub, tx, sheet, now)
    told = stamp_of(body, (each.line for each in given))
    if dry_run:
        return _told(sheet, told, (each.line for each in given))
    _refuse(told, stamp, [each.line for each in given], skip_refused=skip_refused)
    with hub.write() as tx:
        given = _plan(hub, tx, sheet, now)
        _refuse_stale(stamp_of(body, (each.line for each in given)), stamp)
        rostering.write(tx, [turn for each in given for turn in each.adds], who.name, now, hub.ids)
    return _told(sheet, told, (each.line for each in given), written=True)


def _plan(hub: Deps, tx: Connection, sheet: Sheet, now: float) -> list[Given]:
    zone, tree = ZoneInfo(hub.site.time_zone), hub.binder().tree
    held: dict[str, list[Holder]] = {}
    for holder in repository.live_holders(tx, now):
        held.setdefault(holder.account, []).append(holder)
    rules = rosters.Rules(
        {
            row.login: Person(
                row.id, row.name, row.disabled_at is not None, tuple(held.get(row.id, ()))
            )
            for row in repository.people(tx)
        },
        {grid.code: tree.path(grid.code) for grid in tree},
        tuple(shifts.all_shifts(tx, hub.duty)),
        zone,
        now,
    )
    days = [day for row in sheet.rows for day in rosters.days_of(row) or ()]
    if len(days) > rosters.TURNS_MAX:
        text = f"a sheet gives at most {rosters.TURNS_MAX} turns: send a month at a time"
        raise Refused(text, code="too_many_turns")
    known = {row.cells["login"].lower() for row in sheet.rows} & rules.people.keys()
    ids = {rules.people[login].id for login in known}
    last = max(days, default=day_of(now, zone))
    return rosters.plan(sheet.rows, rostering.of_people(tx, ids, now, last, zone), rules)


def _refuse(told: str, stamp: str, lines: Sequence[Line], *, skip_refused: bool) -> None:
    """Raises Conflict (`stale_stamp`, `lines_refused`)."""
    _refuse_stale(told, stamp)
    refused = sum(line.outcome is LineOutcome.REFUSED for line in lines)
    if refused and not skip_refused:
        text = f"{refused} lines are refused; mend them, or leave them out by `skip_refused`"
        raise Conflict(text, code="lines_refused")


def _refuse_stale(told: str, stamp: str) -> None:
    """Raises Conflict (`stale_stamp`)."""
    if told != stamp:
        text = "this would do something else than was shown: ask again with `dry_run`"
        raise Conflict(text, code="stale_stamp")


def _told(
    sheet: Sheet, stamp: str, lines: Iterable[Line], *, written: bool = False
) -> DutySheetOut:
    return DutySheetOut(
        written=written,
        stamp=stamp,
        lines=tuple(DutyLineOut.model_validate(line) for line in lines),
        ignored=sheet.ignored,
    )
