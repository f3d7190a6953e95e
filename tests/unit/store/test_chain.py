"""The arithmetic of the chain: whatever is done to rows or seals is found, and named."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from hub.store.audit.chain import (
    GENESIS,
    Entry,
    What,
    digest,
    first_difference,
    hash_of,
    pack,
    sealed,
    unpack,
)

Rows = list[Entry]


def rows_of(rng: random.Random) -> Rows:
    """Rows with gaps in their numbers, as PostgreSQL leaves them."""
    numbers = sorted(rng.sample(range(-5, 3000), rng.randint(2, 40)))
    return [(seq, digest({"what": rng.random()})) for seq in numbers]


def change(rng: random.Random, rows: Rows) -> tuple[Rows, int, What]:
    at = rng.randrange(len(rows))
    return (
        [*rows[:at], (rows[at][0], digest({"what": "else"})), *rows[at + 1 :]],
        rows[at][0],
        What.CHANGED,
    )


def remove(rng: random.Random, rows: Rows) -> tuple[Rows, int, What]:
    at = rng.randrange(len(rows))
    return rows[:at] + rows[at + 1 :], rows[at][0], What.MISSING


def insert(rng: random.Random, rows: Rows) -> tuple[Rows, int, What]:
    free = rng.choice(sorted(set(range(-10, 3010)) - {seq for seq, _ in rows}))
    return sorted([*rows, (free, digest({"what": "new"}))]), free, What.INSERTED


def exchange(rng: random.Random, rows: Rows) -> tuple[Rows, int, What]:
    one, other = sorted(rng.sample(range(len(rows)), 2))
    moved = list(rows)
    moved[one] = (rows[one][0], rows[other][1])
    moved[other] = (rows[other][0], rows[one][1])
    return moved, rows[one][0], What.REORDERED


def renumber(rng: random.Random, rows: Rows) -> tuple[Rows, int, What]:
    """The last row gets another number behind it."""
    seq, said = rows[-1]
    return [*rows[:-1], (seq + rng.randint(1, 9), said)], seq, What.REORDERED


@pytest.mark.parametrize("harm", [change, remove, insert, exchange, renumber])
def test_each_harm_to_a_row_is_found_at_its_number_and_named(harm: object) -> None:
    assert callable(harm)
    for seed in range(300):
        rng = random.Random(seed)
        rows = rows_of(rng)
        now, seq, what = harm(rng, rows)
        assert first_difference(rows, now) == (seq, what), f"seed {seed}"
        assert first_difference(rows, list(rows)) is None


def test_several_harms_at_once_are_found_too() -> None:
    harms = (change, remove, insert, exchange)
    for seed in range(300):
        rng = random.Random(seed)
        rows = now = rows_of(rng)
        for harm in rng.sample(harms, 2):
            if len(now) > 1:
                now, _, _ = harm(rng, now)
        assert (first_difference(rows, now) is None) == (now == rows), f"seed {seed}"


def test_every_field_of_a_seal_is_under_its_hash() -> None:
    first = sealed("looks", None, [(1, digest({"a": 1})), (4, digest({"a": 2}))], 100.0)
    second = sealed("looks", first, [(5, digest({"a": 3}))], 101.0)
    assert (second.number, second.last_seq, second.total) == (2, 5, 3)
    assert hash_of(first, GENESIS) == first.hash
    assert hash_of(second, first.hash) == second.hash
    forged = [
        replace(second, chain="transitions"),
        replace(second, number=3),
        replace(second, sealed_at=101.5),
        replace(second, last_seq=6),
        replace(second, total=4),
        replace(second, entries=pack([(5, digest({"a": 4}))])),
    ]
    assert second.hash not in {hash_of(each, first.hash) for each in forged}
    assert hash_of(second, GENESIS) != second.hash


def test_entries_are_read_back_and_what_is_none_is_left_out() -> None:
    entries = rows_of(random.Random(7))
    assert unpack(pack(entries)) == entries
    assert unpack("\n".join(["", "x 12", *pack(entries).splitlines()])) == entries


def test_what_a_row_says_has_one_form_for_ever() -> None:
    """A hash written down years ago must come out again: this value never changes."""
    row = {"what": "处置", "at": 1700000000.25, "version": 3, "reason": 'a "b"\n', "device": None}
    assert digest(row) == digest(dict(reversed(row.items())))
    assert digest(row) == digest({k: v for k, v in row.items() if k != "device"})
    assert digest(row) == "6d52be9c240b2a78404a4e05ed837e40f1ba6b555f8d0a49584e4261661bf339"
    first = sealed("transitions", None, [(1, digest(row))], 1700000001.0)
    assert first.hash == "0a534fff99a593ba3675eed10e510f9ee420f3bba17e11e7c5a079a0758c3d34"
