"""What every answer says of itself: pages of the hub load from the hub and send to it alone."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import Message, Send

from hub.types.site import BaseMap

POLICY = (
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
)


def policy(maps: Sequence[BaseMap]) -> str:
    """The content security policy; pictures may also come from the base maps' servers."""
    servers = sorted({tiles.origin for tiles in maps if tiles.origin is not None})
    return "; ".join((*POLICY, " ".join(("img-src 'self' data: blob:", *servers))))


def with_headers(send: Send, maps: Sequence[BaseMap]) -> Send:
    """`send` that adds the headers to every HTTP answer."""
    added = [
        (b"content-security-policy", policy(maps).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
    ]

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return wrapped
