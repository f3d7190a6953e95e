"""Every route names its action here, and is asked for it before the request's body is read."""

import hmac
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, cast
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.params import Depends as DependsParam
from fastapi.routing import APIRoute
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from hub.access import service as access
from hub.access import sessions
from hub.access.actions import ANYONE, Action, Role, Subject
from hub.access.rates import TooMany
from hub.access.rules import allow
from hub.api.deps import Deps, deps_of
from hub.ingest import service as sources
from hub.kit.errors import Forbidden, Misconfigured, Retryable

COOKIE = "hub_session"
TOKEN_PREFIX = "bearer."  # noqa: S105 - a prefix, not a token
"""Of the protocol a WebSocket offers beside its own: the only header a page can fill."""
SIGNED_IN_AS = "Signed-In-As"
"""Whose name a page takes its session for, percent-encoded; it need not say.

All windows of a browser share one cookie, and one that slept has not seen who logged in since.
"""
SAFE_METHODS = frozenset({"GET", "HEAD"})
GOOD_FOR_S = 1.0
"""So long an answer about somebody's rights is good for one request."""
UNCOUNTED = frozenset({Action.LIVENESS_READ, Action.PAGES_READ, Action.FEED_READ})
"""Probes, static pages and streams cost nobody a request, as long as they are let in."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller shows: a token, or the value of a session's cookie, or nothing.

    `name`: whose session it is, as far as the caller knows.
    """

    token: str | None = None
    session: str | None = None
    name: str | None = None


OnFile = access.TokenOnFile | sessions.OnFile | None
"""What the database has of a caller; None where it has nothing, or nothing was shown."""


@dataclass(frozen=True)
class Guard:
    """Asks `allow(action, subject)`; as a dependency it hands out the subject that was let in.

    `own_token` also lets a sensor in by the token of its registration (path: `sensor_id`).
    """

    action: Action
    own_token: bool = False

    def admit(self, deps: Deps, shown: Credentials, sensor_id: str | None = None) -> Subject:
        """Whoever shows this, if allowed. Raises Forbidden."""
        subject = self.subject(deps, shown, sensor_id)
        allow(self.action, subject)
        return subject

    def asker(self, connection: HTTPConnection, shown: Credentials | None = None) -> "Asker":
        """This question for one caller; `shown` None: what the connection's headers say.

        Raises Forbidden (`foreign_origin`, `unauthenticated` for a header that is none).
        """
        found = credentials_of(connection) if shown is None else shown
        sensor_id = connection.path_params.get("sensor_id")
        return Asker(self, deps_of(connection), found, sensor_id)

    def subject(self, deps: Deps, shown: Credentials, sensor_id: str | None) -> Subject:
        """Whoever shows this, allowed or not.

        Raises Forbidden (`unauthenticated`, `other_account`).
        """
        if shown == Credentials():
            return ANYONE
        with deps.db.read() as tx:
            if self.own_token and sensor_id is not None and shown.token is not None:
                own = sources.sensor_token(tx, sensor_id, deps.secrets)
                if own is not None and hmac.compare_digest(own.encode(), shown.token.encode()):
                    return Subject.of(f"sensor {sensor_id}", Role.SENSOR)
            filed = on_file(tx, shown)
        return _standing(deps, shown, filed)

    async def __call__(self, connection: HTTPConnection) -> Subject:
        """The subject that `GuardedRoute` let in, asked again if its body was long in coming."""
        return await subject_now(connection)


@dataclass(frozen=True, slots=True)
class Asker:
    """One caller and one question, to be asked again as long as a stream to the caller is open."""

    guard: Guard
    deps: Deps
    shown: Credentials
    sensor_id: str | None = None

    def admit(self) -> Subject:
        """Who the caller is, if (still) allowed; waits for the database. Raises Forbidden."""
        return self.guard.admit(self.deps, self.shown, self.sensor_id)

    def admit_by(self, filed: OnFile) -> Subject:
        """The same by what was read of the caller (`on_file`). Raises Forbidden."""
        subject = _standing(self.deps, self.shown, filed)
        allow(self.guard.action, subject)
        return subject

    def admit_request(self, host: str) -> Subject:
        """The same for a request from that address, which counts. Raises Forbidden, TooMany."""
        if self.guard.action in UNCOUNTED:
            return self.admit_free(host)
        try:
            who = self.guard.subject(self.deps, self.shown, self.sensor_id)
        except Forbidden:
            self._count(ANYONE, host)  # else tokens could be tried as fast as one likes
            raise
        self._count(who, host)
        allow(self.guard.action, who)
        return who

    def admit_free(self, host: str) -> Subject:
        """The same for what costs nobody a request; who is refused pays all the same."""
        who = ANYONE
        try:
            who = self.guard.subject(self.deps, self.shown, self.sensor_id)
            allow(self.guard.action, who)
        except Forbidden:
            self._count(who, host)
            raise
        return who

    def _count(self, who: Subject, host: str) -> None:
        if self.deps.rates is not None:
            self.deps.rates.count(who, host)


@dataclass(frozen=True)
class SocketGuard(Guard):
    """For a WebSocket, whose token may come in its first message: hands out itself, to be asked."""

    async def __call__(  # type: ignore[override]
        self,
        connection: HTTPConnection,  # noqa: ARG002 - the same question as above
    ) -> "SocketGuard":
        """The guard; the endpoint asks `asker(socket)` before it sends anything."""
        return self


