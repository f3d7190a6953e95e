"""Whistles of the invented year: departments called for cases, by the table of their life."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.app.seed.lives import NOBODY, Life
from hub.app.seed.people import UNITS, Person, Staff
from hub.dispatch.config import DispatchConfig
from hub.dispatch.incident import WHISTLES
from hub.dispatch.lives import Verb, Who
from hub.dispatch.timers.rows import Timer
from hub.dispatch.whistles import clock
from hub.types.staff import Role
from hub.types.whistle import WhistlePart, WhistleState

CALLED = 0.25
"""Share of the cases that went out for which a department was called."""
JOINT = 0.2
"""Share of those for which a second one helped."""
_WAYS: tuple[tuple[float, tuple[Verb, ...]], ...] = (
    (0.80, (Verb.SIGN, Verb.CONTACT, Verb.REPORT, Verb.ACCEPT)),
    (0.08, (Verb.SIGN, Verb.CONTACT, Verb.REPORT, Verb.SEND_BACK, Verb.REPORT, Verb.ACCEPT)),
    (0.07, (Verb.SIGN, Verb.REFUSE)),
    (0.05, (Verb.WITHDRAW,)),
)
_STAMPS = {Verb.SIGN: "signed", Verb.CONTACT: "contacted", Verb.REPORT: "reported"}
_ENDS = frozenset({WhistleState.ACCEPTED, WhistleState.REFUSED, WhistleState.WITHDRAWN})
_BY_UNIT = frozenset({Verb.SIGN, Verb.CONTACT, Verb.REPORT, Verb.REFUSE})
_SAID = ("已到场处置完毕", "设施已修复", "已约谈责任单位并整改")

Row = Mapping[str, Any]


@dataclass(slots=True)
class Whistle:
    """One whistle: its row, its log, and while it is open its clocks.

    What has become due meanwhile fires when a centre starts, as after any long absence.
    """

    row: dict[str, Any]
    clocks: list[Timer]
    lines: list[Row] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether the department still has something to do."""
        return "ended_at" not in self.row


def whistles(
    lives: Sequence[Life], staff: Staff, config: DispatchConfig, rng: random.Random, until: float
) -> Iterator[Whistle]:
    """Those of these cases; what would lie after the case's end, or `until`, has not happened."""
    for life in lives:
        if not life.tasks or rng.random() >= CALLED:
            continue
        units = rng.sample(UNITS, 2 if rng.random() < JOINT else 1)
        for number, unit in enumerate(units, start=1):
            part = WhistlePart.LEAD if number == 1 else WhistlePart.JOINT
            made = _called(life, f"{life.begin.id}-w{number}", unit, part, staff, config, rng)
            _walk(made, life, staff.of_unit(unit, rng), rng, until)
            yield made


def _called(
    life: Life,
    whistle_id: str,
    unit: str,
    part: WhistlePart,
    staff: Staff,
    config: DispatchConfig,
    rng: random.Random,
) -> Whistle:
    caller = staff.nearest(Role.DISPATCHER, life.begin.path, rng)
    at, severity = life.tasks[0]["created_at"], life.begin.severity
    due = clock.due(severity, at, config)
    row = {
        "id": whistle_id,
        "incident_id": life.begin.id,
        "unit": unit,
        "part": part.value,
        "state": WhistleState.CALLED.value,
        "called_at": at,
        "called_by": NOBODY if caller is None else caller.name,
        "updated_at": at,
        "version": 1,
        **clock.columns(due),
    }
    made = Whistle(row, clock.planned(whistle_id, severity, at, due, config))
    _note(made, Verb.CALL, None, str(row["called_by"]), f"{part} {unit}")
    return made


def _walk(made: Whistle, life: Life, person: Person, rng: random.Random, until: float) -> None:
    [way] = rng.choices([way for _, way in _WAYS], [share for share, _ in _WAYS])
    row, state = made.row, WhistleState.CALLED
    closed_at = life.row.get("closed_at")
    if closed_at is None:  # the case goes on, and so may this
        way = way[: rng.randrange(len(way) + 1)]
    ends_at = until if closed_at is None else closed_at
    step_s = min((row["report_by"] - row["called_at"]) * 0.8, ends_at - row["called_at"])
    step_s /= len(way) + 1
    for verb in way:
        by_unit = verb in _BY_UNIT
        who: Who = Role.DEPARTMENT if by_unit else Role.DISPATCHER
        name = person.name if by_unit else row["called_by"]
        before, state = state, WHISTLES.move(state, verb, who)
        row |= {"updated_at": row["updated_at"] + step_s, "state": state.value}
        row["version"] += 1
        _values(row, verb, state, name, rng)
        _note(made, verb, before, name, row.get("reason") or "")
        moved = {each.key: each for each in clock.moved(made.clocks, state)}
        made.clocks = [moved.get(each.key, each) for each in made.clocks]


def _values(
    row: dict[str, Any], verb: Verb, state: WhistleState, name: str, rng: random.Random
) -> None:
    at = row["updated_at"]
    if verb in _STAMPS:
        row[f"{_STAMPS[verb]}_at"] = at
    if verb is Verb.SIGN:
        row["signed_by"] = name
    if verb is Verb.REPORT:
        said = {"at": at, "text": rng.choice(_SAID), "photo_ids": []}
        row |= {"reported_by": name, "reports": [*row.get("reports", ()), said]}
    if verb in (Verb.REFUSE, Verb.SEND_BACK):
        row["reason"] = "not_mine" if verb is Verb.REFUSE else "not_done"
    if state in _ENDS:
        row["ended_at"] = at


def _note(made: Whistle, verb: Verb, before: WhistleState | None, by: str, reason: str) -> None:
    row = made.row
    made.lines.append(
        {
            "entity": "whistle",
            "entity_id": row["id"],
            "version": row["version"],
            "at": row["updated_at"],
            "what": verb.value,
            "from_state": before,
            "to_state": row["state"],
            "reason": reason,
            "actor": by,
            "device": None,
        }
    )
