"""Who is told of a notice, on which channels and when: asked of the roster, then written down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.dispatch.notices import repository
from hub.dispatch.notices.config import NoticesConfig
from hub.dispatch.notices.timing import Quiet, quiet_of, when
from hub.dispatch.notifier import ChannelConfig, Reach
from hub.dispatch.notifiers import Channel, kind_of
from hub.kit.ids import Ids
from hub.types.duty import OnDuty, Roster
from hub.types.finding import Severity
from hub.types.staff import Role

Found = repository.Found
AGAIN_S = 60.0
STALE_AGAIN_S = 600.0
"""How soon a notice that was given up is looked at again: its matter goes on."""
AT_ONCE = 20
"""In one transaction: each asks who is on duty, and nobody else writes to SQLite meanwhile."""
SELF = "self"
"""Why somebody is told: the notice names them."""
HOLDER = "holder"
"""Nobody was on duty, it is P1, and they answer for the place all the same."""
LADDER = (Role.CHIEF, Role.SHIFT_LEADER, Role.DISPATCHER, Role.OPERATOR, Role.ADMIN)
"""Who hears of a P1 that nobody else would."""


@dataclass(frozen=True, slots=True)
class People:
    """Who is there. `holders` are those of a role whatever their shift, told as `HOLDER`.

    All leave out the disabled. `on_duty`: whether an account is on duty anywhere now.
    """

    roster: Roster
    holders: Roster
    on_duty: Callable[[Connection, str, float], bool]
    name_of: Callable[[Connection, str], str | None]


@dataclass(frozen=True, slots=True)
class Rules:
    """What telling goes by."""

    config: NoticesConfig
    people: People
    zone: ZoneInfo
    ids: Ids


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a turn did. `looked`: how many notices it looked at.

    `given_up` are the notices for which nobody was found for too long, told of once.
    """

    looked: int = 0
    told: int = 0
    waiting: int = 0
    given_up: tuple[str, ...] = ()


def resolve(tx: Connection, rules: Rules, now: float, limit: int = AT_ONCE) -> Resolved:
    """Write the deliveries of notices that wait, the gravest first.

    One that finds nobody is looked at again until its matter is over: after `stale_after_s` that is
    told aloud, but it is still for whoever comes on duty.
    """
    rows = repository.unresolved(tx, now, limit)
    # It found nobody so far, or who was to hear it went home: now it may be too late to matter.
    past = repository.past(tx, {row.key for row in rows if row.resolve_at > repository.NEW})
    rules = replace(rules, people=_asked_once(rules.people))
    found = [(row, whom(tx, row, rules.people, now)) for row in rows if row.key not in past]
    _deliver(tx, [(row, told) for row, told in found if told or _for_a_group(row)], rules, now)
    settled = {row.key: row.told or 0 for row in rows if row.key in past}
    settled |= {row.key: len(told) for row, told in found if told}
    for count in set(settled.values()):
        keys = [key for key, of in settled.items() if of == count]
        repository.set_resolved(tx, keys, count, now)
    unheard = [row for row, told in found if not told]
    given_up = _unheard(tx, unheard, rules, now)
    return Resolved(len(rows), sum(len(told) for _row, told in found), len(unheard), given_up)


def _asked_once(people: People) -> People:
    """The same people for one transaction and moment: each question goes to the database once.

    The notices of a storm ask about the same few grids.
    """
    return People(
        roster=cast(Roster, cache(people.roster)),
        holders=cast(Roster, cache(people.holders)),
        on_duty=cache(people.on_duty),
        name_of=cache(people.name_of),
    )


def _for_a_group(row: Found) -> bool:
    """Whether a group hears it though nobody was found."""
    return not row.account and not row.unit


def next_look(tx: Connection) -> float | None:
    """When a notice waits to be resolved (UTC epoch seconds), None: none does."""
    return repository.next_look(tx)


def _unheard(tx: Connection, rows: Sequence[Found], rules: Rules, now: float) -> tuple[str, ...]:
    """Look at them again later; returns those that are given up now."""
    stale = [row for row in rows if now >= row.at + rules.config.stale_after_s]
    repository.give_up(tx, [row.key for row in stale], now + STALE_AGAIN_S)
    waiting = {row.key for row in rows} - {row.key for row in stale}
    repository.look_again(tx, waiting, now + AGAIN_S)
    return tuple(row.key for row in stale if row.told != 0)


