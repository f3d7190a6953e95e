"""Who may do what, and where: the table is closed, and nobody gains a right by accident."""

from __future__ import annotations

from typing import Any

import pytest

from hub.access.actions import ANYONE, GIVEN_ROLES, Action, Role, Subject
from hub.access.grants import UNIT_ROLES, Grant, Window
from hub.access.rights import OWN, UNTIL_CHANGED, WHOLE_SITE
from hub.access.rules import (
    MAY_GIVE,
    RIGHTS,
    allow,
    allow_at,
    covers,
    jurisdiction,
    may,
    may_give,
    rights_of,
    units,
)
from hub.api.incidents.words import ACTION_OF
from hub.dispatch.incident import INCIDENTS, TASKS, VERB_OF
from hub.dispatch.lives import Move, Verb
from hub.kit.errors import Forbidden, NotFound
from hub.types.staff import EVERYWHERE, NOWHERE, Jurisdiction

WHO = {
    role: Subject.of(f"some {role}", role, unit="school" if role in UNIT_ROLES else None)
    for role in Role
}
COUNTY, TOWN, OTHER, VILLAGE = "3706", "3706-1", "3706-2", "3706-1-7"
PATHS = {
    code: tuple(p)
    for code, p in {
        COUNTY: [COUNTY],
        TOWN: [COUNTY, TOWN],
        OTHER: [COUNTY, OTHER],
        VILLAGE: [COUNTY, TOWN, VILLAGE],
    }.items()
}
CASES = {a for a in Action if a.startswith("incidents.")} - {Action.INCIDENTS_READ}


def test_every_role_stands_in_the_tables() -> None:
    assert set(RIGHTS) == set(Role) == set(MAY_GIVE)


def test_every_action_is_somebodys() -> None:
    for action in Action:
        assert any(action in RIGHTS[role] for role in Role), action


def test_the_administrator_keeps_the_house_and_leaves_cases_to_those_who_answer() -> None:
    missing = frozenset(Action) - RIGHTS[Role.ADMIN]
    others = {
        Action.TASKS_ACCEPT,
        Action.TASKS_ON_WAY,
        Action.TASKS_ON_SCENE,
        Action.TASKS_DONE,
        Action.CONTACTS_READ,
        Action.CONSENTS_WRITE,
        Action.WHISTLES_CALL,
        Action.WHISTLES_ANSWER,
        Action.SUPERVISIONS_ANSWER,
        Action.EXPORTS_READ,
        Action.EXPORTS_ASK,
        Action.EXPORTS_DECIDE,
        Action.EXPORTS_FETCH,
        Action.HOLDS_WRITE,
    }
    assert missing == CASES | others


def test_who_shows_nothing_learns_that_the_hub_lives_what_its_api_is_and_where_to_log_in() -> None:
    assert RIGHTS[Role.ANYONE] == {
        Action.LIVENESS_READ,
        Action.SCHEMA_READ,
        Action.PAGES_READ,
        Action.SESSION_OPEN,
    }
    with pytest.raises(Forbidden) as refused:
        allow(Action.CAMERAS_READ, ANYONE)
    assert refused.value.code == "unauthenticated"


def test_a_sensor_can_only_report() -> None:
    assert RIGHTS[Role.SENSOR] - RIGHTS[Role.ANYONE] == {Action.READINGS_SUBMIT}


@pytest.mark.parametrize("role", GIVEN_ROLES)
def test_everybody_of_the_house_has_a_self(role: Role) -> None:
    assert RIGHTS[role] >= OWN


