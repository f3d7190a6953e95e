"""Every route declares its action, the document is clean, and refusals have one form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import pytest
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from hub.access.actions import Action, Role, Subject
from hub.access.rules import RIGHTS
from hub.api.app import create_app, declared
from hub.api.deps import Deps
from hub.api.guard import domain, may
from hub.api.push import TOPICS
from hub.kit.errors import Misconfigured
from tests.unit.api.conftest import Desk

GOLDEN = Path(__file__).parents[2] / "golden" / "api_routes.txt"
UNPUBLISHED = {"/api/v1/openapi.json", "/{path:path}"}
UNASKED = {Action.SESSION_OPEN: 422, Action.PAGES_READ: 503}
"""Open doors that lead nowhere here: a login without a body, and pages that are not built."""


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """The application as far as it can be looked at without its parts."""
    return create_app(cast(Deps, None))


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    """Its OpenAPI document."""
    return app.openapi()


def routes(app: FastAPI) -> list[str]:
    """`METHOD path action` of every route, sorted."""
    return sorted(
        f"{method} {context.path} {guard.action}"
        for context, guard in declared(app.routes)
        for method in (context.methods or {"WEBSOCKET"})
    )


def test_every_route_declares_exactly_one_action(app: FastAPI) -> None:
    found = routes(app)
    assert len(found) > 50
    assert found == GOLDEN.read_text("utf-8").splitlines()


def test_every_action_is_used_by_a_route_or_a_topic(app: FastAPI) -> None:
    used = {line.rsplit(" ", 1)[1] for line in routes(app)}
    assert {action.value for action in Action} == used | {a.value for a in TOPICS.values()}


def test_a_route_without_an_action_stops_the_start() -> None:
    router = domain("careless")

    with pytest.raises(Misconfigured, match="declares 0 actions"):

        @router.get("/open-door")
        def read_anything() -> None: ...


def test_a_route_with_two_actions_stops_the_start() -> None:
    router = domain("careless")

    with pytest.raises(Misconfigured, match="declares 2 actions"):

        @router.get("/two")
        def read_two(
            one: Annotated[Subject, may(Action.ALERTS_READ)],
            two: Annotated[Subject, may(Action.LIVENESS_READ)],
        ) -> None: ...


def test_a_foreign_route_is_found() -> None:
    app = FastAPI()
    app.add_route("/slipped-in", lambda request: None)  # type: ignore[arg-type, return-value]
    app.router.routes.append(WebSocketRoute("/ws", lambda ws: None))
    with pytest.raises(LookupError):
        list(declared(app.routes))


def test_who_shows_no_token_gets_401_everywhere_but_at_the_open_doors(desk: Desk) -> None:
    for context, guard in declared(desk.http.app.routes):  # type: ignore[attr-defined]
        for method in context.methods or ():
            path = (context.path or "").replace("{", "x").replace("}", "x")
            answer = desk.http.request(method, path, content=b"{}")
            if guard.action in RIGHTS[Role.ANYONE]:
                assert answer.status_code == UNASKED.get(guard.action, 200), path
                continue
            assert answer.status_code == 401, path
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.json()["code"] == "unauthenticated"


def test_who_lacks_the_right_gets_403_everywhere(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.tokens[Role.WORKER]}"}
    refused = 0
    for context, guard in declared(desk.http.app.routes):  # type: ignore[attr-defined]
        if guard.action in RIGHTS[Role.WORKER]:
            continue
        for method in context.methods or ():
            path = (context.path or "").replace("{", "x").replace("}", "x")
            answer = desk.http.request(method, path, headers=headers, content=b"{}")
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
            refused += 1
    assert refused > 30


def test_the_document_names_every_operation_once_and_its_refusals(
    document: dict[str, Any],
) -> None:
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    ids = [operation["operationId"] for _, _, operation in operations]
    assert len(ids) == len(set(ids))
    for path, method, operation in operations:
        assert operation["summary"], path
        assert operation["x-action"], path
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
        assert "422" not in operation["responses"], (method, path)
    assert "HTTPValidationError" not in document["components"]["schemas"]
    lines = [line.split(" ") for line in GOLDEN.read_text().splitlines()]
    published = {path for method, path, _ in lines if method != "WEBSOCKET"} - UNPUBLISHED
    assert set(document["paths"]) == published


def test_no_answer_of_the_document_carries_a_password(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        secret = {"password", "token"} & set(schema.get("properties", {}))
        once = name in ("TokenMade", "FirstOut")  # shown when it is made, and never again
        assert not secret or name.endswith("In") or once, (name, secret)


def test_there_is_no_page_that_loads_scripts_from_elsewhere(
    desk: Desk, document: dict[str, Any]
) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert desk.http.get(path).json()["code"] == "pages_not_built"
    assert "servers" not in document
    assert desk.get("/openapi.json", role=None) == document
