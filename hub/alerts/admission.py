"""Findings become alerts: one batch, read once, decided in memory, written once.

Ten thousand findings at once (a power cut in a county) must not cost ten thousand round trips.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from hub.alerts import mute, repository
from hub.alerts.becoming import moved, opened
from hub.alerts.dedup import Decision, Effect, fingerprint_of, judge
from hub.alerts.muted import repository as muted
from hub.alerts.repository import BLINDING, Move, Recorded
from hub.alerts.rows import alert_row
from hub.alerts.rule import RuleConfig
from hub.alerts.storms import batch as storming
from hub.alerts.storms import repository as storm_rows
from hub.alerts.storms.batch import Storm, Storms
from hub.alerts.storms.gathering import Candidate, direct
from hub.alerts.storms.plan import StormConfig
from hub.kit.errors import NotFound
from hub.kit.ids import Ids
from hub.store import feed
from hub.types.finding import (
    Alert,
    Binding,
    Finding,
    Outcome,
    Phase,
    Policy,
    Reason,
    RuleKind,
)
from hub.types.staff import EVERYWHERE

Bind = Callable[[Finding], Binding]
"""Says where a finding happened. Raises NotFound when its source is not registered."""

Place = tuple[Binding | None, tuple[Outcome, Reason] | None]
"""Where a finding happened, and why no alert may be opened there now, if so."""

TOPIC = "alert"
HUB = "hub"
"""The actor of what nobody did by hand."""

PICTURE_RULES = (RuleKind.ZONE_INTRUSION, RuleKind.LINE_CROSSING, RuleKind.CROWD)
STORMS = StormConfig()
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
    """What became of a finding. `dispatch`: its alert must now go to the queue.

    `folded`: earlier alerts that have become duplicates of it. `graver`: the alert is of another
    severity than before; `again`: it had been cleared, and came back.
    """

    outcome: Outcome
    reason: Reason
    alert: Alert | None
    dispatch: bool = False
    folded: tuple[str, ...] = ()
    graver: bool = False
    again: bool = False


@dataclass(slots=True)
class Desk:
    """What was known when the batch began, kept true while it is decided."""

    recorded: dict[str, Recorded]
    live: dict[str, Alert]
    cleared: dict[str, Alert]
    blind: dict[str, set[str]]
    mutes: list[mute.Mute]
    storms: Storms = field(default_factory=Storms)
    places: dict[str, Place] = field(default_factory=dict)
    outcomes: list[Recorded] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    fresh: dict[str, Alert] = field(default_factory=dict)
    changed: dict[str, Alert] = field(default_factory=dict)


def admit_all(
    tx: Connection,
    batch: Sequence[Incoming],
    *,
    bind: Bind,
    now: float,
    ids: Ids,
    storms: StormConfig = STORMS,
) -> list[Admission]:
    """Decide about findings in their order; one outcome for each id, once and for all.

    An id that was admitted before gets the recorded outcome, and nothing changes.
    """
    desk = _read(tx, batch, now)
    _gather(tx, desk, batch, bind, now, ids, storms)
    admissions = [_admit(tx, desk, incoming, bind, now, ids) for incoming in batch]
    whole = _settle_storms(desk, storms, now)
    _write(tx, desk, now)
    muted.keep(tx, _silenced(batch, admissions))
    return [_told(each, whole) for each in admissions] if whole else admissions


def _silenced(batch: Sequence[Incoming], admissions: Sequence[Admission]) -> Iterator[Finding]:
    """Faults of cameras that are muted: a mute is for the ears, not for the figures."""
    for incoming, told in zip(batch, admissions, strict=True):
        finding = incoming.finding
        if told.reason is Reason.MUTE and finding.rule_kind in BLINDING and not finding.exercise:
            yield finding


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
    blind = repository.blinding_alerts(tx, watched)
    for source, storms in storm_rows.blinding(tx, watched).items():
        blind.setdefault(source, set()).update(storms)
    told = {
        fingerprint_of(i.finding): i.finding for i in open_ones if storming.may_storm(i.finding)
    }
    return Desk(
        recorded=recorded,
        live=live,
        cleared=repository.cleared_alerts(tx, fingerprints - set(live), since - LOOK_BACK_S),
        blind=blind,
        mutes=repository.list_mutes(tx, now, EVERYWHERE),
        storms=storming.read(tx, told, since - LOOK_BACK_S),
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
    if live is None and storming.may_storm(finding) and desk.storms.is_counted(mark, finding):
        return _count(desk, incoming, mark, now)
    desk.storms.overhear(mark, finding, now)
    binding, barred = (None, None) if live else _where(desk, incoming, bind, now)
    repeat_within_s = rule.repeat_within_s if rule is not None else 0.0
    decision = judge(finding, live, cleared, repeat_within_s=repeat_within_s, barred=barred)
    if decision.effect is Effect.OPEN and rule is not None and binding is not None:
        alert: Alert | None = opened(finding, rule, binding, now, ids())
    else:
        alert = moved(finding, decision, live or cleared, now)
    _note(desk, incoming, decision, alert, live or cleared, now)
    new = decision.outcome is Outcome.OPENED
    dispatch = new and alert is not None and alert.policy is Policy.AUTO_DISPATCH
    older = None if new else live or cleared
    return Admission(
        decision.outcome,
        decision.reason,
        alert,
        dispatch,
        graver=_graver(older, alert),
        again=decision.effect is Effect.REOPEN,
    )


def _graver(before: Alert | None, after: Alert | None) -> bool:
    return before is not None and after is not None and after.severity < before.severity


def _known_alert(tx: Connection, desk: Desk, alert_id: str | None) -> Alert | None:
    if alert_id is None:
        return None
    held = desk.changed.get(alert_id) or desk.fresh.get(alert_id)
    return held or repository.get_alert(tx, alert_id)


def _where(desk: Desk, incoming: Incoming, bind: Bind, now: float) -> Place:
    """Where it happened, and why no alert may be opened there now, if so."""
    known = desk.places.get(incoming.finding_id)
    if known is not None:
        return known
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


def _note(
    desk: Desk,
    incoming: Incoming,
    decision: Decision,
    alert: Alert | None,
    before: Alert | None,
    now: float,
) -> None:
    """Keep the desk true, and remember what has to be written."""
    alert_id = None if alert is None else alert.id
    _record(desk, incoming, decision.outcome, decision.reason, alert_id, now)
    if alert is None:
        return
    new = decision.effect is Effect.OPEN
    (desk.fresh if new or alert.id in desk.fresh else desk.changed)[alert.id] = alert
    # That it goes on as it was is no transition: a row every 10 s would bury the log.
    if decision.reason is not Reason.UPDATE or decision.note:
        desk.moves.append(_move(alert, None if new else before, decision, now))
    if alert.cleared_at is None:
        desk.live[alert.fingerprint] = alert
    else:
        desk.live.pop(alert.fingerprint, None)
        desk.cleared[alert.fingerprint] = alert
    if alert.rule_kind in BLINDING:
        blinding = desk.blind.setdefault(alert.source, set())
        (blinding.add if alert.cleared_at is None else blinding.discard)(alert.id)


def _record(
    desk: Desk,
    incoming: Incoming,
    outcome: Outcome,
    reason: Reason,
    alert_id: str | None,
    now: float,
) -> None:
    producer, seq = split_id(incoming.finding_id)
    recorded = Recorded(
        finding_id=incoming.finding_id,
        producer=producer,
        seq=seq,
        episode_id=incoming.finding.episode_id,
        outcome=outcome,
        reason=reason,
        alert_id=alert_id,
        at=now,
    )
    desk.recorded[incoming.finding_id] = recorded
    desk.outcomes.append(recorded)


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


# -- storms -----------------------------------------------------------------------------------


def _gather(
    tx: Connection,
    desk: Desk,
    batch: Sequence[Incoming],
    bind: Bind,
    now: float,
    ids: Ids,
    config: StormConfig,
) -> None:
    """Before anything is decided: which cameras of the batch join a storm."""
    found: dict[str, Candidate] = {}
    for incoming in batch:
        finding, rule = incoming.finding, incoming.rule
        mark = fingerprint_of(finding)
        if (
            rule is None
            or finding.phase is Phase.CLOSED
            or not storming.may_storm(finding)
            or incoming.finding_id in desk.recorded
            or mark in desk.live
            or mark in found
            or desk.storms.is_counted(mark, finding)
        ):
            continue
        desk.places[incoming.finding_id] = where = _where(desk, incoming, bind, now)
        if where[0] is not None and where[1] is None:
            found[mark] = Candidate(finding, rule, where[0])
    if not found:
        return
    for alert in direct(tx, desk.storms, list(found.values()), config=config, now=now, ids=ids):
        desk.changed[alert.id] = alert
        if alert.fingerprint in desk.live:
            desk.live[alert.fingerprint] = alert
        what, life = f"merge_into:{alert.merged_into}", alert.life.value
        said = (TOPIC, alert.id, alert.version, now, what, life, life, Reason.STORM.value, HUB)
        desk.moves.append(Move(*said))


def _count(desk: Desk, incoming: Incoming, mark: str, now: float) -> Admission:
    finding = incoming.finding
    outcome, reason, storm = desk.storms.count(mark, finding, now)
    _record(desk, incoming, outcome, reason, storm.alert.id, now)
    blinding = desk.blind.setdefault(finding.source, set())
    lost = desk.storms.members[mark].over_at is None
    (blinding.add if lost else blinding.discard)(storm.alert.id)
    new = outcome is Outcome.OPENED
    dispatch = new and storm.alert.policy is Policy.AUTO_DISPATCH
    return Admission(outcome, reason, storm.alert, dispatch)


def _settle_storms(desk: Desk, config: StormConfig, now: float) -> dict[str, Storm]:
    """The storms that the batch touched, each with its alert as it is at the end."""
    touched = {storm_id for storm_id, _ in desk.storms.touched}
    whole = {key: storm for key, storm in desk.storms.known.items() if key in touched}
    for storm in whole.values():
        before = storm.before
        storm.alert = alert = storming.settled(storm, config, now)
        (desk.fresh if before is None else desk.changed)[alert.id] = alert
        what = storming.what(before, alert)
        if what is not None:
            old = None if before is None else before.life.value
            reason = f"{Reason.STORM}; {storm.cameras} cameras, {storm.lost} lost"
            new = alert.life.value
            said = (TOPIC, alert.id, alert.version, now, what, old, new, reason, HUB)
            desk.moves.append(Move(*said))
    return whole


def _told(admission: Admission, storms: dict[str, Storm]) -> Admission:
    """The admission with its storm as it became; the first one tells what was folded."""
    storm = None if admission.alert is None else storms.get(admission.alert.id)
    if storm is None:
        return admission
    folded = tuple(storm.folded) if storm.counted else ()
    storm.folded = []
    return replace(
        admission,
        alert=storm.alert,
        folded=folded,
        graver=_graver(storm.before, storm.alert),
        again=storming.what(storm.before, storm.alert) == "reopen",
    )


def _write(tx: Connection, desk: Desk, now: float) -> None:
    desk.storms.write(tx)
    repository.insert_outcomes(tx, desk.outcomes)
    repository.insert_alerts(tx, list(desk.fresh.values()))
    repository.update_alerts(tx, list(desk.changed.values()))
    repository.insert_moves(tx, desk.moves)
    # One entry for each alert: the states in between were never to be seen by anyone.
    told = (*desk.fresh.values(), *desk.changed.values())
    said = [(alert.id, alert_row(alert), alert.binding.grid_path) for alert in told]
    feed.append_all(tx, TOPIC, said, now)
