"""When people are told: quiet hours, digests, waits; pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from hub.dispatch.notices import words
from hub.dispatch.notices.config import NoticesConfig, minute_of
from hub.dispatch.notices.timing import Quiet, When, quiet_of, when
from hub.dispatch.notices.words import Line
from hub.types.finding import Severity

ZONE = ZoneInfo("Asia/Shanghai")
CONFIG = NoticesConfig()
NIGHT = Quiet(minute_of("22:00"), minute_of("06:00"))


def at(text: str) -> float:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=ZONE).timestamp()


def told(severity: Severity, text: str, quiet: Quiet = NIGHT, *, disturbs: bool = True) -> When:
    return when(severity, at(text), quiet, CONFIG, ZONE, disturbs=disturbs)


@pytest.mark.parametrize(
    ("severity", "now", "then"),
    [
        (Severity.P1, "02 23:00", "02 23:00"),
        (Severity.P2, "02 23:00", "03 06:00"),
        (Severity.P3, "02 21:59", "02 21:59"),
        (Severity.P3, "02 22:00", "03 06:00"),
        (Severity.P3, "03 05:59", "03 06:00"),
        (Severity.P3, "03 06:00", "03 06:00"),
        (Severity.P4, "02 08:29", "02 08:30"),
        (Severity.P4, "02 08:30", "02 14:30"),
        (Severity.P4, "02 23:00", "03 08:30"),
    ],
)
def test_when(severity: Severity, now: str, then: str) -> None:
    assert told(severity, now).at == at(then)


def test_what_disturbs_nobody_is_not_put_off() -> None:
    assert told(Severity.P4, "02 23:00", disturbs=False) == When(at("02 23:00"))


def test_a_digest_waits_for_the_end_of_somebodys_own_quiet_hours() -> None:
    afternoons = Quiet(minute_of("06:00"), minute_of("20:00"))
    assert told(Severity.P4, "02 07:00", afternoons).at == at("02 20:00")


def test_quiet_hours_of_no_length_are_none() -> None:
    assert told(Severity.P3, "02 23:00", Quiet(0, 0)) == When(at("02 23:00"))


def test_own_quiet_hours_count_before_those_of_the_house() -> None:
    assert quiet_of(CONFIG, None, None) == NIGHT
    assert quiet_of(CONFIG, 0, 60) == Quiet(0, 60)
    assert quiet_of(CONFIG, 0, 0) == Quiet(0, 0), "midnight is a time"


def test_waits_grow_to_a_bound() -> None:
    assert [CONFIG.wait_s(n) for n in (1, 2, 3, 7, 50)] == [10, 20, 40, 600, 600]


def test_p1_waits_for_no_digest() -> None:
    with pytest.raises(ValidationError, match="P1 waits for nothing"):
        NoticesConfig.model_validate({"digest": {"severities": ["P1"]}})


@pytest.mark.parametrize("broken_by", [[], ["P2"]])
def test_quiet_hours_that_hold_back_p1_are_refused_at_the_start(broken_by: list[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        NoticesConfig.model_validate({"quiet": {"broken_by": broken_by}})
    [error] = caught.value.errors()
    assert error["loc"] == ("quiet",)
    assert "broken_by has to name it" in error["msg"]


def test_a_channel_stands_once() -> None:
    with pytest.raises(ValidationError, match="live stands twice"):
        NoticesConfig.model_validate({"channels": [{"id": "live", "type": "live"}] * 2})


def test_a_message_names_kind_class_and_place_and_says_when_it_is_an_exercise() -> None:
    line = Line("dispatched", Severity.P1, "柳溪东村", "烟火", exercise=True)
    assert words.one(line) == "【演练】【P1】柳溪东村 烟火：新任务，请接单"
    assert words.one(Line("odd", Severity.P4, "", "", exercise=False)) == "【P4】odd"


def test_a_digest_is_bounded() -> None:
    lines = [Line("dispatched", Severity.P4, f"格{n}", "", exercise=False) for n in range(12)]
    said = words.together(lines).splitlines()
    assert (said[0], len(said), said[-1]) == ("共12条：", 12, "另有2条")
