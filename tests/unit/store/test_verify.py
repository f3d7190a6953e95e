"""Verifying: what is done to the tables behind the hub's back is found, and where."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from hub.store.audit import chain, people, seals
from hub.store.audit.chain import What
from hub.store.audit.logs import LOOKS, TRANSITIONS, entries, newest
from hub.store.audit.sealer import seal_once
from hub.store.audit.verify import Fault, Head, Verdict, verify
from hub.store.db import Database
from hub.store.tables import audit
from hub.store.tables.access import looks
from hub.store.tables.alerts import transitions
from tests.unit.store.test_sealer import a_look, move

SEALS, ROWS = 6, 5
Harm = Callable[[Connection, list[int]], object]


@pytest.fixture
def log(db: Database) -> Database:
    """Transitions under six seals, five rows each, two people and a device in them."""
    for seal in range(SEALS):
        with db.write() as tx:
            rows = [
                move(f"i{seal}-{n}", actor=("li", "王")[n % 2], device="phone-7" if n else None)
                for n in range(ROWS)
            ]
            tx.execute(insert(transitions), rows)
            assert seal_once(tx, TRANSITIONS, newest(tx, TRANSITIONS), 200.0 + seal) == ROWS
    return db


def numbers(tx: Connection) -> list[int]:
    return list(tx.execute(select(transitions.c.seq).order_by(transitions.c.seq)).scalars())


def verdict_after(db: Database, harm: Harm, head: Head | None = None) -> Verdict:
    with db.write() as tx:
        harm(tx, numbers(tx))
        return verify(tx, TRANSITIONS, head)


def reseal(tx: Connection) -> None:
    """What a thorough forger does: all seals anew, over the rows as they now are."""
    kept = list(seals.in_order(tx, "transitions"))
    tx.execute(delete(audit.seals))
    for seal in kept:
        seal_once(tx, TRANSITIONS, seal.last_seq, seal.sealed_at)


def test_what_nobody_touched_is_sound(log: Database) -> None:
    verdict = verdict_after(log, lambda tx, _: None)
    assert (verdict.first, verdict.broken) == (None, 0)
    assert (verdict.standing.sealed_rows, verdict.standing.number) == (SEALS * ROWS, SEALS)


@pytest.mark.parametrize("column", [c.name for c in transitions.c if c.name != "seq"])
def test_a_change_of_any_column_is_found_at_its_row(log: Database, column: str) -> None:
    value = 7 if column in {"version", "at"} else "else"

    def harm(tx: Connection, seqs: list[int]) -> object:
        row = transitions.c.seq == seqs[12]
        return tx.execute(update(transitions).where(row).values({column: value}))

    with log.read() as tx:
        seq = numbers(tx)[12]
    verdict = verdict_after(log, harm)
    assert verdict.first == Fault(3, seq, What.CHANGED)
    assert verdict.broken == 1


def test_a_missing_an_inserted_and_a_renumbered_row_are_told_apart(log: Database) -> None:
    seq = transitions.c.seq

    def missing(tx: Connection, seqs: list[int]) -> object:
        return tx.execute(delete(transitions).where(seq == seqs[7]))

    def inserted(tx: Connection, seqs: list[int]) -> object:
        return tx.execute(insert(transitions).values(move("new", seq=seqs[0] - 1)))

    def exchanged(tx: Connection, seqs: list[int]) -> None:
        for old, new in ((seqs[1], -99), (seqs[3], seqs[1]), (-99, seqs[3])):
            tx.execute(update(transitions).where(seq == old).values(seq=new))

    for harm, seal, at, what in (
        (missing, 2, 7, What.MISSING),
        (inserted, 1, None, What.INSERTED),
        (exchanged, 1, 1, What.REORDERED),
    ):
        with log.engine.connect() as tx:
            seqs = numbers(tx)
            harm(tx, seqs)
            found = verify(tx, TRANSITIONS).first
            tx.rollback()
        assert found == Fault(seal, seqs[0] - 1 if at is None else seqs[at], what)


def test_any_one_change_anywhere_is_found(log: Database) -> None:
    rng = random.Random(20)
    for _ in range(40):
        with log.engine.connect() as tx:
            seqs = numbers(tx)
            chosen = transitions.c.seq == rng.choice(seqs)
            if rng.random() < 0.5:
                tx.execute(delete(transitions).where(chosen))
            else:
                said = f"forged {rng.random()}"
                column = rng.choice(["what", "actor", "reason", "entity_id"])
                tx.execute(update(transitions).where(chosen).values({column: said}))
            assert verify(tx, TRANSITIONS).broken == 1
            tx.rollback()


def test_of_two_broken_seals_the_first_is_told_and_both_are_counted(log: Database) -> None:
    def harm(tx: Connection, seqs: list[int]) -> None:
        tx.execute(delete(transitions).where(transitions.c.seq.in_([seqs[6], seqs[22]])))

    verdict = verdict_after(log, harm)
    assert verdict.broken == 2
    assert verdict.first is not None
    assert verdict.first.seal == 2


def test_a_changed_and_a_missing_seal_are_found(log: Database) -> None:
    third = audit.seals.c.number == 3
    for column, value in {
        "sealed_at": 1.0, "last_seq": 7, "total": 99, "entries": "", "hash": "f" * 64,
    }.items():  # fmt: skip
        with log.engine.connect() as tx:
            tx.execute(update(audit.seals).where(third).values({column: value}))
            assert verify(tx, TRANSITIONS).first == Fault(3, None, What.SEAL_CHANGED), column
            tx.rollback()
    with log.engine.connect() as tx:
        tx.execute(delete(audit.seals).where(third))
        assert verify(tx, TRANSITIONS).first == Fault(3, None, What.SEAL_MISSING)
        tx.rollback()


def test_a_row_changed_together_with_its_seal_breaks_the_next_one(log: Database) -> None:
    """The forger knows the formula, but leaves the seals after it as they were."""

    def harm(tx: Connection, seqs: list[int]) -> None:
        tx.execute(update(transitions).where(transitions.c.seq == seqs[7]).values(reason="forged"))
        first, second, *_ = seals.in_order(tx, "transitions")
        (rows,) = entries(tx, TRANSITIONS, people.known, first.last_seq, second.last_seq)
        forged = chain.sealed("transitions", first, rows, second.sealed_at)
        row = update(audit.seals).where(audit.seals.c.number == 2)
        tx.execute(row.values(entries=forged.entries, hash=forged.hash))

    verdict = verdict_after(log, harm)
    assert (verdict.first, verdict.broken) == (Fault(3, None, What.SEAL_CHANGED), 1)


def test_a_chain_made_anew_is_sound_in_itself_and_found_by_a_head(log: Database) -> None:
    with log.read() as tx:
        written_down = [
            Head("transitions", s.number, s.hash) for s in seals.in_order(tx, "transitions")
        ]

    def harm(tx: Connection, seqs: list[int]) -> None:
        tx.execute(update(transitions).where(transitions.c.seq == seqs[7]).values(reason="forged"))
        reseal(tx)

    for head in written_down:
        with log.engine.connect() as tx:
            before = verify(tx, TRANSITIONS, head)
            harm(tx, numbers(tx))
            alone = verify(tx, TRANSITIONS)
            compared = verify(tx, TRANSITIONS, head)
            tx.rollback()
        assert (before.first, alone.first) == (None, None)
        # The first seal lies before what was forged: its head proves nothing about it.
        expected = Fault(head.number, None, What.REWRITTEN) if head.number > 1 else None
        assert compared.first == expected


def test_an_end_cut_off_is_found_by_a_head(log: Database) -> None:
    with log.read() as tx:
        last = seals.newest(tx, "transitions")
    assert last is not None

    def harm(tx: Connection, seqs: list[int]) -> None:
        tx.execute(delete(transitions).where(transitions.c.seq > seqs[-1] - ROWS))
        tx.execute(delete(audit.seals).where(audit.seals.c.number == SEALS))

    with log.engine.connect() as tx:
        harm(tx, numbers(tx))
        assert verify(tx, TRANSITIONS).first is None
        compared = verify(tx, TRANSITIONS, Head("transitions", SEALS, last.hash))
        tx.rollback()
    assert compared.first == Fault(SEALS, None, What.SEAL_MISSING)


def test_a_head_from_before_the_first_seal_proves_nothing_and_harms_nobody(log: Database) -> None:
    head = Head("transitions", 0, chain.GENESIS)
    assert verdict_after(log, lambda tx, _: None, head).first is None


def test_a_lost_salt_makes_its_rows_unproved(log: Database) -> None:
    verdict = verdict_after(log, lambda tx, _: tx.execute(delete(audit.person_salts)))
    assert verdict.first is not None
    assert verdict.first.what is What.CHANGED


def test_the_two_logs_are_proved_apart(log: Database) -> None:
    with log.write() as tx:
        tx.execute(insert(looks), [a_look("li"), a_look("王")])
        seal_once(tx, LOOKS, newest(tx, LOOKS), 300.0)
        tx.execute(update(looks).where(looks.c.actor == "王").values(actor="li"))
        assert verify(tx, TRANSITIONS).first is None
        found = verify(tx, LOOKS).first
    assert found is not None
    assert (found.seal, found.what) == (1, What.CHANGED)


# -- people ------------------------------------------------------------------------------------


def shown(tx: Connection) -> set[str]:
    rows = tx.execute(select(transitions.c.actor, transitions.c.device))
    return {value for row in rows for value in row if value}


def test_somebody_is_erased_and_the_chain_stays_sound(log: Database) -> None:
    with log.write() as tx:
        tx.execute(insert(looks), [a_look("li"), a_look("王")])
        tx.execute(insert(transitions).values(move("not sealed yet", actor="li")))
        assert people.erase_person(tx, "li", by="chief", reason="asked for", now=400.0) == 20
    with log.read() as tx:
        assert "li" not in shown(tx)
        assert {"王", "phone-7"} <= shown(tx), "others keep theirs"
        actors = set(tx.execute(select(looks.c.actor)).scalars())
        assert len(actors) == 2
        assert "li" not in actors
        mine = {v for v in shown(tx) if v.startswith("ref:")}
        assert len(mine) == 2, "one for the name, one for the device"
        assert verify(tx, TRANSITIONS).first is None
    with log.write() as tx:
        assert seal_once(tx, TRANSITIONS, newest(tx, TRANSITIONS), 401.0) == 3
        seal_once(tx, LOOKS, newest(tx, LOOKS), 401.0)
    with log.read() as tx:
        assert verify(tx, TRANSITIONS).first is None
        assert verify(tx, LOOKS).first is None
        said = tx.execute(select(transitions).where(transitions.c.entity == people.ERASURE)).all()
    assert {row.entity_id for row in said} == mine
    assert {(row.actor, row.reason) for row in said} == {("chief", "asked for")}


def test_with_the_last_who_used_it_a_device_is_forgotten_too(log: Database) -> None:
    with log.write() as tx:
        for name in ("li", "王"):
            people.erase_person(tx, name, by="chief", reason="asked for", now=400.0)
        assert {v for v in shown(tx) if not v.startswith("ref:")} == {"chief"}
        assert tx.execute(select(audit.person_salts)).all() == []
        assert seal_once(tx, TRANSITIONS, newest(tx, TRANSITIONS), 401.0) == 3
        assert verify(tx, TRANSITIONS).first is None


def test_who_was_erased_cannot_be_made_somebody_else(log: Database) -> None:
    with log.write() as tx:
        people.erase_person(tx, "li", by="chief", reason="asked for", now=400.0)
        people.erase_person(tx, "王", by="chief", reason="asked for", now=400.0)
        li, wang = tx.execute(
            select(transitions.c.actor).order_by(transitions.c.seq).limit(2)
        ).scalars()
        tx.execute(update(transitions).where(transitions.c.actor == li).values(actor=wang))
        found = verify(tx, TRANSITIONS).first
    assert found is not None
    assert found.what is What.CHANGED


def test_a_name_taken_out_without_a_line_in_the_log_counts_as_changed(log: Database) -> None:
    with log.write() as tx:
        reference = people.known(tx, {"li"})["li"]
        tx.execute(update(transitions).where(transitions.c.actor == "li").values(actor=reference))
        found = verify(tx, TRANSITIONS).first
    assert found is not None
    assert found.what is What.CHANGED


def test_whom_the_log_does_not_name_is_not_erased(log: Database) -> None:
    with log.write() as tx:
        before = len(numbers(tx))
        assert people.erase_person(tx, "nobody", by="chief", reason="asked for", now=1.0) == 0
        assert len(numbers(tx)) == before


def test_a_name_alone_does_not_tell_its_reference(log: Database, db: Database) -> None:
    with log.write() as tx:
        first = people.known(tx, {"li"})["li"]
        people.erase_person(tx, "li", by="chief", reason="asked for", now=400.0)
        again = people.given(tx, {"li"})["li"]
    assert first != again, "the salt is another: nobody finds the first by trying names"


def test_personal_columns_of_the_logs_can_show_a_reference() -> None:
    for log in (TRANSITIONS, LOOKS):
        assert log.people
        assert {str(column.type) for column in log.people} == {"TEXT"}
