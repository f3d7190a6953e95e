"""What an entry refers to must exist and fit: asked before it is written, all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from hub.alerts import register
from hub.alerts.rule import RuleConfig
from hub.alerts.rules import misplaced, parse_rule, permitted
from hub.ingest import sensing
from hub.kit.errors import Conflict, Refused
from hub.kit.geometry import ring_fault
from hub.privacy.places import refuse_place
from hub.types.scene import SourceKind
from hub.types.site import CameraSpec, Line, SensorSpec, Zone

Rules = Mapping[str, RuleConfig]


def rules_by_id(tx: Connection) -> Rules:
    """All rules that stand in the register."""
    return {entry.id: parse_rule(entry.spec) for entry in register.rules().list(tx)}


def check_camera(camera: CameraSpec, rules: Rules, models: Collection[str]) -> None:
    """Raises Refused (`banned_place`, `place_unclear`), and `does_not_fit` with every fault."""
    refuse_place(camera)
    _refuse(camera.id, [*_shapes(camera), *_uses(camera, rules), *_model(camera, models)])


def check_sensor(sensor: SensorSpec, rules: Rules, brokers: Collection[str]) -> None:
    """Raises Refused (`does_not_fit`) with every fault of the entry in its text."""
    faults = [f"rules: there is no rule {rule}" for rule in sensor.rules if rule not in rules]
    for rule in (rules[rule_id] for rule_id in sensor.rules if rule_id in rules):
        faults += _fits(rule, SourceKind.SENSOR, sensor, zone=False, line=False)
    if sensor.broker is not None and sensor.broker not in brokers:
        faults.append(f"broker: there is no broker {sensor.broker}")
    faults += [f"{'.'.join(map(str, key))}: {fault}" for key, fault in sensing.faults(sensor)]
    _refuse(sensor.id, faults)


def check_trial(
    rule: RuleConfig, camera: CameraSpec, *, zone: Zone | None, line: Line | None
) -> None:
    """Raises Refused (`does_not_fit`) for a draft that could not run at this camera."""
    faults = _fits(rule, SourceKind.CAMERA, camera, zone=zone is not None, line=line is not None)
    fault = ring_fault(zone.polygon) if zone else None
    _refuse(rule.id, [*faults, *([f"zone: {fault}"] if fault else [])])


def refuse_other_kind(rule: RuleConfig, present: RuleConfig) -> None:
    """Raises Conflict (`other_kind`): sources use a rule where its kind fits."""
    if rule.kind is not present.kind:
        raise Conflict(
            f"rule {rule.id} is a {present.kind}; a {rule.kind} wants a rule of its own",
            code="other_kind",
        )


def check_users(
    rule: RuleConfig, cameras: Sequence[CameraSpec], sensors: Sequence[SensorSpec]
) -> None:
    """Raises Refused (`does_not_fit`) if the changed rule may not run where it is used."""
    used_at: list[CameraSpec | SensorSpec] = [
        camera for camera in cameras if any(use.rule == rule.id for use in camera.rules)
    ]
    used_at += [sensor for sensor in sensors if rule.id in sensor.rules]
    faults = [(source.id, permitted(rule, source.place_class)) for source in used_at]
    _refuse(rule.id, [f"{source}: {fault}" for source, fault in faults if fault is not None])


def refuse_used_rule(
    rule_id: str, cameras: Sequence[CameraSpec], sensors: Sequence[SensorSpec]
) -> None:
    """Raises Conflict (`in_use`) while a source still refers to the rule."""
    users = [c.id for c in cameras if any(use.rule == rule_id for use in c.rules)]
    users += [s.id for s in sensors if rule_id in s.rules]
    if users:
        named = ", ".join(users[:10]) + (" and others" if len(users) > 10 else "")
        raise Conflict(f"rule {rule_id} is used by {named}", code="in_use")


def _refuse(entry: str, faults: Sequence[str]) -> None:
    if faults:
        raise Refused(f"{entry}: {'; '.join(faults)}", code="does_not_fit")


def _shapes(camera: CameraSpec) -> Iterator[str]:
    for what, ids in (
        ("zones", [zone.id for zone in camera.zones]),
        ("lines", [line.id for line in camera.lines]),
    ):
        yield from (f"{what}: {each} stands twice" for each in ids if ids.count(each) > 1)
    rings = [(f"zone {zone.id}", zone.polygon) for zone in camera.zones]
    rings += [(f"mask {number}", mask) for number, mask in enumerate(camera.masks, 1)]
    for name, ring in rings:
        fault = ring_fault(ring)
        if fault is not None:
            yield f"{name}: {fault}"
    yield from (f"line {line.id} has no length" for line in camera.lines if line.a == line.b)


def _uses(camera: CameraSpec, rules: Rules) -> Iterator[str]:
    zones = {zone.id for zone in camera.zones}
    lines = {line.id for line in camera.lines}
    for use in camera.rules:
        if use.zone is not None and use.zone not in zones:
            yield f"rules: {use.rule} names the zone {use.zone}, which is not there"
        if use.line is not None and use.line not in lines:
            yield f"rules: {use.rule} names the line {use.line}, which is not there"
        rule = rules.get(use.rule)
        if rule is None:
            yield f"rules: there is no rule {use.rule}"
        else:
            has_zone, has_line = use.zone is not None, use.line is not None
            yield from _fits(rule, SourceKind.CAMERA, camera, zone=has_zone, line=has_line)


def _fits(
    rule: RuleConfig,
    source_kind: SourceKind,
    source: CameraSpec | SensorSpec,
    *,
    zone: bool,
    line: bool,
) -> list[str]:
    found = (
        misplaced(rule, source_kind, zone=zone, line=line),
        permitted(rule, source.place_class),
    )
    return [fault for fault in found if fault is not None]


def _model(camera: CameraSpec, models: Collection[str]) -> Iterator[str]:
    if camera.model is not None and camera.model not in models:
        yield f"model: there is no model {camera.model}"
