"""Posts without people: one alert for each grid above them, as long as there is one."""

from __future__ import annotations

import pytest

from hub.access import accounts
from hub.access.grants import Grant
from hub.app.vacancies import LOOK_S, VacancyStep
from hub.duty import posts
from hub.duty.config import DutyConfig
from hub.duty.posts import Post
from hub.store.ground import paths
from hub.types.finding import Alert, Life, RuleKind, Severity
from hub.types.staff import Role
from tests.flow.centre import HERE, THERE, Centre

CONFIG = DutyConfig.model_validate({"posts": [{"role": "worker"}]})


@pytest.fixture
def step(centre: Centre) -> VacancyStep:
    return VacancyStep(centre.db, centre.clock, lambda _tx: None)


def look(centre: Centre, step: VacancyStep) -> None:
    """What the centre does each minute."""
    centre.wait(LOOK_S, every_s=LOOK_S)
    assert step.step(centre.desk, CONFIG) == LOOK_S


def told(centre: Centre) -> dict[str, Alert]:
    return {
        a.place: a
        for a in centre.alerts()
        if a.life is Life.ACTIVE and a.rule_kind is RuleKind.VACANCY
    }


def worker(centre: Centre, login: str, grid: str) -> str:
    ids, now = centre.desk.ids, centre.clock.now()
    with centre.db.write() as tx:
        return accounts.create(tx, login, login, [Grant(Role.WORKER, grid)], "x", now, ids).id


def test_a_post_that_falls_vacant_is_told_to_the_grid_above(
    centre: Centre, step: VacancyStep
) -> None:
    look(centre, step)
    assert told(centre) == {}, "nobody was ever meant to be there"
    lin, wu = worker(centre, "lin", HERE), worker(centre, "wu", THERE)
    look(centre, step)
    assert told(centre) == {}

    with centre.db.write() as tx:
        above = paths(tx, [HERE])[HERE][-2]
        accounts.disable(tx, lin, centre.clock.now())
    look(centre, step)
    alert = told(centre)[above]
    assert (alert.severity, alert.binding.grid_code) == (Severity.P4, above)
    assert alert.facts == {"posts": 1, "first": f"{HERE} worker"}

    with centre.db.write() as tx:
        accounts.disable(tx, wu, centre.clock.now())
    look(centre, step)
    live = told(centre)
    assert sum(int(each.facts["posts"]) for each in live.values()) == 2
    assert live[above].id == alert.id, "more of the same is the same alert"

    for login, grid in (("chen", HERE), ("zhao", THERE)):
        worker(centre, login, grid)
    look(centre, step)
    assert told(centre) == {}


def test_another_centre_sets_right_what_the_first_one_told(
    centre: Centre, step: VacancyStep
) -> None:
    post = Post(HERE, Role.OPERATOR, 1, "")
    with centre.db.write() as tx:
        posts.put(tx, post, "boss", centre.clock.now(), centre.desk.ids)
    look(centre, step)
    assert len(told(centre)) == 1
    with centre.db.write() as tx:
        posts.end(tx, post, "boss", centre.clock.now())
    look(centre, VacancyStep(centre.db, centre.clock, lambda _tx: None))
    assert told(centre) == {}


def test_who_takes_over_again_looks_anew(centre: Centre, step: VacancyStep) -> None:
    look(centre, step)
    with centre.db.write() as tx:
        post = Post(HERE, Role.OPERATOR, 1, "")
        posts.put(tx, post, "boss", centre.clock.now(), centre.desk.ids)
    other = VacancyStep(centre.db, centre.clock, lambda _tx: None)
    look(centre, other)
    with centre.db.write() as tx:
        posts.end(tx, post, "boss", centre.clock.now())
    look(centre, step)
    assert len(told(centre)) == 1, "to this centre nothing has changed"
    step.forget()
    look(centre, step)
    assert told(centre) == {}
