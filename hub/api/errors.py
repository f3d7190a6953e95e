"""Every refusal as `application/problem+json` (RFC 9457): a code, a sentence, never a trace."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import Message, Send

from hub.access.accounts import Locked
from hub.access.rates import TooMany
from hub.kit.errors import Conflict, Forbidden, HubError, NotFound, Permanent, Refused, Retryable
from hub.kit.log import redact

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

_BY_CODE = {
    "unauthenticated": 401,
    "too_large": 413,
    "wrong_media_type": 415,
    "bad_range": 416,
    "locked": 429,
    "too_many_requests": 429,
}
_BY_CLASS: tuple[tuple[type[HubError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (Forbidden, 403),
    (Refused, 422),
    (Permanent, 422),
    (Retryable, 503),
)
_CODE_OF_STATUS = {401: "unauthenticated", 404: "not_found", 405: "wrong_method", 413: "too_large"}


class Fault(BaseModel):
    """One thing wrong with a request: where (`body.main.url`, `line 3`) and what."""

    where: str
    what: str


class Problem(BaseModel):
    """What went wrong, for people (`title`, `detail`) and for programs (`code`, `errors`)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Fault] = []


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[Fault] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """The answer that says no."""
    body = Problem(
        type=f"urn:hub:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=redact(detail),
        code=code,
        errors=errors or [],
    )
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)


def status_of(error: HubError) -> int:
    """HTTP status of an error: by its code where that is closer, else by its class."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next((status for kind, status in _BY_CLASS if isinstance(error, kind)), 500)


def faults(errors: list[dict[str, Any]]) -> list[Fault]:
    """Pydantic's list of errors without the values, which may hold a password."""
    return [
        Fault(where=".".join(str(part) for part in error["loc"]), what=str(error["msg"]))
        for error in errors
    ]


def install(app: FastAPI) -> None:
    """Make every error of the app a problem."""
    app.add_exception_handler(HubError, _on_hub_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_hub_error(_request: Request, raised: Exception) -> JSONResponse:
    error = cast(HubError, raised)
    status = status_of(error)
    if status >= 500:
        log.warning("%s: %s", error.code, error)
    headers = {}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if isinstance(error, Locked | TooMany):
        headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    detail = str(error) if status != 500 else "the hub met an error it has no answer for"
    return problem(status, error.code, detail, headers=headers)


async def _on_invalid(_request: Request, raised: Exception) -> JSONResponse:
    error = cast(RequestValidationError, raised)
    return problem(
        422, "invalid", "the request does not fit its schema", errors=faults(list(error.errors()))
    )


async def _on_http(_request: Request, raised: Exception) -> JSONResponse:
    error = cast(HTTPException, raised)
    code = _CODE_OF_STATUS.get(error.status_code, f"http_{error.status_code}")
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, code, str(error.detail), headers=headers)


async def _on_unexpected(request: Request, error: Exception) -> JSONResponse:
    # The trace goes to the log (by the server above us); the caller learns only that it happened.
    log.error("%s %s: %s", request.method, request.url.path, type(error).__name__)
    return problem(500, "internal", "the hub met an error it has no answer for")


def limits_as_problems(send: Send) -> Send:
    """What the framework refuses as too long in plain text, before any handler of ours, our way."""
    swallow = False

    async def wrapped(message: Message) -> None:
        nonlocal swallow
        if message["type"] == "http.response.start" and message["status"] == 413:
            kind = dict(message["headers"]).get(b"content-type", b"")
            swallow = kind.startswith(b"text/plain")
            if swallow:
                answer = problem(413, "too_large", "the body is longer than this route takes")
                await send({**message, "headers": answer.raw_headers})
                await send({"type": "http.response.body", "body": answer.body})
                return
        if not swallow:
            await send(message)

    return wrapped
