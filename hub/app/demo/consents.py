"""What the owners of the demo's cameras have agreed to, so that its walls show pictures."""

from __future__ import annotations

from collections.abc import Iterable

from hub.access.consent import Mode, Terms
from hub.access.consents import service as consents
from hub.kit.ids import random_id
from hub.store.db import Database

AGREED = (
    Terms("柳溪集贸市场有限公司", Mode.ALWAYS),
    Terms("石桥化工有限公司", Mode.ALWAYS),
    Terms("柳溪中学", Mode.INCIDENT),
)
"""The enterprises show theirs always; the school while a matter of it is open, to be seen."""


def give_consents(database: str, now: float, agreed: Iterable[Terms] = AGREED) -> None:
    """Put them on file; an owner who has agreed to something in an earlier run is left alone."""
    db = Database(database)
    try:
        with db.write() as tx:
            standing = consents.standing(tx, now)
            for terms in agreed:
                if terms.owner in standing:
                    continue
                consents.give(
                    tx,
                    terms,
                    agreed_by="演示 Demo",
                    document="hub demo",
                    starts_at=None,
                    entered_by="hub demo",
                    now=now,
                    ids=random_id,
                )
    finally:
        db.close()
