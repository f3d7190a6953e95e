"""Personal columns are erased when their time is over: a walk over all tables.

`keep_days` of a column counts from the end of the row's case. Where that is seen is found from the
table itself: named below, else the end of its incident, else a column that says when it ended, else
the closing of the account that it is found by, else the last moment that the row knows. The sealed
logs, where a name is replaced and not erased, are `audit/people.py`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Double,
    Select,
    Table,
    Text,
    UniqueConstraint,
    and_,
    case,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from hub.store.audit.logs import LOGS
from hub.store.belonging import case_of, is_told
from hub.store.cases import held, over_at
from hub.store.tables import metadata
from hub.store.tables.access import accounts, grants, names, tokens
from hub.store.tables.alerts import mutes
from hub.store.tables.audit import person_salts
from hub.store.tables.base import Personal
from hub.store.tables.dispatch import incidents
from hub.store.tables.privacy import camera_files, holds

DAY_S = 86400.0
FAR = 1e12
"""Later than any moment: not over."""
CASES_AFTER_S = 730 * DAY_S
"""So long a case may go on after who had to do with it has left."""
ERASED = "erased"
ELSEWHERE = frozenset({*(log.table.name for log in LOGS), person_salts.name})
"""Names in sealed logs, and the salts that go with the last of them."""
ENDS = ("ended_at", "revoked_at", "disabled_at", "valid_to", "ends_at", "closed_at", "erased_at")
ACCOUNTS = ("account_id", "account")


@dataclass(frozen=True, slots=True)
class Part:
    """Columns of one table that are kept equally long. `over`: when their case was over."""

    table: Table
    keep_days: int
    columns: tuple[Column[Any], ...]
    over: ColumnElement[Any]

    @property
    def key(self) -> ColumnElement[str]:
        """What tells a row; parts of it are separated by a slash."""
        first, *more = self.table.primary_key.columns
        if not more and isinstance(first.type, Text):
            return first
        whole: ColumnElement[str] = cast(first, Text)
        for column in more:
            whole = whole + "/" + cast(column, Text)
        return whole

    @property
    def own(self) -> bool:
        """Whether the rows are people's own, found by who they are."""
        return any(column.primary_key for column in self.columns)

    def stands(self) -> ColumnElement[bool]:
        """Whether anything of it is still there to be erased."""
        if self.own:
            return true()
        return or_(*(_stands(column) for column in self.columns))

    def due(self, now: float) -> ColumnElement[bool]:
        """Past its time at `now`, not erased, and not of a case that is held."""
        before, own = now - self.keep_days * DAY_S, case_of(self.table)
        free = [] if own is None else [~func.coalesce(held(own, now), False)]
        # Only for what is old by itself is it asked, at some cost, of which case it is.
        old = [_last(self.table) < before] if is_told(self.table) else []
        return and_(*old, self.over < before, self.stands(), *free)


def parts() -> list[Part]:
    """All personal columns but those of the sealed logs. Raises LookupError for one without end."""
    found = []
    for table in metadata.sorted_tables:
        if table.name in ELSEWHERE:
            continue
        by_days: dict[int, list[Column[Any]]] = {}
        for column in table.c:
            note = column.info.get("personal")
            if isinstance(note, Personal):
                by_days.setdefault(note.keep_days, []).append(column)
        found += [Part(table, days, tuple(cs), _over(table)) for days, cs in by_days.items()]
    return found


def due(part: Part, now: float) -> Select[Any]:
    """Rows of which something is to be erased: their keys, with when their case was over."""
    return select(part.key, part.over).where(part.due(now))


def erase(tx: Connection, part: Part, keys: Sequence[str]) -> None:
    """Erase the columns in these rows: NULL, or the word where there must be one.

    A row that is found by such a column is somebody's own: it goes as a whole.
    """
    if part.own:
        tx.execute(delete(part.table).where(part.key.in_(keys)))
        return
    values = {column: _blank(part, column) for column in part.columns}
    tx.execute(update(part.table).where(part.key.in_(keys)).values(values))


