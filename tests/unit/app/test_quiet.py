"""A step that has nothing to do costs no transaction, and misses nothing."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.app.quiet import Quiet
from hub.store import settings
from hub.store.db import Database

NOW = 1_700_000_000.0


class Agenda:
    """A moment that the test sets; counts how often it was read."""

    def __init__(self) -> None:
        self.at: float | None = None
        self.asked = 0

    def next_at(self, _tx: Connection) -> float | None:
        self.asked += 1
        return self.at


def somebody_writes(db: Database, word: str) -> None:
    with db.write() as tx:
        settings.write(tx, "test", word)


def test_the_database_is_asked_once_while_nothing_is_committed(db: Database) -> None:
    agenda, quiet = Agenda(), Quiet(db)
    assert all(quiet.lasts(NOW + second, agenda.next_at) for second in range(10))
    assert agenda.asked == 1


def test_what_somebody_commits_is_seen_at_the_next_look(db: Database) -> None:
    agenda, quiet = Agenda(), Quiet(db)
    assert quiet.lasts(NOW, agenda.next_at)
    agenda.at = NOW
    somebody_writes(db, "news")
    assert not quiet.lasts(NOW + 1.0, agenda.next_at)


def test_a_moment_that_was_named_is_kept_without_any_commit(db: Database) -> None:
    agenda, quiet = Agenda(), Quiet(db)
    agenda.at = NOW + 5.0
    assert [quiet.lasts(NOW + second, agenda.next_at) for second in (0, 4, 5, 6)] == [
        *(True, True),
        *(False, False),
    ]
    assert agenda.asked == 3, "once at first, and in each turn that is due"


def test_another_configuration_asks_anew(db: Database) -> None:
    agenda, quiet = Agenda(), Quiet(db)
    first, second = object(), object()
    assert quiet.lasts(NOW, agenda.next_at, first)
    agenda.at = NOW
    assert quiet.lasts(NOW, agenda.next_at, first)
    assert not quiet.lasts(NOW, agenda.next_at, second)
