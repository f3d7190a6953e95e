"""The step of the centre that makes approved exports: one at a time, at low priority."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.alerts.evidence.fonts import font, writable
from hub.app.quiet import Quiet
from hub.dispatch.cases import timeline
from hub.dispatch.lives import HUB
from hub.dispatch.reasons import REASONS
from hub.kit.clock import Clock, local_text
from hub.kit.errors import Permanent
from hub.kit.metrics import Metrics
from hub.privacy.exports import service
from hub.privacy.exports.package import Line, build
from hub.privacy.exports.service import Export, Made, Question
from hub.privacy.exports.watermark import Stamp
from hub.store.db import Database
from hub.store.media import MediaKind, MediaStore

PAUSE_S = 2.0
_CODES = frozenset(code for codes in REASONS.values() for code in codes)
_WORD = re.compile(r"[a-z_]+")
NICE = 19
"""Encoding clips must cost nobody a frame."""


class ExportStep:
    """Makes one export a turn. Everything but the making happens under the centre's fence."""

    def __init__(
        self,
        db: Database,
        store: MediaStore,
        clock: Clock,
        fence: Callable[[Connection], None],
        metrics: Metrics,
    ) -> None:
        self._db = db
        self._store = store
        self._clock = clock
        self._fence = fence
        self._metrics = metrics
        self._nice: int | None = None
        self._quiet = Quiet(db)

    def step(self, zone: ZoneInfo) -> float:
        """Make the one that waited longest; what cannot be made fails by name."""
        self._be_nice()
        now = self._clock.now()
        if self._quiet.lasts(now, service.next_moment):
            return PAUSE_S
        with self._db.write() as tx:
            self._fence(tx)
            service.expire(tx, now)
            export = service.take(tx, now)
            lines = [] if export is None else _lines(tx, export.question)
        if export is None:
            return PAUSE_S
        try:
            content = build(export, self._store, _stamp(export, zone, now), lines, now)
        except Permanent as error:
            self._end(export, error.code)
            return 0.0
        self._store.put(export.id, MediaKind.EXPORT, content)
        self._end(export, Made(len(content), hashlib.sha256(content).hexdigest()))
        return 0.0

    def _end(self, export: Export, result: Made | str) -> None:
        now = self._clock.now()
        with self._db.write() as tx:
            self._fence(tx)
            if isinstance(result, Made):
                service.done(tx, export, result, now)
            else:
                service.fail(tx, export, result, now)
        ended = "ready" if isinstance(result, Made) else "failed"
        self._metrics.add("hub_exports_total", 1, ended=ended)

    def _be_nice(self) -> None:
        """Of this thread alone, once: priorities are a thread's own on Linux."""
        thread = threading.get_native_id()
        if thread != self._nice and threading.current_thread() is not threading.main_thread():
            os.setpriority(os.PRIO_PROCESS, thread, NICE)
            self._nice = thread


def _lines(tx: Connection, asked: Question) -> list[Line]:
    told = timeline.told(tx, asked.incident_id).entries
    return [
        Line(
            e.at,
            f"{e.entity} {e.what}",
            e.before,
            e.after,
            e.reason if asked.free_words else _code(e),
            e.evidence_ids,
        )
        for e in told
    ]


def _code(entry: timeline.Entry) -> str:
    """The reason as far as it is a word of a closed list, or one of the hub's own."""
    head = entry.reason.partition(": ")[0]
    own = entry.actor == HUB.value and _WORD.fullmatch(head)
    return head if own or head in _CODES else ""


def _stamp(export: Export, zone: ZoneInfo, at: float) -> Stamp:
    words = f"{export.asked_by} {local_text(at, zone)} {export.number}"
    # Without a font that has Chinese the Latin part and the number, which finds the rest.
    return Stamp(writable(words, words), font)
