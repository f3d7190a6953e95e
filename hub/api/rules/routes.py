"""Rules: the register, and the trial of a draft on what was seen in the last minutes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from sqlalchemy import Connection

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.access.service import LookReason
from hub.alerts import register, trial
from hub.alerts.rule import RuleBinding
from hub.alerts.rules import RuleSpec, parse_rule
from hub.api.guard import Hub, domain, may
from hub.api.permits import allow_picture
from hub.api.reach import Within
from hub.api.references import check_trial, check_users, refuse_other_kind, refuse_used_rule
from hub.api.rules.schemas import RuleOut, TrialFinding, TrialIn, TrialOut
from hub.api.schemas import Page
from hub.ingest import service as sources
from hub.kit.errors import Refused
from hub.store import feed
from hub.types.site import CameraSpec, SensorSpec

TOPIC = "rule"

router = domain("rules")


@router.get("/rules")
def list_rules(hub: Hub, _who: Annotated[Subject, may(Action.RULES_READ)]) -> Page[RuleOut]:
    """All rules by id."""
    with hub.db.read() as tx:
        return Page(items=[RuleOut.of(entry) for entry in register.rules().list(tx)])


@router.post("/rules", status_code=201)
def create_rule(
    body: RuleSpec, hub: Hub, _who: Annotated[Subject, may(Action.RULES_CREATE)]
) -> RuleOut:
    """Register a rule; it does nothing until a camera or a sensor uses it."""
    now = hub.clock.now()
    with hub.write() as tx:
        entry = register.rules().create(
            tx, body.id, body.model_dump(mode="json"), now, enabled=body.enabled
        )
        feed.append(tx, TOPIC, body.id, {"what": "created"}, now, None)
    return RuleOut.of(entry)


@router.get("/rules/{rule_id}")
def read_rule(rule_id: str, hub: Hub, _who: Annotated[Subject, may(Action.RULES_READ)]) -> RuleOut:
    """One rule."""
    with hub.db.read() as tx:
        return RuleOut.of(register.rules().get(tx, rule_id))


@router.put("/rules/{rule_id}")
def update_rule(
    rule_id: str,
    body: RuleSpec,
    hub: Hub,
    _who: Annotated[Subject, may(Action.RULES_UPDATE)],
    version: Annotated[int | None, Query(ge=1)] = None,
) -> RuleOut:
    """Replace a rule; with `version` only if it is still at that version."""
    if body.id != rule_id:
        raise Refused(f"the body speaks of {body.id}, the path of {rule_id}", code="other_id")
    now = hub.clock.now()
    with hub.write() as tx:
        check_users(body, *_sources(tx))
        refuse_other_kind(body, parse_rule(register.rules().get(tx, rule_id).spec))
        entry = register.rules().update(
            tx,
            rule_id,
            body.model_dump(mode="json"),
            now,
            enabled=body.enabled,
            version=version,
        )
        feed.append(tx, TOPIC, rule_id, {"what": "updated"}, now, None)
    return RuleOut.of(entry)


@router.delete("/rules/{rule_id}", status_code=204)
def delete_rule(rule_id: str, hub: Hub, _who: Annotated[Subject, may(Action.RULES_DELETE)]) -> None:
    """Take a rule out of the register; refused while a camera or a sensor uses it."""
    now = hub.clock.now()
    with hub.write() as tx:
        refuse_used_rule(rule_id, *_sources(tx))
        register.rules().delete(tx, rule_id)
        feed.append(tx, TOPIC, rule_id, {"what": "deleted"}, now, None)


@router.post("/rules/try")
def try_rule(
    body: TrialIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.RULES_TRY)],
    within: Within,
    reason: LookReason = LookReason.MAINTENANCE,
) -> TrialOut:
    """What would this rule have found in the last analysed minutes of a camera?

    That tells what the camera saw: it is asked and noted as a look at its picture is.
    """
    with hub.db.read() as tx:
        camera = sources.cameras().get(tx, body.camera, within=within).spec
        allow_picture(hub, tx, who, Action.RULES_TRY, body.camera)
    check_trial(body.rule, camera, zone=body.zone, line=body.line)
    seen = hub.histories(body.camera, body.minutes * 60)
    if seen:
        with hub.db.write() as tx:
            subject, now = f"try/{body.camera}", hub.clock.now()
            access.note_look(tx, who, Action.RULES_TRY, subject, reason, now)
    findings = trial.findings_of(RuleBinding(body.rule, body.zone, body.line), seen)
    return TrialOut(
        camera=body.camera,
        frames=len(seen),
        from_at=seen[0].captured_at if seen else None,
        to_at=seen[-1].captured_at if seen else None,
        findings=tuple(TrialFinding.model_validate(finding) for finding in findings),
    )


def _sources(tx: Connection) -> tuple[list[CameraSpec], list[SensorSpec]]:
    cameras = [entry.spec for entry in sources.cameras().list(tx)]
    return cameras, [entry.spec for entry in sources.sensors().list(tx)]
