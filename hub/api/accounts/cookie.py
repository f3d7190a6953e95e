"""The session's cookie: no script can read it, no other site can make use of it."""

from __future__ import annotations

import ipaddress

from fastapi import Request, Response

from hub.access.login import Opened
from hub.api.guard import COOKIE
from hub.kit.errors import Forbidden

MARKS = "hub_known"
MARKS_PATHS = ("/api/v1/session", "/api/v1/me/password")
MARKS_S = 180 * 86_400


def set_cookie(request: Request, response: Response, opened: Opened) -> None:
    """Hand the session over to the browser."""
    response.set_cookie(
        COOKIE,
        opened.value,
        max_age=int(opened.longest_s),
        path="/",
        secure=not _plain_at_home(request),
        httponly=True,
        samesite="strict",
    )


def set_marks(request: Request, response: Response, opened: Opened) -> None:
    """Let the browser be known again; shown nowhere but where passwords are asked for."""
    for path in MARKS_PATHS:
        response.set_cookie(
            MARKS,
            opened.marks,
            max_age=MARKS_S,
            path=path,
            secure=not _plain_at_home(request),
            httponly=True,
            samesite="strict",
        )


def drop_cookie(request: Request, response: Response) -> None:
    """Take it away again."""
    secure = not _plain_at_home(request)
    response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="strict")


def refuse_unkept(request: Request) -> None:
    """Raises Forbidden (`needs_https`) where the browser would not keep a Secure cookie.

    Without this a login over plain HTTP succeeds and is forgotten at once, and nothing says why.
    """
    kept = _plain_at_home(request) or _is_loopback(request.url.hostname or "")
    if request.url.scheme == "http" and not kept:
        raise Forbidden("people log in over HTTPS: see docs/guide", code="needs_https")


def _plain_at_home(request: Request) -> bool:
    """Plain HTTP that never left this machine."""
    client = request.client.host if request.client else ""
    return request.url.scheme == "http" and _is_loopback(client)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
