"""Which repeats a strike at the queue explains."""

from __future__ import annotations

from bench.chaos_ledger import IN_DOUBT_S, in_doubt

STRUCK_AT = 1000.0


def doubted(received_s: float, noted_s: float | None) -> bool:
    """Whether a notice may come twice; both times are seconds after the strike."""
    noted_at = None if noted_s is None else STRUCK_AT + noted_s
    return in_doubt({"t": noted_at}, {"t": STRUCK_AT + received_s}, STRUCK_AT) == 1


def test_what_was_taken_before_and_noted_after_the_strike_may_come_twice() -> None:
    assert doubted(-0.1, 3.0)
    assert doubted(-60.0, None), "never noted at all"


def test_what_was_noted_long_before_or_taken_long_after_may_not() -> None:
    assert not doubted(-9.0, -IN_DOUBT_S - 0.1)
    assert not doubted(IN_DOUBT_S + 0.1, 9.0)


def test_around_the_strike_itself_nobody_can_tell() -> None:
    assert doubted(-2.0, -IN_DOUBT_S + 0.1)
    assert doubted(IN_DOUBT_S - 0.1, 9.0)


def test_a_task_the_database_does_not_know_is_in_doubt_too() -> None:
    """It has a figure of its own."""
    assert in_doubt({}, {"t": STRUCK_AT - 5.0}, STRUCK_AT) == 1
