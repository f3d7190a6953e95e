"""All tables of the main database, by domain; importing this package fills `metadata`."""

from hub.store.tables import access, alerts, audit, consents, dispatch, grids, ops, rules, sources
from hub.store.tables.base import metadata

__all__ = [
    "access",
    "alerts",
    "audit",
    "consents",
    "dispatch",
    "grids",
    "metadata",
    "ops",
    "rules",
    "sources",
]
