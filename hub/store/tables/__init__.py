"""All tables of the main database, by domain; importing this package fills `metadata`."""

from hub.store.tables import (
    access,
    alerts,
    audit,
    consents,
    dispatch,
    drills,
    duty,
    grids,
    indicators,
    notices,
    ops,
    privacy,
    rules,
    sources,
    storms,
    timers,
    whistles,
)
from hub.store.tables.base import metadata

__all__ = [
    "access",
    "alerts",
    "audit",
    "consents",
    "dispatch",
    "drills",
    "duty",
    "grids",
    "indicators",
    "metadata",
    "notices",
    "ops",
    "privacy",
    "rules",
    "sources",
    "storms",
    "timers",
    "whistles",
]
