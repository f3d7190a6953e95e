"""Findings become alerts: one batch, read once, decided in memory, written once.

Ten thousand findings at once (a power cut in a county) must not cost ten thousand round trips.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from hub.alerts import lifecycle, mute, repository
from hub.alerts.dedup import Decision, Effect, fingerprint_of, judge
from hub.alerts.repository import BLINDING, Move, Recorded
from hub.alerts.rows import alert_row
from hub.alerts.rule import RuleConfig
from hub.kit.errors import NotFound
from hub.kit.ids import Ids
from hub.store import feed
from hub.types.finding import (
    Ack,
    Alert,
    Binding,
    Finding,
    Outcome,
    Policy,
    Reason,
    RuleKind,
)
from hub.types.staff import EVERYWHERE

Bind = Callable[[Finding], Binding]
"""Says where a finding happened. Raises NotFound when its source is not registered."""

TOPIC = "alert"
HUB = "hub"
"""The actor of what nobody did by hand."""

PICTURE_RULES = (RuleKind.ZONE_INTRUSION, RuleKind.LINE_CROSSING, RuleKind.CROWD)
LOOK_BACK_S = 3600.0
"""How far back the late close of an episode still finds its alert."""

_FINDING_ID = re.compile(r"(?P<producer>.+):(?P<seq>\d+)(?:/.*)?")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A finding with its id (`producer:seq`, or `producer:seq/rule`) and its rule, if known."""

    finding_id: str
    finding: Finding
    rule: RuleConfig | None


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of a finding. `dispatch`: its alert must now go to the queue."""

    outcome: Outcome
    reason: Reason
    alert: Alert | None
    dispatch: bool = False


@dataclass(slots=True)
class Desk:
    """What was known when the batch began, kept true while it is decided."""

    recorded: dict[str, Recorded]
    live: dict[str, Alert]
    cleared: dict[str, Alert]
    blind: dict[str, set[str]]
    mutes: list[mute.Mute]
    outcomes: list[Recorded] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    fresh: dict[str, Alert] = field(default_factory=dict)
    changed: dict[str, Alert] = field(default_factory=dict)


def admit_all(
    tx: Connection, batch: Sequence[Incoming], *, bind: Bind, now: float, ids: Ids
) -> list[Admission]:
    """Decide about findings in their order; one outcome for each id, once and for all.

    An id that was admitted before gets the recorded outcome, and nothing changes.
    """
    desk = _read(tx, batch, now)
    admissions = [_admit(tx, desk, incoming, bind, now, ids) for incoming in batch]
    _write(tx, desk, now)
    return admissions


def split_id(finding_id: str) -> tuple[str, int]:
    """Producer and sequence number of a finding's id. Raises ValueError."""
    match = _FINDING_ID.fullmatch(finding_id)
    if match is None:
        raise ValueError(f"{finding_id!r} is not producer:seq")
    return match["producer"], int(match["seq"])


def _read(tx: Connection, batch: Sequence[Incoming], now: float) -> Desk:
    recorded = repository.recorded(tx, {incoming.finding_id for incoming in batch})
    open_ones = [incoming for incoming in batch if incoming.finding_id not in recorded]
    fingerprints = {fingerprint_of(incoming.finding) for incoming in open_ones}
    if not open_ones:
        return Desk(recorded, {}, {}, {}, [])
    windows = [i.rule.repeat_within_s for i in open_ones if i.rule is not None]
    since = min(i.finding.raised_at for i in open_ones) - max(windows, default=0.0)
    watched = {i.finding.source for i in open_ones if i.finding.rule_kind in PICTURE_RULES}
    live = repository.live_alerts(tx, fingerprints)
    return Desk(
        recorded=recorded,
        live=live,
        cleared=repository.cleared_alerts(tx, fingerprints - set(live), since - LOOK_BACK_S),
        blind=repository.blinding_alerts(tx, watched),
        mutes=repository.list_mutes(tx, now, EVERYWHERE),
    )


def _admit(
    tx: Connection, desk: Desk, incoming: Incoming, bind: Bind, now: float, ids: Ids
) -> Admission:
    before = desk.recorded.get(incoming.finding_id)
    if before is not None:
        known = _known_alert(tx, desk, before.alert_id)
        return Admission(before.outcome, before.reason, known)
    finding, rule = incoming.finding, incoming.rule
    mark = fingerprint_of(finding)
    live, cleared = desk.live.get(mark), desk.cleared.get(mark)
    binding, barred = (None, None) if live else _where(desk, incoming, bind, now)
    repeat_within_s = rule.repeat_within_s if rule is not None else 0.0
    decision = judge(finding, live, cleared, repeat_within_s=repeat_within_s, barred=barred)
    if decision.effect is Effect.OPEN and rule is not None and binding is not None:
        alert: Alert | None = _open(finding, rule, binding, now, ids())
    else:
        alert = _moved(finding, decision, live or cleared, now)
    _note(desk, incoming, decision, alert, live or cleared, now)
    opened = decision.outcome is Outcome.OPENED
    dispatch = opened and alert is not None and alert.policy is Policy.AUTO_DISPATCH
    return Admission(decision.outcome, decision.reason, alert, dispatch)


def _known_alert(tx: Connection, desk: Desk, alert_id: str | None) -> Alert | None:
    if alert_id is None:
        return None
    held = desk.changed.get(alert_id) or desk.fresh.get(alert_id)
    return held or repository.get_alert(tx, alert_id)


