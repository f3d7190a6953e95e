"""Which rules fire too often, and what could be changed; nothing is changed here."""

from __future__ import annotations

from typing import Annotated

from hub.access.actions import Action, Subject
from hub.alerts.tuning.propose import noisy
from hub.alerts.tuning.repository import fired
from hub.api.guard import Hub, domain, may
from hub.api.reach import Within
from hub.api.schemas import Page
from hub.api.tuning.schemas import NoiseOut

router = domain("tuning")

LOOKED_AT_S = 86_400.0
MOST = 200


@router.get("/tuning")
def list_tuning(
    hub: Hub, _who: Annotated[Subject, may(Action.TUNING_READ)], within: Within
) -> Page[NoiseOut]:
    """Rules that opened alerts a hundred times in an hour, at one source or all, or mostly false
    ones; the worst first.

    Of the last day and of the ground of whoever asks, at most 200.
    """
    with hub.db.read() as tx:
        found = noisy(fired(tx, hub.clock.now() - LOOKED_AT_S, within))
    return Page(items=[NoiseOut.model_validate(each) for each in found[:MOST]])
