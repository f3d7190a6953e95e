"""What is said late, twice, or by whoever has an interest in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.dispatch import message, service
from hub.dispatch.cases import errands, joining, keys, reporting, verifying
from hub.dispatch.cases.joining import Part
from hub.dispatch.cases.keys import Deed, digest
from hub.dispatch.cases.reporting import Handling
from hub.dispatch.config import Sampling
from hub.dispatch.lives import Verb
from hub.store.db import Database
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.work import Incident, IncidentState, Receipt, TaskAction
from tests.unit.dispatch.given import CONFIG, IN_FIELD, an_alert, file
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import refused

NEVER = CONFIG.model_copy(update={"sampling": Sampling(P1=0, P2=0, P3=0, P4=0)})


@pytest.mark.parametrize("action", [TaskAction.ON_WAY, TaskAction.ON_SCENE, TaskAction.DONE])
def test_nothing_is_received_of_what_is_suspended(db: Database, action: TaskAction) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = town.filed()
        town.act(case.id, TaskAction.ACCEPT)
        town.granted(case.id, Verb.SUSPEND, Role.WORKER, "weather")
        [task] = town.tasks(case.id, open=True)
        late = Receipt(task.id, action, town.now, "小王", "late-key", "已处理", roles=IN_FIELD)
        with refused("incident_is_suspended"), tx.begin_nested():
            service.act(tx, late)
        assert town.tasks(case.id, open=True) == [task], "nothing of it is written"


def test_a_key_is_used_again_only_for_the_same_words(db: Database) -> None:
    with db.write() as tx:
        first = Deed("key-1", "incident-1", "file", "小李", 1.0, digest('{"hold":true}'))
        assert keys.once(tx, first, lambda: "answer") == "answer"
        assert keys.once(tx, replace(first, at=2.0), lambda: "never") == "answer"
        with refused("key_reused"):
            keys.once(tx, replace(first, said=digest('{"hold":false}')), lambda: "never")
        old = Deed("key-2", "incident-1", "file", "小李", 1.0)
        keys.once(tx, old, lambda: "of before")
        said = replace(old, said=digest("{}"))
        assert keys.once(tx, said, lambda: "never") == "of before", "nobody knows what was said"


def settled(town: Town, by: str, lowered_by: str | None, to: Severity = Severity.P4) -> Incident:
    """Reported as P2, taken in, and dealt with on the spot by somebody."""
    made = town.report(Severity.P2)
    word = town.word(Role.OPERATOR, by=lowered_by or "小李")
    reporting.triage(town.tx, made.id, word, severity=to if lowered_by else None)
    done = Handling("已清理", "夜间无法拍照")
    said = town.word(Role.OPERATOR, by=by)
    return reporting.settle(town.tx, made.id, done, said, NEVER)


def test_what_somebody_lowered_and_then_settled_is_always_verified_by_another(
    db: Database,
) -> None:
    with db.write() as tx:
        town = Town(tx)
        own = settled(town, "小李", lowered_by="小李")
        assert own.state is IncidentState.VERIFYING
        assert (
            settled(town, "小李", lowered_by="小李", to=Severity.P1).state is IncidentState.CLOSED
        )
        assert settled(town, "小李", lowered_by=None).state is IncidentState.CLOSED
        other = settled(town, "小王", lowered_by="小李")
        assert other.state is IncidentState.VERIFYING, "two may agree as well"
        with refused("own_work"):
            verifying.accept(tx, own.id, town.word(Role.SUPERVISOR, by="小李"))
        closed = verifying.accept(tx, own.id, town.word(Role.SUPERVISOR))
        assert closed.state is IncidentState.CLOSED


@pytest.mark.parametrize("way", ["split", "merge"])
def test_neither_a_split_nor_a_merger_frees_who_lowered_it(db: Database, way: str) -> None:
    with db.write() as tx:
        town = Town(tx)
        made, other = town.report(Severity.P2), town.filed(Severity.P4)
        lower = town.word(Role.OPERATOR, by="小李")
        reporting.triage(tx, made.id, lower, severity=Severity.P4)
        errands.file(tx, made.id, town.word(Role.OPERATOR), town.office, hold=True)
        word = town.word(Role.OPERATOR)
        if way == "split":
            done = joining.split(tx, made.id, Part("另一处"), word, town.office)
        else:
            joining.merge(tx, made.id, other.id, word)
            done = town.see(other.id)
        town.handled(done.id)
        verifying.begin(tx, done.id, town.word(Role.SUPERVISOR))
        with refused("own_work"):
            verifying.accept(tx, done.id, town.word(Role.SUPERVISOR, by="小李"))
        passed = verifying.accept(
            tx, done.id, town.word(Role.SUPERVISOR), no_evidence="夜间无法拍照"
        )
        assert passed.state is IncidentState.CLOSED


def test_who_lowered_it_does_not_verify_what_others_handled(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.report(Severity.P2)
        word = town.word(Role.OPERATOR)
        reporting.triage(tx, made.id, word, severity=Severity.P3)
        errands.file(tx, made.id, town.word(Role.OPERATOR), town.office)
        town.handled(made.id)
        with refused("own_work"):
            verifying.begin(tx, made.id, town.word(Role.OPERATOR))
        assert verifying.begin(tx, made.id, town.word(Role.SUPERVISOR)).state == "verifying"


def test_a_message_counts_the_alerts_it_leaves_out_and_the_log_knows_them_all(
    db: Database,
) -> None:
    more = 3
    count = message.MAX_REPORTS + more
    with db.write() as tx:
        town = Town(tx)
        for number in range(count):
            wait_s = 0.0 if number == count - 1 else 60.0
            case = file(tx, an_alert(f"alert-{number:02}"), wait_s=wait_s, ids=town.ids)
        [task] = town.tasks(case.id)
        assert task.message["alerts_left_out"] == more
        assert len(case.alert_ids) == count
        lone = file(tx, an_alert("alone"), group_key="other", ids=town.ids)
        [task] = town.tasks(lone.id)
        assert task.message["alerts_left_out"] == 0
