"""What is said and told of evidence that leaves the house."""

from __future__ import annotations

from pydantic import Field

from hub.api.schemas import Answer, Body, Moment
from hub.privacy.exports.service import (
    EVIDENCE_MAX,
    FETCHES_MAX,
    Export,
    ExportReason,
    ExportState,
    Question,
)


class ExportIn(Body):
    """What is asked for; no pictures named means all that the incident has.

    `free_words`: what people wrote about the case goes along in the timeline.
    """

    incident_id: str = Field(min_length=1, max_length=64)
    evidence_ids: tuple[str, ...] = Field(default=(), max_length=EVIDENCE_MAX)
    reason: ExportReason
    note: str = Field(min_length=1, max_length=500)
    receiver: str = Field(min_length=1, max_length=200)
    legal_ground: str = Field(min_length=1, max_length=200)
    free_words: bool = False

    def question(self) -> Question:
        """As the hub reckons with it."""
        return Question(
            self.incident_id,
            self.evidence_ids,
            self.reason,
            self.note.strip(),
            self.receiver.strip(),
            self.legal_ground.strip(),
            self.free_words,
        )


class DecisionIn(Body):
    """Yes or no, with words; a no wants a reason."""

    granted: bool
    note: str = Field(default="", max_length=500)


class ExportOut(Answer):
    """One export. `sha256` is of the file; `fetches_left` while it can be fetched.

    `mine`: whoever asks may not decide it, and alone may fetch it.
    """

    id: str
    number: str
    incident_id: str
    evidence_ids: tuple[str, ...]
    reason: ExportReason
    note: str
    receiver: str
    legal_ground: str
    free_words: bool
    state: ExportState
    asked_by: str
    asked_at: Moment
    decided_by: str | None
    decided_at: Moment | None
    decision_note: str
    failure: str
    ready_at: Moment | None
    fetch_until: Moment | None
    fetches_left: int
    size_bytes: int | None
    sha256: str | None
    mine: bool

    @classmethod
    def of(cls, export: Export, asker: str) -> ExportOut:
        """An export as told to somebody."""
        asked = export.question
        names = set(cls.model_fields) & set(Export.__slots__)
        return cls(
            **{name: getattr(export, name) for name in names},
            incident_id=asked.incident_id,
            evidence_ids=asked.evidence_ids,
            reason=asked.reason,
            note=asked.note,
            receiver=asked.receiver,
            legal_ground=asked.legal_ground,
            free_words=asked.free_words,
            fetches_left=max(0, FETCHES_MAX - export.fetches),
            mine=export.asked_by == asker,
        )
