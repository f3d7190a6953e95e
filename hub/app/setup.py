"""What a start needs to know, from the command line and the environment, read in this one place."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from hub.kit.errors import Misconfigured
from hub.kit.places import cache_dir, data_dir

BUILT_PAGES = Path(__file__).resolve().parents[2] / "web" / "dist"
"""Where `make web` leaves the pages of a checkout."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Folders, addresses and sizes of one run.

    `redis_url` and `database_url` are None where the embedded Valkey and SQLite serve. `pages` is
    the folder of the built pages, whether they are built or not.
    """

    config: Path
    profile: str | None
    data: Path
    cache: Path
    host: str
    port: int
    workers: int
    log_level: str
    redis_url: str | None
    database_url: str | None
    pages: Path = BUILT_PAGES

    @property
    def database(self) -> str:
        """URL of the main database."""
        return self.database_url or f"sqlite:///{self.data / 'hub.sqlite'}"

    @property
    def redis(self) -> str:
        """URL of the queue server. Raises Misconfigured where none is given."""
        if self.redis_url is None:
            raise Misconfigured("REDIS_URL is not set; only `hub run` brings a server of its own")
        return self.redis_url

    @property
    def spools(self) -> Path:
        """Folder of the spools, one file per process."""
        return self.data / "spool"

    @property
    def media(self) -> Path:
        """Folder of the evidence."""
        return self.data / "media"

    @property
    def key_file(self) -> Path:
        """Key that camera passwords are encrypted with."""
        return self.data / "secret.key"

    def arguments(self) -> tuple[str, ...]:
        """The same setup as arguments for a child; addresses and pages go by environment."""
        given = (
            *("--config", str(self.config)),
            *("--data", str(self.data)),
            *("--host", self.host),
            *("--port", str(self.port)),
            *("--log-level", self.log_level),
        )
        return (*given, "--profile", self.profile) if self.profile else given


def add_setup_arguments(parser: argparse.ArgumentParser) -> None:
    """The options every process command shares."""
    parser.add_argument("--config", type=Path, default=Path("configs"), help="folder of the *.yaml")
    parser.add_argument("--profile", help="overlay in CONFIG/profiles/<name>, such as demo")
    parser.add_argument("--data", type=Path, help="database, spools and media (HUB_DATA, ./var)")
    parser.add_argument("--host", default="127.0.0.1", help="address the api listens on")
    parser.add_argument("--port", type=int, default=8080, help="port the api listens on")
    parser.add_argument("--workers", type=int, default=1, help="worker processes")
    parser.add_argument("--log-level", default=os.environ.get("HUB_LOG", "INFO"))


def setup_from(args: argparse.Namespace) -> Setup:
    """The setup from parsed arguments and the environment."""
    return Setup(
        config=args.config.resolve(),
        profile=args.profile,
        data=(args.data or data_dir()).resolve(),
        cache=cache_dir(),
        host=args.host,
        port=args.port,
        workers=args.workers,
        log_level=args.log_level,
        redis_url=os.environ.get("REDIS_URL") or None,
        database_url=os.environ.get("DATABASE_URL") or None,
        pages=Path(os.environ.get("HUB_PAGES") or BUILT_PAGES).resolve(),
    )
