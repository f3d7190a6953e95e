"""The HTTP application: routers, limits, errors, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from hub import __version__
from hub.access.actions import ANYONE, Action, Subject
from hub.access.rules import may as is_allowed
from hub.api import errors, push
from hub.api.access.routes import router as access
from hub.api.accounts.routes import router as accounts
from hub.api.alerts.routes import router as alerts
from hub.api.audit.routes import router as audit
from hub.api.camera_files.routes import router as camera_files
from hub.api.cameras.routes import router as cameras
from hub.api.classes.routes import router as classes
from hub.api.consents.routes import router as consents
from hub.api.deliveries.routes import router as deliveries
from hub.api.deps import Deps
from hub.api.dispatch.routes import router as dispatch
from hub.api.drills.routes import router as drills
from hub.api.duty.imports import router as duty_imports
from hub.api.duty.rosters import router as rosters
from hub.api.duty.routes import router as duty
from hub.api.evidence.routes import router as evidence
from hub.api.exports.routes import router as exports
from hub.api.grants.routes import router as grants
from hub.api.grids.drawings import router as drawings
from hub.api.grids.routes import router as grids
from hub.api.guard import COOKIE, Guard, domain, guards_of, may
from hub.api.health.routes import probes
from hub.api.health.routes import router as health
from hub.api.holds.routes import router as holds
from hub.api.incidents.approvals import router as approvals
from hub.api.incidents.moves import router as moves
from hub.api.incidents.routes import router as incidents
from hub.api.indicators.routes import router as indicators
from hub.api.layouts.routes import router as layouts
from hub.api.live.picture import router as picture
from hub.api.live.wall import Walls
from hub.api.live.wall import router as wall
from hub.api.live.whep import Viewings
from hub.api.live.whep import router as whep
from hub.api.models.routes import router as models
from hub.api.pages.headers import with_headers
from hub.api.pages.routes import router as pages
from hub.api.retention.routes import router as retention
from hub.api.rules.routes import router as rules
from hub.api.sensors.routes import router as sensors
from hub.api.site.routes import router as site
from hub.api.supervisions.routes import router as supervisions
from hub.api.tuning.routes import router as tuning
from hub.api.whistles.routes import router as whistles

BODY_BYTES_MAX = 1 << 20
"""What a request may carry where its route does not say otherwise."""

schema = domain("schema")

ROUTERS: tuple[APIRouter, ...] = (
    access,
    accounts,
    alerts,
    audit,
    approvals,
    camera_files,
    cameras,
    classes,
    consents,
    deliveries,
    dispatch,
    drills,
    duty,
    duty_imports,
    evidence,
    exports,
    grants,
    drawings,  # before the grids, whose `/grids/{code}` takes every word
    grids,
    health,
    holds,
    incidents,
    indicators,
    layouts,
    models,
    moves,
    picture,
    probes,
    push.router,
    rosters,
    retention,
    rules,
    schema,
    sensors,
    site,
    supervisions,
    tuning,
    wall,
    whep,
    whistles,
    pages,
)
"""The pages come last: they take every path that is left."""


class Api(FastAPI):
    """FastAPI whose OpenAPI document tells each route's action and the form of its refusals."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; also what is refused before any route is a problem document."""
        deps: Deps = self.state.deps
        named = with_headers(send, deps.site.maps)
        await super().__call__(scope, receive, errors.limits_as_problems(named))

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            parts = document.setdefault("components", {})
            parts["securitySchemes"] = {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            }
            for context, guard in declared(self.routes):
                for method in context.methods or ():
                    operation = document["paths"].get(context.path, {}).get(method.lower())
                    if operation is not None:
                        _complete(operation, guard)
        return self.openapi_schema or {}


def create_app(deps: Deps) -> FastAPI:
    """The application on top of its parts. Raises Misconfigured for a route without an action.

    FastAPI's own documentation page is off: it loads its scripts from other hosts. The document
    itself is at `/api/v1/openapi.json`.
    """
    app = Api(
        title="Xueliang hub",
        lifespan=_ending_live_video,
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.deps = deps
    app.state.walls = Walls(lambda: app.state.deps)
    app.state.viewings = Viewings(lambda: app.state.deps)
    errors.install(app)
    app.router.routes.extend(_routes().routes)
    return app


@cache
def _routes() -> APIRouter:
    """All routes. They are the same in every application, and it takes long to work them out."""
    every = APIRouter(
        max_body_size=BODY_BYTES_MAX,
        responses={"default": {"model": errors.Problem, "description": "Why not"}},
    )
    for router in ROUTERS:
        every.include_router(router)
    return every


@asynccontextmanager
async def _ending_live_video(app: FastAPI) -> AsyncIterator[None]:
    yield
    deps: Deps = app.state.deps
    await app.state.viewings.close()
    await deps.relay.close()


def declared(routes: Sequence[BaseRoute]) -> Iterator[tuple[RouteContext, Guard]]:
    """Every route with what it declares; raises LookupError for one that declares nothing."""
    for context in iter_route_contexts(routes):
        dependant = getattr(context.route, "dependant", None)
        guards = guards_of(dependant) if dependant is not None else []
        if len(guards) != 1:
            raise LookupError(f"{context.path} declares {len(guards)} actions, not one")
        yield context, guards[0]


def _complete(operation: dict[str, Any], guard: Guard) -> None:
    operation["x-action"] = guard.action.value
    if not is_allowed(guard.action, ANYONE):
        operation["security"] = [{"token": []}, {"session": []}]
    operation["responses"]["default"]["content"] = {
        errors.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}
    }


@schema.get("/openapi.json", include_in_schema=False)
def read_schema(
    request: Request, _who: Annotated[Subject, may(Action.SCHEMA_READ)]
) -> JSONResponse:
    """This API as an OpenAPI document."""
    return JSONResponse(request.app.openapi())
