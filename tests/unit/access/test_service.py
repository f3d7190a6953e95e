"""Tokens: shown once, stored as a hash, ended at once; and the register of looks."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from hub.access import service
from hub.access.actions import Action, Role, Subject
from hub.access.grants import Grant
from hub.access.service import LookReason
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import counted_ids
from hub.store.db import Database
from hub.store.tables.access import tokens

NOW = 1_700_000_000.0
ZONE = ZoneInfo("Asia/Shanghai")
IDS = counted_ids("token")


def test_the_first_administrator_gets_a_token_once(db: Database) -> None:
    with db.write() as tx:
        plain = service.first_admin(tx, NOW, IDS)
    assert plain is not None
    assert len(plain) >= 43  # 256 bits in base 64

    with db.write() as tx:
        assert service.first_admin(tx, NOW, IDS) is None  # the second start prints nothing
        who = service.subject_of(tx, plain, NOW, ZONE)
        (token,) = service.list_tokens(tx)
        assert who == Subject("first administrator", (Grant(Role.ADMIN),), token=token.id)


def test_only_the_hash_is_stored(db: Database) -> None:
    with db.write() as tx:
        _, plain = service.issue(tx, "duty desk", [Grant(Role.OPERATOR)], NOW, IDS)
        rows = tx.execute(select(tokens)).all()
    assert all(plain not in str(value) for row in rows for value in row)


def test_a_token_that_is_unknown_or_revoked_is_nobody(db: Database) -> None:
    with db.write() as tx:
        token, plain = service.issue(tx, "duty desk", [Grant(Role.OPERATOR)], NOW, IDS)
        with pytest.raises(Forbidden, match="unknown"):
            service.subject_of(tx, plain + "x", NOW, ZONE)
        service.revoke(tx, token.id, NOW + 5)
        with pytest.raises(Forbidden) as refused:
            service.subject_of(tx, plain, NOW, ZONE)
        assert refused.value.code == "unauthenticated"
        with pytest.raises(NotFound):
            service.revoke(tx, token.id, NOW + 6)
        assert service.list_tokens(tx)[0].revoked_at == NOW + 5


def test_the_last_administrator_cannot_be_locked_out(db: Database) -> None:
    with db.write() as tx:
        service.first_admin(tx, NOW, IDS)
        (first,) = service.list_tokens(tx)
        with pytest.raises(Conflict) as refused:
            service.revoke(tx, first.id, NOW)
        assert refused.value.code == "last_admin"
        service.issue(tx, "second", [Grant(Role.ADMIN)], NOW + 1, IDS)
        service.revoke(tx, first.id, NOW + 2)


def test_looks_are_noted_together_and_the_same_look_once_a_moment(db: Database) -> None:
    who, other = Subject.of("Li", Role.OPERATOR), Subject.of("Wang", Role.OPERATOR)
    seen = [("live/a", LookReason.PATROL), ("live/b", LookReason.PATROL)]
    with db.write() as tx:
        service.note_looks(tx, who, Action.LIVE_WATCH, seen, NOW)
        service.note_looks(tx, who, Action.LIVE_WATCH, [*seen, ("live/c", LookReason.ALERT)], NOW)
        service.note_looks(tx, other, Action.LIVE_WATCH, seen[:1], NOW)
        service.note_looks(tx, who, Action.LIVE_WATCH, [("live/a", LookReason.ALERT)], NOW)
        service.note_looks(tx, who, Action.LIVE_WATCH, seen[:1], NOW + service.ONE_LOOK_S)
        looks = service.list_looks(tx, None, 100)
    assert [(look.actor, look.subject, look.reason.value) for look in reversed(looks)] == [
        ("Li", "live/a", "patrol"),
        ("Li", "live/b", "patrol"),
        ("Li", "live/c", "alert"),
        ("Wang", "live/a", "patrol"),
        ("Li", "live/a", "alert"),
        ("Li", "live/a", "patrol"),
    ]


@pytest.mark.parametrize("role", [Role.SENSOR, Role.ANYONE])
def test_no_token_is_given_for_a_role_that_shows_none(db: Database, role: Role) -> None:
    with db.write() as tx, pytest.raises(Refused) as refused:
        service.issue(tx, "odd", [Grant(role)], NOW, IDS)
    assert refused.value.code == "role_not_given"


def test_the_register_tells_who_looked_newest_first_and_by_pages(db: Database) -> None:
    who = Subject.of("Li at the desk", Role.OPERATOR)
    with db.write() as tx:
        for number in range(5):
            service.note_look(
                tx, who, Action.EVIDENCE_LOOK, f"picture/{number}", LookReason.ALERT, NOW + number
            )
        first = service.list_looks(tx, None, 3)
        rest = service.list_looks(tx, first[-1].seq, 3)
    assert [look.subject[-1] for look in (*first, *rest)] == ["4", "3", "2", "1", "0"]
    assert first[0].actor == "Li at the desk"
    assert first[0].reason is LookReason.ALERT
