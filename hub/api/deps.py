"""What the API works with, handed in by the app; nothing here is looked up anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from anyio import CapacityLimiter
from sqlalchemy import Connection
from starlette.requests import HTTPConnection

from hub.access.consent import ConsentSettings
from hub.access.passwords import Passwords
from hub.access.rates import Rates
from hub.api.bell import Bell
from hub.api.pages.files import Pages
from hub.dispatch.config import DispatchConfig
from hub.dispatch.routing import nobody
from hub.drills.service import Roll, nobody_to_call
from hub.duty.config import DutyConfig
from hub.grids.binding import Binder
from hub.ingest.addresses import AddressPolicy
from hub.ingest.source import Opener
from hub.kit.clock import Clock
from hub.kit.ids import Ids
from hub.kit.metrics import Metrics
from hub.live.relay import Relay
from hub.privacy.settings import Retention
from hub.store.db import Database
from hub.store.media import MediaStore
from hub.store.secrets import SecretBox
from hub.store.spool import Spool
from hub.types.duty import Roster
from hub.types.finding import Alert, Verdict
from hub.types.scene import ModelTask, ObjectKind, TracksSeen
from hub.types.site import BaseMap

LOGINS_AT_ONCE = 2
"""A password takes a core and 64 MiB for a while: a flood of logins waits, and not in a thread."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model of the catalog; `state` in a word (`ready`, `absent`, `broken`), `detail` why."""

    id: str
    title: str
    task: ModelTask
    licence: str
    source: str
    kinds: tuple[ObjectKind, ...]
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SiteCard:
    """What the pages show of the site: name, time zone for screens, base maps."""

    name: str = "Xueliang hub"
    time_zone: str = "Asia/Shanghai"
    maps: tuple[BaseMap, ...] = ()


class Judge(Protocol):
    """The flow's way from a verdict to an alert that goes out, or does not."""

    def __call__(
        self,
        tx: Connection,
        alert_id: str,
        verdict: Verdict,
        actor: str,
        now: float,
        *,
        note: str = "",
        version: int | None = None,
    ) -> Alert:
        """The alert after the verdict. Raises NotFound, Conflict (`stale_version` and others)."""
        ...


class Beats(Protocol):
    """What processes last said of themselves (the store's Heartbeats)."""

    def all(self) -> dict[str, dict[str, Any]]:
        """Body by process. Raises Retryable when Redis is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything the API works with; another one once the files say something else.

    A request goes by the one it came to, whatever changes meanwhile.
    `heartbeats` are the workers', `centres` the centres'. `opener` opens cameras for a probe.
    `histories` asks the worker of a camera for the tracks of its last seconds. `binder` gives the
    one over the grids valid now. `announce` tells the other processes' readers that the feed has
    grown. `pages` None: none are served. `logins` bounds the passwords that are proved at once.
    `relay` gives live video, on the server's event loop only. `rates` None: nobody is counted.
    """

    db: Database
    clock: Clock
    ids: Ids
    metrics: Metrics
    media: MediaStore
    spool: Spool
    secrets: SecretBox
    policy: AddressPolicy
    heartbeats: Beats
    centres: Beats
    bell: Bell
    dispatch: DispatchConfig
    binder: Callable[[], Binder]
    judge: Judge
    opener: Opener
    histories: Callable[[str, float], Sequence[TracksSeen]]
    models: Callable[[], Sequence[ModelState]]
    announce: Callable[[], None]
    relay: Relay
    site: SiteCard = field(default_factory=SiteCard)
    consents: ConsentSettings = field(default_factory=ConsentSettings)
    roster: Roster = nobody
    duty: DutyConfig = field(default_factory=DutyConfig)
    roll: Roll = nobody_to_call
    pages: Pages | None = None
    passwords: Passwords = field(default_factory=Passwords)
    rates: Rates | None = None
    retention: Retention = field(default_factory=Retention)
    logins: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(LOGINS_AT_ONCE))

    @property
    def departments(self) -> frozenset[str]:
        """The ids of the departments there are."""
        return frozenset(each.id for each in self.dispatch.departments)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction; the readers of the feed are woken when it is committed."""
        with self.db.write() as tx:
            yield tx
        self.bell.ring()
        self.announce()


def deps_of(connection: HTTPConnection) -> Deps:
    """The parts of the application a request came to."""
    return cast(Deps, connection.app.state.deps)
