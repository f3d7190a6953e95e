"""A sheet of people: what each line would make of the accounts and their rights. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from hub.duty.sheet import Line, LineOutcome, Row, role_of, words
from hub.store.names import key_of
from hub.types.staff import Role

HEADS: Mapping[str, tuple[str, ...]] = {
    "login": ("account", "登录名", "账号", "用户名"),
    "name": ("姓名", "名称"),
    "roles": ("role", "角色", "岗位"),
    "grid": ("网格", "网格编码", "网格代码"),
    "unit": ("单位", "部门"),
}
NEEDED = ("login", "name", "roles")
NAME_LONGEST = 80

Right = tuple[Role, str | None, str | None]
"""Role, grid (None: the whole site) and unit."""


@dataclass(frozen=True, slots=True)
class Known:
    """An account as it stands; `id` None: this sheet makes it.

    `written`: something stands under its name, which is not changed any more.
    """

    id: str | None
    name: str
    rights: frozenset[Right]
    disabled: bool = False
    written: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What a line is judged by.

    `grids` are the codes of those there are, `unit_roles` act for a unit, `given` can be given by
    a sheet, `login` is how a login looks, `departments` are the ids of those there are.
    """

    grids: Collection[str]
    unit_roles: Collection[Role]
    given: Collection[Role]
    login: re.Pattern[str]
    departments: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What a line does: makes the account, names it anew, gives it rights."""

    line: Line
    login: str = ""
    name: str = ""
    account: str | None = None
    renames: bool = False
    gives: tuple[Right, ...] = ()


@dataclass(slots=True)
class _Books:
    """The accounts by login and keys of all names, as the lines before have left them."""

    known: dict[str, Known]
    names: set[str] = field(default_factory=set)


def plan(
    rows: Iterable[Row], known: Mapping[str, Known], names: Collection[str], rules: Rules
) -> list[Change]:
    """One change a line. A person may have several lines, one for each grid.

    `known`: the accounts by login; `names`: those that are, or were, somebody's. Nothing is ever
    taken away: what a sheet does not say stays as it is.
    """
    books = _Books(dict(known), {key_of(name) for name in names})
    return [_change(row, books, rules) for row in rows]


def _change(row: Row, books: _Books, rules: Rules) -> Change:
    login, name = row.cells["login"].lower(), row.cells["name"]
    rights = _rights(row, rules)
    if isinstance(rights, Line):
        return Change(rights)
    fault = _fault(row, login, name, books, rules)
    if fault is not None:
        return Change(fault)
    before = books.known.get(login)
    held = before.rights if before else frozenset()
    gives = tuple(right for right in rights if right not in held)
    renames = before is not None and before.name != name
    books.names.add(key_of(name))
    kept = before is not None and before.written
    known = Known(before.id if before else None, name, held | set(rights), written=kept)
    books.known[login] = known
    line = Line(row.number, login, LineOutcome.UNCHANGED, "as it is")
    told = "; ".join(_told(right) for right in gives)
    if before is None:
        line = replace(line, outcome=LineOutcome.CREATED, text=told)
    elif renames or gives:
        said = [f"{before.name} → {name}"] if renames else []
        text = "; ".join([*said, told] if told else said)
        line = replace(line, outcome=LineOutcome.CHANGED, text=text)
    return Change(line, login, name, before.id if before else None, renames, gives)


def _fault(row: Row, login: str, name: str, books: _Books, rules: Rules) -> Line | None:
    if not rules.login.fullmatch(login):
        return row.refused("bad_login", "a login is 2 to 40 of a-z, 0-9, dot, dash, underscore")
    if not 0 < len(name) <= NAME_LONGEST:
        return row.refused("bad_name", f"a name has 1 to {NAME_LONGEST} characters")
    before = books.known.get(login)
    if before is not None and before.disabled:
        return row.refused("disabled", "this account is closed: open it by hand if it is theirs")
    if (before is None or before.name != name) and key_of(name) in books.names:
        text = f"{name} is, or was, another account's or token's; add what tells the two apart"
        return row.refused("name_taken", text)
    if before is not None and before.id is None and before.name != name:
        return row.refused("two_names", f"the sheet calls this login {before.name} as well")
    if before is not None and before.written and before.name != name:
        return row.refused("name_stands", f"{before.name} stands in registers: it stays so")
    return None


def _rights(row: Row, rules: Rules) -> list[Right] | Line:
    said, grid, unit = words(row.cells["roles"]), row.cells["grid"], row.cells["unit"]
    if not said:
        return row.refused("no_role", "which role does this person have?")
    if grid and grid not in rules.grids:
        return row.refused("unknown_grid", f"there is no grid {grid}")
    rights: list[Right] = []
    for word in said:
        role = role_of(word)
        if role is None:
            return row.refused("unknown_role", f"there is no role {word}")
        if role not in rules.given:
            return row.refused("role_not_given", f"the role {role} is not given by a sheet")
        of_unit = role in rules.unit_roles
        if of_unit and not unit:
            return row.refused("unit_wanted", f"the role {role} is of a unit: name it")
        if role is Role.DEPARTMENT and unit not in rules.departments:
            return row.refused("unknown_unit", f"there is no department {unit}")
        rights.append((role, grid or None, unit if of_unit else None))
    if unit and not any(right[2] for right in rights):
        return row.refused("unit_not_wanted", "none of these roles is of a unit")
    return rights


def _told(right: Right) -> str:
    role, grid, unit = right
    where = "*" if grid is None else grid
    return f"{role} {where}" if unit is None else f"{role} {where} ({unit})"
