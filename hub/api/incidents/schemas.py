"""What is said and told about the life of incidents."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from hub.api.dispatch.schemas import IncidentOut
from hub.api.schemas import Answer, Body, Limit, Moment, Page, Place, When
from hub.api.supervisions.schemas import ClockOut
from hub.dispatch.cases.approvals import AskState
from hub.dispatch.lives import Verb
from hub.grids.tree import GridKind
from hub.types.finding import Severity
from hub.types.work import IncidentState, Origin

Note = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]
Title = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Id = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\w.:-]+$")]
Version = Annotated[int, Field(ge=1)]
Reported = Literal[Origin.WORKER, Origin.COUNTER, Origin.PATROL, Origin.DEPARTMENT, Origin.OTHER]


class PositionIn(Body):
    """WGS-84 degrees."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class TakerOut(Answer):
    """A grid that a case may be handed over to; `path`: codes from the root to itself."""

    code: str
    name: str
    kind: GridKind
    path: tuple[str, ...]


class ContactIn(Body):
    """How to call back whoever reported; erased once they have been asked how it went."""

    name: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = ""
    phone: Annotated[str, Field(min_length=3, max_length=40, pattern=r"^[0-9+() -]+$")]


class HandlingIn(Body):
    """What was done on the spot: in words, with photos or a reason why there is none."""

    disposition: Title
    no_evidence: Note = ""
    photo_ids: tuple[Id, ...] = Field(default=(), max_length=20)


class ReportIn(Body):
    """What somebody reports. Where: a position, or the code of a grid, or neither (unbound).

    `photo_ids` come from `POST /incidents/photos`. `handled`: the reporter dealt with it already.
    `class_code`: of which class it is, else its origin decides; the class says how grave it is
    where nobody does.
    """

    origin: Reported
    title: Title
    description: Note = ""
    severity: Severity | None = None
    class_code: Id | None = None
    grid: Id | None = None
    position: PositionIn | None = None
    contact: ContactIn | None = None
    photo_ids: tuple[Id, ...] = Field(default=(), max_length=20)
    exercise: bool = False
    handled: HandlingIn | None = None


class MoveIn(Body):
    """What is said with a move; `version` is the one that was looked at, if it matters."""

    note: Note = ""
    version: Version | None = None


class ReasonIn(MoveIn):
    """A move that wants a reason: a code of the verb's list (`GET /incidents/reasons`)."""

    reason: Id


class TriageIn(MoveIn):
    """`severity` corrects what was reported."""

    severity: Severity | None = None


class FileIn(MoveIn):
    """`hold`: wait for a dispatcher, else it goes out at once."""

    hold: bool = False


class SettleIn(MoveIn, HandlingIn):
    """Dealt with on the spot, without an errand."""


class HandOverIn(ReasonIn):
    """To which grid, by its code, or by a position in it."""

    grid: Id | None = None
    position: PositionIn | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> HandOverIn:
        if self.grid is None and self.position is None:
            raise ValueError("a grid or a position")
        return self


class SplitIn(MoveIn):
    """What becomes a matter of its own: some of the alerts, or what the title says."""

    title: Title
    description: Note = ""
    alert_ids: tuple[Id, ...] = Field(default=(), max_length=100)
    hold: bool = False


class MergeIn(MoveIn):
    """Into which other incident it goes."""

    into: Id


class ExtendIn(ReasonIn):
    """Until when it shall be handled."""

    until: When


class PassIn(MoveIn):
    """What the handling left unsaid may be said now."""

    disposition: Note = ""
    no_evidence: Note = ""


class RateIn(MoveIn):
    """1 to 5; the note says why."""

    rating: int = Field(ge=1, le=5)


class DecideIn(Body):
    """Yes or no to what another person asked for.

    `version`: of the incident, as it was when it was looked at; a yes is said to no other.
    """

    granted: bool
    note: Note = ""
    version: Version | None = None

    @model_validator(mode="after")
    def _looked(self) -> DecideIn:
        if self.granted and self.version is None:
            raise ValueError("a yes names the version that was looked at")
        return self


class ApprovalOut(Answer):
    """Something asked for and, once decided, the decision; a yes names `incident_version`."""

    id: str
    incident_id: str
    verb: Verb
    reason: str
    note: str
    until: Moment | None
    state: AskState
    asked_by: str
    asked_at: Moment
    decided_by: str | None
    decided_at: Moment | None
    decision_note: str
    incident_version: int


class ApprovalQuery(Body):
    """Which questions are wanted; by itself those that wait for a decision."""

    state: AskState | None = AskState.ASKED
    incident_id: str | None = None
    after: str | None = None
    limit: Limit = 50


class IncidentDetailOut(IncidentOut):
    """One incident in full. `verbs` are those open to whoever asks, `asked` what waits for a yes.

    `contact`: a reporter can still be called back (`GET /incidents/{id}/contact`). `clocks` are
    those that run or stand still, the most urgent first.
    """

    verbs: tuple[Verb, ...]
    asked: tuple[ApprovalOut, ...]
    description: str
    position: Place | None
    reported_by: str | None
    handled_by: str | None
    handled_at: Moment | None
    disposition: str
    no_evidence: str
    photo_ids: tuple[str, ...]
    rating_note: str
    contact: bool
    clocks: tuple[ClockOut, ...]


class ContactOut(Answer):
    """How to call back whoever reported."""

    name: str
    phone: str


class EntryOut(Answer):
    """One line of the timeline. `evidence_ids` are the pictures it brought.

    `seq` is its number in the log of all transitions. Pictures of an `alert` are at
    `/evidence/{id}/picture` and `/clip`, those of others at `/evidence/{id}/photo`. `sealed`: the
    chain of seals holds this line.
    """

    seq: int
    at: Moment
    entity: Literal["incident", "alert", "task", "whistle"]
    entity_id: str
    what: str
    before: str | None
    after: str | None
    reason: str
    actor: str
    evidence_ids: tuple[str, ...]
    sealed: bool


class TimelineOut(Page[EntryOut]):
    """The lines, the oldest first. `cut`: there are more before them than are told here."""

    cut: bool


class CardOut(IncidentOut):
    """An incident of the board with its clocks, the most urgent first."""

    clocks: tuple[ClockOut, ...] = ()


class ColumnOut(Answer):
    """A column of the board: how many in which state, and the most urgent of them."""

    id: str
    states: tuple[IncidentState, ...]
    count: int
    counts: dict[IncidentState, int]
    first: tuple[CardOut, ...]


class BoardOut(Answer):
    """`asked` questions wait for a second person, `unbound` open incidents have no grid."""

    columns: tuple[ColumnOut, ...]
    asked: int
    unbound: int


class BoardQuery(Body):
    """`grid` means that grid and all below it; `first`: how many of each column."""

    grid: str | None = None
    first: Annotated[int, Field(ge=0, le=100)] = 20