HOLDERS = {
    "sources": (
        {Action.CAMERAS_CREATE, Action.CAMERAS_UPDATE, Action.CAMERAS_DELETE}
        | {Action.CAMERAS_IMPORT, Action.CAMERAS_EXPORT}
        | {Action.SENSORS_CREATE, Action.SENSORS_UPDATE, Action.SENSORS_DELETE},
        {Role.ADMIN, Role.CAMERA_ADMIN},
    ),
    "the house": (
        {Action.RULES_CREATE, Action.RULES_UPDATE, Action.RULES_DELETE, Action.GRIDS_IMPORT}
        | {Action.TOKENS_READ, Action.TOKENS_CREATE, Action.TOKENS_REVOKE}
        | {Action.ACCOUNTS_CREATE, Action.ACCOUNTS_UPDATE},
        {Role.ADMIN},
    ),
    "staff": (
        {Action.GRANTS_GIVE, Action.GRANTS_END},
        {Role.ADMIN, Role.CHIEF, Role.CAMERA_ADMIN},
    ),
    "staff seen": (
        {Action.ACCOUNTS_READ, Action.GRANTS_READ},
        {Role.ADMIN, Role.CHIEF, Role.CAMERA_ADMIN, Role.PRIVACY},
    ),
    "looks": ({Action.LOOKS_READ}, {Role.ADMIN, Role.PRIVACY}),
    "audit": ({Action.AUDIT_READ}, {Role.ADMIN, Role.PRIVACY, Role.SUPERVISOR}),
    "consents": ({Action.CONSENTS_WRITE}, {Role.OWNER, Role.CAMERA_ADMIN}),
    "live": (
        {Action.LIVE_WATCH, Action.LAYOUTS_READ, Action.LAYOUTS_WRITE},
        {Role.ADMIN, Role.OPERATOR, Role.SHIFT_LEADER, Role.DISPATCHER, Role.CHIEF},
    ),
    "stills": (
        {Action.LIVE_PICTURE},
        {Role.ADMIN, Role.OPERATOR, Role.SHIFT_LEADER, Role.DISPATCHER, Role.CHIEF}
        | {Role.CAMERA_ADMIN},
    ),
    "errands": (
        {Action.TASKS_ACCEPT, Action.TASKS_ON_WAY, Action.TASKS_ON_SCENE, Action.TASKS_DONE},
        {Role.WORKER, Role.CHIEF, Role.CENTRE},
    ),
    "verdicts": (
        {Action.ALERTS_JUDGE, Action.ALERTS_ACKNOWLEDGE},
        {Role.ADMIN, Role.OPERATOR, Role.SHIFT_LEADER, Role.CENTRE},
    ),
    "the second word": ({Action.INCIDENTS_DECIDE}, {Role.SHIFT_LEADER, Role.SUPERVISOR}),
    "checking": (
        {Action.INCIDENTS_VERIFY},
        {Role.OPERATOR, Role.SHIFT_LEADER, Role.CHIEF, Role.SUPERVISOR},
    ),
    "who reported": ({Action.CONTACTS_READ}, {Role.OPERATOR, Role.SHIFT_LEADER}),
    "reporting": (
        {Action.INCIDENTS_REPORT},
        {Role.OPERATOR, Role.SHIFT_LEADER, Role.WORKER, Role.CHIEF, Role.DEPARTMENT, Role.CENTRE},
    ),
    "sending": (
        {Action.INCIDENTS_DISPATCH, Action.INCIDENTS_HAND_OVER},
        {Role.SHIFT_LEADER, Role.DISPATCHER, Role.CHIEF},
    ),
}


OPENED_BY = {Verb.REPORT: Action.INCIDENTS_REPORT, **ACTION_OF, Verb.TAKE_OVER: Action.TASKS_ACCEPT}
"""By which right each verb of an incident is said that is not the hub's alone."""


@pytest.mark.parametrize("what", HOLDERS)
def test_what_weighs_is_held_by_these_roles_and_no_other(what: str) -> None:
    actions, holders = HOLDERS[what]
    for action in actions:
        assert {role for role in Role if action in RIGHTS[role]} == holders, action


def movers(*verbs: Verb) -> set[Role]:
    moves: list[Move[Any]] = [*INCIDENTS.moves, *TASKS.moves]
    said = [move for move in moves if move.verb in verbs]
    return {who for move in said for who in move.who if isinstance(who, Role)}


def test_each_verb_that_people_say_is_opened_by_an_action() -> None:
    assert {verb for verb in Verb if movers(verb)} == set(OPENED_BY)


@pytest.mark.parametrize("action", sorted(set(OPENED_BY.values())))
def test_the_life_and_the_rights_name_the_same_roles(action: Action) -> None:
    verbs = [verb for verb, opened_by in OPENED_BY.items() if opened_by is action]
    assert movers(*verbs) == {role for role in Role if action in RIGHTS[role]}


