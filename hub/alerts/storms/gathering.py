"""Which cameras of a batch join a storm: one that gathers, or one that begins with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.alerts import lifecycle
from hub.alerts import repository as alert_rows
from hub.alerts.dedup import fingerprint_of
from hub.alerts.rule import RuleConfig
from hub.alerts.storms import repository
from hub.alerts.storms.batch import Storm, Storms, begun, mark_of, of_alert, paths_first
from hub.alerts.storms.plan import Lost, StormConfig, gather
from hub.alerts.storms.repository import Size
from hub.kit.ids import Ids
from hub.types.finding import Alert, Binding, Finding, Verdict


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding that would open an alert of its own, and where."""

    finding: Finding
    rule: RuleConfig
    binding: Binding

    @property
    def mark(self) -> str:
        """Its fingerprint."""
        return fingerprint_of(self.finding)

    def lost(self) -> Lost:
        """The same for the plan."""
        return Lost(
            self.mark, self.finding.rule_kind, self.binding.grid_path, self.finding.raised_at
        )


def direct(
    tx: Connection,
    storms: Storms,
    candidates: Sequence[Candidate],
    *,
    config: StormConfig,
    now: float,
    ids: Ids,
) -> list[Alert]:
    """Say of each candidate which storm it joins, if any; returns the alerts folded into them."""
    alone = [each for each in candidates if not _joins(storms, each, config)]
    if not alone:
        return []
    times = [each.finding.raised_at for each in alone]
    start, end = min(times) - config.within_s, max(times) + config.within_s
    kinds = {each.finding.rule_kind for each in alone}
    single = {each.fingerprint: each for each in repository.recent(tx, kinds, start, end)}
    before = [
        Lost(mark, each.rule_kind, each.binding.grid_path, each.raised_at)
        for mark, each in single.items()
    ]
    codes = gather([*before, *(each.lost() for each in alone)], config)
    _begin(tx, storms, [each for each in alone if each.mark in codes], codes, ids)
    targets = [storms.known[key] for key in sorted(set(storms.towards.values()))]
    of_code = {storm.alert.fingerprint: storm for storm in targets}
    folds = [
        (alert, storm)
        for mark, alert in single.items()
        if (storm := of_code.get(mark_of(alert.rule_kind, codes.get(mark, "")))) is not None
    ]
    return _fold(tx, storms, folds, now)


def _joins(storms: Storms, each: Candidate, config: StormConfig) -> bool:
    """Whether it joins a storm that lives: its own again, else the finest that still gathers."""
    finding = each.finding
    member = storms.members.get(each.mark)
    if member is not None and member.over_at is not None:
        own = storms.known[member.storm_id]
        if own.lost > 0 and finding.raised_at - member.over_at <= each.rule.repeat_within_s:
            storms.towards[each.mark] = own.alert.id
            return True
    for storm in paths_first(storms.known.values()):
        if storm.gathers(finding, each.binding.grid_path, config.within_s):
            storms.towards[each.mark] = storm.alert.id
            storm.joined_at = max(storm.joined_at, finding.raised_at)
            return True
    return False


def _begin(
    tx: Connection, storms: Storms, those: Sequence[Candidate], codes: dict[str, str], ids: Ids
) -> None:
    """The storms that they are the beginning of; one that lives, or has just cleared, goes on."""
    known = {storm.alert.fingerprint: storm for storm in storms.known.values() if storm.lost > 0}
    wanted = {mark_of(each.finding.rule_kind, codes[each.mark]): each for each in reversed(those)}
    since = {
        mark: each.finding.raised_at - each.rule.repeat_within_s for mark, each in wanted.items()
    }
    missing = wanted.keys() - known.keys()
    if missing:
        earliest = min(since[mark] for mark in missing)
        for mark, alert in alert_rows.cleared_alerts(tx, missing, earliest).items():
            if alert.cleared_at is not None and alert.cleared_at >= since[mark]:
                size = repository.sizes(tx, [alert.id]).get(alert.id, Size())
                known[mark] = storms.known.setdefault(alert.id, of_alert(alert, size))
    for mark in sorted(missing - known.keys()):
        each = wanted[mark]
        storm = begun(each.finding, each.rule, each.binding, codes[each.mark], ids())
        known[mark] = storms.known[storm.alert.id] = storm
    for each in those:
        mark = mark_of(each.finding.rule_kind, codes[each.mark])
        storms.towards[each.mark] = known[mark].alert.id


def _fold(
    tx: Connection, storms: Storms, folds: Sequence[tuple[Alert, Storm]], now: float
) -> list[Alert]:
    """The alerts as duplicates of their storms; one that a person judged or merged stays itself."""
    leading = repository.with_duplicates(tx, [alert.id for alert, _ in folds])
    folded: list[Alert] = []
    for alert, storm in folds:
        storms.join(alert.fingerprint, alert.source, alert.episode_id, alert, storm, now)
        if alert.verdict is not None or alert.id in leading:
            continue
        judged = lifecycle.give_verdict(alert, Verdict.DUPLICATE)
        storm.folded.append(alert.id)
        folded.append(
            replace(
                judged,
                merged_into=storm.alert.id,
                version=alert.version + 1,
                updated_at=max(now, alert.updated_at),
            )
        )
    return folded
