"""Evidence pictures and clips, by id: files below one folder, written whole or not at all.

Who writes (worker, api) and who links (centre) are different processes; what nobody has linked
after a day is swept away.
"""

from __future__ import annotations

import errno
import math
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.kit.errors import NotFound, Permanent, Retryable
from hub.store.tables.ops import media

UNLINKED_KEEP_S = 24 * 3600.0
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,79}")
_ASK_AT_ONCE = 500


class MediaKind(StrEnum):
    """What can be kept under one id; the word is the file's name."""

    PICTURE = "picture.jpg"
    CLIP = "clip.mp4"
    PHOTO = "photo.jpg"
    MARKS = "clip.json"
    EXPORT = "export.zip"


@dataclass(frozen=True, slots=True)
class Room:
    """Of the disk that the files are on."""

    free_bytes: int
    total_bytes: int


class MediaStore:
    """Files below `root`, spread over sub-folders by the end of the id (its start is the time)."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, id_: str, kind: MediaKind, data: bytes) -> None:
        """Keep `data`, on the disk when this returns; replaces what was there.

        Raises Retryable (`media_full`) when the disk is full, Permanent (`bad_media_id`).
        """
        path = self._path(id_, kind)
        draft = path.with_name(f".{kind.value}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise Retryable(f"no room for media: {error}", code="media_full") from error
            raise Retryable(f"media cannot be written: {error}", code="media_failed") from error

    def open(self, id_: str, kind: MediaKind) -> BinaryIO:
        """The file, open for reading; the caller closes it. Raises NotFound, Permanent."""
        try:
            return self._path(id_, kind).open("rb")
        except FileNotFoundError as error:
            raise missing(id_, kind) from error

    def exists(self, id_: str, kind: MediaKind) -> bool:
        """Whether it is there. Raises Permanent (`bad_media_id`)."""
        return self._path(id_, kind).is_file()

    def renew(self, id_: str, kind: MediaKind) -> bool:
        """Whether it is there; if so nothing sweeps it before its time has run once more.

        For who is about to link it. Raises Permanent (`bad_media_id`).
        """
        path = self._path(id_, kind)
        with suppress(FileNotFoundError):
            os.utime(path.parent)
        return path.is_file()

    def room(self) -> Room | None:
        """What the disk has left; None where it does not say."""
        there = next(path for path in (self._root, *self._root.parents) if path.exists())
        try:
            usage = shutil.disk_usage(there)
        except OSError:
            return None
        return Room(usage.free, usage.total)

    def sizes(self, id_: str) -> dict[MediaKind, int]:
        """Bytes of each kind kept under the id. Raises Permanent (`bad_media_id`)."""
        paths = {kind: self._path(id_, kind) for kind in MediaKind}
        return {kind: path.stat().st_size for kind, path in paths.items() if path.is_file()}

    def remove(self, id_: str) -> None:
        """Remove everything under the id; nothing happens when there is nothing."""
        self._remove_folder(self._folder(id_))

    def sweep(
        self,
        linked: Callable[[set[str]], set[str]],
        now: float,
        older_than_s: float = UNLINKED_KEEP_S,
    ) -> list[str]:
        """Remove media older than `older_than_s` that is not linked; returns the ids.

        `linked` gets ids and says which of them something refers to. `now` is UTC epoch seconds.
        """
        removed: list[str] = []
        for folders in self._old_folders(now - older_than_s):
            kept = linked(set(folders))
            for id_, folder in folders.items():
                # Once more: somebody may be naming it at this moment (`renew`).
                if id_ not in kept and _put_at(folder) < now - older_than_s:
                    self._remove_folder(folder)
                    removed.append(id_)
        return removed

    def _old_folders(self, before: float) -> Iterator[dict[str, Path]]:
        batch: dict[str, Path] = {}
        for folder in sorted(self._root.glob("??/*")):
            if _put_at(folder) < before:
                batch[folder.name] = folder
            if len(batch) == _ASK_AT_ONCE:
                yield batch
                batch = {}
        if batch:
            yield batch

    def _remove_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            return
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
        with suppress(OSError):  # something was put there just now
            folder.rmdir()

    def _folder(self, id_: str) -> Path:
        if not _ID.fullmatch(id_):
            raise Permanent(f"{id_!r} is no media id", code="bad_media_id")
        return self._root / id_[-2:].lower() / id_

    def _path(self, id_: str, kind: MediaKind) -> Path:
        return self._folder(id_) / MediaKind(kind).value


def _put_at(folder: Path) -> float:
    """When something was last put there; endlessly late where there is nothing any more."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def missing(id_: str, kind: MediaKind) -> NotFound:
    """What is said where there is nothing, or nothing for whoever asks."""
    return NotFound(f"there is no {kind.value} under {id_}")


def link(tx: Connection, links: Sequence[tuple[str, str]], now: float) -> None:
    """Say what refers to media: (id, such as `alert:<id>`); the first link of each stands."""
    if links:
        dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
        rows = [{"id": id_, "linked_to": to, "linked_at": now} for id_, to in links]
        tx.execute(dialect.insert(media).on_conflict_do_nothing(), rows)


def linked_to(tx: Connection, id_: str) -> str | None:
    """What refers to it, such as `alert:<id>`; None for what nobody has linked."""
    found: str | None = tx.execute(select(media.c.linked_to).where(media.c.id == id_)).scalar()
    return found


def linked(tx: Connection, ids: Collection[str], since: float = 0.0) -> set[str]:
    """Which of the ids something refers to, linked at `since` (UTC epoch seconds) or later."""
    wanted = select(media.c.id).where(media.c.id.in_(ids), media.c.linked_at >= since)
    return set(tx.execute(wanted).scalars())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
