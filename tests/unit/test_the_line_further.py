"""The line we do not cross, further doors: what can be stored, asked for, and shown of whom.

Beside `test_the_line.py`; what is erased when is `privacy/test_personal_columns.py`.
"""

from __future__ import annotations

import json
import re
from typing import Any, cast

import pytest
from sqlalchemy import JSON, BigInteger, Boolean, Double, Integer, Text

from hub.alerts.rules import RULES, permitted
from hub.api.app import create_app
from hub.api.deps import Deps
from hub.api.push import TOPICS
from hub.app.lanes import HISTORY_S
from hub.store.media import MediaKind
from hub.store.spool import RecordKind
from hub.store.tables import metadata
from hub.types.finding import CRUSH_KINDS, SAFETY_KINDS, RuleKind
from hub.types.scene import SourceKind
from hub.types.site import BANNED_PLACES, PlaceClass, PlaceKind
from hub.types.staff import Role
from tests.unit.alerts import scenes
from tests.unit.test_the_line import words

# -- what can be stored ------------------------------------------------------------------------

COLUMN_TYPES = (Text, Integer, BigInteger, Double, Boolean, JSON)
"""No array, no bytes, no vector: an embedding has no column that would take it."""


def test_no_column_could_hold_an_embedding_or_a_picture() -> None:
    others = [
        f"{column}: {column.type!r}"
        for table in metadata.tables.values()
        for column in table.c
        if not isinstance(column.type, COLUMN_TYPES)
    ]
    assert others == []


def test_the_kinds_of_files_and_of_spooled_records_are_closed() -> None:
    assert {kind.value for kind in MediaKind} == {
        "picture.jpg", "clip.mp4", "photo.jpg", "clip.json", "export.zip",
    }  # fmt: skip
    assert {kind.value for kind in RecordKind} == {"finding", "reading", "health"}
    assert {kind.value for kind in SourceKind} == {"camera", "sensor", "worker", "hub"}


def test_tracks_live_for_minutes() -> None:
    assert 0 < HISTORY_S <= 10 * 60


NOT_IN_JSON = {"track", "tracks", "embedding", "embeddings", "feature", "features", "descriptor"}


def test_no_column_of_json_is_named_for_what_may_not_be_kept() -> None:
    held = [c for t in metadata.tables.values() for c in t.c if isinstance(c.type, JSON)]
    assert len(held) > 15
    assert [str(column) for column in held if words(column.name) & NOT_IN_JSON] == []


# -- what can be asked for ---------------------------------------------------------------------

SEARCH_KEYS = {
    *("face", "faces", "plate", "plates", "person", "persons", "people", "resident", "residents"),
    *("phone", "gender", "age", "clothes", "clothing", "gait", "voice", "identity", "track"),
    *("embedding", "similar", "likeness", "image", "picture"),
}
STAFF_KEYS = {"actor", "by", "owner", "account_id", "session_id"}
"""Of staff: who acted, who looked; and `owner`, a body that lends cameras."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(cast(Deps, None)).openapi()


def parameters(document: dict[str, Any]) -> dict[str, str]:
    """Every parameter of a path or a query, with where it stands."""
    return {
        f"{method} {path} {each['name']}": each["name"]
        for path, methods in document["paths"].items()
        for method, route in methods.items()
        for each in route.get("parameters", [])
        if each["in"] in ("path", "query")
    }


def test_no_route_takes_a_person_as_a_search_key(document: dict[str, Any]) -> None:
    asked = parameters(document)
    assert len(asked) > 150
    assert {where for where, name in asked.items() if words(name) & SEARCH_KEYS} == set()


NUMBERS = {"people", "age", "picture"}
"""How many are on duty, how old a process is, how much a picture weighs: no keys of anybody."""


def test_nothing_that_is_sent_names_a_person_but_staff_and_who_reports(
    document: dict[str, Any],
) -> None:
    """Of a contact it is whoever reported; of a channel and a delivery a member of staff."""
    keys = {
        f"{name}.{key}"
        for name, schema in document["components"]["schemas"].items()
        for key in schema.get("properties", {})
        if words(key) & (SEARCH_KEYS - NUMBERS)
    }
    allowed = {"ContactIn.phone", "ContactOut.phone", "DeliveryOut.person"}
    assert {key for key in keys - allowed if not key.startswith("Channel")} == set()


def test_what_is_pushed_is_of_cases_places_and_the_house() -> None:
    assert not {topic for topic in TOPICS if words(topic) & SEARCH_KEYS}
    assert "account" not in TOPICS
    assert "look" not in TOPICS


def test_pictures_are_never_searched_by_a_picture(document: dict[str, Any]) -> None:
    """What takes a file takes it as evidence of an errand or a report, or as a register."""
    taking = {
        path
        for path, methods in document["paths"].items()
        for route in methods.values()
        if "multipart/form-data" in json.dumps(route.get("requestBody", {}))
    }
    assert all(re.search(r"/(photos|done)$", path) for path in taking), taking


# -- of whom -----------------------------------------------------------------------------------

WHO = {"account", "actor", "assignee", "login", "worker", "person", "staff"}


def test_no_answer_says_where_a_member_of_staff_is(document: dict[str, Any]) -> None:
    """A position is an incident's, a camera's, a sensor's; one who acted is named, not placed."""
    both = {
        name
        for name, schema in document["components"]["schemas"].items()
        if {"lon", "lat", "position"} & set(schema.get("properties", {}))
        and WHO & set(schema.get("properties", {}))
    }
    assert both == set()


