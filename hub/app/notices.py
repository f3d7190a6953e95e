"""The steps that tell people: who is told, and one loop per channel that sends."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.access import accounts
from hub.alerts import service as alerts
from hub.app.quiet import NextAt, Quiet
from hub.dispatch.calls import Caller
from hub.dispatch.config import DispatchConfig
from hub.dispatch.notices import resolving, sending
from hub.dispatch.notices.resolving import HOLDER, People, Rules
from hub.dispatch.notices.sending import Errand
from hub.dispatch.notices.standing.repository import has_dead_letter, has_unheard
from hub.dispatch.notifier import ErrorClass, Letter, Outcome, Tools
from hub.dispatch.notifiers import Channel, make
from hub.duty import repository as posts
from hub.duty import service as duty
from hub.grids.binding import Binder
from hub.ingest.addresses import PRIVATE, AddressPolicy
from hub.kit.clock import Clock
from hub.kit.errors import Refused
from hub.kit.ids import Ids
from hub.kit.metrics import Metrics
from hub.kit.supervise import Supervisor
from hub.store import feed
from hub.store.db import Database
from hub.types.duty import OnDuty
from hub.types.finding import Facts, RuleKind, Severity
from hub.types.scene import SourceKind
from hub.types.staff import Role

log = logging.getLogger(__name__)

PAUSE_S = 1.0
TOPIC = "notice"
SOURCE = "notices"
"""The source of the alarms about what could not be told."""
NOBODY = "nobody"
"""Where such an alarm stands for notices that found nobody on duty."""
EVERYWHERE = tuple(ipaddress.ip_network(text) for text in ("0.0.0.0/0", "::/0"))
LINK_LOCAL = tuple(ipaddress.ip_network(text) for text in ("169.254.0.0/16", "fe80::/10"))
"""Where clouds answer questions about the machine: nobody's gateway."""

_private = AddressPolicy(schemes=("http",), ranges=PRIVATE)
_secure = AddressPolicy(schemes=("https",), ranges=EVERYWHERE)


def check_address(url: str) -> str:
    """`https` goes anywhere, `http` only to private addresses. Raises Refused, Retryable."""
    policy = _private if urlsplit(url).scheme == "http" else _secure
    numbered = policy.check(url)
    address = ipaddress.ip_address(urlsplit(numbered).hostname or "")
    if address.is_multicast or address.is_unspecified or any(address in net for net in LINK_LOCAL):
        raise Refused(f"{address} is no gateway", code="address_refused")
    return numbered


def people_in(zone: ZoneInfo) -> People:
    """Who is there, as the duty roster and the accounts say."""
    return People(
        roster=duty.roster_in(zone),
        holders=partial(_holders, zone=zone),
        on_duty=partial(duty.is_on_duty, zone=zone),
        name_of=accounts.open_name,
    )


def _holders(
    tx: Connection,
    path: Sequence[str],
    role: Role,
    at: float,
    unit: str | None = None,
    *,
    zone: ZoneInfo,
) -> list[OnDuty]:
    """Who holds a role there, for a department if one is named, whatever their shift.

    Those of the nearest grid alone.
    """
    counted = (each for each in posts.holders(tx, role, path, at) if each.counts(at, zone))
    held = [each for each in counted if unit is None or each.unit == unit]
    depth = {code: number for number, code in enumerate(path)}
    nearest = max((depth.get(each.grid or "", -1) for each in held), default=-1)
    return [
        OnDuty(each.account, each.name, role, each.grid, HOLDER, each.unit)
        for each in held
        if depth.get(each.grid or "", -1) == nearest
    ]