@pytest.mark.parametrize("verb", VERB_OF.values())
def test_who_works_an_errand_is_who_may_move_its_case(verb: Verb) -> None:
    of_errand, of_case = (
        {move.who for move in moves if move.verb is verb}
        for moves in (list[Move[Any]](TASKS.moves), list[Move[Any]](INCIDENTS.moves))
    )
    assert of_errand == of_case
    assert len(of_case) == 1


def test_who_says_the_second_word_may_decide() -> None:
    seconds = {role for move in INCIDENTS.moves for role in move.approvers}
    assert seconds == {role for role in Role if Action.INCIDENTS_DECIDE in RIGHTS[role]}


def test_a_refusal_names_the_role_and_the_action() -> None:
    with pytest.raises(Forbidden, match=r"worker may not cameras\.delete") as refused:
        allow(Action.CAMERAS_DELETE, WHO[Role.WORKER])
    assert refused.value.code == "forbidden"


def test_who_must_change_the_password_can_do_that_and_nothing_else() -> None:
    who = Subject.of("new", Role.ADMIN, account="a-1", must_change=True)
    own = rights_of(who) - RIGHTS[Role.ANYONE]
    assert own == {Action.SELF_READ, Action.SELF_PASSWORD, Action.SESSION_CLOSE}
    assert jurisdiction(Action.CAMERAS_READ, who) == NOWHERE
    with pytest.raises(Forbidden) as refused:
        allow(Action.CAMERAS_READ, who)
    assert refused.value.code == "must_change"
    worker = Subject.of("new", Role.WORKER, account="a-2", must_change=True)
    with pytest.raises(Forbidden) as refused:
        allow(Action.CAMERAS_DELETE, worker)
    assert refused.value.code == "forbidden"
    owner = Subject.of("new", Role.OWNER, unit="school", must_change=True)
    assert units(Action.CONSENTS_WRITE, owner) == {}


def test_whose_grants_do_not_count_now_still_is_somebody() -> None:
    off_duty = Subject("Li Na", (), account="a-1")
    assert rights_of(off_duty) == OWN >= UNTIL_CHANGED
    with pytest.raises(Forbidden) as refused:
        allow(Action.FEED_READ, off_duty)
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize("role", [role for role in GIVEN_ROLES if role not in UNIT_ROLES])
def test_each_role_acts_on_its_ground_and_nowhere_else(role: Role) -> None:
    who = Subject.of("of the town", role, grid=TOWN)
    for action in Action:
        if action not in RIGHTS[role]:
            assert jurisdiction(action, who) == NOWHERE
            with pytest.raises(Forbidden):
                allow_at(action, who, PATHS[TOWN])
        elif action in WHOLE_SITE:
            assert not may(action, who)
        else:
            assert jurisdiction(action, who) == Jurisdiction(roots=frozenset({TOWN}))
            allow_at(action, who, PATHS[VILLAGE])
            for path in (PATHS[OTHER], PATHS[COUNTY], ()):
                with pytest.raises(NotFound, match="there is no alert 7"):
                    allow_at(action, who, path, "there is no alert 7")


@pytest.mark.parametrize("role", [role for role in GIVEN_ROLES if role not in UNIT_ROLES])
def test_on_the_whole_site_each_role_reaches_what_is_unbound(role: Role) -> None:
    for action in RIGHTS[role]:
        assert jurisdiction(action, WHO[role]) == EVERYWHERE
        allow_at(action, WHO[role], ())


def test_one_person_is_chief_here_and_on_patrol_there() -> None:
    who = Subject("Li Na", (Grant(Role.CHIEF, TOWN), Grant(Role.WORKER, OTHER)))
    assert who.roles == {Role.CHIEF, Role.WORKER}
    assert jurisdiction(Action.TASKS_ACCEPT, who).roots == {TOWN, OTHER}
    assert jurisdiction(Action.LIVE_WATCH, who).roots == {TOWN}
    assert not covers(Action.LIVE_WATCH, who, PATHS[OTHER])
    assert rights_of(who) == (RIGHTS[Role.CHIEF] | RIGHTS[Role.WORKER]) - WHOLE_SITE


