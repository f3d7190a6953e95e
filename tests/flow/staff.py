"""The people of a centre, and what is printed of a case that they dealt with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from hub.dispatch import service as dispatch
from hub.dispatch.cases import reporting, timeline, verifying
from hub.dispatch.cases.errands import Office
from hub.dispatch.cases.life import Word
from hub.dispatch.cases.reporting import Draft
from hub.dispatch.page import TaskFilter
from hub.grids import service as grids
from hub.types.finding import Binding, Severity
from hub.types.staff import Role
from hub.types.work import Incident, Origin, Receipt, TaskAction
from tests.flow.centre import CONFIG, HERE, Centre

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86400.0

WANG, LI = ("网格员王强", Role.WORKER), ("受理员李娜", Role.OPERATOR)
CHEN, ZHAO = ("督查员陈静", Role.SUPERVISOR), ("值班长赵敏", Role.SHIFT_LEADER)
SUN, LIU = ("派遣员孙伟", Role.DISPATCHER), ("消防刘洋", Role.DEPARTMENT)
WU, HE = ("镇综治办吴斌", Role.CHIEF), ("社区民警何军", Role.WORKER)


class Staff:
    """The people of one centre: what they say, now."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.office = Office(CONFIG, centre.ids)

    def word(self, who: tuple[str, Role], reason: str = "", note: str = "") -> Word:
        return Word(who[0], frozenset({who[1]}), self.centre.clock.now(), reason, note)

    def there(self, code: str) -> Binding:
        with self.centre.db.read() as tx:
            return grids.load_binder(tx).bind_named(code)

    def do(self, what: Any, *args: Any, **more: Any) -> Any:
        with self.centre.db.write() as tx:
            return what(tx, *args, **more)

    def report(self, who: tuple[str, Role], origin: Origin, **more: Any) -> Incident:
        fields: dict[str, Any] = {
            "title": "校门口井盖缺失",
            "description": "",
            "severity": Severity.P3,
            "binding": self.there(HERE),
            **more,
        }
        draft = Draft(origin, **fields)
        made: Incident = self.do(reporting.report, draft, self.word(who), self.office)
        return made

    def later(self, seconds: float) -> None:
        """Time passes, and the hub's clocks see it."""
        self.centre.wait(seconds, every_s=min(seconds, 10.0))

    def act(self, who: tuple[str, Role], action: TaskAction, after_s: float, **more: Any) -> None:
        """Somebody on the ground does the next thing about the newest task."""
        self.later(after_s)
        now = self.centre.clock.now()
        with self.centre.db.write() as tx:
            task = dispatch.tasks(tx, TaskFilter(open=True)).items[0]
            key = f"{task.id}/{action}"
            roles = frozenset({who[1]})
            dispatch.act(tx, Receipt(task.id, action, now, who[0], key, roles=roles, **more))

    def handle(self, who: tuple[str, Role], note: str, **more: Any) -> None:
        self.act(who, TaskAction.ACCEPT, 40)
        self.act(who, TaskAction.ON_WAY, 20)
        self.act(who, TaskAction.ON_SCENE, 5 * MINUTE_S)
        self.act(who, TaskAction.DONE, 10 * MINUTE_S, note=note, **more)

    def see(self, incident_id: str) -> Incident:
        with self.centre.db.read() as tx:
            return dispatch.incident(tx, incident_id)

    def verify(self, who: tuple[str, Role], incident_id: str) -> Incident:
        self.later(15 * MINUTE_S)
        begun: Incident = self.do(verifying.begin, incident_id, self.word(who))
        return begun


def printed(tx: Connection, incident_id: str, began: float) -> list[str]:
    """The timeline as people read it: minutes since the beginning, who, what, from, to, why."""
    lines = []
    for entry in timeline.told(tx, incident_id).entries:
        passed = round(entry.at - began)
        states = f"{entry.before or '-'} > {entry.after}"
        pictures = f" [{' '.join(entry.evidence_ids)}]" if entry.evidence_ids else ""
        what = f"{entry.entity} {entry.what}"
        lines.append(
            f"{passed // 60:6d}:{passed % 60:02d} | {entry.actor} | {what} | {states}"
            f" | {entry.reason}{pictures}".rstrip()
        )
    return lines
