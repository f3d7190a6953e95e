"""The storms of one batch of findings: read once, kept true while it is decided, written once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from hub.alerts import lifecycle
from hub.alerts.dedup import fingerprint
from hub.alerts.group import UNBOUND
from hub.alerts.rule import GROUP_WAIT_S, RuleConfig
from hub.alerts.storms import repository
from hub.alerts.storms.plan import KINDS, StormConfig, severity_of
from hub.alerts.storms.repository import STORM, Member, Size
from hub.types.finding import (
    Ack,
    Alert,
    Binding,
    Facts,
    Finding,
    GridWhy,
    Life,
    Outcome,
    Phase,
    Reason,
    RuleKind,
    Severity,
)
from hub.types.scene import SourceKind


@dataclass(slots=True)
class Storm:
    """A storm while the batch is decided; `before` is None when it began in this batch.

    `counted`: findings of this batch in it. `folded`: alerts that became its duplicates.
    """

    alert: Alert
    before: Alert | None
    cameras: int = 0
    lost: int = 0
    joined_at: float = 0.0
    over_at: float = 0.0
    counted: int = 0
    first: str = ""
    folded: list[str] = field(default_factory=list)

    def gathers(self, finding: Finding, path: tuple[str, ...], within_s: float) -> bool:
        """Whether a camera lost there and then still belongs to it."""
        here = self.alert.place in (path or (UNBOUND,))
        near = abs(finding.raised_at - self.joined_at) <= within_s
        return self.lost > 0 and here and near and self.alert.rule_kind is finding.rule_kind


@dataclass(slots=True)
class Storms:
    """What is known of storms. `towards`: which storm a fingerprint joins, as was planned."""

    known: dict[str, Storm] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    towards: dict[str, str] = field(default_factory=dict)
    fresh: set[tuple[str, str]] = field(default_factory=set)
    touched: dict[tuple[str, str], Member] = field(default_factory=dict)

    def is_counted(self, mark: str, finding: Finding) -> bool:
        """Whether the finding belongs to a storm: one it is in, or one it now joins."""
        member = self.members.get(mark)
        if member is not None and (
            member.over_at is None or finding.episode_id == member.episode_id
        ):
            return True
        return mark in self.towards and finding.phase is not Phase.CLOSED

    def count(self, mark: str, finding: Finding, now: float) -> tuple[Outcome, Reason, Storm]:
        """What becomes of a finding of a storm."""
        member = self.members.get(mark)
        storm = self.known[self._storm_of(mark, finding, member)]
        storm.counted += 1
        if finding.phase is Phase.CLOSED and member is not None:
            return self._close(member, finding, storm, now)
        if member is not None and member.storm_id == storm.alert.id and member.over_at is None:
            self._keep(_followed(member, finding, now))
            return Outcome.MERGED, Reason.UPDATE, storm
        first = storm.before is None and storm.counted == 1
        self.join(mark, finding.source, finding.episode_id, finding, storm, now)
        if first:
            return Outcome.OPENED, Reason.NEW, storm
        return Outcome.MERGED, Reason.STORM, storm

    def overhear(self, mark: str, finding: Finding, now: float) -> None:
        """A finding of an alert that was folded into a storm goes its own way; the storm knows."""
        member = self.members.get(mark)
        if member is None or member.over_at is not None:
            return
        if finding.phase is not Phase.CLOSED:
            self._keep(_followed(member, finding, now))
        elif finding.episode_id == member.episode_id:
            self._over(member, finding, self.known[member.storm_id], now)

    def join(
        self,
        mark: str,
        source: str,
        episode_id: str,
        since: Finding | Alert,
        storm: Storm,
        now: float,
    ) -> None:
        """One camera more is lost in a storm."""
        known = self.members.get(mark)
        again = known is not None and known.storm_id == storm.alert.id
        storm.cameras += not again
        storm.lost += 1
        storm.joined_at = max(storm.joined_at, since.raised_at)
        member = Member(
            storm_id=storm.alert.id,
            fingerprint=mark,
            source=source,
            rule_kind=since.rule_kind,
            episode_id=episode_id,
            since=since.captured_at,
            joined_at=since.raised_at,
            updated_at=now,
        )
        if not again:
            self.fresh.add((member.storm_id, mark))
        self._keep(member)

    def _storm_of(self, mark: str, finding: Finding, member: Member | None) -> str:
        stays = member is not None and (
            member.over_at is None or finding.phase is Phase.CLOSED or mark not in self.towards
        )
        return member.storm_id if member is not None and stays else self.towards[mark]

    def _close(
        self, member: Member, finding: Finding, storm: Storm, now: float
    ) -> tuple[Outcome, Reason, Storm]:
        if finding.episode_id != member.episode_id:
            return Outcome.MERGED, Reason.STRAY, storm
        if member.over_at is None:
            self._over(member, finding, storm, now)
        return Outcome.MERGED, Reason.CLOSE, storm

    def _over(self, member: Member, finding: Finding, storm: Storm, now: float) -> None:
        storm.lost -= 1
        storm.over_at = max(storm.over_at, finding.raised_at)
        self._keep(replace(member, over_at=finding.raised_at, updated_at=now))

    def _keep(self, member: Member) -> None:
        self.members[member.fingerprint] = member
        self.touched[member.storm_id, member.fingerprint] = member

    def write(self, tx: Connection) -> None:
        """The cameras that joined, were heard of, or came back."""
        fresh = [each for key, each in self.touched.items() if key in self.fresh]
        repository.insert_members(tx, fresh)
        old = [each for key, each in self.touched.items() if key not in self.fresh]
        repository.update_members(tx, old)


def read(tx: Connection, findings: dict[str, Finding], since: float) -> Storms:
    """What concerns these findings, by fingerprint; nothing is asked where none is of a storm."""
    health = {mark: each for mark, each in findings.items() if may_storm(each)}
    if not health:
        return Storms()
    members = repository.members_of(tx, health, since)
    alerts = {each.id: each for each in repository.live(tx, KINDS)}
    missing = {each.storm_id for each in members.values()} - alerts.keys()
    alerts |= {each.id: each for each in repository.by_id(tx, missing)}
    sizes = repository.sizes(tx, alerts.keys())
    known = {key: of_alert(alert, sizes.get(key, Size())) for key, alert in alerts.items()}
    return Storms(known=known, members=members)


def may_storm(finding: Finding) -> bool:
    """Whether it tells of a camera lost, in earnest."""
    camera = finding.source_kind is SourceKind.CAMERA
    return camera and finding.rule_kind in KINDS and not finding.exercise


def of_alert(alert: Alert, size: Size) -> Storm:
    """A storm as it is stored."""
    first = str(alert.facts.get("first", ""))
    return Storm(alert, alert, size.cameras, size.lost, size.joined_at, first=first)


def mark_of(kind: RuleKind, code: str) -> str:
    """The fingerprint of the storm of a kind at a grid."""
    return fingerprint(STORM, kind.value, code)


def begun(finding: Finding, rule: RuleConfig, at: Binding, code: str, alert_id: str) -> Storm:
    """A new storm of one grid, at first without cameras."""
    policy = rule.policy_in_force
    alert = Alert(
        id=alert_id,
        fingerprint=mark_of(finding.rule_kind, code),
        rule_id=finding.rule_id,
        rule_kind=finding.rule_kind,
        source=STORM,
        source_kind=SourceKind.HUB,
        place=code,
        severity=finding.severity,
        policy=policy,
        life=lifecycle.life_of(policy, None),
        ack=Ack.UNACKED,
        verdict=None,
        episode_id=alert_id,
        binding=_at(at, code),
        captured_at=finding.captured_at,
        raised_at=finding.raised_at,
        updated_at=finding.raised_at,
        cleared_at=None,
        dwell_s=finding.dwell_s,
        group_wait_s=rule.wait_s,
        findings=0,
        evidence_id=None,
        incident_id=None,
    )
    return Storm(alert, None, first=finding.source)


def _at(of: Binding, code: str) -> Binding:
    if code == UNBOUND:
        return Binding(None, None, None, (), of.why, 0.0, None)
    path = of.grid_path[: of.grid_path.index(code) + 1]
    return Binding(code, None, code, path, GridWhy.NAMED, 1.0, None)


def settled(storm: Storm, config: StormConfig, now: float) -> Alert:
    """The alert of a storm after the batch."""
    alert, before = storm.alert, storm.before
    facts: Facts = {"cameras": storm.cameras, "lost": storm.lost, "first": storm.first}
    severity = severity_of(alert.severity, storm.cameras, config)
    if before is not None:
        severity = min(before.severity, Severity.P1 if severity is Severity.P1 else Severity.P4)
    alert = replace(
        alert,
        severity=severity,
        group_wait_s=min(alert.group_wait_s, GROUP_WAIT_S[severity]),
        findings=alert.findings + storm.counted,
        facts=facts,
        updated_at=max(now, alert.updated_at),
        version=1 if before is None else before.version + 1,
    )
    if storm.lost > 0 and alert.life is Life.CLEARED:
        return lifecycle.reopen(alert)
    if storm.lost <= 0 and alert.life is not Life.CLEARED:
        return lifecycle.clear(alert, storm.over_at or now)
    return alert


def what(before: Alert | None, after: Alert) -> str | None:
    """What its log says of the change, None for one that is not worth a line."""
    if before is None:
        return "open"
    if before.life is not after.life:
        return "clear" if after.life is Life.CLEARED else "reopen"
    return "grow" if before.severity is not after.severity else None


def _followed(member: Member, finding: Finding, now: float) -> Member:
    newer = finding.captured_at >= member.since
    episode = finding.episode_id if newer else member.episode_id
    return replace(member, episode_id=episode, updated_at=now)


def paths_first(storms: Iterable[Storm]) -> list[Storm]:
    """The finest grid first."""
    return sorted(storms, key=lambda each: -len(each.alert.binding.grid_path))
