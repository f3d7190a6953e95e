"""What an owner's word means: to whom a picture is shown, when, and why not."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hub.access.consent import (
    SHOWN,
    Consent,
    Lent,
    Mode,
    Shown,
    Terms,
    Why,
    Withheld,
    asks_for_a_matter,
    check_terms,
    decide,
    that_counts,
)
from hub.access.grants import Window
from hub.kit.errors import Refused
from hub.types.site import OwnerKind
from hub.types.staff import Role

ZONE = ZoneInfo("Asia/Shanghai")
SCHOOL = Lent("gate-1", "Liuxi school", OwnerKind.SCHOOL)
OPERATOR = frozenset({Role.OPERATOR})
SCHOOL_DAYS = Window(weekdays=frozenset(range(1, 6)), from_minute=7 * 60, to_minute=18 * 60)


def at(text: str) -> float:
    """UTC seconds of what the clock at the site says."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


TUESDAY = at("2026-03-03 10:00")


def agreed(
    mode: Mode,
    *,
    camera: str | None = None,
    owner: str = SCHOOL.owner,
    starts_at: float = 0.0,
    ended_at: float | None = None,
    windows: tuple[Window, ...] = (),
    roles: frozenset[Role] = frozenset(),
) -> Consent:
    terms = Terms(owner, mode, camera, windows, roles)
    return Consent("c", terms, "the head", "letter 7", starts_at, "desk", starts_at, ended_at)


def asked(
    *on_file: Consent,
    lent: Lent = SCHOOL,
    roles: frozenset[Role] = OPERATOR,
    now: float = TUESDAY,
    matter: bool = False,
) -> Why | Shown:
    answer = decide(lent, that_counts(lent, on_file, now), roles, now, ZONE, matter=matter)
    return answer.why if isinstance(answer, Withheld) else answer


@pytest.mark.parametrize("kind", [OwnerKind.TOWNSHIP, OwnerKind.PUBLIC])
def test_the_countys_own_cameras_need_nobodys_word(kind: OwnerKind) -> None:
    lent = Lent("square-1", "the town", kind)
    assert asked(lent=lent) is SHOWN
    strict = agreed(Mode.INCIDENT, owner="the town")
    assert asked(strict, lent=lent) is SHOWN
    assert not asks_for_a_matter(lent, strict)


@pytest.mark.parametrize("kind", [OwnerKind.SCHOOL, OwnerKind.ENTERPRISE])
def test_with_nothing_on_file_it_is_shown_while_a_matter_is_open(kind: OwnerKind) -> None:
    lent = Lent("gate-1", "Liuxi school", kind)
    assert asked(lent=lent) is Why.NO_CONSENT
    assert asked(lent=lent, matter=True) is SHOWN
    assert asks_for_a_matter(lent, None)


def test_always_and_during_an_incident() -> None:
    always, incident = agreed(Mode.ALWAYS), agreed(Mode.INCIDENT)
    assert asked(always) is SHOWN
    assert not asks_for_a_matter(SCHOOL, always)
    assert asked(incident) is Why.ONLY_DURING_INCIDENT
    assert asked(incident, matter=True) is SHOWN
    assert asks_for_a_matter(SCHOOL, incident)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-03-03 06:59", False),
        ("2026-03-03 07:00", True),
        ("2026-03-03 17:59", True),
        ("2026-03-03 18:00", False),
        ("2026-03-07 10:00", False),  # a Saturday
        ("2026-03-08 10:00", True),  # the second window
    ],
)
def test_a_schedule_runs_by_the_clock_of_the_site(moment: str, shown: bool) -> None:
    market_day = Window(weekdays=frozenset({7}), from_minute=9 * 60, to_minute=11 * 60)
    hours = agreed(Mode.SCHEDULE, windows=(SCHOOL_DAYS, market_day))
    wanted = SHOWN if shown else Why.OUTSIDE_HOURS
    assert asked(hours, now=at(moment)) is wanted
    assert asked(hours, now=at(moment), matter=True) is wanted, "it said hours, not incidents"


def test_a_consent_may_be_for_some_roles_only() -> None:
    leaders = agreed(Mode.INCIDENT, roles=frozenset({Role.SHIFT_LEADER, Role.CHIEF}))
    assert asked(leaders, matter=True) is Why.NOT_FOR_THIS_ROLE
    both = frozenset({Role.OPERATOR, Role.CHIEF})
    assert asked(leaders, matter=True, roles=both) is SHOWN
    assert asked(leaders, roles=both) is Why.ONLY_DURING_INCIDENT


def test_the_cameras_own_consent_counts_before_its_owners() -> None:
    general = agreed(Mode.ALWAYS, starts_at=50.0)
    own = agreed(Mode.INCIDENT, camera="gate-1", starts_at=10.0)
    assert asked(general, own) is Why.ONLY_DURING_INCIDENT
    assert asked(general, own, lent=Lent("yard-2", SCHOOL.owner, OwnerKind.SCHOOL)) is SHOWN


def test_what_is_over_or_to_come_or_somebody_elses_does_not_count() -> None:
    over = agreed(Mode.ALWAYS, ended_at=TUESDAY)
    to_come = agreed(Mode.ALWAYS, starts_at=TUESDAY + 1)
    others = agreed(Mode.ALWAYS, owner="another school")
    assert asked(over, to_come, others) is Why.NO_CONSENT
    assert asked(over, now=TUESDAY - 1) is SHOWN
    assert asked(to_come, now=TUESDAY + 1) is SHOWN


def test_of_several_the_latest_counts() -> None:
    first, second = agreed(Mode.ALWAYS, starts_at=1.0), agreed(Mode.INCIDENT, starts_at=2.0)
    assert asked(second, first) is Why.ONLY_DURING_INCIDENT


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (Terms("x", Mode.SCHEDULE), "windows_wanted"),
        (Terms("x", Mode.ALWAYS, windows=(SCHOOL_DAYS,)), "windows_not_wanted"),
        (Terms("x", Mode.SCHEDULE, windows=(SCHOOL_DAYS,) * 15), "too_many"),
        (Terms("x", Mode.SCHEDULE, windows=(Window(weekdays=frozenset()),)), "bad_window"),
    ],
)
def test_terms_that_say_nothing_are_refused(terms: Terms, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_terms(terms)
    assert refused.value.code == code
