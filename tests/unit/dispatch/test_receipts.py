"""What consumers report is read with care."""

from __future__ import annotations

import pytest

from hub.dispatch.receipts import parse
from hub.kit.clock import iso
from hub.kit.errors import Permanent
from hub.types.staff import Role
from hub.types.work import Receipt, TaskAction
from tests.unit.dispatch.given import NOW

GOOD = {b"task_id": b"t-1", b"action": b"accept", b"by": "小王".encode(), b"key": b"k-1"}


def test_the_least_that_is_needed() -> None:
    assert parse(GOOD, NOW) == Receipt(
        "t-1", TaskAction.ACCEPT, NOW, "小王", "k-1", roles=frozenset({Role.CENTRE})
    )


def test_all_of_it() -> None:
    more = {
        b"action": b"done",
        b"at": iso(NOW - 60).encode(),
        b"note": "已处置".encode(),
        b"photo_ids": b"p1, p2,",
        b"colour": b"ignored",
    }
    got = parse(GOOD | more, NOW)
    assert (got.at, got.note, got.photo_ids) == (NOW - 60, "已处置", ("p1", "p2"))


def test_a_clock_that_runs_ahead_is_held_to_ours() -> None:
    assert parse(GOOD | {b"at": iso(NOW + 3600).encode()}, NOW).at == NOW


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({b"action": b"explode"}, "action"),
        ({b"task_id": b""}, "task_id"),
        ({b"by": b"\xff\xfe"}, "UTF-8"),
        ({b"\xff": b"x"}, "UTF-8"),
        ({b"key": b"a\x00b"}, "NUL"),
        ({b"note": b"n" * 4001}, "note"),
        ({b"at": b"yesterday"}, "at"),
        ({b"at": b"2026-01-01T00:00:00"}, "time zone"),
        ({b"photo_ids": b"../../etc/passwd"}, "photo_ids"),
        ({b"photo_ids": b"[" * 5000}, "photo_ids"),
    ],
)
def test_what_cannot_be_read_is_named(wrong: dict[bytes, bytes], named: str) -> None:
    with pytest.raises(Permanent, match=named) as refused:
        parse(GOOD | wrong, NOW)
    assert refused.value.code == "unreadable_receipt"


@pytest.mark.parametrize("key", sorted(GOOD))
def test_a_missing_field_is_named(key: bytes) -> None:
    with pytest.raises(Permanent, match=key.decode()):
        parse({name: value for name, value in GOOD.items() if name != key}, NOW)
