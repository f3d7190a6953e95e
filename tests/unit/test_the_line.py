"""The line we do not cross: places and incidents, never people (see the design's last section).

What a type, a table or an address cannot express needs no promise; each test here holds one door
shut, and a change that opens it has to be made here first, where it is seen.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import LargeBinary

from hub.alerts.history import TrackHistory
from hub.alerts.rules import RULES, permitted
from hub.analytics.catalog.cards import Card
from hub.app.lanes import HISTORY_ITEMS, HISTORY_S
from hub.app.planner import plan_camera
from hub.app.registry import Snapshot
from hub.config import load_or_refuse
from hub.store.records import finding_to_json
from hub.store.tables import metadata
from hub.store.tables.base import Personal
from hub.types.finding import Alert, Finding, RuleKind
from hub.types.scene import Detections, ModelTask, ObjectKind, Track
from hub.types.site import CameraSpec, PlaceClass, SensorSpec
from hub.types.work import DispatchTask, Incident, Receipt
from tests.unit.alerts import scenes
from tests.unit.analytics.graphs import card_for
from tests.unit.ingest.clips import camera

ROOT = Path(__file__).resolve().parents[2]
HUB = sorted((ROOT / "hub").rglob("*.py"))

PERSONAL_WORDS = {
    *("facial", "faceid", "gait", "voice", "voiceprint", "iris", "biometric", "biometrics"),
    *("anpr", "lpr", "reid", "reidentify", "reidentification", "watchlist", "blacklist"),
    *("gender", "race", "ethnic", "ethnicity", "nationality", "religion", "belief", "mood"),
    *("emotion", "emotions", "suspect", "suspects", "resident", "residents", "citizen"),
    *("citizens", "trail", "trails"),
}
ALSO_IN_DATA = PERSONAL_WORDS | {"face", "faces", "plate", "plates"}
"""In the code a font has a face and a label its plate; a table, a route or a key has neither."""


def words(name: str) -> set[str]:
    """`FaceMatch`, `face_match` and `/face-match` are the same words."""
    return {w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


# -- enumerations ------------------------------------------------------------------------------


def test_what_a_model_may_be_for_and_what_it_may_see_is_closed() -> None:
    assert {task.value for task in ModelTask} == {
        "detect", "classify_scene", "embed_scene", "pose",
    }  # fmt: skip
    assert {kind.value for kind in ObjectKind} == {
        "person", "bicycle", "motorcycle", "car", "bus", "truck", "train", "boat", "animal",
        "bag", "fire", "smoke", "fallen_person", "water", "debris",
    }  # fmt: skip


def test_the_rules_are_those_of_the_issue_and_the_hubs_own() -> None:
    written = {rule.config.model_fields["kind"].default for rule in RULES}
    own = {
        RuleKind.UNOBSERVED,
        RuleKind.UNDELIVERED,
        RuleKind.VACANCY,
        RuleKind.AUDIT,
        RuleKind.REPORT,
    }
    assert written | own == set(RuleKind)
    assert len(RULES) == 7


@pytest.mark.parametrize(
    "changes",
    [
        {"task": "face_recognition"},
        {"task": "reidentify"},
        {"task": "plate"},
        {"kinds": {"smoke": "face"}},
        {"kinds": {"smoke": "licence_plate"}},
        {"kinds": {"smoke": "woman"}},
    ],
    ids=str,
)
def test_a_card_for_persons_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        card_for(Path("/m.onnx"), "0" * 64, **changes)


def test_a_class_that_maps_to_no_kind_cannot_be_spoken_of() -> None:
    """A user's model may know faces; without a kind of ours nothing of it leaves the detector."""
    card = card_for(Path("/m.onnx"), "0" * 64, classes=["smoke", "face"], kinds={"smoke": "smoke"})
    assert [card.kinds.get(name) for name in card.class_names] == [ObjectKind.SMOKE, None]


