"""Parts of a file by HTTP range (RFC 9110, section 14), so that a player can seek in a clip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from hub.kit.errors import Refused

CHUNK_BYTES = 64 << 10
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def span(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte asked for, None for the whole.

    What is no single byte range means the whole, as the standard allows. Raises Refused
    (`bad_range`) for one that begins behind the end.
    """
    found = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        first, last = max(0, size - int(found[2])), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
    if first > last and found[1] and found[2] and int(found[1]) > int(found[2]):
        return None
    if first > last:
        raise Refused(f"the range begins behind the end ({size} bytes)", code="bad_range")
    return first, last


def answer(file: BinaryIO, media_type: str, wanted: str | None) -> StreamingResponse:
    """The file or the part of it that was asked for; closes the file. Raises Refused."""
    size = file.seek(0, 2)
    headers = {
        "Accept-Ranges": "bytes",
        # Evidence is personal data: no cache keeps it.
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    try:
        part = span(wanted, size)
    except Refused:
        file.close()
        raise
    first, last = part or (0, size - 1)
    headers["Content-Length"] = str(last - first + 1)
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return StreamingResponse(
        _chunks(file, first, last),
        206 if part is not None else 200,
        headers,
        media_type,
        BackgroundTask(file.close),
    )


def _chunks(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    file.seek(first)
    left = last - first + 1
    while left > 0:
        data = file.read(min(CHUNK_BYTES, left))
        if not data:
            return
        left -= len(data)
        yield data
