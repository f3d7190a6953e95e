"""Mutes: for a named reason, by a named owner, for a limited time, no new alerts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.kit.errors import Refused

LONGEST_S = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class MuteDraft:
    """What someone asks for: every selector that is given must match. Times are UTC seconds."""

    reason: str
    owner: str
    starts_at: float
    ends_at: float
    source: str | None = None
    rule_id: str | None = None
    grid_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """A mute as stored; `ended_at` when someone ended it early.

    `grid_path` is the ground it lies in: None for the whole site, () for what no grid contains.
    """

    id: str
    draft: MuteDraft
    created_at: float
    ended_at: float | None = None
    grid_path: tuple[str, ...] | None = None

    def is_on(self, at: float) -> bool:
        """Whether it is in force at that moment."""
        over_at = self.draft.ends_at if self.ended_at is None else self.ended_at
        return self.draft.starts_at <= at < min(over_at, self.draft.ends_at)


def check(draft: MuteDraft, now: float) -> None:
    """Raises Refused (`bad_mute`) unless reason, owner, selector and expiry are all there."""
    if not draft.reason.strip():
        raise Refused("a mute wants a reason", code="bad_mute")
    if not draft.owner.strip():
        raise Refused("a mute wants an owner", code="bad_mute")
    if not (draft.source or draft.rule_id or draft.grid_prefix):
        raise Refused("a mute wants a source, a rule or a grid: not everything", code="bad_mute")
    if not max(now, draft.starts_at) < draft.ends_at <= now + LONGEST_S:
        raise Refused("a mute ends in the future, within 30 days", code="bad_mute")


def matching(
    mutes: Iterable[Mute], *, source: str, rule_id: str, grid_code: str | None, at: float
) -> Mute | None:
    """The first mute in force at `at` that covers this source, rule and grid."""
    for mute in mutes:
        if mute.is_on(at) and _covers(mute.draft, source, rule_id, grid_code or ""):
            return mute
    return None


def _covers(draft: MuteDraft, source: str, rule_id: str, grid_code: str) -> bool:
    if draft.source and draft.source != source:
        return False
    if draft.rule_id and draft.rule_id != rule_id:
        return False
    return not draft.grid_prefix or grid_code.startswith(draft.grid_prefix)
