"""Layouts of the wall: one's own, the shared ones, and who may change which."""

from __future__ import annotations

import pytest

from hub.access import layouts
from hub.access.actions import Role, Subject
from hub.access.layouts import BODY_BYTES_MAX, LAYOUTS_MAX, Draft
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import counted_ids
from hub.store.db import Database
from tests.unit.access.people import NOW, register

IDS = counted_ids("layout")
BODY = {"tiles": 16, "cameras": ["cam-1"]}
ROBOT = Subject.of("first administrator", Role.ADMIN)


def someone(db: Database, login: str, role: Role = Role.OPERATOR) -> Subject:
    account = register(db, login, role)
    return Subject.of(account.name, role, account=account.id)


def names(db: Database, who: Subject) -> list[str]:
    with db.read() as tx:
        return [layout.name for layout in layouts.list_layouts(tx, who)]


def test_one_sees_ones_own_and_what_is_shared(db: Database) -> None:
    li, zhao = someone(db, "li.na"), someone(db, "zhao.min")
    with db.write() as tx:
        layouts.create(tx, li, Draft("b night", False, BODY), NOW, IDS)
        layouts.create(tx, li, Draft("a gates", True, BODY), NOW, IDS)
        layouts.create(tx, zhao, Draft("c schools", False, BODY), NOW, IDS)
        layouts.create(tx, ROBOT, Draft("d county", True, BODY), NOW, IDS)
        shown = layouts.list_layouts(tx, zhao)
    assert names(db, li) == ["a gates", "b night", "d county"]
    assert [(x.name, x.owner, x.mine) for x in shown] == [
        ("a gates", "li.na at work", False),
        ("c schools", "zhao.min at work", True),
        ("d county", None, False),
    ]
    assert shown[0].body == BODY


def test_only_the_owner_or_an_administrator_changes_one(db: Database) -> None:
    li, zhao = someone(db, "li.na"), someone(db, "zhao.min")
    admin = someone(db, "boss", Role.ADMIN)
    with db.write() as tx:
        shared = layouts.create(tx, li, Draft("gates", True, BODY), NOW, IDS)
        own = layouts.create(tx, li, Draft("night", False, BODY), NOW, IDS)
        house = layouts.create(tx, ROBOT, Draft("county", True, BODY), NOW, IDS)
    draft = Draft("mine now", True, {})
    for layout, error, code in (
        (shared, Forbidden, "not_yours"),
        (house, Forbidden, "not_yours"),
        (own, NotFound, "not_found"),  # that there is one is nobody's business
    ):
        with db.write() as tx:
            with pytest.raises(error) as refused:
                layouts.change(tx, zhao, layout.id, draft, 1, NOW)
            assert refused.value.code == code
            with pytest.raises(error) as refused:
                layouts.delete(tx, zhao, layout.id)
            assert refused.value.code == code
    with db.write() as tx:
        assert layouts.change(tx, admin, own.id, draft, 1, NOW).version == 2
        layouts.delete(tx, li, shared.id)
        layouts.delete(tx, admin, house.id)
    assert names(db, li) == ["mine now"]


def test_two_who_change_one_do_not_overwrite_each_other(db: Database) -> None:
    li = someone(db, "li.na")
    with db.write() as tx:
        made = layouts.create(tx, li, Draft("gates", True, BODY), NOW, IDS)
        layouts.change(tx, li, made.id, Draft("gates 2", True, {"tiles": 4}), 1, NOW)
    with db.write() as tx, pytest.raises(Conflict) as refused:
        layouts.change(tx, li, made.id, Draft("gates 3", True, BODY), 1, NOW)
    assert refused.value.code == "stale_version"
    with db.read() as tx:
        (kept,) = layouts.list_layouts(tx, li)
    assert (kept.name, kept.body, kept.version) == ("gates 2", {"tiles": 4}, 2)


def test_there_is_an_end_to_their_size_and_number(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LAYOUTS_MAX == 200
    monkeypatch.setattr(layouts, "LAYOUTS_MAX", 2)
    li = someone(db, "li.na")
    with db.write() as tx:
        for number in range(2):
            layouts.create(tx, li, Draft(f"{number}", False, {}), NOW, IDS)
        with pytest.raises(Refused) as refused:
            layouts.create(tx, li, Draft("one more", False, {}), NOW, IDS)
        assert refused.value.code == "too_many"
        layouts.create(tx, ROBOT, Draft("the house counts for itself", False, {}), NOW, IDS)
        with pytest.raises(Refused) as refused:
            layouts.create(tx, ROBOT, Draft("big", False, {"x": "y" * BODY_BYTES_MAX}), NOW, IDS)
        assert refused.value.code == "too_large"
