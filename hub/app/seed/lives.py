"""Lives of incidents, walked over the tables of `dispatch/incident.py` with times and people.

Each step asks the table for its move, so a life that the hub would refuse cannot be written. A step
that would lie beyond the end of the year is not taken: such a case is open.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.app.seed.people import Staff
from hub.dispatch import clocks, message, routing
from hub.dispatch.config import DispatchConfig
from hub.dispatch.incident import INCIDENTS, TASKS
from hub.dispatch.lives import HUB, Verb, Who
from hub.dispatch.reasons import REASONS
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.work import Due, IncidentState, TaskState

_I = IncidentState
Row = Mapping[str, Any]

CHANCES: Mapping[IncidentState, tuple[tuple[Verb, float], ...]] = {
    _I.REPORTED: ((Verb.TRIAGE, 0.95), (Verb.VOID, 0.05)),
    _I.TRIAGED: ((Verb.FILE, 0.85), (Verb.SETTLE, 0.12), (Verb.VOID, 0.03)),
    _I.FILED: ((Verb.DISPATCH, 1.0),),
    _I.DISPATCHED: ((Verb.ACCEPT, 0.93), (Verb.RETURN, 0.05), (Verb.VOID, 0.02)),
    _I.RETURNED: ((Verb.FILE, 1.0),),
    _I.ACCEPTED: (
        (Verb.SET_OUT, 0.8), (Verb.FINISH, 0.1), (Verb.SUSPEND, 0.05), (Verb.EXTEND, 0.05)
    ),
    _I.ON_WAY: ((Verb.ARRIVE, 0.97), (Verb.SUSPEND, 0.03)),
    _I.ON_SCENE: ((Verb.FINISH, 0.94), (Verb.SUSPEND, 0.03), (Verb.EXTEND, 0.03)),
    _I.SUSPENDED: ((Verb.RESUME, 1.0),),
    _I.HANDLED: ((Verb.VERIFY, 1.0),),
    _I.VERIFYING: ((Verb.PASS, 0.93), (Verb.REWORK, 0.07)),
    _I.REWORK: ((Verb.DISPATCH, 1.0),),
    _I.CLOSED: ((Verb.ARCHIVE, 0.98), (Verb.REOPEN, 0.02)),
    _I.ARCHIVED: ((Verb.RATE, 1.0),),
}  # fmt: skip
"""What happens next, and how often; a state that is not here is an end."""

_ROLES = {
    Verb.TRIAGE: Role.OPERATOR,
    Verb.SETTLE: Role.WORKER,
    Verb.FILE: Role.DISPATCHER,
    Verb.DISPATCH: Role.DISPATCHER,
    Verb.PASS: Role.CHIEF,
    Verb.REWORK: Role.SUPERVISOR,
    Verb.REOPEN: Role.SUPERVISOR,
    Verb.RATE: Role.ASSESSOR,
    Verb.VOID: Role.OPERATOR,
}
"""Everything else in the field is the worker's."""
_INSTEAD = {Role.WORKER: (Role.CHIEF,), Role.CHIEF: (Role.SUPERVISOR,)}
_BY_HUB = frozenset({Verb.VERIFY, Verb.ARCHIVE})
_SECOND = frozenset({Verb.VOID, Verb.SUSPEND, Verb.EXTEND})
_TASK_VERBS = frozenset({Verb.ACCEPT, Verb.SET_OUT, Verb.ARRIVE, Verb.FINISH})
_ENDS_TASK = frozenset({Verb.RETURN, Verb.VOID})
_STAMPS = {
    Verb.ACCEPT: "accepted_at",
    Verb.SET_OUT: "on_way_at",
    Verb.ARRIVE: "on_scene_at",
    Verb.FINISH: "done_at",
}
_DISPOSITIONS = ("已现场处置", "已清理恢复", "已劝离并复查", "已通知权属单位修复", "经核实已消除")
STEPS_MAX = 40
NOBODY = "hub"
"""The actor of what nobody did by hand."""


@dataclass(frozen=True, slots=True)
class Begin:
    """How a life begins: its first row, the reports for the message, and on which ground."""

    values: Mapping[str, Any]
    reports: tuple[dict[str, Any], ...]
    path: tuple[str, ...]
    severity: Severity
    alert_ids: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The incident's."""
        return str(self.values["id"])


@dataclass(slots=True)
class Life:
    """One incident from its beginning to its end, or to the end of the year."""

    begin: Begin
    state: IncidentState
    at: float
    row: dict[str, Any]
    lines: list[Row] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    approvals: list[Row] = field(default_factory=list)
    task_lines: list[Row] = field(default_factory=list)
    worker: str = ""
    came_from: IncidentState | None = None


