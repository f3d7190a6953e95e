"""Log lines: one a line, `key=value` friendly, UTC, passwords taken out."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path

from hub.kit.clock import iso

_SECRET = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]{0,15}://)(?P<user>[^/\s:@]*):(?P<secret>[^/\s]+)@", re.I
)


def redact(text: str) -> str:
    """Replace the password of every URL in `text` by three asterisks."""
    return _SECRET.sub(r"\g<scheme>\g<user>:***@", text)


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{iso(record.created)} {redact(super().format(record))}"


def start_logging(process: str, level: str = "INFO", file: Path | None = None) -> None:
    """Send all logs of this process to standard error, or to `file`, with the process's name."""
    handler = logging.StreamHandler(sys.stderr) if file is None else logging.FileHandler(file)
    handler.setFormatter(_Redacting(f"{process} %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
