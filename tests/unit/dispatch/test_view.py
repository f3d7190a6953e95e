"""What the server shows against what was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.dispatch.outbox.view import ZERO, EntryId, Loss, Mark, Pending, View, loss, poisonous

MARK = Mark(epoch=2, assigned=12, sent=10, waiting=False, unacked_from=None, receipts_after="0-0")
WELL = View(
    last=EntryId(2, 10),
    delivered=EntryId(2, 6),
    first=EntryId(2, 3),
    lowest_pending=EntryId(2, 4),
    deleted=EntryId(2, 3),
    pending=(),
    after=0,
    through=6,
    complete=True,
)


def changed(**values: object) -> View:
    return replace(WELL, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "view",
    [
        WELL,
        changed(last=EntryId(2, 12)),  # added, not yet marked
        changed(delivered=EntryId(2, 10), first=None, lowest_pending=None),  # all done and trimmed
        changed(delivered=EntryId(1, 99), first=EntryId(2, 1), lowest_pending=None, deleted=ZERO),
    ],
)
def test_all_is_well(view: View) -> None:
    assert loss(view, MARK) is None


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (changed(last=None, delivered=None), Loss.STREAM_GONE),
        (changed(last=ZERO), Loss.BEHIND),
        (changed(last=EntryId(2, 9)), Loss.BEHIND),
        (changed(last=EntryId(1, 99)), Loss.BEHIND),
        (changed(last=EntryId(2, 13)), Loss.AHEAD),
        (changed(last=EntryId(3, 1)), Loss.AHEAD),
        (changed(delivered=None), Loss.GROUP_GONE),
        (changed(first=EntryId(2, 8), lowest_pending=None), Loss.TRIMMED),
        (changed(first=None, lowest_pending=None), Loss.TRIMMED),
        (changed(deleted=EntryId(2, 8)), Loss.DELETED),
        (changed(first=EntryId(2, 5)), Loss.PENDING_GONE),
        (
            changed(first=EntryId(2, 1), delivered=EntryId(1, 4), deleted=EntryId(2, 1)),
            Loss.DELETED,
        ),
    ],
)
def test_what_is_missing_is_named(view: View, why: Loss) -> None:
    assert loss(view, MARK) is why


def test_before_anything_was_sent_an_empty_server_is_no_loss_but_a_full_one_is() -> None:
    fresh = replace(MARK, assigned=0, sent=0)
    assert loss(changed(last=None, delivered=None), fresh) is None
    assert loss(changed(last=EntryId(1, 7)), fresh) is None
    assert loss(changed(last=EntryId(2, 1)), fresh) is Loss.AHEAD


def handed_out(times: int, idle_s: float) -> Pending:
    return Pending(EntryId(1, 1), "desk", idle_s, times)


def test_a_letter_is_dead_after_its_last_delivery_had_its_time() -> None:
    assert not poisonous(handed_out(2, 999.0), 3, 30.0)
    assert not poisonous(handed_out(3, 29.0), 3, 30.0)
    assert poisonous(handed_out(3, 30.0), 3, 30.0)
    assert poisonous(handed_out(4, 0.0), 3, 30.0)


def test_ids_are_ordered_as_the_server_orders_them() -> None:
    assert EntryId.parse("2-10") > EntryId.parse("2-9") > EntryId.parse("1-100")
    assert str(EntryId.parse("7-13")) == "7-13"