def whom(tx: Connection, row: Found, people: People, now: float) -> tuple[OnDuty, ...]:
    """Who is told of a notice now; of P1 somebody always is, as long as there is anybody."""
    if row.account is not None:
        name = people.name_of(tx, row.account)
        told = None if name is None else OnDuty(row.account, name, Role.ANYONE, None, SELF)
        return () if told is None else (told,)
    path, roles = tuple(row.grid_path), [Role(name) for name in row.roles]
    grave = Severity(row.severity) is Severity.P1
    found = _asked(tx, people.roster, path, roles, row.unit, now)
    if not found and grave:
        found = _asked(tx, people.holders, path, roles, row.unit, now)
    if not found and grave:
        found = _up_the_ladder(tx, people, path, now)
    return found


def _up_the_ladder(
    tx: Connection, people: People, path: Sequence[str], now: float
) -> tuple[OnDuty, ...]:
    for ask in (people.roster, people.holders):
        for role in LADDER:
            found = _asked(tx, ask, path, [role], None, now)
            if found:
                return found
    return ()


def _asked(
    tx: Connection,
    ask: Roster,
    path: Sequence[str],
    roles: Iterable[Role],
    unit: str | None,
    now: float,
) -> tuple[OnDuty, ...]:
    return _each_once(each for role in roles for each in ask(tx, path, role, now, unit))


def _each_once(found: Iterable[OnDuty]) -> tuple[OnDuty, ...]:
    by_account: dict[str, OnDuty] = {}
    for each in found:
        by_account.setdefault(each.account, each)
    return tuple(by_account.values())


# -- persons × channels ------------------------------------------------------------------------


def _deliver(
    tx: Connection,
    found: Sequence[tuple[Found, Sequence[OnDuty]]],
    rules: Rules,
    now: float,
) -> None:
    """Write down what goes to whom on which channel, of all these notices at once."""
    known = repository.addresses(tx, {each.account for _row, told in found for each in told})
    # Whoever is named is told by the bell at any time, but disturbed on duty only.
    spared = {
        each.account
        for _row, told in found
        for each in told
        if each.why == SELF and not rules.people.on_duty(tx, each.account, now)
    }
    rows = [each for row, told in found for each in _of_one(row, told, known, spared, rules, now)]
    repository.insert_deliveries(tx, rows)


def _of_one(
    row: Found,
    found: Sequence[OnDuty],
    known: Mapping[str, Found],
    spared: Collection[str],
    rules: Rules,
    now: float,
) -> Iterable[dict[str, object]]:
    for channel in rules.config.channels:
        if not _wants(channel, row):
            continue
        if kind_of(channel).reach is Reach.GROUP:
            quiet = quiet_of(rules.config, None, None)
            yield _row(row, "", "group", channel, rules, quiet, now)
            continue
        disturbs = kind_of(channel).disturbs
        told = [e for e in found if not (disturbs and e.why == SELF and e.account in spared)]
        yield from _to_persons(row, told, known, channel, rules, now)


def _to_persons(
    row: Found,
    found: Sequence[OnDuty],
    known: Mapping[str, Found],
    channel: Channel,
    rules: Rules,
    now: float,
) -> Iterable[dict[str, object]]:
    for each in found:
        own = known.get(each.account)
        kind = kind_of(channel)
        if not kind.can_reach(repository.to_address(each.account, own)):
            continue
        quiet = quiet_of(rules.config, own and own.quiet_from, own and own.quiet_to)
        yield _row(row, each.account, each.why, channel, rules, quiet, now)


def _wants(channel: ChannelConfig, row: Found) -> bool:
    return (
        channel.enabled
        and Severity(row.severity) in channel.severities
        and (not channel.kinds or row.kind in channel.kinds)
        and (channel.grid is None or channel.grid in row.grid_path)
    )


def _row(
    row: Found,
    account: str,
    why: str,
    channel: Channel,
    rules: Rules,
    quiet: Quiet,
    now: float,
) -> dict[str, object]:
    severity = Severity(row.severity)
    disturbs = kind_of(channel).disturbs
    at = when(severity, now, quiet, rules.config, rules.zone, disturbs=disturbs)
    one = rules.ids()
    return {
        "id": one,
        "notice_key": row.key,
        "account": account,
        "channel": channel.id,
        "why": why,
        "state": repository.WAITING,
        "batch": f"{channel.id}:{account}:{at.at:.0f}" if at.digest else one,
        "put_off": at.put_off,
        "created_at": now,
        "next_try_at": at.at,
        "tries": 0,
    }
