"""Classes of events: what is of which, and what its class brings."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub.dispatch.config import DispatchConfig
from hub.dispatch.taxonomy import OTHER, Taxonomy
from hub.types.finding import Policy, RuleKind, Severity
from hub.types.work import Origin

FIRE: dict[str, Any] = {
    "code": "0101",
    "name": "烟火",
    "name_en": "Fire and smoke",
    "severity": "P1",
    "departments": ["fire"],
    "from_rules": ["smoke-hall", "panic_button"],
    "timers": {"P1": {"accept_s": 60}},
}
LITTER: dict[str, Any] = {
    "code": "0201",
    "name": "垃圾",
    "name_en": "Litter",
    "severity": "P4",
    "policy": "verify_first",
    "from_reports": ["patrol"],
    "from_rules": ["sensor_threshold"],
}


def classes(*minor: dict[str, Any]) -> list[dict[str, Any]]:
    by_major: dict[str, list[dict[str, Any]]] = {}
    for each in minor:
        by_major.setdefault(each["code"][:2], []).append(each)
    return [
        {"code": code, "name": f"类{code}", "name_en": code, "minor": found}
        for code, found in by_major.items()
    ]


def taxonomy(*minor: dict[str, Any]) -> Taxonomy:
    return Taxonomy.model_validate(classes(*minor))


def config(*minor: dict[str, Any]) -> DispatchConfig:
    return DispatchConfig.model_validate(
        {
            "centres": [{"id": "county", "name": "县"}],
            "default_centre": "county",
            "departments": [{"id": "fire", "name": "消防"}],
            "classes": classes(*minor),
        }
    )


def test_every_kind_of_rule_and_every_origin_has_a_class() -> None:
    for known in (Taxonomy(), taxonomy(FIRE, LITTER)):
        assert all(known.of_rule(kind, "any").code for kind in RuleKind)
        assert all(known.of_report(origin).code for origin in Origin)
    assert {Taxonomy().of_rule(kind, "any").code for kind in RuleKind} == {OTHER}


def test_a_single_rule_counts_before_its_kind() -> None:
    known = taxonomy(FIRE, LITTER)
    assert known.of_rule(RuleKind.SENSOR_THRESHOLD, "smoke-hall").code == "0101"
    assert known.of_rule(RuleKind.SENSOR_THRESHOLD, "water-level").code == "0201"
    assert known.rules_named() == {"smoke-hall"}


def test_a_report_is_of_what_its_author_says_else_of_its_origin() -> None:
    known = taxonomy(FIRE, LITTER)
    assert known.of_report(Origin.PATROL).code == "0201"
    assert known.of_report(Origin.PATROL, "0101").code == "0101"
    assert known.of_report(Origin.COUNTER, "no such").code == OTHER


def test_the_fallback_may_be_written_and_joins_its_major_class() -> None:
    own = {"code": "9901", "name": "咨询", "name_en": "Questions"}
    [last] = [major for major in taxonomy(own).majors if major.code == "99"]
    assert [each.code for each in last.minor] == ["9901", OTHER]
    renamed = {"code": OTHER, "name": "未分类", "name_en": "Unsorted", "severity": "P4"}
    assert taxonomy(renamed).get("gone").name == "未分类"


@pytest.mark.parametrize(
    ("minor", "said"),
    [
        ((FIRE, {**LITTER, "from_rules": ["panic_button"]}), "panic_button stands twice"),
        ((FIRE, {**LITTER, "code": "0101"}), "0101 stands twice"),
        ((FIRE, {**LITTER, "from_reports": ["camera"]}), "nobody reports from camera"),
    ],
)
def test_what_says_two_things_is_refused(minor: tuple[dict[str, Any], ...], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        taxonomy(*minor)


def test_a_minor_class_is_of_its_major_class() -> None:
    with pytest.raises(ValidationError, match="does not begin with 02"):
        Taxonomy.model_validate([{"code": "02", "name": "x", "name_en": "x", "minor": [FIRE]}])


def test_a_class_names_departments_that_are_there() -> None:
    with pytest.raises(ValidationError, match="0101 names no department: police"):
        config({**FIRE, "departments": ["police"]})


def test_the_clocks_of_a_class_replace_single_ones() -> None:
    whole = config(FIRE, LITTER)
    own = whole.of_class("0101").timers
    assert own.of(Severity.P1).accept_s == 60
    assert own.of(Severity.P1).handle_s == whole.timers.of(Severity.P1).handle_s
    assert own.of(Severity.P2) == whole.timers.of(Severity.P2)
    assert whole.of_class("0201") is whole.of_class("gone") is whole
    assert whole.classes.get("0201").policy is Policy.VERIFY_FIRST
