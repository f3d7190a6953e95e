"""Runs a draft rule over what was seen in the last minutes: what would it have found?"""

from __future__ import annotations

from collections.abc import Sequence

from hub.alerts.engine import RuleEngine
from hub.alerts.rule import RuleBinding
from hub.kit.ids import counted_ids
from hub.types.finding import Finding
from hub.types.scene import SourceKind, Tick, TracksSeen


def findings_of(binding: RuleBinding, seen: Sequence[TracksSeen]) -> list[Finding]:
    """All findings of the rule on these frames (oldest first), the same at each call.

    An episode that is still open at the end has no closing finding. Stored nowhere.
    Raises Misconfigured (`no_place`) without the zone or line the rule needs.
    """
    if not seen:
        return []
    draft = RuleBinding(
        rule=binding.rule.model_copy(update={"enabled": True}),
        zone=binding.zone,
        line=binding.line,
    )
    engine = RuleEngine(seen[0].source, SourceKind.CAMERA, [draft], counted_ids("trial"))
    findings: list[Finding] = []
    for before, frame in zip([seen[0], *seen[:-1]], seen, strict=True):
        # A pause in the frames is time that passed: hold times may run out in it.
        if frame.captured_at - before.captured_at > 1.0:
            findings += engine.step(Tick(frame.source, frame.captured_at))
        findings += engine.step(frame)
    return findings
