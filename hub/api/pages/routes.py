"""Every path that is not the API's: the built pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from starlette.routing import Match
from starlette.types import Scope

from hub.access.actions import Action, Subject
from hub.api.guard import GuardedRoute, Hub, may
from hub.api.pages.files import PageFile
from hub.kit.errors import NotFound, Retryable

NO_PAGES = ("/api", "/healthz", "/readyz", "/metrics")
"""What stands here or below is the API's, and unknown there is unknown."""


class PageRoute(GuardedRoute):
    """Any path but the API's own."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """No page where the API lives: a wrong path there stays a wrong path."""
        path = scope.get("path", "")
        if any(path == own or path.startswith(f"{own}/") for own in NO_PAGES):
            return Match.NONE, {}
        return super().matches(scope)


router = APIRouter(route_class=PageRoute)


@router.get("/{path:path}", include_in_schema=False)
def read_page(
    path: str, request: Request, hub: Hub, _who: Annotated[Subject, may(Action.PAGES_READ)]
) -> Response:
    """A file of the pages, or their first page."""
    if hub.pages is None or not hub.pages.built:
        raise Retryable("the pages are not built: run `make web`", code="pages_not_built")
    typed = "text/html" in request.headers.get("accept", "")  # no script and no style asks so
    found = hub.pages.find(path, typed=typed)
    if found is None:
        raise NotFound("there is no such page")
    return _answer(found, request)


def _answer(file: PageFile, request: Request) -> Response:
    headers = {"Cache-Control": file.cache_control, "ETag": file.etag, "Vary": "Accept-Encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if file.packed is not None and _takes_gzip(request):
        headers["Content-Encoding"] = "gzip"
        return Response(file.packed, media_type=file.media_type, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


def _takes_gzip(request: Request) -> bool:
    offered = request.headers.get("accept-encoding", "").lower().replace(" ", "").split(",")
    return any(one.partition(";")[0] in {"gzip", "*"} and ";q=0" not in one for one in offered)