def test_the_shipped_catalog_only_detects_things() -> None:
    cards = load_or_refuse(ROOT / "configs", None).models.models
    assert {card.task for card in cards} == {ModelTask.DETECT}
    assert not {w for card in cards for w in words(f"{card.id} {card.title}")} & ALSO_IN_DATA


# -- names -------------------------------------------------------------------------------------


def names_in(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.AsyncFunctionDef(name=name) | ast.keyword(arg=str(name)):
                found.add(name)
    return found


def test_no_name_in_the_code_speaks_of_identifying_a_person() -> None:
    crossed = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in HUB
        for name in names_in(ast.parse(path.read_text("utf-8")))
        if words(name) & PERSONAL_WORDS
    }
    assert crossed == set()


def test_no_column_address_or_key_of_a_file_does() -> None:
    columns = [f"{column}" for table in metadata.tables.values() for column in table.c]
    routes = (ROOT / "tests/golden/api_routes.txt").read_text().splitlines()
    models: tuple[type[BaseModel], ...] = (CameraSpec, SensorSpec, Card)
    models += tuple(rule.config for rule in RULES)
    keys = [key for model in models for key in keys_of(model)]
    assert len(columns) > 100
    assert len(routes) > 40
    assert len(keys) > 60
    assert [name for name in (*columns, *routes, *keys) if words(name) & ALSO_IN_DATA] == []


def keys_of(model: type[BaseModel]) -> set[str]:
    return set(re.findall(r'"([a-z0-9_]+)": \{', json.dumps(model.model_json_schema())))


# -- tracks and embeddings -----------------------------------------------------------------------


def test_a_track_is_a_box_for_minutes_and_nothing_hangs_on_it() -> None:
    assert [field.name for field in dataclasses.fields(Track)] == [
        "track_id", "kind", "box", "score", "first_seen_at",
    ]  # fmt: skip
    assert [field.name for field in dataclasses.fields(Detections)] == ["xyxy", "scores", "kinds"]


@pytest.mark.parametrize("value", [Track, Finding, Alert, Incident, DispatchTask, Receipt])
def test_no_value_that_travels_holds_an_array_or_bytes(value: type[Any]) -> None:
    """An embedding would have to be one of these to attach to something."""
    hints = get_type_hints(value)
    held = {name: kind for name, kind in hints.items() if kind is np.ndarray or kind is bytes}
    held |= {n: k for n, k in hints.items() if np.ndarray in get_args(k) or bytes in get_args(k)}
    assert held == {}


def test_the_database_has_no_place_for_tracks_or_embeddings() -> None:
    names = {word for table in metadata.tables.values() for word in words(table.name)}
    columns = {w for t in metadata.tables.values() for column in t.c for w in words(column.name)}
    assert not (names | columns) & {"track", "tracks", "embedding", "embeddings", "vector"}
    binary = [
        str(c) for t in metadata.tables.values() for c in t.c if isinstance(c.type, LargeBinary)
    ]
    assert binary == []


def test_a_finding_about_someone_does_not_say_which_track_it_was() -> None:
    rule = scenes.bound("zone_intrusion", dwell_s=1.0)
    seen = [scenes.seen(at, scenes.track(7_654_321, 0.2)) for at in scenes.frames(3.0)]
    found = scenes.run(rule, seen)
    assert found
    written = json.dumps([finding_to_json(finding) for finding in found])
    assert "track" not in written
    assert "7654321" not in written


def test_tracks_are_remembered_for_one_camera_and_minutes() -> None:
    assert HISTORY_S <= 600
    history = TrackHistory(HISTORY_S, HISTORY_ITEMS)
    for at in range(0, 7200, 2):
        history.add(scenes.seen(float(at), scenes.track(1, 0.2)))
    recent = history.recent()
    assert recent[-1].captured_at - recent[0].captured_at <= HISTORY_S
    assert len(recent) <= HISTORY_ITEMS


# -- people and places ---------------------------------------------------------------------------

