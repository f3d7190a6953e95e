"""Taking one file out of an archive that is not trusted."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from hub.kit.errors import Permanent

_PIECE_BYTES = 1 << 20
_MEMBER_BYTES_MAX = 4 << 30


def take_out(archive: Path, member: str, target: Path) -> None:
    """Write the file `member` of a zip, wheel or tar to `target`; "" takes the archive itself.

    Where all stands in one folder, as in source archives, its name may be left out.
    Raises Permanent: `archive_unreadable`, `archive_unsafe` (a name that leads out of the archive,
    a link, a name that stands twice, a size beyond reason), `member_missing`.
    """
    if not member:
        shutil.copyfile(archive, target)
        return
    try:
        with _member(archive, member) as source, target.open("wb") as sink:
            _copy(source, sink, archive, member)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, NotImplementedError) as error:
        raise Permanent(
            f"{archive.name}: cannot be read as an archive: {error}", code="archive_unreadable"
        ) from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    if zipfile.is_zipfile(archive):
        with (
            zipfile.ZipFile(archive) as box,
            box.open(_found(archive, member, box.namelist())) as source,
        ):
            yield source
        return
    with tarfile.open(archive) as roll:
        entries = roll.getmembers()
        name = _found(archive, member, [entry.name for entry in entries])
        entry = next(entry for entry in entries if entry.name == name)
        opened = roll.extractfile(entry) if entry.isreg() else None
        if opened is None:
            raise Permanent(f"{archive.name}: {member} is no plain file", code="archive_unsafe")
        with opened as source:
            yield source


def _found(archive: Path, member: str, names: list[str]) -> str:
    """The member's full name in an archive whose names are all harmless."""
    for name in names:
        if "\\" in name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise Permanent(
                f"{archive.name}: the name {name!r} leads out of the archive", code="archive_unsafe"
            )
    tops = {PurePosixPath(name).parts[0] for name in names if PurePosixPath(name).parts}
    full = f"{tops.pop()}/{member}" if len(tops) == 1 and member not in names else member
    if full not in names:
        raise Permanent(f"{archive.name}: there is no {member} in it", code="member_missing")
    if names.count(full) > 1:
        raise Permanent(f"{archive.name}: {full} stands in it twice", code="archive_unsafe")
    return full


def _copy(source: IO[bytes], sink: IO[bytes], archive: Path, member: str) -> None:
    left = _MEMBER_BYTES_MAX
    while piece := source.read(_PIECE_BYTES):
        left -= len(piece)
        if left < 0:
            raise Permanent(f"{archive.name}: {member} is too large", code="archive_unsafe")
        sink.write(piece)
