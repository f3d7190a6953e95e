"""What a department is called for: a whistle, child of an incident with a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.types.finding import RuleKind, Severity
from hub.types.site import LonLat


class WhistleState(StrEnum):
    """Life of a whistle; what may follow stands in `dispatch/incident.py`.

    Who is in CONTACTED or SENT_BACK is on it.
    """

    CALLED = "called"
    SIGNED = "signed"
    CONTACTED = "contacted"
    REPORTED = "reported"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    VOID = "void"


class WhistlePart(StrEnum):
    """Who leads and who helps: an incident has at most one open lead whistle."""

    LEAD = "lead"
    JOINT = "joint"


@dataclass(frozen=True, slots=True)
class Report:
    """What a department says it did, and when (UTC epoch seconds)."""

    at: float
    text: str
    photo_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whistle:
    """One department called for one incident. Times are UTC epoch seconds.

    `severity`, `rule_kind`, `title`, the grid, `position` (where it is known) and `exercise` are
    its incident's of now. `reason` is the code of a refusal, of the last sending back, or of why
    the hub ended it; `answer` the words said with it. `reports`: the oldest first. Each
    deadline is near from its `…_soon` on, None where it was called before there was that.
    """

    id: str
    incident_id: str
    unit: str
    part: WhistlePart
    state: WhistleState
    note: str
    severity: Severity
    rule_kind: RuleKind
    grid_code: str | None
    grid_path: tuple[str, ...]
    exercise: bool
    title: str
    position: LonLat | None
    called_at: float
    called_by: str
    sign_by: float
    contact_by: float
    report_by: float
    updated_at: float
    version: int = 1
    signed_at: float | None = None
    signed_by: str | None = None
    contacted_at: float | None = None
    reported_at: float | None = None
    reported_by: str | None = None
    ended_at: float | None = None
    sign_soon: float | None = None
    contact_soon: float | None = None
    report_soon: float | None = None
    reason: str = ""
    answer: str = ""
    reports: tuple[Report, ...] = ()
