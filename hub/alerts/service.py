"""What the other rooms may ask of this one. Each call works in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.alerts import lifecycle, repository
from hub.alerts import mute as muting
from hub.alerts.admission import (
    HUB,
    TOPIC,
    Admission,
    Bind,
    Incoming,
    admit_all,
    split_id,
)
from hub.alerts.dedup import fingerprint
from hub.alerts.journal import Actor, change, locked
from hub.alerts.mute import Mute, MuteDraft
from hub.alerts.page import AlertFilter, AlertOrder
from hub.alerts.repository import Move, Recorded
from hub.alerts.rows import alert_row
from hub.alerts.rule import RuleConfig
from hub.alerts.silent import (
    close_silent_episodes,
    end_silent_storms,
    silent_episodes,
    silent_storms,
)
from hub.kit.errors import Conflict, Forbidden, NotFound
from hub.kit.ids import Ids
from hub.store import feed
from hub.store.page import Page, page
from hub.types.finding import (
    Ack,
    Alert,
    Binding,
    Facts,
    Finding,
    Life,
    Outcome,
    Policy,
    Reason,
    RuleKind,
    Severity,
    Verdict,
)
from hub.types.scene import SourceKind
from hub.types.staff import EVERYWHERE, Jurisdiction

__all__ = [
    "Actor",
    "Admission",
    "Bind",
    "Incoming",
    "acknowledge",
    "admit",
    "admit_all",
    "clear_own",
    "close_silent_episodes",
    "end_mute",
    "end_silent_storms",
    "get",
    "history",
    "ledger",
    "list_alerts",
    "list_mutes",
    "live_own_places",
    "mute",
    "neighbours",
    "note",
    "raise_own",
    "reject",
    "silent_episodes",
    "silent_storms",
    "verdict",
]

PAGE_MAX = 500


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of all findings: their ids by outcome, and counts by outcome and reason."""

    ids: dict[Outcome, set[str]]
    counts: dict[tuple[Outcome, Reason], int]

    @property
    def total(self) -> int:
        """How many findings have an outcome."""
        return sum(len(ids) for ids in self.ids.values())


def note(tx: Connection, alert_id: str, what: str, reason: str, *, now: float) -> Alert:
    """A line in an alert's log that changes nothing of it. Raises NotFound (`no_such_alert`)."""
    alert = locked(tx, alert_id, None)
    return change(tx, alert, alert, now, what, reason=reason)


# -- findings ---------------------------------------------------------------------------------


def admit(
    tx: Connection,
    finding_id: str,
    finding: Finding,
    *,
    rule: RuleConfig | None,
    bind: Bind,
    now: float,
    ids: Ids,
) -> Admission:
    """Decide about one finding; for many use `admit_all`, which reads and writes once."""
    incoming = Incoming(finding_id, finding, rule)
    return admit_all(tx, [incoming], bind=bind, now=now, ids=ids)[0]


def reject(tx: Connection, finding_id: str, reason: Reason, *, now: float) -> Admission:
    """Record a finding that cannot be read; the outcome that stands already is kept."""
    before = repository.recorded(tx, [finding_id]).get(finding_id)
    if before is not None:
        return Admission(before.outcome, before.reason, None)
    producer, seq = split_id(finding_id)
    row = Recorded(finding_id, producer, seq, "", Outcome.REJECTED, reason, None, now)
    repository.insert_outcomes(tx, [row])
    return Admission(Outcome.REJECTED, reason, None)


def ledger(tx: Connection) -> Ledger:
    """What became of every finding."""
    return Ledger(repository.finding_ids(tx), repository.outcome_counts(tx))


# -- the centre's own alerts ------------------------------------------------------------------


def raise_own(
    tx: Connection,
    kind: RuleKind,
    source: str,
    source_kind: SourceKind,
    binding: Binding,
    *,
    place: str = "",
    severity: Severity = Severity.P2,
    since: float | None = None,
    facts: Facts | None = None,
    now: float,
    ids: Ids,
) -> Admission:
    """An alert of the hub about itself: `unobserved` (a dead worker's grid), `undelivered`.

    There is one live alert for each kind, source and place; raising it again refreshes it. It
    comes from no finding, so the ledger does not count it. It stays until `clear_own`.
    """
    mark = fingerprint(source, kind.value, place)
    live = repository.live_alerts(tx, [mark]).get(mark)
    if live is not None:
        fresher = replace(live, facts=facts or live.facts)
        if fresher == live:
            return Admission(Outcome.MERGED, Reason.REPEAT, live)
        changed = change(tx, live, fresher, now, "refresh", reason=Reason.REPEAT.value)
        return Admission(Outcome.MERGED, Reason.REPEAT, changed)
    began = now if since is None else since
    alert = Alert(
        id=ids(),
        fingerprint=mark,
        rule_id=kind.value,
        rule_kind=kind,
        source=source,
        source_kind=source_kind,
        place=place,
        severity=severity,
        policy=Policy.AUTO_DISPATCH,
        life=Life.ACTIVE,
        ack=Ack.UNACKED,
        verdict=None,
        episode_id=ids(),
        binding=binding,
        captured_at=began,
        raised_at=now,
        updated_at=now,
        cleared_at=None,
        dwell_s=now - began,
        group_wait_s=0.0,
        findings=0,
        evidence_id=None,
        incident_id=None,
        facts=facts or {},
    )
    repository.insert_alerts(tx, [alert])
    move = Move(TOPIC, alert.id, 1, now, "open", None, alert.life.value, Reason.NEW.value, HUB)
    repository.insert_moves(tx, [move])
    feed.append(tx, TOPIC, alert.id, alert_row(alert), now, binding.grid_path)
    return Admission(Outcome.OPENED, Reason.NEW, alert, dispatch=True)


