"""When a clip begins, and what happened at which of its moments; kept beside the clip."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from hub.kit.errors import Permanent
from hub.types.scene import Box


class Moment(StrEnum):
    """What a mark on the time line says."""

    BEGAN = "began"
    RAISED = "raised"


@dataclass(frozen=True, slots=True)
class Mark:
    """`began`: the condition began to hold. `raised`: it had held long enough; with the box."""

    at: float
    what: Moment
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class ClipMarks:
    """Times are UTC epoch seconds; second 0 of the clip is `starts_at`."""

    starts_at: float
    ends_at: float
    marks: tuple[Mark, ...]

    def to_json(self) -> bytes:
        """As kept in the media store."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> ClipMarks:
        """Raises Permanent (`bad_marks`) for what `to_json` did not write."""
        try:
            body = json.loads(raw)
            marks = tuple(
                Mark(
                    at=each["at"],
                    what=Moment(each["what"]),
                    box=None if each["box"] is None else Box(**each["box"]),
                )
                for each in body["marks"]
            )
            return cls(body["starts_at"], body["ends_at"], marks)
        except (ValueError, KeyError, TypeError) as error:
            raise Permanent(f"these are no marks of a clip: {error}", code="bad_marks") from error