def left(part: Part, keys: Sequence[str], before: float) -> Select[Any]:
    """Those of these rows that show somebody although their case was over before that moment."""
    return select(part.key).where(part.key.in_(keys), part.stands(), part.over < before)


def name_of(part: Part) -> str:
    """How the ledger calls it."""
    return f"people/{part.table.name}/{part.keep_days}"


def _stands(column: Column[Any]) -> ColumnElement[bool]:
    if column.nullable:
        return column.is_not(None)
    if isinstance(column.type, JSON):
        return cast(column, Text).not_in(["[]", "{}", "null"])
    if _unique(column):
        return column.not_like(f"{ERASED}:%")
    return column != ERASED


def _blank(part: Part, column: Column[Any]) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, JSON):
        return []
    if _unique(column):
        return literal(f"{ERASED}:") + part.key
    return ERASED


def _unique(column: Column[Any]) -> bool:
    keys = [each for each in column.table.constraints if isinstance(each, UniqueConstraint)]
    return bool(column.unique) or any(column in key.columns.values() for key in keys)


# -- when a row's case was over ----------------------------------------------------------------


def _over(table: Table) -> ColumnElement[Any]:
    named = _NAMED.get(table.name)
    if named is not None:
        return named
    own = case_of(table)
    if own is not None:
        return case((own.is_(None), _last(table)), else_=over_at(own))
    ends = [table.c[name] for name in ENDS if name in table.c]
    if ends:
        return ends[0] if len(ends) == 1 else func.coalesce(*ends)
    account = next((table.c[name] for name in ACCOUNTS if name in table.primary_key.columns), None)
    if account is not None:
        closed = select(accounts.c.disabled_at).where(accounts.c.id == account)
        return closed.correlate(table).scalar_subquery()
    return _last(table)


def _last(table: Table) -> ColumnElement[Any]:
    """The last moment that a row knows."""
    moments = [column for column in table.c if column.name.endswith("_at") or column.name == "at"]
    if not moments:
        raise LookupError(f"{table.name}: nothing says when a row's case was over")
    return _latest(*(func.coalesce(moment, 0.0) for moment in moments), 0.0)


class _latest(FunctionElement[float]):
    """The largest of its arguments."""

    type = Double()
    inherit_cache = True


@compiles(_latest)
def _greatest(element: _latest, compiler: Any, **words: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **words)})"


@compiles(_latest, "sqlite")
def _max(element: _latest, compiler: Any, **words: Any) -> str:
    return f"max({compiler.process(element.clauses, **words)})"


def _newer_file() -> ColumnElement[Any]:
    newer = camera_files.alias()
    later = select(func.min(newer.c.written_at)).where(
        newer.c.camera_id == camera_files.c.camera_id, newer.c.version > camera_files.c.version
    )
    return later.correlate(camera_files).scalar_subquery()


def _holder_gone() -> ColumnElement[Any]:
    """When the last case of an account or token that was closed may have ended.

    Of a name whose holder is unknown, when it was first kept.
    """
    account = select(func.coalesce(accounts.c.disabled_at, literal(FAR)))
    token = select(func.coalesce(tokens.c.revoked_at, literal(FAR)))
    ended = func.coalesce(
        account.where(accounts.c.id == names.c.account_id).correlate(names).scalar_subquery(),
        token.where(tokens.c.id == names.c.token_id).correlate(names).scalar_subquery(),
    )
    return func.coalesce(ended + CASES_AFTER_S, names.c.taken_at)


_NAMED: Mapping[str, ColumnElement[Any]] = {
    # A case that is merged or over, not the last word about it.
    "incidents": over_at(incidents.c.id),
    "names": _holder_gone(),
    "grants": func.coalesce(grants.c.ended_at, grants.c.ends_at),
    "mutes": func.coalesce(mutes.c.ended_at, mutes.c.ends_at),
    "camera_files": _newer_file(),
    "holds": over_at(holds.c.incident_id),
}
