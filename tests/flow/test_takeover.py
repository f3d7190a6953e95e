"""A centre that loses the lease and gets it back knows nothing any more of the time before."""

from __future__ import annotations

from dataclasses import fields

import pytest

from hub.app.desk import Desk
from hub.app.intake import POISON_TRIES
from hub.store.spool import Record
from hub.types.finding import Outcome
from tests.flow.centre import WORKER, Centre
from tests.flow.memory import Poisoned, Stream
from tests.flow.test_intake import episodes, intake_of, mark, settled


def test_the_record_that_failed_before_is_not_blamed_on_the_next_one(centre: Centre) -> None:
    records = episodes(centre, 6)
    stream = Stream(records[:3])
    intake = intake_of(centre, stream)
    parts = {field.name: getattr(centre.desk, field.name) for field in fields(Desk)}
    bad = Poisoned(**parts, poison=records[0].id)
    for _ in range(2 * POISON_TRIES):
        with pytest.raises(ZeroDivisionError):
            intake.step(bad)
    centre.take(*records[:3])  # by the other centre, whose program knows such records
    intake.forget()
    stream.send(*records[3:])
    while stream.entries:
        intake.step(centre.desk)
    assert settled(centre) == {Outcome.OPENED: 6}
    assert mark(centre) == 6


def test_marks_read_before_the_takeover_are_not_brought_back_by_a_turn_under_way(
    centre: Centre,
) -> None:
    records = episodes(centre, 5)
    stream = Stream(records[:1])
    intake = intake_of(centre, stream)

    class Overtaken(Stream):
        """Another centre is active, and ends, while ours waits for entries."""

        def read(self, limit: int, block_ms: int) -> list[tuple[str, Record]]:
            centre.take(*records[1:3])
            intake.forget()
            return super().read(limit, block_ms)

    intake.step(centre.desk)
    intake._intake = Overtaken([records[0]])
    intake.step(centre.desk)
    assert intake.awake_since is None
    intake._intake = stream
    stream.send(*records[3:])
    intake.step(centre.desk)
    assert mark(centre) == 5, "what follows on the other centre's mark is taken at once"
    assert stream.published == {WORKER: 5}
