"""Every route names its action here, and is asked for it before the request's body is read."""

import hmac
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.params import Depends as DependsParam
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from hub.access import service as access
from hub.access.actions import ANYONE, Action, Role, Subject
from hub.access.rules import allow
from hub.api.deps import Deps, deps_of
from hub.ingest import service as sources
from hub.kit.errors import Forbidden, Misconfigured


@dataclass(frozen=True)
class Guard:
    """Asks `allow(action, subject)`; as a dependency it hands out the subject that was let in.

    `own_token` also lets a sensor in by the token of its registration (path: `sensor_id`).
    """

    action: Action
    own_token: bool = False

    def admit(self, deps: Deps, token: str | None, sensor_id: str | None = None) -> Subject:
        """Whoever shows `token`, if allowed. Raises Forbidden."""
        subject = self._subject(deps, token, sensor_id)
        allow(self.action, subject)
        return subject

    def _subject(self, deps: Deps, token: str | None, sensor_id: str | None) -> Subject:
        if token is None:
            return ANYONE
        with deps.db.read() as tx:
            if self.own_token and sensor_id is not None:
                own = sources.sensor_token(tx, sensor_id, deps.secrets)
                if own is not None and hmac.compare_digest(own.encode(), token.encode()):
                    return Subject(f"sensor {sensor_id}", Role.SENSOR)
            return access.subject_of(tx, token)

    async def __call__(self, connection: HTTPConnection) -> Subject:
        """The subject that `GuardedRoute` let in."""
        return cast(Subject, connection.state.subject)


@dataclass(frozen=True)
class SocketGuard(Guard):
    """For a WebSocket, whose token may come in its first message: hands out itself, to be asked."""

    async def __call__(  # type: ignore[override]
        self,
        connection: HTTPConnection,  # noqa: ARG002 - the same question as above
    ) -> "SocketGuard":
        """The guard; the endpoint calls `admit` before it sends anything."""
        return self


def bearer(connection: HTTPConnection) -> str | None:
    """The token of the Authorization header; never taken from the address, which gets logged."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer" or not token.strip():
        raise Forbidden("the Authorization header is not `Bearer <token>`", code="unauthenticated")
    return token.strip()


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
            request.state.subject = await run_in_threadpool(
                guard.admit, deps_of(request), bearer(request), request.path_params.get("sensor_id")
            )
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


Hub = Annotated[Deps, Depends(deps_of)]
"""Everything the API works with."""