@pytest.mark.parametrize("role", sorted(UNIT_ROLES))
def test_a_unit_sees_what_is_its_own_and_no_ground(role: Role) -> None:
    action = Action.CONSENTS_READ if role is Role.OWNER else Action.TASKS_READ
    who = Subject(
        "of two schools", (Grant(role, None, "east school"), Grant(role, TOWN, "west school"))
    )
    assert may(action, who)
    assert jurisdiction(action, who) == NOWHERE
    assert units(action, who) == {
        "east school": EVERYWHERE,
        "west school": Jurisdiction(roots=frozenset({TOWN})),
    }
    allow_at(action, who, (), unit="east school")
    allow_at(action, who, PATHS[VILLAGE], unit="west school")
    for path, unit in ((PATHS[OTHER], "west school"), (PATHS[TOWN], "north"), (PATHS[TOWN], None)):
        with pytest.raises(NotFound):
            allow_at(action, who, path, unit=unit)


@pytest.mark.parametrize("giver", GIVEN_ROLES)
def test_nobody_gives_more_than_the_table_says(giver: Role) -> None:
    for given in Role:
        there = MAY_GIVE[giver] & {given}
        grant = Grant(given, VILLAGE)
        town = Subject.of("of the town", giver, grid=TOWN)
        assert may_give(town, grant, PATHS[VILLAGE], Action.GRANTS_GIVE) is bool(there)
        assert not may_give(town, Grant(given), (), Action.GRANTS_GIVE)
        assert not may_give(town, Grant(given, OTHER), PATHS[OTHER], Action.GRANTS_GIVE)
        assert not may_give(town, Grant(given, COUNTY), PATHS[COUNTY], Action.GRANTS_GIVE)
        unit = "school" if giver in UNIT_ROLES else None
        county = Subject.of("of the county", giver, unit=unit)
        assert may_give(county, Grant(given), (), Action.GRANTS_GIVE) is bool(there)


def test_who_may_give_holds_the_right_to_and_no_more_than_himself() -> None:
    givers = {role for role, given in MAY_GIVE.items() if given}
    assert givers == {Role.ADMIN, Role.CHIEF, Role.CAMERA_ADMIN}
    for role in givers:
        assert Action.GRANTS_GIVE in RIGHTS[role]
    assert MAY_GIVE[Role.ADMIN] == set(Role) - {Role.SENSOR, Role.ANYONE}
    assert MAY_GIVE[Role.CHIEF] == {Role.WORKER}
    assert RIGHTS[Role.WORKER] <= RIGHTS[Role.CHIEF]
    assert MAY_GIVE[Role.CAMERA_ADMIN] == {Role.OWNER}
    assert RIGHTS[Role.OWNER] <= RIGHTS[Role.CAMERA_ADMIN]


def test_who_administers_for_a_time_does_not_make_it_for_good() -> None:
    holidays = Window(ends_at=2_000.0)
    deputy = Subject("Li Na", (Grant(Role.ADMIN, window=holidays),))
    for_good, for_now = Grant(Role.ADMIN), Grant(Role.ADMIN, window=Window(ends_at=1_999.0))
    for action in (Action.GRANTS_GIVE, Action.ACCOUNTS_UPDATE, Action.TOKENS_CREATE):
        assert may_give(deputy, for_now, (), action)
        assert not may_give(deputy, for_good, (), action)
    assert may_give(deputy, for_good, (), Action.GRANTS_END)


def test_a_chief_gives_workers_where_he_is_chief_and_not_where_he_patrols() -> None:
    who = Subject("Li Na", (Grant(Role.CHIEF, TOWN), Grant(Role.WORKER, OTHER)))
    give = Action.GRANTS_GIVE
    assert may_give(who, Grant(Role.WORKER, VILLAGE), PATHS[VILLAGE], give)
    assert not may_give(who, Grant(Role.WORKER, OTHER), PATHS[OTHER], give)
    assert not may_give(who, Grant(Role.WORKER, VILLAGE), PATHS[VILLAGE], Action.ACCOUNTS_UPDATE)