def on_file(tx: Connection, shown: Credentials) -> OnFile:
    """What the database has of a caller; what it means depends on the moment.

    Raises Forbidden (`unauthenticated`) for a token that is none of ours.
    """
    if shown.token is not None:
        return access.token_on_file(tx, shown.token)
    return None if shown.session is None else sessions.on_file(tx, shown.session)


def _standing(deps: Deps, shown: Credentials, filed: OnFile) -> Subject:
    """Who that is now; a session that is over is nobody's, so that a new login stays open.

    Raises Forbidden (`other_account`) where the caller takes it for somebody else's.
    """
    now, zone = deps.clock.now(), ZoneInfo(deps.site.time_zone)
    if isinstance(filed, access.TokenOnFile):
        return filed.at(now, zone)
    found = None if filed is None else filed.at(now, zone)
    if found is None:
        return ANYONE
    if shown.name not in (None, found.subject.name):
        raise Forbidden("somebody else has logged in in this browser", code="other_account")
    if found.unseen and shown.session is not None:
        with suppress(Retryable), deps.db.write() as tx:  # the next request writes it then
            sessions.see(tx, shown.session, now)
    return found.subject


def credentials_of(connection: HTTPConnection) -> Credentials:
    """What the headers show: a token if there is one (it alone counts then), else the cookie.

    A browser sends the cookie whoever made it ask, so with a cookie what changes something, and
    any WebSocket, must come from a page of ours. Raises Forbidden (`foreign_origin`).
    """
    token = bearer(connection) or _offered(connection)
    if token is not None:
        return Credentials(token=token)
    session = connection.cookies.get(COOKIE)
    if session is None:
        return Credentials()
    if connection.scope.get("method") not in SAFE_METHODS and not of_our_pages(connection):
        raise Forbidden("this was asked by a page that is not the hub's", code="foreign_origin")
    name = connection.headers.get(SIGNED_IN_AS)
    return Credentials(session=session, name=None if name is None else unquote(name))


def of_our_pages(connection: HTTPConnection) -> bool:
    """Whether the page that asks came from the address that is asked."""
    origin = urlsplit(connection.headers.get("origin", "")).netloc
    return bool(origin) and origin.lower() == connection.headers.get("host", "").lower()


def bearer(connection: HTTPConnection) -> str | None:
    """The token of the Authorization header; never taken from the address, which gets logged."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer" or not token.strip():
        raise Forbidden("the Authorization header is not `Bearer <token>`", code="unauthenticated")
    return token.strip()


def _offered(connection: HTTPConnection) -> str | None:
    """The token among the protocols that a WebSocket offers."""
    for protocol in connection.scope.get("subprotocols", ()):
        if protocol.startswith(TOKEN_PREFIX):
            return str(protocol.removeprefix(TOKEN_PREFIX))
    return None


def host_of(connection: HTTPConnection) -> str:
    """The address that asks."""
    return connection.client.host if connection.client is not None else ""


def closed_with(refused: Forbidden) -> int:
    """The code that a WebSocket is closed with: log in, come again later, or never."""
    if isinstance(refused, TooMany):
        return 1013
    return 4401 if refused.code == "unauthenticated" else 4403


def guards_of(dependant: Dependant) -> list[Guard]:
    """The guards a route declares."""
    return [d.call for d in dependant.dependencies if isinstance(d.call, Guard)]


class GuardedRoute(APIRoute):
    """A route that declares exactly one action; one that does not stops the start."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Ask the guard first: nobody makes us read a body without the right to send it."""
        guards = guards_of(self.dependant)
        if len(guards) != 1:
            raise Misconfigured(f"the route {self.path} declares {len(guards)} actions, not one")
        guard = guards[0]
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            asker = guard.asker(request)
            request.state.asker = asker
            request.state.asked_at = asker.deps.clock.monotonic()
            request.state.subject = await run_in_threadpool(asker.admit_request, host_of(request))
            return await inner(request)

        return handler


def may(action: Action, *, own_token: bool = False) -> DependsParam:
    """The declaration of a route: `who: Annotated[Subject, may(Action.X)]`."""
    return DependsParam(Guard(action, own_token))


def domain(tag: str, prefix: str = "/api/v1") -> APIRouter:
    """A router of guarded routes; operation ids are the functions' names."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=GuardedRoute,
        generate_unique_id_function=lambda route: route.name,
    )


async def subject_now(connection: HTTPConnection) -> Subject:
    """Who asks. Raises Forbidden.

    The right to send a body is asked before it is read, and a body may take as long as it likes:
    a right that ended meanwhile has ended.
    """
    state = connection.state
    now = deps_of(connection).clock.monotonic()
    if now - state.asked_at > GOOD_FOR_S:
        state.subject = await run_in_threadpool(state.asker.admit)
        state.asked_at = now
    return cast(Subject, state.subject)


async def _asker(connection: HTTPConnection) -> Asker:
    return cast(Asker, connection.state.asker)


Asked = Annotated[Asker, Depends(_asker)]
"""The question `GuardedRoute` has asked, for a route whose answer is a stream."""

Hub = Annotated[Deps, Depends(deps_of)]
"""Everything the API works with."""
