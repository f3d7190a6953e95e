"""Event classes against the rules they name."""

from __future__ import annotations

from collections.abc import Iterator

from hub.config.draft import Draft
from hub.config.node import Place, Problem


def rules(draft: Draft) -> Iterator[Problem]:
    """Single rules that no file has: they may have been made through the API, or be misspelt."""
    if draft.dispatch is None:
        return
    known = {entry.value.id for entry in draft.rules}
    for name in sorted(draft.dispatch.classes.rules_named() - known):
        text = f"{name} is neither a kind of rule nor a rule of rules.yaml"
        yield Problem(Place("dispatch.yaml", 1), "classes.from_rules", text)
