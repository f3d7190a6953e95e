"""Where a page begins: what callers hand back is ours, or refused."""

from __future__ import annotations

import pytest

from hub.kit.errors import Refused
from hub.store.page import Cursor, page

TIMES = [9.25, 7.5, 7.5, 3.0, 1.125]
ENTRIES = [Cursor(at, f"id-{number}") for number, at in enumerate(reversed(TIMES))][::-1]


def ask(after: Cursor | None, limit: int) -> list[Cursor]:
    later = [e for e in ENTRIES if after is None or (e.at, e.id) < (after.at, after.id)]
    return later[:limit]


def test_pages_give_every_entry_once_and_end() -> None:
    shown: list[Cursor] = []
    after: str | None = None
    for expected in (2, 2, 1):
        got = page(ask, lambda entry: entry, after, 2)
        assert len(got.items) == expected
        shown += got.items
        after = got.next
    assert (shown, after) == (ENTRIES, None)
    assert page(ask, lambda entry: entry, None, len(ENTRIES)).next is None


def test_a_cursor_survives_the_way_to_a_caller_and_back() -> None:
    cursor = Cursor(1_700_000_000.1, "0199~x")
    assert Cursor.parse(cursor.text()) == cursor


@pytest.mark.parametrize("text", ["", "soon~id", "nan~id", "inf~id", "-inf~id"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        Cursor.parse(text)
    assert caught.value.code == "bad_cursor"
