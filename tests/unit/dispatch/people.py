"""People who say things about incidents, for the tests of the cases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from hub.dispatch import service
from hub.dispatch.cases import approvals, errands, reporting, verifying
from hub.dispatch.cases.errands import Office
from hub.dispatch.cases.life import Word
from hub.dispatch.cases.reporting import Draft
from hub.dispatch.lives import Verb, Who
from hub.dispatch.page import TaskFilter
from hub.kit.ids import Ids, counted_ids
from hub.store.tables.dispatch import incidents
from hub.types.finding import Binding, Severity
from hub.types.staff import Role
from hub.types.work import DispatchTask, Incident, Origin, Receipt, TaskAction
from tests.unit.dispatch.given import CONFIG, HERE, IN_FIELD, NOW

NAMES: dict[Who, str] = {
    Role.WORKER: "小王",
    Role.OPERATOR: "小李",
    Role.DISPATCHER: "小孙",
    Role.SHIFT_LEADER: "老赵",
    Role.SUPERVISOR: "老陈",
    Role.CHIEF: "老周",
    Role.ASSESSOR: "老吴",
    Role.DEPARTMENT: "消防刘洋",
}


class Town:
    """One transaction of a town: who says what, a minute after the word before."""

    def __init__(self, tx: Connection, ids: Ids | None = None) -> None:
        self.tx = tx
        self.now = NOW
        self.ids = ids or counted_ids("id")
        self.office = Office(CONFIG, self.ids)

    def word(self, role: Role, reason: str = "", **more: Any) -> Word:
        self.now += 60
        by = more.pop("by", NAMES[role])
        return Word(by, frozenset({role}), self.now, reason, **more)

    def report(self, severity: Severity = Severity.P3, **more: Any) -> Incident:
        binding: Binding = more.pop("binding", HERE)
        draft = Draft(Origin.COUNTER, "井盖缺失", "", severity, binding, **more)
        return reporting.report(self.tx, draft, self.word(Role.OPERATOR), self.office)

    def filed(self, severity: Severity = Severity.P3, *, hold: bool = False) -> Incident:
        made = self.report(severity)
        reporting.triage(self.tx, made.id, self.word(Role.OPERATOR))
        word = self.word(Role.OPERATOR)
        return errands.file(self.tx, made.id, word, self.office, hold=hold)

    def tasks(self, incident_id: str, **more: Any) -> list[DispatchTask]:
        wanted = TaskFilter(incident_id=incident_id, **more)
        return list(service.tasks(self.tx, wanted).items)

    def act(self, incident_id: str, *actions: TaskAction, by: str = "小王") -> Incident:
        for action in actions:
            self.now += 60
            [task] = self.tasks(incident_id, open=True)
            key = f"{task.id}/{action}/{self.now:.0f}"
            said = Receipt(task.id, action, self.now, by, key, "已处理", roles=IN_FIELD)
            service.act(self.tx, said)
        return self.see(incident_id)

    def handled(self, incident_id: str) -> Incident:
        return self.act(incident_id, TaskAction.ACCEPT, TaskAction.ON_SCENE, TaskAction.DONE)

    def closed(self, incident_id: str) -> Incident:
        verifying.begin(self.tx, incident_id, self.word(Role.SUPERVISOR))
        word = self.word(Role.SUPERVISOR)
        return verifying.accept(self.tx, incident_id, word, no_evidence="夜间无法拍照")

    def granted(self, incident_id: str, verb: Verb, role: Role, reason: str, **more: Any) -> None:
        asked = approvals.ask(self.tx, incident_id, verb, self.word(role, reason), self.ids, **more)
        approvals.decide(self.tx, asked.id, True, self.word(Role.SHIFT_LEADER))

    def see(self, incident_id: str) -> Incident:
        return service.incident(self.tx, incident_id)

    def row(self, incident_id: str) -> Any:
        return self.tx.execute(select(incidents).where(incidents.c.id == incident_id)).one()
