"""Something in every state in which a clock runs, and when each of its clocks is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from bench.prove import due
from bench.prove.due import SENT, Due
from hub.dispatch.cases import errands, reporting, verifying
from hub.dispatch.lives import Verb
from hub.dispatch.timers import service as clocks
from hub.dispatch.whistles import service as whistles
from hub.kit.ids import random_id
from hub.types.finding import Policy, Severity
from hub.types.staff import Role
from hub.types.whistle import WhistlePart
from hub.types.work import TaskAction
from tests.unit.dispatch.given import CONFIG, PATH, an_alert, file, store_alert
from tests.unit.dispatch.people import Town

P1, P2, P3 = Severity.P1, Severity.P2, Severity.P3
WAITS_H = (0.1, 0.7, 1.5, 2.3, 3.1, 4.2, 5.4)
"""How long after the start group waits are over; one that began in the future would not be one."""
FILED_BEFORE_S = 3 * 3600.0
ERRAND = (TaskAction.ACCEPT, TaskAction.ON_WAY, TaskAction.ON_SCENE, TaskAction.DONE)


@dataclass(slots=True)
class Planted:
    """What stands in the database, and what has to be told of it.

    Of those that are `waiting` only that is judged: clocks of their own begin when they go out.
    """

    due: list[Due] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    subjects: int = 0


class Planter:
    """Makes cases in one transaction; each begins at `at`, every word of it a minute later."""

    def __init__(self, tx: Connection, at: float) -> None:
        self.town = Town(tx, random_id)
        self._at = at
        self.made = Planted()

    def everything(self) -> Planted:
        """One of each state and kind."""
        states: tuple[Callable[[], None], ...] = (
            self._reported,
            self._triaged,
            self._held,
            self._dispatched,
            self._returned,
            *(lambda count=count: self._out(count) for count in range(1, len(ERRAND) + 1)),
            self._suspended,
            self._verifying,
            *(lambda count=count: self._whistle(count) for count in range(3)),
            lambda: self._reported(P3),
            lambda: self._alert(P3),
            *(lambda hours=hours: self._waiting(hours) for hours in WAITS_H),
        )
        for make in (*states, self._alert):
            self._begin(make)
        return self.made

    def short(self) -> Planted:
        """What is due soon: made again and again, so that whatever happens finds some."""
        for make in (self._reported, self._dispatched, self._alert):
            self._begin(make)
        return self.made

    def _begin(self, make: Callable[[], None]) -> None:
        self.town.now = self._at
        self.made.subjects += 1
        make()

    def _runs(self, subject: str, *names: str, since: float, severity: Severity = P1) -> None:
        for name in names:
            self.made.due += due.step(subject, name, since, severity, CONFIG)

    # -- before it goes out ----------------------------------------------------------------------

    def _reported(self, severity: Severity = P1) -> None:
        made = self.town.report(severity)
        self._runs(made.id, "file", since=self.town.now, severity=severity)

    def _triaged(self) -> None:
        made = self.town.report(P1)
        self._runs(made.id, "file", since=self.town.now)
        reporting.triage(self.town.tx, made.id, self.town.word(Role.OPERATOR))

    def _held(self) -> None:
        made = self.town.filed(P1, hold=True)
        self._runs(made.id, "file", since=self._at + 60)

    def _waiting(self, hours: float) -> None:
        ends = self._at + hours * 3600
        began = self._at - FILED_BEFORE_S
        alert = an_alert(random_id(), severity=P2, raised_at=began)
        made = file(
            self.town.tx, alert, now=began, wait_s=ends - began, group_key=alert.id, ids=random_id
        )
        self.made.due.append(Due(made.id, "wait", SENT, ends))
        self.made.waiting.add(made.id)

    def _alert(self, severity: Severity = P1) -> None:
        alert = an_alert(
            random_id(), severity=severity, policy=Policy.VERIFY_FIRST, raised_at=self._at + 60
        )
        store_alert(self.town.tx, alert)
        clocks.begin_verdicts(self.town.tx, [alert], CONFIG)
        self._runs(alert.id, "verdict", since=alert.raised_at, severity=severity)

    # -- on its way ------------------------------------------------------------------------------

    def _dispatched(self) -> None:
        made = self.town.filed(P1)
        self._runs(made.id, "accept", "on_scene", "handle", since=self.town.now)
        accept_s = CONFIG.timers.of(P1).accept_s
        self.made.due += due.climbing(made.id, len(PATH) - 1, accept_s)

    def _returned(self) -> None:
        made = self.town.filed(P1)
        self._runs(made.id, "on_scene", "handle", since=self.town.now)
        errands.give_back(self.town.tx, made.id, self.town.word(Role.WORKER, "not_mine"))
        self._runs(made.id, "file", since=self.town.now)

    def _out(self, count: int) -> None:
        """So many words of an errand have been said."""
        made = self.town.filed(P1)
        out = self.town.now
        self.town.act(made.id, *ERRAND[:count])
        if ERRAND[count - 1] is TaskAction.DONE:
            self._runs(made.id, "verify", since=self.town.now)
            return
        there = TaskAction.ON_SCENE in ERRAND[:count]
        self._runs(made.id, *(("handle",) if there else ("on_scene", "handle")), since=out)
        self._runs(made.id, "silence", since=self.town.now)

    def _suspended(self) -> None:
        made = self.town.filed(P1)
        self.town.act(made.id, TaskAction.ACCEPT)
        self.town.granted(made.id, Verb.SUSPEND, Role.WORKER, "weather")
        self._runs(made.id, "silence", since=self.town.now)

    def _verifying(self) -> None:
        made = self.town.filed(P1)
        self.town.handled(made.id)
        self._runs(made.id, "verify", since=self.town.now)
        verifying.begin(self.town.tx, made.id, self.town.word(Role.SUPERVISOR))

    # -- departments -----------------------------------------------------------------------------

    def _whistle(self, count: int) -> None:
        """A department is called to a case that is being worked on, and has said so many words."""
        self._out(3)
        case = self.made.due[-1].subject_id
        tx, word = self.town.tx, self.town.word
        lead = whistles.Call("fire", WhistlePart.LEAD)
        made = whistles.call(tx, case, lead, word(Role.DISPATCHER), CONFIG, random_id)
        called = self.town.now
        for say in (whistles.sign, whistles.contact)[:count]:
            say(tx, made.id, word(Role.DEPARTMENT))
        name, given_s = list(_department())[count]
        self.made.due += due.whistled(made.id, name, called, given_s)


def _department() -> Iterator[tuple[str, float]]:
    """The steps of a department; where nothing is written they follow the case's own allowances."""
    given, timers = CONFIG.whistles.P1, CONFIG.timers.of(P1)
    sign_s = given.sign_s or timers.accept_s
    yield "sign", sign_s
    yield "contact", given.contact_s or 2 * sign_s
    yield "report", given.report_s or timers.handle_s