@dataclass(frozen=True, slots=True)
class NoticeSteps:
    """What the centre does about notices; all of it under its lease.

    `binder` gives the one over the grids of now, None before it is known.
    """

    db: Database
    clock: Clock
    ids: Ids
    fence: Callable[[Connection], None]
    config: Callable[[], DispatchConfig]
    zone: Callable[[], ZoneInfo]
    binder: Callable[[], Binder | None]
    metrics: Metrics
    wake: Callable[[], object]
    caller: Caller = field(default_factory=lambda: Caller(check_address))
    secret: Callable[[str], str | None] = os.environ.get
    _started: set[str] = field(default_factory=set)
    _quiet: dict[str, Quiet] = field(default_factory=dict)

    def start(
        self,
        supervisor: Supervisor,
        active: Callable[[Callable[[], float]], Callable[[], float]],
    ) -> None:
        """A loop for resolving, and one for each channel, where they do not run yet."""
        if not self._started:
            supervisor.loop("notices", active(self.resolve))
            self._started.add("")
        for channel in self.config().notices.channels:
            if channel.id not in self._started:
                self._started.add(channel.id)
                step = partial(self.deliver, channel.id)
                supervisor.loop(f"notify-{channel.id}", active(step))

    def rules(self) -> Rules:
        """What telling goes by now."""
        zone = self.zone()
        return Rules(self.config().notices, people_in(zone), zone, self.ids)

    def resolve(self) -> float:
        """One turn: who is to be told of what is new."""
        now, rules = self.clock.now(), self.rules()
        if self._rests("", now, partial(_next_look, rules=rules), rules.config):
            return PAUSE_S
        with self.db.write() as tx:
            self.fence(tx)
            done = resolving.resolve(tx, rules, now)
            for key in done.given_up:
                self._alarm(tx, NOBODY, {"notice": key, "error": "nobody_on_duty"})
            for channel, count in sending.bury_orphans(tx, rules, now).items():
                self._dead(tx, channel, sending.GATEWAY_GONE, {"count": count}, count)
            self._clear(tx)
        self.metrics.put("hub_notices_unheard", done.waiting)
        return 0.0 if done.looked == resolving.AT_ONCE else PAUSE_S

    def _rests(self, of: str, now: float, next_at: NextAt, about: object) -> bool:
        """Whether there is nothing to do yet: then the turn costs no transaction."""
        return self._quiet.setdefault(of, Quiet(self.db)).lasts(now, next_at, about)

    def _clear(self, tx: Connection) -> None:
        """The alarms of what has been told meanwhile, or does not matter any more."""
        for place in _silent(tx):
            lasts = has_unheard(tx) if place == NOBODY else has_dead_letter(tx, place)
            if not lasts:
                self._over(tx, place)

    def deliver(self, channel_id: str) -> float:
        """One turn of a channel: take what is due, send it outside any transaction, mark it."""
        config = self.config()
        channel = config.notices.channel(channel_id)
        if channel is None:
            return PAUSE_S
        rules, now = self.rules(), self.clock.now()
        if self._rests(channel_id, now, partial(sending.next_try, channel=channel_id), config):
            return PAUSE_S
        with self.db.write() as tx:
            self.fence(tx)
            taken = sending.take(tx, channel, rules, config.classes, now)
            for key, tries in taken.dead:
                self._dead(tx, channel_id, ErrorClass.UNKNOWN, {"key": key, "tries": tries})
        self.metrics.add("hub_notice_repeats_total", taken.broken_off)
        if not taken.errands:
            return PAUSE_S
        outcomes = asyncio.run(self._send(channel, taken.errands))
        with self.db.write() as tx:
            self.fence(tx)
            for errand, outcome in zip(taken.errands, outcomes, strict=True):
                self._mark(tx, errand, outcome, rules)
        return 0.0 if len(taken.errands) == sending.BATCHES else PAUSE_S

    async def _send(self, channel: Channel, errands: Sequence[Errand]) -> list[Outcome]:
        tools = Tools(self.caller, self._post, self.secret, self.clock)
        notifier = make(channel, tools)
        sent = (notifier.send(each.letter) for each in errands)
        found = await asyncio.gather(*sent, return_exceptions=True)
        return [_outcome(each) for each in found]

    def _mark(self, tx: Connection, errand: Errand, outcome: Outcome, rules: Rules) -> None:
        word = "ok" if outcome.error is None else outcome.error.value
        self.metrics.add("hub_notice_tries_total", 1, channel=errand.channel.id, outcome=word)
        if sending.mark(tx, errand, outcome, rules, self.clock.now()):
            of: Facts = {"key": errand.letter.key, "tries": errand.tries}
            self._dead(tx, errand.channel.id, word, of)
        elif outcome.error is None and errand.channel.id in _silent(tx):
            self._over(tx, errand.channel.id)

    def _dead(self, tx: Connection, channel: str, error: str, of: Facts, count: int = 1) -> None:
        """Dead letters of a channel are counted and alarm."""
        self.metrics.add("hub_notice_dead_total", count, channel=channel, error=str(error))
        self._alarm(tx, channel, {"error": str(error), **of})

    def _over(self, tx: Connection, place: str) -> None:
        now = self.clock.now()
        alerts.clear_own(tx, RuleKind.UNDELIVERED, SOURCE, place=place, now=now)

    def _post(self, letter: Letter) -> None:
        """Into the feed of one person; the fence holds here too."""
        now = self.clock.now()
        with self.db.write() as tx:
            self.fence(tx)
            for item in letter.items:
                feed.append_to(tx, letter.to.account, TOPIC, str(item["key"]), item, now)
        self.wake()

    def _alarm(self, tx: Connection, place: str, facts: Facts) -> None:
        """A dead letter is an alarm on the wall; the channel that failed would not carry it."""
        binder = self.binder()
        if binder is not None:
            alerts.raise_own(
                tx,
                RuleKind.UNDELIVERED,
                SOURCE,
                SourceKind.HUB,
                binder.bind_named(None),
                place=place,
                severity=Severity.P2,
                facts=facts,
                now=self.clock.now(),
                ids=self.ids,
            )


def _outcome(found: Outcome | BaseException) -> Outcome:
    """What came of one message; one that nobody foresaw must not hold up the others."""
    if isinstance(found, Outcome):
        return found
    if not isinstance(found, Exception):
        raise found
    log.error("a message could not be sent: %s", type(found).__name__)
    return Outcome(ErrorClass.RETRYABLE, words=type(found).__name__)


def _next_look(tx: Connection, rules: Rules) -> float | None:
    """When there is something to resolve; now, where an alarm may be over or a gateway is gone."""
    if _silent(tx) or sending.has_orphans(tx, rules):
        return 0.0
    return resolving.next_look(tx)


def _silent(tx: Connection) -> set[str]:
    """Channels that stand on the wall for a dead letter."""
    return alerts.live_own_places(tx, RuleKind.UNDELIVERED)
