"""The logs are appended to and nothing else: no statement updates or deletes their rows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HUB = Path(__file__).resolve().parents[3] / "hub"
SEALED = {"transitions", "looks", "seals"}
AUDIT = HUB / "store/audit"
ERASING = AUDIT / "people.py"
"""The one file that may: it replaces names by what stands for them, and verifying stays green."""
_RAW = re.compile(
    r"\b(update|delete\s+from|truncate(\s+table)?)\s+\"?(transitions|looks|seals)\b", re.I
)


def harms(source: str) -> list[int]:
    """Lines with `update(t)`, `delete(t)`, `t.update()`, `t.delete()`, or such a text of SQL."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _RAW.search(node.value)
        ):
            found.append(node.lineno)
        if not isinstance(node, ast.Call):
            continue
        verb = node.func.attr if isinstance(node.func, ast.Attribute) else _name(node.func)
        if verb not in {"update", "delete"}:
            continue
        of = [_name(each) for each in node.args[:1]]
        if isinstance(node.func, ast.Attribute):
            of.append(_name(node.func.value))
        if SEALED & set(of):
            found.append(node.lineno)
    return found


def _name(node: ast.expr) -> str:
    """`transitions` of `transitions`, and of `tables.transitions`."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_no_statement_updates_or_deletes_rows_of_the_logs() -> None:
    found = {path.name: harms(path.read_text("utf-8")) for path in HUB.rglob("*.py")}
    assert len(found) > 100
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_where_a_log_is_anyones_name_for_it_only_erasing_changes_rows() -> None:
    changing = {
        path
        for path in AUDIT.rglob("*.py")
        if re.search(r"\b(update|delete)\(", path.read_text("utf-8"))
    }
    assert changing == {ERASING}


@pytest.mark.parametrize(
    "source",
    [
        "tx.execute(delete(transitions))",
        "tx.execute(sa.update(tables.looks).values(actor=''))",
        "transitions.delete().where(True)",
        "tx.execute(text('DELETE FROM looks'))",
        "op.execute('UPDATE transitions SET actor = 1')",
    ],
)
def test_such_a_statement_would_be_seen(source: str) -> None:
    assert harms(source) == [1]
