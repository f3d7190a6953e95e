"""The pure decisions as tables: dedup, mute, lifecycle, group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.alerts import lifecycle
from hub.alerts.dedup import Decision, fingerprint, judge
from hub.alerts.group import plan
from hub.alerts.mute import Mute, MuteDraft, check, matching
from hub.kit.errors import Conflict, Refused
from hub.types.finding import (
    Ack,
    Alert,
    Finding,
    Life,
    Outcome,
    Policy,
    Reason,
    Verdict,
)
from tests.unit.alerts.desk import BOUND, CLOSED, NOWHERE, OPENED, UPDATED, alert, finding
from tests.unit.alerts.scenes import T0

LIVE = alert()
CLEARED = replace(LIVE, life=Life.CLEARED, cleared_at=T0 + 10)
MUTED = (Outcome.MUTED, Reason.MUTE)
UNKNOWN = (Outcome.REJECTED, Reason.UNKNOWN_RULE)

NEW, ON = ("opened", "new", "open"), ("merged", "update", "refresh")
OVER, JOIN = ("merged", "close", "clear"), ("merged", "repeat", "refresh")
AGAIN = ("merged", "reopened", "reopen")
NOT_NOW = ("muted", "mute", "none")

Barred = tuple[Outcome, Reason] | None
CASES: list[tuple[str, Finding, Alert | None, Alert | None, Barred, tuple[str, str, str]]] = [
    ("the first", finding(OPENED, 0), None, None, None, NEW),
    ("its opening was lost", finding(UPDATED, 20), None, None, None, NEW),
    ("muted", finding(OPENED, 0), None, None, MUTED, NOT_NOW),
    ("unknown", finding(OPENED, 0), None, None, UNKNOWN, ("rejected", "unknown_rule", "none")),
    ("goes on", finding(UPDATED, 10), LIVE, None, None, ON),
    ("a mute is for new ones", finding(UPDATED, 10), LIVE, None, MUTED, ON),
    ("over", finding(CLOSED, 10), LIVE, None, None, OVER),
    ("over, though muted", finding(CLOSED, 10), LIVE, None, MUTED, OVER),
    ("opened twice", finding(OPENED, 0), LIVE, None, None, JOIN),
    ("joins", finding(OPENED, 9, "e2"), LIVE, None, None, JOIN),
    ("late close", finding(CLOSED, 9, "e0"), LIVE, None, None, ("merged", "stray", "none")),
    ("soon again", finding(OPENED, 70, "e2"), None, CLEARED, None, AGAIN),
    ("too late", finding(OPENED, 71, "e2"), None, CLEARED, None, NEW),
    ("soon again, muted", finding(OPENED, 70, "e2"), None, CLEARED, MUTED, NOT_NOW),
    ("had fallen silent", finding(UPDATED, 900), None, CLEARED, None, AGAIN),
    ("closed twice", finding(CLOSED, 12), None, CLEARED, None, ("merged", "close", "none")),
    ("close of nothing", finding(CLOSED, 12), None, None, None, ("rejected", "stray", "none")),
    ("close of a muted one", finding(CLOSED, 12), None, None, MUTED, NOT_NOW),
]


@pytest.mark.parametrize(
    ("name", "told", "live", "cleared", "barred", "expected"), CASES, ids=[c[0] for c in CASES]
)
def test_dedup(
    name: str,
    told: Finding,
    live: Alert | None,
    cleared: Alert | None,
    barred: Barred,
    expected: tuple[str, str, str],
) -> None:
    decision = judge(told, live, cleared, repeat_within_s=60.0, barred=barred)
    assert (decision.outcome, decision.reason, decision.effect) == expected


def _joined(told: Finding) -> Decision:
    return judge(told, LIVE, None, repeat_within_s=60.0, barred=None)


def test_the_alert_follows_the_newer_episode_only() -> None:
    assert _joined(finding(OPENED, 9, "e2")).adopt
    assert not _joined(finding(OPENED, -9, "e0")).adopt


def test_a_second_thing_far_away_is_an_update_with_a_note() -> None:
    far = _joined(finding(UPDATED, 10, point=(0.9, 0.5)))
    assert (far.reason, far.note) == (Reason.UPDATE, "seen 0.60 of the picture away from before")
    assert _joined(finding(UPDATED, 10, point=(0.4, 0.5))).note == ""
    assert _joined(finding(UPDATED, 10, point=None)).note == ""


def test_the_fingerprint_is_source_rule_and_place() -> None:
    marks = {fingerprint(s, r, p) for s in ("c1", "c2") for r in ("r1", "r2") for p in ("", "z")}
    assert len(marks) == 8


# -- mutes ------------------------------------------------------------------------------------


def draft(**values: object) -> MuteDraft:
    plain = {"reason": "market day", "owner": "wang", "starts_at": T0, "ends_at": T0 + 3600}
    return MuteDraft(**{**plain, **values})  # type: ignore[arg-type]


MUTE_CASES: list[tuple[dict[str, object], bool]] = [
    ({"source": "cam"}, True),
    ({"source": "other"}, False),
    ({"rule_id": "zone"}, True),
    ({"rule_id": "other"}, False),
    ({"grid_prefix": "370682100"}, True),
    ({"grid_prefix": "370682101"}, False),
    ({"source": "cam", "rule_id": "zone", "grid_prefix": "370682"}, True),
    ({"source": "cam", "rule_id": "other"}, False),
    ({"source": "cam", "grid_prefix": "9"}, False),
]


@pytest.mark.parametrize(("values", "hit"), MUTE_CASES)
def test_every_selector_given_must_match(values: dict[str, object], hit: bool) -> None:
    made = Mute("m1", draft(**values), T0)
    found = matching([made], source="cam", rule_id="zone", grid_code=BOUND.grid_code, at=T0 + 10)
    assert (found is made) is hit


def test_an_unbound_source_matches_no_grid() -> None:
    made = Mute("m1", draft(grid_prefix="3"), T0)
    assert matching([made], source="c", rule_id="r", grid_code=None, at=T0) is None


@pytest.mark.parametrize(
    ("at", "ended_at", "on"),
    [(-1, None, False), (0, None, True), (3599, None, True), (3600, None, False), (99, 50, False)],
)
def test_a_mute_has_a_beginning_and_an_end(at: float, ended_at: float | None, on: bool) -> None:
    made = Mute("m1", draft(source="cam"), T0, None if ended_at is None else T0 + ended_at)
    assert made.is_on(T0 + at) is on


@pytest.mark.parametrize(
    "values",
    [
        {"reason": " "},
        {"owner": ""},
        {"source": None},
        {"ends_at": T0},
        {"ends_at": T0 + 31 * 86_400},
        {"starts_at": T0 + 7200},
    ],
    ids=["no reason", "no owner", "everything", "over already", "too long", "ends first"],
)
def test_a_mute_without_its_parts_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(Refused) as caught:
        check(draft(**{"source": "cam", **values}), T0)
    assert caught.value.code == "bad_mute"


# -- lifecycle --------------------------------------------------------------------------------

WAITING = alert(policy=Policy.VERIFY_FIRST)


def test_where_an_alert_begins() -> None:
    assert LIVE.life is Life.ACTIVE
    assert WAITING.life is Life.PENDING


VERDICTS: list[tuple[str, Alert, Verdict, Life, bool]] = [
    ("confirmed while it waits", WAITING, Verdict.CONFIRMED, Life.ACTIVE, True),
    ("dismissed while it waits", WAITING, Verdict.FALSE, Life.PENDING, False),
    ("confirmed after it went out", LIVE, Verdict.CONFIRMED, Life.ACTIVE, False),
    ("dismissed after it went out", LIVE, Verdict.FALSE, Life.ACTIVE, False),
    (
        "confirmed after it had cleared",
        lifecycle.clear(WAITING, T0),
        Verdict.CONFIRMED,
        Life.CLEARED,
        True,
    ),
    (
        "a dismissal corrected",
        lifecycle.give_verdict(WAITING, Verdict.FALSE),
        Verdict.CONFIRMED,
        Life.ACTIVE,
        True,
    ),
]


@pytest.mark.parametrize(
    ("name", "before", "verdict", "life", "dispatch"), VERDICTS, ids=[v[0] for v in VERDICTS]
)
def test_verdicts(name: str, before: Alert, verdict: Verdict, life: Life, dispatch: bool) -> None:
    after = lifecycle.give_verdict(before, verdict)
    assert (after.verdict, after.life, after.ack) == (verdict, life, Ack.ACKED)
    assert lifecycle.must_dispatch(before, after) is dispatch


def test_a_reopened_alert_waits_again_unless_it_was_confirmed() -> None:
    again = lifecycle.reopen(lifecycle.clear(WAITING, T0))
    assert (again.life, again.cleared_at) == (Life.PENDING, None)
    confirmed = lifecycle.give_verdict(WAITING, Verdict.CONFIRMED)
    assert lifecycle.reopen(lifecycle.clear(confirmed, T0)).life is Life.ACTIVE


def test_illegal_moves_are_named() -> None:
    confirmed = lifecycle.give_verdict(LIVE, Verdict.CONFIRMED)
    illegal: dict[str, Callable[[], Alert]] = {
        "already_cleared": lambda: lifecycle.clear(CLEARED, T0),
        "not_cleared": lambda: lifecycle.reopen(LIVE),
        "already_acknowledged": lambda: lifecycle.acknowledge(lifecycle.acknowledge(LIVE)),
        "already_judged": lambda: lifecycle.give_verdict(confirmed, Verdict.FALSE),
    }
    for code, move in illegal.items():
        with pytest.raises(Conflict) as caught:
            move()
        assert caught.value.code == code


# -- groups -----------------------------------------------------------------------------------


def test_one_group_for_each_grid_and_kind() -> None:
    assert plan(LIVE).key == "370682100201003/zone_intrusion"
    assert plan(LIVE).wait_s == 30.0
    assert plan(replace(LIVE, binding=NOWHERE)).key == "unbound/zone_intrusion"


def test_an_exercise_never_joins_the_real_thing() -> None:
    assert plan(replace(LIVE, exercise=True)).key != plan(LIVE).key