def test_no_table_joins_somebody_to_a_position() -> None:
    """`incidents` has both: where it was reported, and who of the staff took the report."""
    both = {
        table.name
        for table in metadata.tables.values()
        if {"lon", "lat", "position"} & set(table.c.keys())
        and any(column.info["personal"] is not None for column in table.c)
    }
    assert both == {"incidents"}


def test_roles_are_of_staff_owners_and_programs() -> None:
    assert not {role for role in Role if words(role.value) & SEARCH_KEYS}


# -- places ------------------------------------------------------------------------------------

WATCHING_KINDS = {RuleKind.ZONE_INTRUSION, RuleKind.LINE_CROSSING}
"""They watch who comes and goes: not at a place of worship, a petition office, a clinic."""


@pytest.mark.parametrize("kind", list(RuleKind))
def test_every_kind_of_rule_stands_on_one_side(kind: RuleKind) -> None:
    """A new kind is decided here and in `SAFETY_KINDS`, before it can run anywhere sensitive."""
    sides = [kind in SAFETY_KINDS, kind in CRUSH_KINDS, kind in WATCHING_KINDS]
    assert sides.count(True) == 1


VALUES: dict[RuleKind, dict[str, Any]] = {
    RuleKind.SENSOR_THRESHOLD: {"quantity": "ppm", "above": 80},
    RuleKind.CROWD: {"count_min": 10},
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_runs_at_a_sensitive_place_if_its_kind_is_for_safety(rule: Any) -> None:
    kind = rule.config.model_fields["kind"].default
    made = scenes.rule(kind.value, **VALUES.get(kind, {}))
    allowed = permitted(made, PlaceClass.SENSITIVE) is None
    assert allowed == (kind in SAFETY_KINDS)
    assert permitted(made, PlaceClass.STREET) is None


def test_a_crowd_at_a_sensitive_place_means_crush_density() -> None:
    crush = scenes.rule("crowd", count_min=None, density_min=5.0, zone_area_m2=50)
    loose = scenes.rule("crowd", count_min=None, density_min=1.0, zone_area_m2=50)
    assert permitted(crush, PlaceClass.SENSITIVE) is None
    assert permitted(loose, PlaceClass.SENSITIVE) is not None


def test_the_spots_where_nobody_is_filmed_are_a_closed_list() -> None:
    assert {place.value for place in BANNED_PLACES} == {
        "guest_room", "dormitory", "bedroom", "bathroom", "toilet", "changing_room",
        "fitting_room", "nursing_room", "ward", "consulting_room",
    }  # fmt: skip
    assert set(PlaceKind) > BANNED_PLACES
