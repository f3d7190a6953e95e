"""The files' entries into the database, which is the one truth at run time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from sqlalchemy import Connection

from hub.alerts import register as rule_register
from hub.api.places import bind
from hub.app.registry import Snapshot
from hub.config import HubConfig
from hub.dispatch.timers import service as clocks
from hub.grids import service as grids
from hub.grids.versions import service as versions
from hub.ingest import service as sources
from hub.kit.errors import Conflict, Misconfigured
from hub.kit.ids import Ids
from hub.store.db import Database
from hub.store.managed import Changes
from hub.store.secrets import SecretBox

T = TypeVar("T")

log = logging.getLogger(__name__)


def sync_files(tx: Connection, config: HubConfig, box: SecretBox, now: float, ids: Ids) -> None:
    """Upsert what the files say; entries gone from them are disabled, those of the API stay.

    Raises Misconfigured when the grids are refused (their topology, against what the API added).
    """
    clocks.keep_rules(tx, config.dispatch)
    clocks.adopt(tx, now)
    rules = {rule.id: rule.model_dump(mode="json") for rule in config.rules}
    done = {
        "rules.yaml": rule_register.rules().sync_file(tx, rules, "rules.yaml", now),
        "cameras.yaml": sources.cameras(box).sync_file(tx, config.cameras, "cameras.yaml", now),
        "brokers": sources.brokers(box).sync_file(tx, config.brokers, "sensors.yaml", now),
        "sensors.yaml": sources.sensors(box).sync_file(tx, config.sensors, "sensors.yaml", now),
    }
    for name, changes in done.items():
        _tell(name, changes)
    _sync_grids(tx, config, now, ids)


def _sync_grids(tx: Connection, config: HubConfig, now: float, ids: Ids) -> None:
    try:
        report = grids.import_features(
            tx,
            config.grids,
            now=now,
            ids=ids,
            origin="grids.geojson",
            exception=config.settings.grids.exception,
            sliver_m=config.settings.grids.sliver_m,
        )
    except Conflict as error:  # a redraw is planned: it was decided later than this file
        log.error("grids.geojson is not taken over: %s", error)
        return
    if not report.accepted:
        told = "\n".join(str(fault) for fault in report.faults)
        raise Misconfigured(f"grids.geojson is refused:\n{told}")


def settle_grids(db: Database, fence: Callable[[Connection], None], now: float) -> None:
    """Put planned versions of the grids in force once their moment has come."""
    with db.read() as tx:
        if not versions.due(tx, now):
            return
    with db.write() as tx:
        fence(tx)
        for no in versions.settle(tx, now):
            log.info("version %d of the grids is in force", no)


def _tell(name: str, changes: Changes) -> None:
    if changes:
        log.info(
            "%s: %d added, %d updated, %d disabled",
            name, len(changes.added), len(changes.updated), len(changes.disabled),
        )  # fmt: skip
    for id_ in changes.conflicts:
        log.warning("%s names %s, which was made through the api: the api's entry stays", name, id_)


def bind_sources(tx: Connection, snapshot: Snapshot, before: Snapshot | None, now: float) -> int:
    """Write down the grids of sources that are new or changed, or of all when the grids did.

    One that is disabled keeps its ground: whoever answers for it must find it again. Returns how
    many cameras were bound.
    """
    if before is None or before.grid_stamp != snapshot.grid_stamp:
        cameras = [entry.spec for entry in sources.cameras().list(tx)]
        sensors = [entry.spec for entry in sources.sensors().list(tx)]
    else:
        cameras = _changed(snapshot.cameras, before.cameras)
        sensors = _changed(snapshot.sensors, before.sensors)
        missing = _gone(before.cameras, snapshot.cameras)
        grids.unbind_cameras(tx, _gone(missing, sources.cameras().known(tx, missing)), now)
        missing = _gone(before.sensors, snapshot.sensors)
        grids.unbind_sensors(tx, _gone(missing, sources.sensors().known(tx, missing)), now)
    bind(tx, cameras, sensors, snapshot.binder, now)
    return len(cameras)


def _changed(now: Mapping[str, T], before: Mapping[str, T]) -> list[T]:
    return [spec for id_, spec in now.items() if before.get(id_) != spec]


def _gone(old: Iterable[str], new: Iterable[str]) -> list[str]:
    return sorted(set(old) - set(new))
