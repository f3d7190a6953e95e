"""Whose topics are whose: who answers for one town does not listen to another's sensors."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.ingest import service as sources
from hub.ingest.sensing import topics_of
from hub.kit.errors import Forbidden
from hub.types.site import SensorSpec
from hub.types.staff import Jurisdiction


def refuse_foreign_topics(
    tx: Connection, within: Jurisdiction, before: SensorSpec | None, after: SensorSpec
) -> None:
    """Return if no sensor elsewhere has one of the topics that this one gets.

    What comes on a topic is told of every sensor that has it. Raises Forbidden
    (`outside_jurisdiction`).
    """
    stays = before is not None and before.broker == after.broker
    gets = topics_of(after) - (topics_of(before) if before is not None and stays else frozenset())
    if within.everywhere or not gets:
        return
    users = {
        entry.spec.id
        for entry in sources.sensors().list(tx)
        if entry.spec.broker == after.broker and gets & topics_of(entry.spec)
    }
    if users - sources.sensors().known(tx, users, within=within):
        raise Forbidden(
            f"{after.id}: a sensor outside your jurisdiction has this topic",
            code="outside_jurisdiction",
        )
