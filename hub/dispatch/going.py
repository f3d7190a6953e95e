"""What going out brings with it: the way is explained, and who is on duty there is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from hub.dispatch import repository, routing
from hub.dispatch.config import DispatchConfig
from hub.dispatch.notices.repository import put
from hub.dispatch.routing import Facts, Routing
from hub.types.duty import Notice, OnDuty, Roster
from hub.types.staff import Role
from hub.types.work import Incident

Path = tuple[str, ...]


@dataclass(slots=True)
class Ways:
    """The ways of what goes out in one transaction; the same place is asked about once."""

    tx: Connection
    at: float
    config: DispatchConfig
    roster: Roster
    _centres: dict[str, str] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _on_duty: dict[Path, Sequence[OnDuty]] = field(default_factory=dict)

    def look_up(self, paths: Iterable[Path]) -> None:
        """Ask for the centres of all these places at once."""
        codes = {code for path in paths for code in path} - self._asked
        self._centres |= repository.centre_by_grid(self.tx, codes, self.at)
        self._asked |= codes

    def of(self, path: Sequence[str], class_code: str) -> Routing:
        """The way of an incident of that class at that place."""
        here = tuple(path)
        self.look_up([here])
        if here not in self._on_duty:
            self._on_duty[here] = self.roster(self.tx, here, Role.WORKER, self.at)
        facts = Facts(here, self.config.classes.get(class_code))
        return routing.route(facts, self._centres, self._on_duty[here], self.config)


def tell(tx: Connection, task_id: str, incident: Incident, path: Sequence[str], at: float) -> None:
    """The workers on duty for the last grid of the path are told of an errand."""
    tell_all(tx, [(task_id, incident, path)], at)


def tell_all(
    tx: Connection, errands: Iterable[tuple[str, Incident, Sequence[str]]], at: float
) -> None:
    """The same of many."""
    put(tx, [_notice(*each, at) for each in errands])


def _notice(task_id: str, incident: Incident, path: Sequence[str], at: float) -> Notice:
    return Notice(
        key=f"dispatched/{task_id}",
        about=f"incident/{incident.id}",
        kind="dispatched",
        severity=incident.severity,
        grid_path=tuple(path),
        at=at,
        roles=frozenset({Role.WORKER}),
        exercise=incident.exercise,
    )
