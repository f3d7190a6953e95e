"""Sensors and panic buttons: the register, and what they report over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.api.bodies import Raw, described
from hub.api.deps import Deps
from hub.api.guard import Hub, domain, may
from hub.api.places import standing_of
from hub.api.reach import Within, refuse_outside
from hub.api.references import check_sensor, rules_by_id
from hub.api.schemas import Limit, Page
from hub.api.sensors.schemas import SensorIn, SensorOut, Spooled
from hub.api.sensors.topics import refuse_foreign_topics
from hub.grids import service as grids
from hub.ingest import readings
from hub.ingest import service as sources
from hub.kit.errors import Conflict
from hub.store.records import reading_to_json
from hub.store.spool import RecordKind
from hub.types.scene import Reading
from hub.types.site import SensorSpec
from hub.types.staff import Jurisdiction

PRESSED = "pressed"

router = domain("sensors")


@router.get("/sensors")
def list_sensors(
    hub: Hub,
    _who: Annotated[Subject, may(Action.SENSORS_READ)],
    within: Within,
    text: Annotated[str, Query(max_length=100)] = "",
    after: str = "",
    limit: Limit = 100,
) -> Page[SensorOut]:
    """Sensors by id; `text` is looked for in id, name and owner."""
    with hub.db.read() as tx:
        found = sources.sensors().list(
            tx, text=text, after_id=after, limit=limit + 1, within=within
        )
    shown = found[:limit]
    more = shown[-1].spec.id if len(found) > limit else None
    return Page(items=[SensorOut.of(entry) for entry in shown], next=more)


@router.post("/sensors", status_code=201)
def create_sensor(
    body: SensorIn, hub: Hub, _who: Annotated[Subject, may(Action.SENSORS_CREATE)], within: Within
) -> SensorOut:
    """Register a sensor or a panic button.

    403 `outside_jurisdiction` where it stands elsewhere, or a sensor elsewhere has its topic.
    """
    spec, now, binder = body.spec(), hub.clock.now(), hub.binder()
    refuse_outside(within, standing_of(spec, binder))
    with hub.write() as tx:
        check_sensor(spec, rules_by_id(tx), _broker_ids(tx))
        refuse_foreign_topics(tx, within, None, spec)
        entry = sources.sensors(hub.secrets).create(tx, spec, now)
        grids.bind_sensors(tx, grids.sensor_standing([spec], binder), now)
    return SensorOut.of(entry)


@router.get("/sensors/{sensor_id}")
def read_sensor(
    sensor_id: str, hub: Hub, _who: Annotated[Subject, may(Action.SENSORS_READ)], within: Within
) -> SensorOut:
    """One sensor."""
    with hub.db.read() as tx:
        return SensorOut.of(sources.sensors().get(tx, sensor_id, within=within))


@router.put("/sensors/{sensor_id}")
def update_sensor(
    sensor_id: str,
    body: SensorIn,
    hub: Hub,
    _who: Annotated[Subject, may(Action.SENSORS_UPDATE)],
    within: Within,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> SensorOut:
    """Replace a registration; a token that is left out stays, an empty one is removed.

    403 `outside_jurisdiction` for one that would stand elsewhere then, or gets a topic that a
    sensor elsewhere has.
    """
    spec, now, binder = body.named(sensor_id), hub.clock.now(), hub.binder()
    with hub.write() as tx:
        before = sources.sensors().get(tx, sensor_id, within=within).spec
        refuse_outside(within, standing_of(spec, binder))
        check_sensor(spec, rules_by_id(tx), _broker_ids(tx))
        refuse_foreign_topics(tx, within, before, spec)
        entry = sources.sensors(hub.secrets).update(tx, spec, now, version=version)
        grids.bind_sensors(tx, grids.sensor_standing([spec], binder), now)
    return SensorOut.of(entry)


@router.delete("/sensors/{sensor_id}", status_code=204)
def delete_sensor(
    sensor_id: str, hub: Hub, _who: Annotated[Subject, may(Action.SENSORS_DELETE)], within: Within
) -> None:
    """Take a sensor out of the register; its alerts stay."""
    now = hub.clock.now()
    with hub.write() as tx:
        sources.sensors().get(tx, sensor_id, within=within)
        sources.sensors(hub.secrets).delete(tx, sensor_id, now)
        grids.unbind_sensors(tx, [sensor_id], now)


@router.post(
    "/sensors/{sensor_id}/readings",
    status_code=202,
    max_body_size=readings.PAYLOAD_BYTES_MAX,
    openapi_extra=described("application/json", {}),
)
def submit_readings(
    sensor_id: str,
    body: Raw,
    hub: Hub,
    _who: Annotated[Subject, may(Action.READINGS_SUBMIT, own_token=True)],
    within: Within,
) -> Spooled:
    """One message of a sensor, read by the paths of its registration; 202 means on our disk."""
    sensor = _reporting(hub, sensor_id, within)
    return _spool(hub, readings.parse(sensor, body, hub.clock.now()))


@router.post(
    "/sensors/{sensor_id}/press",
    status_code=202,
    max_body_size=readings.PAYLOAD_BYTES_MAX,
    openapi_extra=described("application/json", {}, required=False),
)
def press_button(
    sensor_id: str,
    body: Raw,
    hub: Hub,
    _who: Annotated[Subject, may(Action.READINGS_SUBMIT, own_token=True)],
    within: Within,
) -> Spooled:
    """A panic button was pressed; a body is read like a reading where the button has paths."""
    sensor, now = _reporting(hub, sensor_id, within), hub.clock.now()
    if body and sensor.readings:
        return _spool(hub, readings.parse(sensor, body, now))
    return _spool(hub, (Reading(sensor_id, PRESSED, 1.0, "", now, now),))


def _broker_ids(tx: Connection) -> set[str]:
    return {entry.spec.id for entry in sources.brokers().list(tx)}


def _reporting(hub: Deps, sensor_id: str, within: Jurisdiction) -> SensorSpec:
    with hub.db.read() as tx:
        entry = sources.sensors().get(tx, sensor_id, within=within)
    if not entry.enabled:
        raise Conflict(f"sensor {sensor_id} is disabled", code="disabled")
    return entry.spec


def _spool(hub: Deps, found: tuple[Reading, ...]) -> Spooled:
    bodies = [reading_to_json(reading) for reading in found]
    seqs = hub.spool.append(RecordKind.READING, bodies)
    return Spooled(readings=len(seqs), records=tuple(f"{hub.spool.producer}:{seq}" for seq in seqs))
