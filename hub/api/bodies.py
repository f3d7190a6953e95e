"""Bodies that are no JSON, or too long to be parsed where everybody waits: taken as bytes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request


async def _raw(request: Request) -> bytes:
    return await request.body()


Raw = Annotated[bytes, Depends(_raw)]
"""The whole body, at most as long as the route allows."""


def described(
    media_type: str, schema: dict[str, Any] | None = None, *, required: bool = True
) -> dict[str, Any]:
    """`openapi_extra` of a route that takes a raw body."""
    described_as = {"type": "string", "format": "binary"} if schema is None else schema
    content = {media_type: {"schema": described_as}}
    return {"requestBody": {"required": required, "content": content}}
