"""What is registered, as one consistent view in memory; read again only when something changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Connection

from hub.alerts import register as rule_register
from hub.alerts.rule import RuleBinding
from hub.alerts.rules import RuleSpec
from hub.dispatch.message import SourceCard
from hub.grids import service as grids
from hub.grids.binding import Binder
from hub.ingest import repository as source_tables
from hub.ingest import service as sources
from hub.kit.errors import NotFound
from hub.store.managed import Managed
from hub.types.finding import Binding, Finding
from hub.types.scene import SourceKind
from hub.types.site import BrokerSpec, CameraSpec, SensorSpec

_rule: TypeAdapter[RuleSpec] = TypeAdapter(RuleSpec)

HUB_CARD = SourceCard("hub", "hub", None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything enabled, typed; passwords as ciphertext in `secrets`, by id of the entry."""

    stamp: str
    grid_stamp: str
    cameras: Mapping[str, CameraSpec]
    sensors: Mapping[str, SensorSpec]
    brokers: Mapping[str, BrokerSpec]
    rules: Mapping[str, RuleSpec]
    binder: Binder
    camera_secrets: Mapping[str, str]
    broker_secrets: Mapping[str, str]

    def bind(self, finding: Finding) -> Binding:
        """Where a finding happened. Raises NotFound when its source is not registered."""
        if finding.source_kind is SourceKind.CAMERA and finding.source in self.cameras:
            return self.binder.bind(self.cameras[finding.source], None, finding.picture_point)
        if finding.source_kind is SourceKind.SENSOR and finding.source in self.sensors:
            return self.binder.bind(None, self.sensors[finding.source])
        raise NotFound(f"there is no {finding.source_kind} {finding.source}")

    def sensor_rules(self, sensor_id: str) -> list[RuleBinding]:
        """The rules that the centre runs for a sensor."""
        sensor = self.sensors.get(sensor_id)
        used = sensor.rules if sensor else ()
        return [RuleBinding(self.rules[name]) for name in used if name in self.rules]

    def card(self, source: str) -> SourceCard:
        """Who speaks, for the message to the centre."""
        spec = self.cameras.get(source) or self.sensors.get(source)
        return SourceCard(spec.name, spec.owner, spec.owner_kind) if spec else HUB_CARD

    def rule_name(self, rule_id: str) -> str:
        """The rule's name as people read it."""
        rule = self.rules.get(rule_id)
        return (rule.name if rule else "") or rule_id


def stamp(tx: Connection) -> str:
    """A word that changes whenever any entry or grid does."""
    registers = (
        source_tables.cameras(),
        source_tables.sensors(),
        source_tables.brokers(),
        rule_register.rules(),
    )
    return "/".join([*(str(register.revision(tx)) for register in registers), grids.stamp(tx)])


def load(tx: Connection) -> Snapshot:
    """Read everything that is enabled."""
    return Snapshot(
        stamp=stamp(tx),
        grid_stamp=grids.stamp(tx),
        cameras={e.spec.id: e.spec for e in sources.cameras().list(tx, enabled=True)},
        sensors={e.spec.id: e.spec for e in sources.sensors().list(tx, enabled=True)},
        brokers={e.spec.id: e.spec for e in sources.brokers().list(tx, enabled=True)},
        rules={
            e.id: _rule.validate_python(e.spec)
            for e in rule_register.rules().list(tx, enabled=True)
        },
        binder=grids.load_binder(tx),
        camera_secrets=_secrets(tx, source_tables.cameras()),
        broker_secrets=_secrets(tx, source_tables.brokers()),
    )


def _secrets(tx: Connection, register: Managed) -> dict[str, str]:
    return {e.id: e.secret for e in register.list(tx, enabled=True) if e.secret is not None}
