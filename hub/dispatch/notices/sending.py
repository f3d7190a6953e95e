"""The one way out: due rows are taken, sent outside any transaction, and marked after.

At least once: a process that ends between sending and marking sends again, under the same key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.dispatch.notices import repository, words
from hub.dispatch.notices.reading import repository as reading
from hub.dispatch.notices.resolving import AGAIN_S, HOLDER, SELF, Rules
from hub.dispatch.notifier import ErrorClass, Json, Letter, Outcome
from hub.dispatch.notifiers import Channel, kind_of
from hub.dispatch.taxonomy import Taxonomy
from hub.kit.clock import iso
from hub.types.finding import RuleKind, Severity

Found = repository.Found
BATCHES = 50
MARGIN_S = 30.0
"""So long after its time limit a try that was never marked counts as broken off."""
FRESH_S = 60.0
"""So long a delivery goes by who was on duty when it was written; then that is asked again."""
GATEWAY_GONE = "no_such_channel"
KEPT_FOR_P1 = 5
"""One part in so many of what a channel may send in a minute is kept for P1."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One message to send: the rows it is for, and the try it is the how-manieth of."""

    channel: Channel
    letter: Letter
    ids: tuple[str, ...]
    tries: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be sent now.

    `broken_off`: tries that an ended process never marked; `dead`: the messages of which that was
    the last one, and how many tries each had.
    """

    errands: tuple[Errand, ...] = ()
    broken_off: int = 0
    dead: tuple[tuple[str, int], ...] = ()


def take(
    tx: Connection,
    channel: Channel,
    rules: Rules,
    classes: Taxonomy,
    now: float,
    limit: int = BATCHES,
) -> Taken:
    """Take what is due on a channel, the gravest first: it is noted before anything leaves."""
    room = _room(tx, channel, now, limit)
    batches = _within(repository.due(tx, channel.id, now, room.all), room)
    rows = [row for mine in batches.values() for row in mine]
    if not rows:
        return Taken()
    broken = [row.id for row in rows if row.state == repository.SENDING]
    told = "broken off between sending and marking"
    repository.insert_tries(tx, broken, now, ErrorClass.UNKNOWN.value, None, told)
    wanted = {row.id for row in _still_wanted(tx, channel, rows, rules, now)}
    errands: list[Errand] = []
    dead: list[tuple[str, int]] = []
    letters = _Letters(tx, [row.notice_key for row in rows], classes)
    for batch, whole in batches.items():
        mine = [row for row in whole if row.id in wanted]
        if not mine:
            continue
        ids, tries = tuple(row.id for row in mine), max(row.tries for row in mine) + 1
        if tries > rules.config.dead_after:
            _bury(tx, ids, now, ErrorClass.UNKNOWN.value)
            dead.append((batch, tries - 1))
            continue
        until = now + channel.timeout_s + MARGIN_S
        noted = {"state": repository.SENDING, "tries": tries, "next_try_at": until}
        repository.set_deliveries(tx, ids, **noted, paused_at=None)
        errands.append(Errand(channel, letters.write(batch, mine), ids, tries))
    return Taken(tuple(errands), len(broken), tuple(dead))


def bury_orphans(tx: Connection, rules: Rules, now: float) -> Mapping[str, int]:
    """What waits for a channel that is no more, or switched off, is a dead letter.

    Returns how many of each channel.
    """
    on = [channel.id for channel in rules.config.channels if channel.enabled]
    found = repository.of_other_channels(tx, on)
    _bury(tx, [one for one, _channel in found], now, GATEWAY_GONE)
    return Counter(channel for _one, channel in found)


def has_orphans(tx: Connection, rules: Rules) -> bool:
    """Whether something waits for such a channel."""
    on = [channel.id for channel in rules.config.channels if channel.enabled]
    return bool(repository.of_other_channels(tx, on))


def next_try(tx: Connection, channel: str) -> float | None:
    """When a channel has something to send (UTC epoch seconds), None: nothing waits for it."""
    return repository.next_try(tx, channel)


@dataclass(frozen=True, slots=True)
class _Room:
    """How many messages may leave now; `common` of them may be other than P1."""

    all: int
    common: int


def _room(tx: Connection, channel: Channel, now: float, limit: int) -> _Room:
    """What a channel may still send in this minute."""
    if channel.per_minute is None:
        return _Room(limit, limit)
    left = channel.per_minute - repository.tried_since(tx, channel.id, now - 60.0, now)
    kept = channel.per_minute // KEPT_FOR_P1
    return _Room(max(0, min(limit, left)), max(0, min(limit, left - kept)))


def _within(rows: Sequence[Found], room: _Room) -> dict[str, list[Found]]:
    """The batches that there is room for, in their order; the others wait where they stand."""
    found: dict[str, list[Found]] = {}
    for row in rows:
        found.setdefault(row.batch, []).append(row)
    grave = [batch for batch, mine in found.items() if _severity(mine) is Severity.P1]
    common = [batch for batch in found if batch not in set(grave)]
    chosen = [*grave, *common[: max(0, min(room.common, room.all - len(grave)))]]
    return {batch: found[batch] for batch in chosen}


def _severity(rows: Sequence[Found]) -> Severity:
    return min(Severity(row.severity) for row in rows)


def _still_wanted(
    tx: Connection, channel: Channel, rows: Sequence[Found], rules: Rules, now: float
) -> list[Found]:
    """Without those whose person has gone off duty meanwhile: others are asked for instead.

    Where the notice names its person there are no others: it waits for them as long as it is
    fresh, unless the channel disturbs nobody.
    """
    named_freely = SELF if not kind_of(channel).disturbs else None
    asked = [row for row in rows if _waited(row, now) and row.why not in (HOLDER, named_freely)]
    known = {
        account: rules.people.on_duty(tx, account, now)
        for account in {row.account for row in asked if row.account}
    }
    gone = [row for row in asked if not known.get(row.account, True)]
    stale = now - rules.config.stale_after_s
    named = [row.id for row in gone if row.why == SELF and row.created_at > stale]
    later = {"state": repository.WAITING, "next_try_at": now + AGAIN_S}
    repository.set_deliveries(tx, named, **later)
    dropped = [row for row in gone if row.id not in set(named)]
    if dropped:
        ids = [row.id for row in dropped]
        repository.set_deliveries(tx, ids, state=repository.DROPPED, error="off_duty")
        repository.look_again(tx, {row.notice_key for row in dropped}, now)
    left_out = {row.id for row in gone}
    return [row for row in rows if row.id not in left_out]


def _waited(row: Found, now: float) -> bool:
    """Whether who is on duty may be another by now, whatever it waited for.

    Written by a clock that was ahead, nobody knows how long it has.
    """
    return bool(row.put_off or row.tries) or abs(now - row.created_at) > FRESH_S


def mark(tx: Connection, errand: Errand, outcome: Outcome, rules: Rules, now: float) -> bool:
    """Note a try and what follows from it; True when the message is now a dead letter.

    Whoever has acknowledged it while it was under way has it: then the try changes nothing.
    """
    error = outcome.error
    repository.insert_tries(
        tx, errand.ids, now, None if error is None else error.value, outcome.status, outcome.words
    )
    if error is None:
        state = repository.DELIVERED if outcome.delivered else repository.SENT
        repository.set_deliveries(tx, errand.ids, sent_at=now, error=None)
        repository.set_sending(tx, errand.ids, state=state)
        return False
    if error is not ErrorClass.RETRYABLE or errand.tries >= rules.config.dead_after:
        dead = {"state": repository.DEAD, "dead_at": now, "error": error.value}
        return repository.set_sending(tx, errand.ids, **dead) > 0
    # A gateway that errs must not silence itself: nobody waits longer than the house says.
    asked_s = min(outcome.retry_after_s or 0.0, rules.config.longest_wait_s)
    wait_s = max(rules.config.wait_s(errand.tries), asked_s)
    again = {"state": repository.WAITING, "next_try_at": now + wait_s, "error": error.value}
    repository.set_sending(tx, errand.ids, **again)
    if outcome.retry_after_s is not None:
        repository.put_off(tx, errand.channel.id, now, now + asked_s)
    return False


def _bury(tx: Connection, ids: Collection[str], now: float, why: str) -> None:
    repository.set_deliveries(tx, ids, state=repository.DEAD, dead_at=now, error=why)


class _Letters:
    """Writes messages; what they speak of is read for all of them at once."""

    def __init__(self, tx: Connection, keys: Collection[str], classes: Taxonomy) -> None:
        self._tx = tx
        self._notices = repository.notices_by_key(tx, set(keys))
        rows = self._notices.values()
        self._of = classes_of(tx, [row.about for row in rows], classes)
        self._grids = reading.grid_names(tx, [r.grid_path[-1] for r in rows if r.grid_path])

    def write(self, batch: str, mine: Sequence[Found]) -> Letter:
        """The message of one batch."""
        rows = [self._notices[row.notice_key] for row in mine]
        account = mine[0].account
        known = repository.addresses(self._tx, [account] if account else [])
        return Letter(
            key=batch,
            text=words.together([self._line(row) for row in rows]),
            severity=min(Severity(row.severity) for row in rows),
            at=min(row.at for row in rows),
            exercise=all(row.exercise for row in rows),
            items=tuple(self._item(row) for row in rows),
            to=repository.to_address(account, known.get(account)),
            mentions=() if account else repository.mentions(self._tx, [row.key for row in rows]),
        )

    def _line(self, row: Found) -> words.Line:
        of = self._of.get(row.about)
        grid = row.grid_path[-1] if row.grid_path else ""
        return words.Line(
            kind=row.kind,
            severity=Severity(row.severity),
            grid=self._grids.get(grid, grid),
            of="" if of is None else of[1],
            exercise=row.exercise,
        )

    def _item(self, row: Found) -> Json:
        of = self._of.get(row.about)
        return {
            "key": row.key,
            "about": row.about,
            "kind": row.kind,
            "severity": row.severity,
            "grid": row.grid_path[-1] if row.grid_path else None,
            "class": None if of is None else of[0],
            "at": iso(row.at),
            "exercise": row.exercise,
            "text": words.one(self._line(row)),
        }


def classes_of(
    tx: Connection, abouts: Collection[str], classes: Taxonomy
) -> Mapping[str, tuple[str, str]]:
    """Code and name of the class of what notices are about, where it has one."""
    said: dict[str, dict[str, str]] = {"incident": {}, "alert": {}}
    for about in abouts:
        kind, _, id_ = about.partition("/")
        if kind in said:
            said[kind][id_] = about
    found = {
        said["incident"][id_]: classes.get(code)
        for id_, code in repository.incident_classes(tx, said["incident"]).items()
    }
    for id_, (kind, rule) in repository.alert_kinds(tx, said["alert"]).items():
        found[said["alert"][id_]] = classes.of_rule(RuleKind(kind), rule)
    return {about: (of.code, of.name) for about, of in found.items()}
