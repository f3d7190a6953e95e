"""Posts of grids: of the file or set by hand; who holds them, and which vacancies are told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from shapely.geometry import box
from sqlalchemy import select, update

from hub.access import accounts
from hub.access.grants import Window
from hub.duty import posts, shifts
from hub.duty.config import DutyConfig
from hub.duty.posts import Post, Vacancies
from hub.duty.turns import Shift
from hub.grids import repository as grid_rows
from hub.grids.tree import Grid, GridKind
from hub.kit.errors import Conflict, NotFound, Refused
from hub.store.db import Database
from hub.store.tables.grids import grids
from hub.types.staff import Jurisdiction, Role
from tests.unit.duty.town import COUNTY, EAST, START, TOWN, VILLAGE, WEST, County

CONFIG = DutyConfig.model_validate(
    {
        "posts": [
            {"tier": 3, "role": "worker", "wanted": 2, "title": "网格员"},
            {"role": "chief"},
            {"tier": 3, "role": "worker"},
            {"kind": "police", "role": "worker"},
        ]
    }
)
LATER = START + 86400.0


@pytest.fixture
def county(db: Database) -> Iterator[County]:
    with db.write() as tx:
        yield County.of(tx)


def at(county: County, grid: str, config: DutyConfig = CONFIG) -> dict[Role, tuple[int, int, bool]]:
    """Wanted, missing and whether it is told, by role."""
    found = posts.standings(county.tx, config, LATER, grid=grid)
    return {each.post.role: (each.post.wanted, each.missing, each.told) for each in found}


def told(county: County) -> list[Vacancies]:
    return posts.vacancies(posts.standings(county.tx, CONFIG, LATER))


def test_a_grid_has_the_posts_of_its_kind_and_depth_the_first_that_fits(county: County) -> None:
    assert at(county, EAST) == {Role.WORKER: (2, 2, False), Role.CHIEF: (1, 1, False)}
    assert at(county, TOWN) == {Role.CHIEF: (1, 1, False)}
    assert at(county, TOWN, DutyConfig()) == {}


def test_a_county_s_first_day_begins_in_silence(county: County) -> None:
    assert told(county) == []


def test_a_post_that_was_held_once_is_told_to_the_grid_above(county: County) -> None:
    lin = county.worker("lin")
    assert at(county, EAST)[Role.WORKER] == (2, 1, True)
    assert at(county, WEST)[Role.WORKER] == (2, 2, False)
    county.worker("wu")
    assert told(county) == []
    accounts.disable(county.tx, lin, START)
    assert told(county) == [Vacancies(VILLAGE, 1, f"{EAST} worker")]
    county.worker("chen")
    assert told(county) == []


def redraw(county: County, ends: str, *begins: str, parent: str = VILLAGE) -> None:
    """The next version of the grids: one ends, others begin."""
    no = len(set(county.tx.execute(select(grids.c.version)).scalars())) + 1
    gone = update(grids).where(grids.c.code == ends, grids.c.present)
    county.tx.execute(gone.values(ended_in=no, valid_to=LATER, present=False))
    made = [
        (Grid(code, code, GridKind.CIVIL, "plain", parent, box(0, 0, 1, 1)), 3) for code in begins
    ]
    grid_rows.add(
        county.tx, made, managed_by="api", origin=None, now=LATER, ids=county.ids, version=no
    )


def test_who_is_missing_on_the_new_grids_of_a_redraw_is_told(county: County) -> None:
    """Split where somebody was: the heirs have nobody, and that is no first day."""
    county.worker("lin", EAST)
    county.worker("wu", EAST)
    assert told(county) == []
    redraw(county, EAST, "c-t-v-1", "c-t-v-2")
    assert told(county) == [Vacancies(VILLAGE, 2, "c-t-v-1 worker")]
    assert at(county, "c-t-v-2") == {Role.WORKER: (2, 2, True), Role.CHIEF: (1, 1, False)}
    for login in ("chen", "zhao"):
        county.worker(login, "c-t-v-1")
    assert told(county) == [Vacancies(VILLAGE, 1, "c-t-v-2 worker")]


def test_what_a_redraw_makes_where_nobody_ever_was_begins_in_silence(county: County) -> None:
    county.worker("lin", EAST)
    county.worker("wu", EAST)
    redraw(county, WEST, "c-t-v-3")
    assert told(county) == []


def test_vacancies_are_one_for_each_grid_above_and_a_root_stands_for_itself(
    county: County,
) -> None:
    for grid in (EAST, WEST):
        county.worker(f"w-{grid}", grid)
    post = Post(COUNTY, Role.OPERATOR, 1, "受理员")
    posts.put(county.tx, post, "boss", START, county.ids)
    assert told(county) == [
        Vacancies(COUNTY, 1, f"{COUNTY} operator"),
        Vacancies(VILLAGE, 2, f"{EAST} worker"),
    ]


def test_hours_make_no_post_vacant_but_a_grant_that_is_over_does(county: County) -> None:
    hours = Window(from_minute=480, to_minute=481)
    county.worker("lin", window=hours)
    county.worker("wu", window=Window(ends_at=LATER + 1))
    assert at(county, EAST)[Role.WORKER] == (2, 0, False)
    county.worker("zhao", WEST, Window(ends_at=LATER))
    assert at(county, WEST)[Role.WORKER] == (2, 2, True)


def test_who_holds_the_role_above_does_not_hold_the_post(county: County) -> None:
    county.worker("lin")
    county.worker("wu", TOWN)
    county.worker("chen", None)
    assert at(county, EAST)[Role.WORKER] == (2, 1, True)


def test_one_set_by_hand_takes_the_place_of_the_file_until_it_is_ended(county: County) -> None:
    made = posts.put(county.tx, Post(EAST, Role.WORKER, 1, "一组"), "boss", START, county.ids)
    assert at(county, EAST)[Role.WORKER] == (1, 1, True)
    none = posts.put(county.tx, Post(EAST, Role.WORKER, 0, ""), "boss", START, county.ids)
    assert at(county, EAST)[Role.WORKER] == (0, 0, False)
    with pytest.raises(NotFound):
        posts.get(county.tx, made.id or "")
    posts.end(county.tx, posts.get(county.tx, none.id or ""), "boss", LATER)
    assert at(county, EAST)[Role.WORKER] == (2, 2, False)


def test_nobody_has_to_be_there_as_an_administrator(county: County) -> None:
    with pytest.raises(Refused) as refused:
        posts.put(county.tx, Post(EAST, Role.ADMIN, 1, ""), "boss", START, county.ids)
    assert refused.value.code == "no_posted_role"


def test_of_a_jurisdiction_only(county: County) -> None:
    found = posts.standings(
        county.tx, CONFIG, LATER, within=Jurisdiction(roots=frozenset({VILLAGE}))
    )
    assert {each.post.grid for each in found} == {VILLAGE, EAST, WEST}


def test_shifts_of_the_file_and_of_a_town(county: County) -> None:
    made = shifts.add(county.tx, Shift("", "夏班", 360, 840, TOWN), START, county.ids)
    on = shifts.all_shifts(county.tx, DutyConfig())
    assert [each.id for each in on] == ["early", "late", "night", made.id]
    assert made in shifts.on(on, (COUNTY, TOWN, VILLAGE))
    assert made not in shifts.on(on, (COUNTY,))
    with pytest.raises(Conflict) as taken:
        shifts.add(county.tx, Shift("", "夏班", 0, 60, TOWN), START, county.ids)
    assert taken.value.code == "name_taken"
    with pytest.raises(Refused, match="of one day"):
        shifts.add(county.tx, Shift("", "坏班", 1440, 60), START, county.ids)
    with pytest.raises(Conflict) as files:
        shifts.end(county.tx, shifts.get(county.tx, DutyConfig(), "early"), LATER)
    assert files.value.code == "managed_by_file"
    shifts.end(county.tx, made, LATER)
    with pytest.raises(NotFound):
        shifts.get(county.tx, DutyConfig(), made.id)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"posts": [{"role": "admin"}]}, "no role with posts"),
        ({"posts": [{"role": "worker", "wanted": 0}]}, "greater than or equal to 1"),
        ({"shifts": [{"id": "a", "name": "a", "from": "25:00", "to": "08:00"}]}, "pattern"),
        ({"shifts": [{"id": "a", "name": "a", "from": "24:00", "to": "08:00"}]}, "begins at 24:00"),
        ({"shifts": [{"id": "a", "name": "a", "from": "08:00", "to": "16:00"}] * 2}, "twice"),
    ],
)
def test_what_duty_yaml_may_not_say(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DutyConfig.model_validate(given)
