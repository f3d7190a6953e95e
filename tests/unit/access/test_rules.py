"""Who may do what: the table is closed, and nobody gains a right by accident."""

from __future__ import annotations

import pytest

from hub.access.actions import ANYONE, Action, Role, Subject
from hub.access.rules import RIGHTS, allow, may, rights_of
from hub.kit.errors import Forbidden

WHO = {role: Subject(f"some {role}", role) for role in Role}


def test_every_role_stands_in_the_table() -> None:
    assert set(RIGHTS) == set(Role)


def test_the_administrator_may_do_everything() -> None:
    assert all(may(action, WHO[Role.ADMIN]) for action in Action)


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


def test_only_the_administrator_writes_the_registers_and_gives_tokens() -> None:
    guarded = {
        Action.CAMERAS_CREATE,
        Action.CAMERAS_UPDATE,
        Action.CAMERAS_DELETE,
        Action.CAMERAS_IMPORT,
        Action.CAMERAS_EXPORT,
        Action.SENSORS_CREATE,
        Action.SENSORS_UPDATE,
        Action.SENSORS_DELETE,
        Action.RULES_CREATE,
        Action.RULES_UPDATE,
        Action.RULES_DELETE,
        Action.GRIDS_IMPORT,
        Action.TOKENS_READ,
        Action.TOKENS_CREATE,
        Action.TOKENS_REVOKE,
        Action.LOOKS_READ,
        Action.ACCOUNTS_READ,
        Action.ACCOUNTS_CREATE,
        Action.ACCOUNTS_UPDATE,
    }
    for role in set(Role) - {Role.ADMIN}:
        assert not RIGHTS[role] & guarded, role


def test_a_refusal_names_the_role_and_the_action() -> None:
    with pytest.raises(Forbidden, match=r"worker may not cameras\.delete") as refused:
        allow(Action.CAMERAS_DELETE, WHO[Role.WORKER])
    assert refused.value.code == "forbidden"


def test_live_video_is_for_the_desk_alone() -> None:
    for action in (Action.LIVE_WATCH, Action.LIVE_PICTURE, Action.LAYOUTS_WRITE):
        holders = {role for role in Role if action in RIGHTS[role]}
        assert holders == {Role.OPERATOR, Role.ADMIN}, action


def test_who_must_change_the_password_can_do_that_and_nothing_else() -> None:
    who = Subject("new", Role.ADMIN, account="a-1", must_change=True)
    own = rights_of(who) - RIGHTS[Role.ANYONE]
    assert own == {Action.SELF_READ, Action.SELF_PASSWORD, Action.SESSION_CLOSE}
    with pytest.raises(Forbidden) as refused:
        allow(Action.CAMERAS_READ, who)
    assert refused.value.code == "must_change"
    worker = Subject("new", Role.WORKER, account="a-2", must_change=True)
    with pytest.raises(Forbidden) as refused:
        allow(Action.CAMERAS_DELETE, worker)
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize("role", [Role.WORKER, Role.CENTRE, Role.OPERATOR])
def test_everyone_on_duty_may_look_at_evidence_and_act_on_tasks(role: Role) -> None:
    for action in (Action.EVIDENCE_LOOK, Action.TASKS_ACCEPT, Action.TASKS_DONE):
        allow(action, WHO[role])
