"""Whether a finding opens an alert or belongs to one. Pure: all it needs is handed in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from hub.types.finding import Alert, Finding, Outcome, Phase, Reason
from hub.types.scene import Point

FAR = 0.25
"""From this distance on (picture coordinates) it is probably another thing in the same place."""


class Effect(StrEnum):
    """What happens to the alert."""

    OPEN = "open"
    REFRESH = "refresh"
    REOPEN = "reopen"
    CLEAR = "clear"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a finding, why, and what it does to the alert.

    `adopt`: the alert follows this finding's episode from now on. `note` is for people.
    """

    outcome: Outcome
    reason: Reason
    effect: Effect
    adopt: bool = False
    note: str = ""


def fingerprint(source: str, rule_id: str, place: str) -> str:
    """What makes two findings the same matter: source, rule, zone or line. Never a track."""
    return f"{source}/{rule_id}/{place}"


def fingerprint_of(finding: Finding) -> str:
    """The fingerprint of a finding."""
    return fingerprint(finding.source, finding.rule_id, finding.place)


def judge(
    finding: Finding,
    live: Alert | None,
    cleared: Alert | None,
    *,
    repeat_within_s: float,
    barred: tuple[Outcome, Reason] | None,
) -> Decision:
    """Decide about one finding.

    `live`: the alert of its fingerprint that has not been cleared. `cleared`: the one cleared
    last. `barred`: why no alert may be opened now (muted, inhibited, unknown), if so; it does
    not stop a live alert from being updated or cleared.
    """
    if live is not None:
        return _joins(finding, live)
    if finding.phase is Phase.CLOSED:
        return _late_close(finding, cleared, barred)
    if barred is not None:
        return Decision(*barred, Effect.NONE)
    if cleared is not None and _comes_back(finding, cleared, repeat_within_s):
        return Decision(Outcome.MERGED, Reason.REOPENED, Effect.REOPEN, adopt=True)
    return Decision(Outcome.OPENED, Reason.NEW, Effect.OPEN, adopt=True)


def _comes_back(finding: Finding, cleared: Alert, repeat_within_s: float) -> bool:
    if finding.episode_id == cleared.episode_id:
        return True  # it never ended: it had only fallen silent
    if cleared.merged_into is not None:
        return False  # it stands for nothing by itself: what comes now would be heard by nobody
    since = cleared.cleared_at
    return since is not None and finding.raised_at - since <= repeat_within_s


def _joins(finding: Finding, live: Alert) -> Decision:
    same = finding.episode_id == live.episode_id
    if finding.phase is Phase.CLOSED:
        if same:
            return Decision(Outcome.MERGED, Reason.CLOSE, Effect.CLEAR)
        # The close of an episode that the alert no longer follows: a late word from before a crash.
        return Decision(Outcome.MERGED, Reason.STRAY, Effect.NONE)
    note = _elsewhere(finding.picture_point, live.picture_point)
    if same and finding.phase is Phase.UPDATED:
        return Decision(Outcome.MERGED, Reason.UPDATE, Effect.REFRESH, note=note)
    # A worker that came back opens its episode anew; the newer one is the one to follow.
    newer = not same and finding.captured_at >= live.captured_at
    return Decision(Outcome.MERGED, Reason.REPEAT, Effect.REFRESH, adopt=newer, note=note)


def _late_close(
    finding: Finding, cleared: Alert | None, barred: tuple[Outcome, Reason] | None
) -> Decision:
    if cleared is not None and cleared.episode_id == finding.episode_id:
        return Decision(Outcome.MERGED, Reason.CLOSE, Effect.NONE)
    if barred is not None:
        return Decision(*barred, Effect.NONE)
    return Decision(Outcome.REJECTED, Reason.STRAY, Effect.NONE)


def _elsewhere(point: Point | None, known: Point | None) -> str:
    if point is None or known is None:
        return ""
    distance = math.dist(point, known)
    return f"seen {distance:.2f} of the picture away from before" if distance > FAR else ""
