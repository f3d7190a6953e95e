"""The centre of the timelines."""

from __future__ import annotations

import pytest

from hub.kit.clock import SimClock
from hub.store.db import Database
from tests.flow.centre import Centre
from tests.flow.staff import Staff


@pytest.fixture
def centre(db: Database, clock: SimClock) -> Centre:
    """A centre over three cameras and a smoke sensor, awake, with nothing told yet."""
    return Centre(db, clock)


@pytest.fixture
def staff(centre: Centre) -> Staff:
    """Its people."""
    return Staff(centre)
