"""The register of rules, from files and through the API."""

from __future__ import annotations

from hub.store.managed import Managed
from hub.store.tables.rules import rules as table


def rules() -> Managed:
    """Rules by id; a spec is the JSON of one `RuleSpec`."""
    return Managed(table, "rule")
