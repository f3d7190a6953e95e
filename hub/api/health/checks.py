"""How the hub is, part by part, each in a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from hub.api.cameras.states import states_of
from hub.api.deps import Deps
from hub.api.health.schemas import CheckOut, Standstill, Word
from hub.dispatch.auditing import repository as audit
from hub.dispatch.auditing.repository import Beat
from hub.dispatch.outbox.repository import Backlog, backlog
from hub.ingest import service as sources
from hub.kit.errors import Retryable
from hub.store import feed
from hub.store.audit import seals
from hub.store.lease import CENTRE, held_until
from hub.types.scene import HealthState

OUTBOX_LATE_S = 60.0
SPOOL_LATE = 100
TAKEOVER_S = 20.0
"""A standby that is there has taken over by then."""

_ORDER: tuple[Word, ...] = ("good", "degraded", "bad")


def worst(parts: tuple[CheckOut, ...]) -> Word:
    """The word for the whole."""
    return max((part.word for part in parts), key=_ORDER.index, default="good")


def ready(hub: Deps) -> None:
    """Return if a request can be served. Raises Retryable while the database does not answer."""
    with hub.db.read() as tx:
        feed.latest(tx)


def standstill(hub: Deps) -> Standstill | None:
    """What every page at a desk has to say, as notices and alarms end with the centre.

    Raises Retryable.
    """
    now = hub.clock.now()
    with hub.db.read() as tx:
        until, beat = held_until(tx, CENTRE), audit.last_beat(tx)
    if until is None or now - until > TAKEOVER_S:
        return "no_centre"
    return "auditor_late" if beat is not None and beat.is_late(now) else None


def checks(hub: Deps) -> Iterator[CheckOut]:
    """All parts; a database that does not answer is told, not raised."""
    yield _spool(hub.spool.pending())
    yield from _workers(hub)
    try:
        with hub.db.read() as tx:
            wanted = [entry.spec.id for entry in sources.cameras().list(tx, enabled=True)]
            backlogs = [backlog(tx, centre.id) for centre in hub.dispatch.centres]
            until = held_until(tx, CENTRE)
            logs = seals.standings(tx)
            beat = audit.last_beat(tx)
    except Retryable as error:
        yield CheckOut(part="database", word="bad", says=f"it does not answer ({error.code})")
        return
    yield CheckOut(part="database", word="good", says="it answers")
    yield _centre(until, hub.clock.now())
    yield _cameras(hub, wanted)
    for one in backlogs:
        yield _queue(one, hub.clock.now())
    yield _seals(logs, hub.clock.now())
    yield _auditor(beat, hub.clock.now())


def _spool(pending: int) -> CheckOut:
    if pending > SPOOL_LATE:
        says = f"{pending} readings wait on our disk for the centre"
        return CheckOut(part="spool", word="degraded", says=says)
    return CheckOut(part="spool", word="good", says="the centre takes what comes")


def _centre(until: float | None, now: float) -> CheckOut:
    if until is None or until <= now:
        since = "" if not until else f" for {now - until:.0f} s"
        says = f"no centre is active{since}: findings wait in the spools"
        return CheckOut(part="centre", word="bad", says=says)
    return CheckOut(part="centre", word="good", says="one is active")


def _workers(hub: Deps) -> Iterator[CheckOut]:
    try:
        alive = hub.heartbeats.all()
    except Retryable as error:
        yield CheckOut(part="redis", word="bad", says=f"it does not answer ({error.code})")
        return
    yield CheckOut(part="redis", word="good", says="it answers")
    failing = sorted(name for name, body in alive.items() if body.get("errors"))
    if not alive:
        yield CheckOut(part="workers", word="bad", says="no worker speaks")
    elif failing:
        says = f"{len(alive)} speak; loops fail in {', '.join(failing)}"
        yield CheckOut(part="workers", word="degraded", says=says)
    else:
        yield CheckOut(part="workers", word="good", says=f"{len(alive)} speak")


def _cameras(hub: Deps, wanted: list[str]) -> CheckOut:
    states = states_of(hub.heartbeats)
    away = [
        id_ for id_ in wanted if id_ not in states or states[id_].state is not HealthState.ONLINE
    ]
    word: Word = "good" if not away else "bad" if len(away) == len(wanted) else "degraded"
    says = f"{len(wanted) - len(away)} of {len(wanted)} give a picture"
    return CheckOut(part="cameras", word=word, says=says)


def _seals(logs: list[seals.Standing], now: float) -> CheckOut:
    late = [f"{one.unsealed_rows} of {one.chain}" for one in logs if one.is_late(now)]
    if late:
        says = f"rows wait for their seal: {', '.join(late)}"
        return CheckOut(part="log", word="degraded", says=says)
    return CheckOut(part="log", word="good", says="it is sealed")


def _auditor(beat: Beat | None, now: float) -> CheckOut:
    part = "auditor"
    if beat is None:
        return CheckOut(part=part, word="degraded", says="it has not looked yet")
    if beat.is_late(now):
        age_s = now - beat.at
        ahead = f"its last look is dated {-age_s:.0f} s ahead: nobody knows whether it looks"
        late = f"it has not looked for {age_s:.0f} s: nobody watches the clocks"
        return CheckOut(part=part, word="bad", says=ahead if age_s < 0 else late)
    if not beat.found:
        says = f"it looked {now - beat.at:.0f} s ago and found nothing"
        return CheckOut(part=part, word="good", says=says)
    grave = any(each.kind in audit.GRAVE for each in beat.found)
    named = ", ".join(f"{e.count} {e.kind} (first {e.first})" for e in beat.found)
    return CheckOut(part=part, word="bad" if grave else "degraded", says=f"it found: {named}")


def _queue(one: Backlog, now: float) -> CheckOut:
    part = f"queue of {one.centre}"
    if one.dead:
        says = f"{one.dead} tasks could not be delivered"
        return CheckOut(part=part, word="bad", says=says)
    oldest = one.oldest_unacked_at
    if oldest is not None and now - oldest > OUTBOX_LATE_S:
        says = f"the oldest task has waited {now - oldest:.0f} s for the centre to take it"
        return CheckOut(part=part, word="degraded", says=says)
    return CheckOut(part=part, word="good", says=f"{one.unsent + one.unacked} tasks on their way")
