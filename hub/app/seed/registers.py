"""What a year leaves in the other registers: redraws, look-ups, roll calls, who was told what."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.access.actions import Action
from hub.access.service import LookReason
from hub.app.seed.alarms import Spot
from hub.app.seed.ground import COUNTY
from hub.app.seed.lives import Life
from hub.app.seed.people import Person, Staff
from hub.types.staff import Role

DAY_S = 86400.0
REDRAWS = 12
LOOKS = 60_000
_ACTIONS = (Action.EVIDENCE_LOOK, Action.LIVE_PICTURE, Action.INCIDENTS_READ, Action.ALERTS_READ)
_STEPS = ("file", "accept", "on_scene", "handle", "verify")
LATE = 0.25
"""Share of the cases that were supervised at some step."""

Row = Mapping[str, Any]


def redraws(grids: int, since: float) -> Iterator[Row]:
    """The first drawing, and what was changed a little each month since."""
    for no in range(1, REDRAWS + 1):
        at = since + (no - 1) * 30 * DAY_S
        first = no == 1
        yield {
            "no": no,
            "at": at,
            "by": "hub",
            "why": "建网" if first else "村组微调",
            "valid_from": at,
            "managed_by": "api",
            "added": grids if first else 0,
            "changed": 0 if first else 2,
            "settled_at": at,
        }


def looks(
    people: Sequence[Person], spots: Sequence[Spot], rng: random.Random, times: Sequence[float]
) -> Iterator[Row]:
    """The register of look-ups, oldest first."""
    for at in sorted(times):
        person = rng.choice(people)
        yield {
            "at": at,
            "actor": person.name,
            "action": rng.choice(_ACTIONS).value,
            "subject": rng.choice(spots).camera if spots else "all",
            "reason": rng.choice(tuple(LookReason)).value,
        }


def supervisions(lives: Sequence[Life], staff: Staff, rng: random.Random) -> Iterator[Row]:
    """Of cases that were late at a step; of those that are over nobody waits for an answer."""
    for life in lives:
        if rng.random() >= LATE:
            continue
        row, begin = life.row, life.begin
        opened_at = rng.uniform(row["opened_at"], life.at)
        leader = staff.nearest(Role.SUPERVISOR, begin.path, rng)
        over = row.get("closed_at")
        answered_at = min(opened_at + 3600.0, over or opened_at + 3600.0)
        yield {
            "id": f"{begin.id}-s",
            "subject": "incident",
            "subject_id": begin.id,
            "step": rng.choice(_STEPS),
            "level": "supervision",
            "round": 1,
            "severity": begin.severity.value,
            "grid_code": row["grid_code"],
            "grid_path": list(begin.path),
            "title": row.get("title", ""),
            "due_at": opened_at,
            "opened_at": opened_at,
            "state": "ended" if over else "answered",
            "answered_by": None if leader is None else leader.name,
            "answered_at": answered_at,
            "answer": "已督促处置",
            "ended_at": over,
            "version": 2,
        }


def notices(lives: Sequence[Life]) -> Iterator[Row]:
    """One for each errand."""
    for life, task in _errands(lives):
        yield {
            "key": f"incident/{life.begin.id}/{task['id']}",
            "about": f"incident/{life.begin.id}",
            "kind": "dispatched",
            "severity": life.begin.severity.value,
            "grid_path": list(life.begin.path),
            "at": task["created_at"],
            "roles": [Role.WORKER.value],
            "resolve_at": task["created_at"],
            "resolved_at": task["created_at"],
            "told": 2,
        }


def deliveries(lives: Sequence[Life], staff: Staff, rng: random.Random) -> Iterator[Row]:
    """To two people of the ground each, by the hub's own page."""
    for life, task in _errands(lives):
        told = (staff.nearest(role, life.begin.path, rng) for role in (Role.WORKER, Role.CHIEF))
        for number, person in enumerate((p for p in told if p is not None), start=1):
            at = task["created_at"] + number
            yield {
                "id": f"{task['id']}-n{number}",
                "notice_key": f"incident/{life.begin.id}/{task['id']}",
                "account": person.id,
                "channel": "live",
                "why": "post",
                "state": "delivered" if rng.random() < 0.9 else "sent",
                "batch": f"{task['id']}-n{number}",
                "created_at": at,
                "next_try_at": at,
                "tries": 1,
                "sent_at": at,
                "acked_at": at + 60.0,
            }


def _errands(lives: Sequence[Life]) -> Iterator[tuple[Life, dict[str, Any]]]:
    return ((life, task) for life in lives for task in life.tasks)


class RollCalls:
    """One of each town a month, of its cameras; one of the county a week, of its towns' posts."""

    def __init__(
        self, towns: Sequence[str], spots: Sequence[Spot], since: float, until: float
    ) -> None:
        self._calls: list[tuple[str, str, float]] = []
        weeks = int((until - since) / (7 * DAY_S))
        for week in range(weeks):
            at = since + (week * 7 + 1) * DAY_S
            self._calls.append((f"sd-w{week:02}", COUNTY, at))
            if week % 4 == 0:
                self._calls += [(f"sd-{t[:9]}-{week:02}", t, at + 3600.0) for t in towns]
        self._towns = towns
        self._spots: dict[str, list[Spot]] = {town: [] for town in towns}
        for spot in spots:
            path = spot.binding.grid_path
            if len(path) > 1 and path[1] in self._spots:
                self._spots[path[1]].append(spot)

    def rows(self) -> Iterator[Row]:
        """Each that was held."""
        for drill_id, grid, at in self._calls:
            yield {
                "id": drill_id,
                "title": "县点名" if grid == COUNTY else "镇视频点名",
                "grid": grid,
                "grid_path": self._path(grid),
                "starts_at": at,
                "ends_at": at + 3600.0,
                "state": "finished",
                "called_by": "hub",
                "finished_at": at + 3600.0,
            }

    def items(self, rng: random.Random) -> Iterator[Row]:
        """What was called, and what came of it."""
        for drill_id, grid, at in self._calls:
            called = (
                [("post", f"{t}/{Role.SHIFT_LEADER.value}", self._path(t)) for t in self._towns]
                if grid == COUNTY
                else [("camera", s.camera, list(s.binding.grid_path)) for s in self._spots[grid]]
            )
            for kind, subject, path in called:
                [result] = rng.choices(("good", "missed"), (95, 5))
                yield {
                    "drill_id": drill_id,
                    "kind": kind,
                    "subject": subject,
                    "label": subject,
                    "grid_code": path[-1] if path else None,
                    "grid_path": path,
                    "found": "online" if kind == "camera" else "",
                    "result": result,
                    "answered_by": "hub" if result == "good" else None,
                    "answered_at": at + 600.0 if result == "good" else None,
                    "version": 2,
                }

    def _path(self, grid: str) -> list[str]:
        return [COUNTY] if grid == COUNTY else [COUNTY, grid]