STAFF_ONLY = {
    "absences.ended_by",
    "absences.made_by",
    "accounts.login",
    "accounts.name",
    "approvals.asked_by",
    "approvals.decided_by",
    "camera_files.sign_posted_by",
    "camera_files.written_by",
    "channels.account",
    "channels.phone",
    "channels.quiet_from",
    "channels.quiet_to",
    "channels.robot_id",
    "consents.agreed_by",
    "consents.ended_by",
    "consents.entered_by",
    "contacts.name",
    "contacts.phone",
    "deliveries.account",
    "drill_items.answered_by",
    "drill_plans.ended_by",
    "drill_plans.made_by",
    "drills.called_by",
    "exports.asked_by",
    "exports.decided_by",
    "feed.account",
    "grants.ended_by",
    "grants.given_by",
    "grid_versions.by",
    "grid_versions.withdrawn_by",
    "holds.entered_by",
    "incident_actions.actor",
    "incident_actions.result",
    "incident_actions.said",
    "incidents.handled_by",
    "incidents.lowered_by",
    "incidents.reported_by",
    "looks.actor",
    "mutes.owner",
    "names.key",
    "notices.account",
    "person_salts.key",
    "posts.ended_by",
    "posts.made_by",
    "roster.ended_by",
    "roster.made_by",
    "supervisions.answered_by",
    "task_actions.actor",
    "tasks.assignee",
    "tasks.why",
    "tokens.name",
    "transitions.actor",
    "transitions.device",
    "whistles.called_by",
    "whistles.reported_by",
    "whistles.signed_by",
}
"""People appear only as staff who acted, as who agreed for an owner of cameras (by office,
`consents`), or as the contact of someone who reports (`contacts`), which is erased when the
case is rated or archived. A column more is a decision, to be taken here."""


def test_people_appear_only_as_staff_and_not_for_ever() -> None:
    notes = {
        str(column): column.info.get("personal", "not annotated")
        for table in metadata.tables.values()
        for column in table.c
    }
    assert "not annotated" not in notes.values()
    personal = {name: note for name, note in notes.items() if isinstance(note, Personal)}
    assert personal.keys() == STAFF_ONLY
    assert all(note.purpose and 0 < note.keep_days <= 1095 for note in personal.values())


def test_no_position_of_a_person_is_kept() -> None:
    """Positions are of alerts, grids and what was reported; nobody has one of their own."""
    holders = {t.name for t in metadata.tables.values() if {"lon", "lat"} & set(t.c.keys())}
    assert holders == {"alerts", "incidents"}


def test_a_rule_that_a_file_loosened_does_not_run_at_a_sensitive_place() -> None:
    """The api refuses it and so does `hub check`; a file that changes a rule which a camera of
    the api uses is caught by the plan."""
    models = load_or_refuse(ROOT / "configs", None).models
    crush = scenes.rule("crowd", id="crush", count_min=None, density_min=5.0, zone_area_m2=50)
    gathering = scenes.rule("crowd", id="gathering", count_min=10)
    spec = camera(
        place_class="sensitive",
        zones=[{"id": "hall", "polygon": [[0, 0], [1, 0], [1, 1]]}],
        rules=[{"rule": "crush", "zone": "hall"}, {"rule": "gathering", "zone": "hall"}],
    )
    snapshot = Snapshot("", "", {}, {}, {}, {}, None, {}, {})  # type: ignore[arg-type]
    snapshot = dataclasses.replace(
        snapshot,
        rules={"crush": crush, "gathering": gathering},  # type: ignore[dict-item]
    )
    assert [rule.id for rule in plan_camera(spec, snapshot, models).rules] == ["crush"]
    street = spec.model_copy(update={"place_class": PlaceClass.STREET})
    assert len(plan_camera(street, snapshot, models).rules) == 2


def test_sensors_at_sensitive_places_are_all_for_safety() -> None:
    for kind, values in {
        "sensor_threshold": {"quantity": "ppm", "above": 80},
        "panic_button": {},
        "camera_offline": {},
    }.items():
        assert permitted(scenes.rule(kind, **values), PlaceClass.SENSITIVE) is None
