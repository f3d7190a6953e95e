"""Deriving the figures anew where something happened; each call is one small transaction's work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.indicators import repository
from hub.indicators.cameras import Fault, Known, Seconds, followed, seconds
from hub.indicators.days import bounds, day_of
from hub.indicators.facts import assemble
from hub.indicators.places import Place, places
from hub.store.ground import Standing, source_paths

LINES_AT_ONCE = 500
LOG, ALERTS, CAMERAS = "log", "alerts", "cameras"
"""The marks."""
_ADDED = ("alerts", "findings", "judged", "false_alarms", "incidents")


def follow(tx: Connection, through: int, zone: ZoneInfo) -> bool:
    """Read on in the log up to the number `through`, at most `LINES_AT_ONCE` lines.

    `through` is settled: no line will appear below it. Returns whether there is more.
    """
    after = int(repository.mark(tx, LOG) or 0)
    if through <= after:
        return False
    ids, reached = repository.touched(tx, after, through, LINES_AT_ONCE)
    _cases(tx, ids["incident"], zone)
    # A verdict may come long after its alert was raised.
    for day in sorted({day_of(at, zone) for at in repository.raised(tx, ids["alert"])}):
        count_alerts(tx, day, zone)
    repository.put_mark(tx, LOG, reached)
    return reached < through


def derive(
    tx: Connection,
    incident_ids: Sequence[str],
    through: int,
    times: tuple[float, float],
    zone: ZoneInfo,
) -> None:
    """Everything at once, of a log that was written in bulk: these incidents, and the alerts.

    `times` holds all alerts, `through` is the last line of the log.
    """
    for start in range(0, len(incident_ids), LINES_AT_ONCE):
        _cases(tx, incident_ids[start : start + LINES_AT_ONCE], zone)
    first, last = (day_of(at, zone) for at in times)
    for number in range((last - first).days + 1):
        count_alerts(tx, first + timedelta(days=number), zone)
    repository.put_mark(tx, LOG, through)
    repository.put_mark(tx, ALERTS, times[1])
    repository.put_mark(tx, CAMERAS, times[1])


def _cases(tx: Connection, ids: Collection[str], zone: ZoneInfo) -> None:
    facts = [assemble(case, lines) for case, lines in repository.cases(tx, ids)]
    kept = [
        (each, day_of(each.due_by, zone).isoformat(), places(each.case.grid_path)) for each in facts
    ]
    repository.put_facts(tx, ids, kept)


def count_alerts(tx: Connection, day: date, zone: ZoneInfo) -> None:
    """The alerts raised on that day, by grid and kind, in place of what was counted before."""
    sums: dict[tuple[Place, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_ADDED, 0))
    for row in repository.alert_rows(tx, *bounds(day, zone)):
        for place in places(row.grid_path):
            into = sums[place, row.rule_kind]
            for name in _ADDED:
                into[name] += int(getattr(row, name) or 0)
    rows: list[dict[str, Any]] = [
        {"grid_code": place.code, "parent_code": place.parent, "rule_kind": kind, **counted}
        for (place, kind), counted in sums.items()
    ]
    repository.put_alert_days(tx, day.isoformat(), rows)


def follow_cameras(tx: Connection, now: float) -> None:
    """Write down which cameras have come into use, left it, or stand elsewhere since last time."""
    rows = repository.registered(tx)
    stand = source_paths(tx, Standing.CAMERA, [row.id for row in rows])
    known = {row.id: Known(row.enabled, tuple(stand[row.id]), row.updated_at) for row in rows}
    repository.put_spans(tx, *followed(repository.open_spans(tx), known, now))


def count_cameras(tx: Connection, day: date, zone: ZoneInfo, now: float) -> None:
    """How long cameras were in use, online and whole on that day, up to now.

    Each counts where it stood and as long as it was in use then, whatever it is today.
    """
    start, end = bounds(day, zone)
    end = min(end, now)
    if end <= start:
        return
    of: dict[str, list[Fault]] = defaultdict(list)
    for fault in repository.faults(tx, start, end):
        of[fault.camera].append(fault)
    sums: dict[Place, Seconds] = defaultdict(Seconds)
    there: dict[Place, set[str]] = defaultdict(set)
    for span in repository.spans(tx, start, end):
        one = seconds(span, of[span.camera], start, end)
        for place in places(span.path or ()):
            sums[place] = sums[place].plus(one)
            if one.cameras:
                there[place].add(span.camera)
    told = ((place, replace(sums[place], cameras=len(there[place]))) for place in sums)
    repository.put_camera_days(tx, day.isoformat(), told)


def open_days(tx: Connection, name: str, now: float, zone: ZoneInfo) -> Sequence[date]:
    """The days that may have changed since the mark: from that of the mark to today.

    Yesterday is always one of them: what lasted over midnight ended today.
    """
    today = day_of(now, zone)
    reached = repository.mark(tx, name)
    yesterday = today - timedelta(days=1)
    first = yesterday if reached is None else min(day_of(reached, zone), yesterday)
    return [first + timedelta(days=n) for n in range((today - first).days + 1)]
