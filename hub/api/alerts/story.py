"""Everything the desk shows of one alert, in one answer: what, why, where, by when, and since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.alerts import register, service
from hub.alerts.evidence.marks import ClipMarks
from hub.alerts.page import AlertFilter
from hub.api.alerts.schemas import (
    AlertOut,
    ClipOut,
    DeadlinesOut,
    EvidenceOut,
    GridNameOut,
    MarkOut,
    MoveOut,
    NamesOut,
    PlaceOut,
    SpeakerOut,
    StoryOut,
    StoryRuleOut,
    TaskStateOut,
)
from hub.api.deps import Deps
from hub.api.dispatch.schemas import IncidentOut
from hub.api.reach import reach
from hub.dispatch import service as dispatch
from hub.dispatch.page import TaskFilter
from hub.dispatch.timers import service as clocks
from hub.grids import service as grids
from hub.ingest import service as sources
from hub.kit.errors import NotFound
from hub.store.media import MediaKind, MediaStore
from hub.types.finding import Alert, Severity
from hub.types.scene import SourceKind
from hub.types.site import CameraSpec
from hub.types.staff import Jurisdiction
from hub.types.work import DispatchTask, Incident

SPANS_S = 14 * 86400.0
"""How far back and ahead the spans of work are told: longer than a holiday."""
HEAD = ("id", "kind", "name", "severity", "policy", "enabled", "exercise")
"""What of a rule has a place of its own; the rest are its settings."""


def story(tx: Connection, hub: Deps, who: Subject, alert: Alert) -> StoryOut:
    """One alert with all that belongs to it, as far as whoever asks may see it."""
    within = reach(Action.ALERTS_READ, who)
    incident = _incident(tx, alert, reach(Action.INCIDENTS_READ, who))
    tasks: Sequence[DispatchTask] = ()
    if incident is not None:
        ground = reach(Action.TASKS_READ, who)
        tasks = dispatch.tasks(tx, TaskFilter(incident_id=incident.id, within=ground)).items
    earlier, later = service.neighbours(tx, alert, within)
    wanted = AlertFilter(merged_into=alert.id, within=within)
    duplicates = service.list_alerts(tx, wanted).items
    return StoryOut(
        alert=AlertOut.model_validate(alert),
        rule=_rule(tx, alert),
        speaker=_speaker(tx, alert),
        grids=[GridNameOut.model_validate(name) for name in grids.names(tx, _codes(alert))],
        deadlines=_deadlines(tx, hub, alert, incident),
        incident=None if incident is None else IncidentOut.model_validate(incident),
        tasks=[TaskStateOut.model_validate(task) for task in tasks],
        log=[MoveOut.model_validate(move) for move in service.history(tx, alert.id)],
        evidence=_evidence(hub.media, alert),
        duplicates=[AlertOut.model_validate(each) for each in duplicates],
        earlier=earlier,
        later=later,
    )


def names(tx: Connection, hub: Deps, within: Jurisdiction) -> NamesOut:
    """What the sources and grids of a ground are called, and the rules, and when each is judged."""
    cameras = sources.cameras().names(tx, within)
    sensors = sources.sensors().names(tx, within)
    rules = register.rules().list(tx)
    calendar, now = hub.dispatch.calendar, hub.clock.now()
    return NamesOut(
        sources={**cameras, **sensors},
        rules={entry.id: entry.spec.get("name") or entry.id for entry in rules},
        grids={grid.code: grid.name for grid in grids.names_within(tx, within)},
        verdict_s={each: hub.dispatch.timers.of(each).verdict_s for each in Severity},
        by_work=calendar.severities,
        spans=tuple(calendar.calendar.spans(now - SPANS_S, now + SPANS_S)),
    )


def _incident(tx: Connection, alert: Alert, within: Jurisdiction) -> Incident | None:
    if alert.incident_id is None:
        return None
    try:
        return dispatch.incident(tx, alert.incident_id, within=within)
    except NotFound:  # not for whoever asks
        return None


def _rule(tx: Connection, alert: Alert) -> StoryRuleOut | None:
    entry = register.rules().find(tx, alert.rule_id)
    if entry is None:  # the hub's own voice, or a rule that was deleted since
        return None
    settings = {name: value for name, value in entry.spec.items() if name not in HEAD}
    return StoryRuleOut(id=entry.id, name=entry.spec.get("name") or entry.id, settings=settings)


def _speaker(tx: Connection, alert: Alert) -> SpeakerOut | None:
    if alert.source_kind is SourceKind.CAMERA:
        camera = sources.cameras().find(tx, alert.source)
        if camera is None:
            return None
        return _spoken(camera.spec, _place(camera.spec, alert.place))
    sensor = sources.sensors().find(tx, alert.source)
    return None if sensor is None else _spoken(sensor.spec, None)


def _spoken(spec: Any, place: PlaceOut | None) -> SpeakerOut:
    return SpeakerOut(
        id=spec.id,
        name=spec.name,
        owner=spec.owner,
        owner_kind=spec.owner_kind,
        place_class=spec.place_class,
        place=place,
    )


def _place(camera: CameraSpec, place_id: str) -> PlaceOut | None:
    for zone in camera.zones:
        if zone.id == place_id:
            return PlaceOut(id=zone.id, name=zone.name or zone.id, points=list(zone.polygon))
    for line in camera.lines:
        if line.id == place_id:
            return PlaceOut(id=line.id, name=line.name or line.id, points=[line.a, line.b])
    return None


def _codes(alert: Alert) -> Iterable[str]:
    bound = alert.binding
    named = (bound.camera_grid, bound.event_grid, *bound.grid_path)
    return {*(code for code in named if code), *(share.code for share in bound.secondary)}


def _deadlines(tx: Connection, hub: Deps, alert: Alert, incident: Incident | None) -> DeadlinesOut:
    due = None if incident is None else incident.due
    return DeadlinesOut(
        verdict_by=clocks.verdict_by(tx, alert, hub.dispatch),
        accept_by=None if due is None else due.accept_by,
        on_scene_by=None if due is None else due.on_scene_by,
        handle_by=None if due is None else due.handle_by,
    )


def _evidence(media: MediaStore, alert: Alert) -> EvidenceOut | None:
    if alert.evidence_id is None:
        return None
    sizes = media.sizes(alert.evidence_id)
    clip = None
    if MediaKind.CLIP in sizes:
        marks = _marks(media, alert.evidence_id)
        clip = ClipOut(
            size_bytes=sizes[MediaKind.CLIP],
            starts_at=None if marks is None else marks.starts_at,
            ends_at=None if marks is None else marks.ends_at,
            marks=[MarkOut.model_validate(mark) for mark in marks.marks] if marks else [],
        )
    return EvidenceOut(id=alert.evidence_id, picture=MediaKind.PICTURE in sizes, clip=clip)


def _marks(media: MediaStore, evidence_id: str) -> ClipMarks | None:
    try:
        with media.open(evidence_id, MediaKind.MARKS) as file:
            return ClipMarks.from_json(file.read())
    except NotFound:  # a clip from before there were marks
        return None
