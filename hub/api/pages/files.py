"""The files of the built pages, read once, with their compressed form."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

FIRST = "index.html"
HASHED = "assets/"
"""Folder of the files whose names change with their content."""
FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
COMPRESSED = frozenset(
    {
        *("text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"),
        *("application/manifest+json", "application/wasm", "text/plain"),
    }
)
SMALL_BYTES = 1024
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""The machine's own table of types is not always complete, and a script of no type is not run."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file as it is sent; `packed` is its gzip form where that is worth it."""

    content: bytes
    packed: bytes | None
    media_type: str
    cache_control: str
    etag: str


class Pages:
    """The files of one folder. A build made meanwhile is noticed; nothing outside is ever read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._read: dict[Path, tuple[tuple[int, int], PageFile]] = {}

    @property
    def built(self) -> bool:
        """Whether there is a first page."""
        return (self._folder / FIRST).is_file()

    def find(self, address: str, *, typed: bool = False) -> PageFile | None:
        """What lies at a path of the site, None if nothing does.

        An address without a dot is a page of the application, which knows it itself; one with a
        dot (a camera's id may have one) is that too if it was `typed`, not asked for by a page.
        """
        file = self._file(address)
        if file is None and ("." not in address or (typed and not address.startswith(HASHED))):
            file = self._file(FIRST)
        return None if file is None else self._loaded(file)

    def _file(self, address: str) -> Path | None:
        parts = address.split("/")
        if "\x00" in address or "\\" in address or any(part.startswith(".") for part in parts):
            return None
        try:
            # Also a link inside the folder must not lead out of it.
            file = (self._folder / address.lstrip("/")).resolve()
            inside = file.is_relative_to(self._folder) and file.is_file()
        except OSError:  # a name that is too long for the disk
            return None
        return file if inside else None

    def _loaded(self, file: Path) -> PageFile:
        stat = file.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        known = self._read.get(file)
        if known is None or known[0] != stamp:
            hashed = file.relative_to(self._folder).as_posix().startswith(HASHED)
            known = self._read[file] = (stamp, _page_file(file, hashed))
        return known[1]


def _page_file(file: Path, hashed: bool) -> PageFile:
    content = file.read_bytes()
    media_type = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
    packed = None
    if media_type in COMPRESSED and len(content) >= SMALL_BYTES:
        packed = gzip.compress(content, 9, mtime=0)
    return PageFile(
        content=content,
        packed=packed,
        media_type=media_type or "application/octet-stream",
        cache_control=FOR_A_YEAR if hashed else ASK_AGAIN,
        etag=f'W/"{hashlib.sha256(content).hexdigest()[:32]}"',
    )
