"""Whether files changed since they were read; a broken change keeps what stands."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.config.load import HubConfig, Loaded, all_files, load


@dataclass(frozen=True, slots=True)
class _Look:
    mtime_ns: int
    size: int
    digest: str


class Watch:
    """Tells changes of a set of files, cheaply: contents are read only when the date or size moved.

    A file that was only touched, or rewritten with the same content, has not changed.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = tuple(files)
        self._looks = {path: _look(path, None) for path in self._files}

    def changed(self) -> tuple[Path, ...]:
        """Files that differ from the last call (or the start), also those new or gone."""
        now = {path: _look(path, self._looks[path]) for path in self._files}
        different = [p for p in self._files if _digest(now[p]) != _digest(self._looks[p])]
        self._looks = now
        return tuple(different)


def _digest(look: _Look | None) -> str | None:
    return look.digest if look is not None else None


def _look(path: Path, before: _Look | None) -> _Look | None:
    try:
        state = path.stat()
        if before is not None and (before.mtime_ns, before.size) == (
            state.st_mtime_ns,
            state.st_size,
        ):
            return before
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return _Look(state.st_mtime_ns, state.st_size, digest)
    except OSError:
        return None


class LiveConfig:
    """The configuration in force. `refresh` takes over a sound change.

    `last` is what came of the newest reading: its problems are why the files and `config` differ.
    """

    def __init__(
        self,
        directory: Path,
        profile: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._directory = directory
        self._profile = profile
        self._environment = os.environ if environment is None else environment
        # Looked at before they are read: a change in between is seen as one.
        self._watch = Watch(all_files(directory, profile))
        self.last: Loaded = load(directory, profile, self._environment)
        self.config: HubConfig | None = self.last.config

    def refresh(self) -> bool:
        """True when a new configuration is in force; of a broken one `last.problems` tell."""
        if not self._watch.changed():
            return False
        self.last = load(self._directory, self._profile, self._environment)
        if self.last.config is None or self.last.config == self.config:
            return False
        self.config = self.last.config
        return True
