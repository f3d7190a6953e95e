"""The rules that exist. A new one is a file here, a line in `RULES` and one in `RuleSpec`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from hub.alerts.rule import Rule, RuleBinding, RuleConfig
from hub.alerts.rules.camera_frozen import CameraFrozen, CameraFrozenConfig
from hub.alerts.rules.camera_offline import CameraOffline, CameraOfflineConfig
from hub.alerts.rules.crowd import Crowd, CrowdConfig
from hub.alerts.rules.line_crossing import LineCrossing, LineCrossingConfig
from hub.alerts.rules.panic_button import PanicButton, PanicButtonConfig
from hub.alerts.rules.sensor_threshold import SensorThreshold, SensorThresholdConfig
from hub.alerts.rules.zone_intrusion import ZoneIntrusion, ZoneIntrusionConfig
from hub.types.scene import SourceKind
from hub.types.site import PlaceClass

RULES: tuple[type[Rule], ...] = (
    ZoneIntrusion,
    LineCrossing,
    Crowd,
    CameraOffline,
    CameraFrozen,
    SensorThreshold,
    PanicButton,
)

RuleSpec = Annotated[
    ZoneIntrusionConfig
    | LineCrossingConfig
    | CrowdConfig
    | CameraOfflineConfig
    | CameraFrozenConfig
    | SensorThresholdConfig
    | PanicButtonConfig,
    Field(discriminator="kind"),
]
"""One rule as an administrator writes it; `kind` tells which."""

_SPECS: TypeAdapter[RuleSpec] = TypeAdapter(RuleSpec)
_BY_CONFIG = {rule.config: rule for rule in RULES}


def parse_rule(raw: dict[str, Any]) -> RuleSpec:
    """A rule from JSON or YAML values. Raises pydantic's ValidationError."""
    return _SPECS.validate_python(raw)


def make(binding: RuleBinding) -> Rule:
    """The rule at work. Raises Misconfigured (`no_place`) without the zone or line it needs."""
    return _BY_CONFIG[type(binding.rule)](binding.rule, binding.zone, binding.line)


def permitted(rule: RuleConfig, place_class: PlaceClass) -> str | None:
    """Why a rule may not run at such a place, None if it may.

    At places of worship, petition offices and clinics only safety rules run (fire, fall, medical,
    tamper, crush), and a crowd means crush density, never a gathering.
    """
    if place_class is not PlaceClass.SENSITIVE or rule.is_safety():
        return None
    if isinstance(rule, CrowdConfig):
        return f"rule {rule.id}: at a sensitive place a crowd means crush density"
    return f"rule {rule.id}: {rule.kind} is not a safety rule, and the place is sensitive"


def misplaced(rule: RuleConfig, source_kind: SourceKind, *, zone: bool, line: bool) -> str | None:
    """Why a rule does not fit a source and the zone or line given with it, None if it does."""
    if source_kind not in rule.sources:
        kinds = " or ".join(sorted(rule.sources))
        return f"rule {rule.id}: {rule.kind} is for a {kinds}, not for a {source_kind}"
    if rule.needs == "zone" and not zone:
        return f"rule {rule.id}: {rule.kind} wants a zone"
    if rule.needs == "line" and not line:
        return f"rule {rule.id}: {rule.kind} wants a line"
    if zone and rule.needs not in ("zone", "zone_optional"):
        return f"rule {rule.id}: {rule.kind} takes no zone"
    if line and rule.needs != "line":
        return f"rule {rule.id}: {rule.kind} takes no line"
    return None