class Walker:
    """Walks lives; the same dice walk the same ones."""

    def __init__(
        self, staff: Staff, config: DispatchConfig, rng: random.Random, until: float
    ) -> None:
        self._staff = staff
        self._config = config
        self._rng = rng
        self._until = until

    def walk(self, begin: Begin, at: float, verb: Verb, by: str) -> Life:
        """A life that begins at that moment by that verb (`report`, or `file` by the hub)."""
        who: Who = HUB if verb is Verb.FILE else Role.OPERATOR
        state = INCIDENTS.find(None, verb, (who,)).end or IncidentState.REPORTED
        due = self._due(begin.severity, at)
        row = dict(begin.values) | clocks.columns(due) | {"opened_at": at}
        life = Life(begin, state, at, row)
        self._note(life, verb.value, None, by)
        for _ in range(STEPS_MAX):
            if life.state not in CHANCES or not self._step(life):
                break
        life.row |= {
            "state": life.state.value,
            "version": len(life.lines),
            "updated_at": life.at,
            "severity": begin.severity.value,
            "dispatch_at": life.tasks[0]["created_at"] if life.tasks else None,
        }
        return life

    def _due(self, severity: Severity, at: float) -> Due:
        return clocks.due(severity, at, self._config)

    def _step(self, life: Life) -> bool:
        """One move; False when the year is over before it."""
        verbs, weights = zip(*CHANCES[life.state], strict=True)
        verb: Verb = self._rng.choices(verbs, weights)[0]
        if verb is Verb.RATE and self._rng.random() < 0.5:
            return False
        at = life.at + self._pause(life, verb)
        if at >= self._until:
            return False
        life.at = at
        if verb in _SECOND:
            self._ask(life, verb)
        else:
            self._move(life, verb, self._who(life, verb))
        return True

    def _pause(self, life: Life, verb: Verb) -> float:
        timers = self._config.timers.of(life.begin.severity)
        usual_s = {
            Verb.TRIAGE: timers.file_s * 0.4,
            Verb.FILE: timers.file_s * 0.5,
            Verb.DISPATCH: timers.group_wait_s + 1.0,
            Verb.ACCEPT: timers.accept_s * 0.6,
            Verb.ARRIVE: (timers.on_scene_s or timers.handle_s * 0.2) * 0.5,
            Verb.FINISH: timers.handle_s * 0.3,
            Verb.VERIFY: 1.0,
            Verb.RESUME: 2 * 86400.0,
            Verb.ARCHIVE: self._config.archive_after_s,
            Verb.RATE: 86400.0,
        }.get(verb, timers.accept_s)
        if verb is Verb.ARCHIVE:
            return usual_s
        return 1.0 + self._rng.expovariate(1 / max(1.0, usual_s))

    def _who(self, life: Life, verb: Verb) -> tuple[Who, str]:
        """The role, and the name."""
        automatic = verb is Verb.DISPATCH and (life.begin.alert_ids or life.state is _I.REWORK)
        if verb in _BY_HUB or automatic:
            return HUB, NOBODY
        role = _ROLES.get(verb, Role.WORKER)
        if role is Role.WORKER and life.worker:
            return role, life.worker
        for each in (role, *_INSTEAD.get(role, ())):
            person = self._staff.nearest(each, life.begin.path, self._rng)
            # Nobody verifies their own work.
            own = verb is Verb.PASS and person is not None and person.name == life.row["handled_by"]
            if person is not None and not own:
                return each, person.name
        return role, NOBODY

    def _move(self, life: Life, verb: Verb, who: tuple[Who, str], reason: str = "") -> None:
        role, name = who
        before, life.state = (
            life.state,
            INCIDENTS.move(life.state, verb, role, back_to=life.came_from),
        )
        if not reason and verb in REASONS:
            reason = self._rng.choice(sorted(REASONS[verb]))
        self._note(life, verb.value, before, name, reason)
        self._values(life, verb, name)
        self._errand(life, verb, name)

    def _ask(self, life: Life, verb: Verb) -> None:
        """What needs a second person: asked for, and granted a little later."""
        asker = self._who(life, verb)
        reason = self._rng.choice(sorted(REASONS[verb]))
        asked_at, until = life.at, None
        self._note(life, f"ask_{verb.value}", life.state, asker[1], reason)
        granted_at = asked_at + self._rng.expovariate(1 / 1800.0)
        if verb is Verb.EXTEND:
            until = float(life.row["handle_by"]) + 86400.0
        ask = {
            "id": f"{life.begin.id}-a{len(life.approvals) + 1}",
            "incident_id": life.begin.id,
            "verb": verb.value,
            "reason": reason,
            "until": until,
            "asked_by": asker[1],
            "asked_at": asked_at,
        }
        if granted_at >= self._until:
            life.approvals.append(ask | {"state": "asked"})
            life.at = self._until
            return
        leader = self._staff.nearest(Role.SHIFT_LEADER, life.begin.path, self._rng)
        by = NOBODY if leader is None else leader.name
        life.approvals.append(
            ask | {"state": "granted", "decided_by": by, "decided_at": granted_at}
        )
        life.at = granted_at
        if verb is Verb.SUSPEND:
            life.came_from = life.state
            life.row["resumes_to"] = life.state.value
        if until is not None:
            life.row["handle_by"] = until
        move = INCIDENTS.find(life.state, verb, (asker[0],))
        before, life.state = life.state, move.end or life.state
        self._note(life, verb.value, before, by, reason)
        self._values(life, verb, by)
        self._errand(life, verb, by)

    def _values(self, life: Life, verb: Verb, name: str) -> None:
        row = life.row
        if verb in (Verb.FINISH, Verb.SETTLE):
            row |= {"handled_by": name, "handled_at": life.at}
            row |= {"disposition": self._rng.choice(_DISPOSITIONS), "no_evidence": "现场无需拍照"}
            row["self_handled"] = verb is Verb.SETTLE
        if life.state in (_I.CLOSED, _I.VOID):
            row["closed_at"] = life.at
        if verb is Verb.REOPEN:
            row["closed_at"] = None
        if verb is Verb.RESUME:
            row["resumes_to"] = None
        if verb is Verb.RATE:
            row["rating"] = self._rng.choices((5, 4, 3, 2, 1), (60, 25, 10, 3, 2))[0]

    def _errand(self, life: Life, verb: Verb, name: str) -> None:
        """What the move is to the errand."""
        if life.state is _I.DISPATCHED:
            life.tasks.append(self._task(life))
            self._tell(life, life.tasks[-1], verb.value, None, NOBODY, life.at)
            self._task_moves(life, Verb.DELIVER, HUB, NOBODY, life.at + 0.2)
        elif verb in _TASK_VERBS and life.tasks:
            self._task_moves(life, verb, Role.WORKER, name, life.at)
            life.tasks[-1][_STAMPS[verb]] = life.at
            if verb is Verb.ACCEPT:
                life.worker = name
                life.tasks[-1]["assignee"] = name
        elif verb in _ENDS_TASK and life.tasks and life.tasks[-1]["state"] != TaskState.DONE.value:
            self._task_moves(life, Verb.VOID, HUB, NOBODY, life.at)
            life.worker = ""

    def _task(self, life: Life) -> dict[str, Any]:
        begin, number = life.begin, len(life.tasks) + 1
        route = routing.plan(begin.path, {}, self._config)
        due = Due(life.row["accept_by"], life.row["on_scene_by"], life.row["handle_by"])
        errand = message.Errand(
            task_id=f"{begin.id}-t{number}",
            incident_id=begin.id,
            alert_ids=begin.alert_ids or (begin.id,),
            opened_at=life.row["opened_at"],
            dispatched_at=life.at,
            due=due,
        )
        return {
            "id": errand.task_id,
            "incident_id": begin.id,
            "centre": route.centre.id,
            "grid_code": life.row["grid_code"],
            "state": TaskState.QUEUED.value,
            "message": message.compose(errand, begin.reports, route),
            "created_at": life.at,
            "version": 1,
        }

    def _task_moves(self, life: Life, verb: Verb, role: Who, name: str, at: float) -> None:
        task = life.tasks[-1]
        before = TaskState(task["state"])
        task["state"] = TASKS.move(before, verb, role).value
        task["version"] += 1
        self._tell(life, task, verb.value, before.value, name, at)

    def _tell(
        self, life: Life, task: dict[str, Any], what: str, before: str | None, by: str, at: float
    ) -> None:
        task["updated_at"] = at
        said = {"what": what, "from_state": before, "to_state": task["state"], "actor": by}
        life.task_lines.append(
            {"entity": "task", "entity_id": task["id"], "version": task["version"], "at": at}
            | said
            | {"reason": "", "device": None}
        )

    def _note(
        self, life: Life, what: str, before: IncidentState | None, by: str, reason: str = ""
    ) -> None:
        life.lines.append(
            {
                "entity": "incident",
                "entity_id": life.begin.id,
                "version": len(life.lines) + 1,
                "at": life.at,
                "what": what,
                "from_state": before,
                "to_state": life.state.value,
                "reason": reason,
                "actor": by,
                "device": None,
            }
        )