def _where(
    desk: Desk, incoming: Incoming, bind: Bind, now: float
) -> tuple[Binding | None, tuple[Outcome, Reason] | None]:
    """Where it happened, and why no alert may be opened there now, if so."""
    finding = incoming.finding
    if incoming.rule is None:
        return None, (Outcome.REJECTED, Reason.UNKNOWN_RULE)
    try:
        binding = bind(finding)
    except NotFound:
        return None, (Outcome.REJECTED, Reason.UNKNOWN_SOURCE)
    if finding.rule_kind in PICTURE_RULES and desk.blind.get(finding.source):
        return binding, (Outcome.MUTED, Reason.INHIBITED_OFFLINE)
    code = binding.grid_code
    hit = mute.matching(
        desk.mutes, source=finding.source, rule_id=finding.rule_id, grid_code=code, at=now
    )
    return binding, None if hit is None else (Outcome.MUTED, Reason.MUTE)


def _open(finding: Finding, rule: RuleConfig, binding: Binding, now: float, alert_id: str) -> Alert:
    return Alert(
        id=alert_id,
        fingerprint=fingerprint_of(finding),
        rule_id=finding.rule_id,
        rule_kind=finding.rule_kind,
        source=finding.source,
        source_kind=finding.source_kind,
        place=finding.place,
        severity=finding.severity,
        policy=rule.policy,
        life=lifecycle.life_of(rule.policy, None),
        ack=Ack.UNACKED,
        verdict=None,
        episode_id=finding.episode_id,
        binding=binding,
        captured_at=finding.captured_at,
        raised_at=finding.raised_at,
        updated_at=now,
        cleared_at=None,
        dwell_s=finding.dwell_s,
        group_wait_s=rule.wait_s,
        findings=1,
        evidence_id=finding.evidence_id,
        incident_id=None,
        picture_point=finding.picture_point,
        box=finding.box,
        facts=finding.facts,
        exercise=finding.exercise,
    )


def _moved(finding: Finding, decision: Decision, alert: Alert | None, now: float) -> Alert | None:
    """The alert after a finding that joins it. Its beginning stays that of the first finding."""
    if alert is None or decision.outcome is not Outcome.MERGED:
        return None
    if decision.effect is Effect.CLEAR:
        alert = lifecycle.clear(alert, finding.raised_at)
    elif decision.effect is Effect.REOPEN:
        alert = lifecycle.reopen(alert)
    if decision.effect in (Effect.REFRESH, Effect.REOPEN):
        alert = replace(
            alert,
            severity=min(alert.severity, finding.severity),
            picture_point=finding.picture_point or alert.picture_point,
            box=finding.box or alert.box,
            facts=finding.facts,
            evidence_id=alert.evidence_id or finding.evidence_id,
        )
    return replace(
        alert,
        episode_id=finding.episode_id if decision.adopt else alert.episode_id,
        findings=alert.findings + 1,
        updated_at=max(now, alert.updated_at),
        version=alert.version + 1,
    )


def _note(
    desk: Desk,
    incoming: Incoming,
    decision: Decision,
    alert: Alert | None,
    before: Alert | None,
    now: float,
) -> None:
    """Keep the desk true, and remember what has to be written."""
    producer, seq = split_id(incoming.finding_id)
    outcome = Recorded(
        finding_id=incoming.finding_id,
        producer=producer,
        seq=seq,
        episode_id=incoming.finding.episode_id,
        outcome=decision.outcome,
        reason=decision.reason,
        alert_id=None if alert is None else alert.id,
        at=now,
    )
    desk.recorded[incoming.finding_id] = outcome
    desk.outcomes.append(outcome)
    if alert is None:
        return
    opened = decision.effect is Effect.OPEN
    (desk.fresh if opened or alert.id in desk.fresh else desk.changed)[alert.id] = alert
    # That it goes on as it was is no transition: a row every 10 s would bury the log.
    if decision.reason is not Reason.UPDATE or decision.note:
        desk.moves.append(_move(alert, None if opened else before, decision, now))
    if alert.cleared_at is None:
        desk.live[alert.fingerprint] = alert
    else:
        desk.live.pop(alert.fingerprint, None)
        desk.cleared[alert.fingerprint] = alert
    if alert.rule_kind in BLINDING:
        blinding = desk.blind.setdefault(alert.source, set())
        (blinding.add if alert.cleared_at is None else blinding.discard)(alert.id)


def _move(alert: Alert, before: Alert | None, decision: Decision, now: float) -> Move:
    return Move(
        entity=TOPIC,
        entity_id=alert.id,
        version=alert.version,
        at=now,
        what=decision.effect.value if decision.effect is not Effect.NONE else "note",
        from_state=None if before is None else before.life.value,
        to_state=alert.life.value,
        reason="; ".join(filter(None, (decision.reason.value, decision.note))),
        actor=HUB,
    )


def _write(tx: Connection, desk: Desk, now: float) -> None:
    repository.insert_outcomes(tx, desk.outcomes)
    repository.insert_alerts(tx, list(desk.fresh.values()))
    repository.update_alerts(tx, list(desk.changed.values()))
    repository.insert_moves(tx, desk.moves)
    # One entry for each alert: the states in between were never to be seen by anyone.
    told = (*desk.fresh.values(), *desk.changed.values())
    said = [(alert.id, alert_row(alert), alert.binding.grid_path) for alert in told]
    feed.append_all(tx, TOPIC, said, now)