def clear_own(
    tx: Connection, kind: RuleKind, source: str, *, place: str = "", now: float
) -> Alert | None:
    """The trouble is over; None when there was no such alert."""
    mark = fingerprint(source, kind.value, place)
    live = repository.live_alerts(tx, [mark]).get(mark)
    if live is None:
        return None
    return change(tx, live, lifecycle.clear(live, now), now, "clear", reason=Reason.CLOSE.value)


def live_own_places(tx: Connection, kind: RuleKind) -> set[str]:
    """Where alerts of this kind, raised by the hub itself, have not been cleared."""
    return repository.live_places(tx, kind)


# -- what people do ---------------------------------------------------------------------------


def acknowledge(
    tx: Connection,
    alert_id: str,
    *,
    actor: Actor,
    now: float,
    reason: str = "",
    version: int | None = None,
) -> Alert:
    """Take note of an alert.

    Raises NotFound (`no_such_alert`), Conflict (`already_acknowledged`, `stale_version` when
    `version` is given and is not the present one).
    """
    before = locked(tx, alert_id, version)
    after = lifecycle.acknowledge(before)
    return change(tx, before, after, now, "acknowledge", actor=actor, reason=reason)


def verdict(
    tx: Connection,
    alert_id: str,
    judged: Verdict,
    *,
    actor: Actor,
    now: float,
    reason: str = "",
    version: int | None = None,
) -> Admission:
    """Judge an alert; `dispatch` says whether it must now go to the queue.

    Raises NotFound (`no_such_alert`), Conflict (`already_judged`, `merged`, `stale_version`).
    """
    before = locked(tx, alert_id, version)
    after = lifecycle.give_verdict(before, judged)
    dispatch = lifecycle.must_dispatch(before, after)
    changed = change(tx, before, after, now, f"verdict:{judged}", actor=actor, reason=reason)
    return Admission(Outcome.MERGED, Reason.UPDATE, changed, dispatch)


def get(tx: Connection, alert_id: str, *, within: Jurisdiction = EVERYWHERE) -> Alert:
    """One alert of that ground. Raises NotFound (`no_such_alert`)."""
    alert = repository.get_alert(tx, alert_id)
    if alert is None or not within.covers(alert.binding.grid_path):
        raise NotFound(f"there is no alert {alert_id!r}", code="no_such_alert")
    return alert


def history(tx: Connection, alert_id: str) -> list[Move]:
    """The log of one alert, oldest first."""
    return repository.moves_of(tx, TOPIC, alert_id)


def list_alerts(
    tx: Connection,
    wanted: AlertFilter,
    limit: int = 50,
    cursor: str | None = None,
    order: AlertOrder = AlertOrder.NEWEST,
) -> Page[Alert]:
    """A page of alerts in the order asked for. Raises Refused (`bad_cursor`)."""
    urgency = order is AlertOrder.URGENCY
    listed = repository.urgent_alerts if urgency else repository.list_alerts
    place = repository.urgency if urgency else repository.age
    return page(
        lambda after, count: listed(tx, wanted, after, count),
        place,
        cursor,
        max(1, min(limit, PAGE_MAX)),
    )


def neighbours(
    tx: Connection, alert: Alert, within: Jurisdiction = EVERYWHERE
) -> tuple[str | None, str | None]:
    """The alerts of the same source, in that ground, raised before and after this one."""
    return repository.neighbours(tx, alert, within)


def mute(
    tx: Connection,
    draft: MuteDraft,
    *,
    path: tuple[str, ...] | None = None,
    actor: Actor,
    now: float,
    ids: Ids,
) -> Mute:
    """Let no new alerts open for a while; live ones go on. Raises Refused (`bad_mute`).

    `path` is the ground the mute lies in, None for the whole site.
    """
    muting.check(draft, now)
    made = Mute(id=ids(), draft=draft, created_at=now, grid_path=path)
    repository.insert_mute(tx, made)
    _log_mute(tx, made, 1, "mute", draft.reason, actor, now)
    return made


def end_mute(
    tx: Connection,
    mute_id: str,
    *,
    within: Jurisdiction = EVERYWHERE,
    actor: Actor,
    now: float,
    reason: str = "",
) -> Mute:
    """End a mute of that ground before its time.

    Raises NotFound (`no_such_mute`), Forbidden (`outside_jurisdiction`: one of the whole site),
    Conflict (`mute_over`).
    """
    known = repository.get_mute(tx, mute_id)
    if known is None or not within.covers(known.grid_path or ()):
        if known is not None and known.grid_path is None:
            text = f"mute {mute_id} is of the whole site"
            raise Forbidden(text, code="outside_jurisdiction")
        raise NotFound(f"there is no mute {mute_id!r}", code="no_such_mute")
    if known.ended_at is not None or known.draft.ends_at <= now:
        raise Conflict(f"mute {mute_id} is over already", code="mute_over")
    repository.end_mute(tx, mute_id, now)
    ended = replace(known, ended_at=now)
    _log_mute(tx, ended, 2, "end_mute", reason, actor, now)
    return ended


def list_mutes(
    tx: Connection, on_at: float | None = None, *, within: Jurisdiction = EVERYWHERE
) -> list[Mute]:
    """Those of that ground and of the whole site, in force at `on_at` if given; newest first."""
    return repository.list_mutes(tx, on_at, within)


def _log_mute(
    tx: Connection, mute_: Mute, version: int, what: str, reason: str, actor: Actor, now: float
) -> None:
    repository.insert_moves(
        tx,
        [Move("mute", mute_.id, version, now, what, None, None, reason, actor.name, actor.device)],
    )
    said = {"id": mute_.id, "what": what, "at": now}
    feed.append(tx, "mute", mute_.id, said, now, mute_.grid_path)
