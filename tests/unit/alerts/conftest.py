"""One fixture that the tests of the centre's side share."""

from __future__ import annotations

import pytest

from hub.alerts import service
from hub.alerts.admission import Admission
from hub.kit.ids import random_id
from hub.store.db import Database
from hub.types.finding import Finding
from tests.unit.alerts.desk import RULES, Tell, bind


@pytest.fixture
def tell(db: Database) -> Tell:
    """Admit one finding, numbered as it comes, half a second after it was raised."""
    seq = iter(range(1, 1_000_000))

    def admit(told: Finding, finding_id: str | None = None) -> Admission:
        with db.write() as tx:
            return service.admit(
                tx,
                finding_id or f"w1.aaaa:{next(seq)}",
                told,
                rule=RULES.get(told.rule_id),
                bind=bind,
                now=told.raised_at + 0.5,
                ids=random_id,
            )

    return admit
