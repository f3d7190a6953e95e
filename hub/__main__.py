"""The command line. Each command group lives in one file of `hub/cli/`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from hub import __version__
from hub.cli import processes
from hub.kit.errors import HubError, Misconfigured
from hub.kit.log import redact

GROUPS = (
    *("processes", "demo", "check", "replay", "models", "cameras", "accounts", "tokens"),
    *("dispatch", "audit", "retention", "indicators", "simulate", "schema", "wall_load", "seed"),
)
"""In the order of `hub --help`; each is the module of `hub.cli` with that name."""


def parser(command: str = "") -> argparse.ArgumentParser:
    """The parser with all commands; for one that is named already, with its group alone.

    What a command never uses need not be imported for it: a process that was killed is back in
    half the time.
    """
    top = argparse.ArgumentParser(
        prog="hub", description="Cameras and alarm sensors of a county, to the dispatch queue."
    )
    top.add_argument("--version", action="version", version=f"hub {__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for group in _of(command) or GROUPS:
        importlib.import_module(f"hub.cli.{group}").register(commands)
    return top


def _of(command: str) -> tuple[str, ...]:
    if command in processes.NAMES:
        return ("processes",)
    group = command.replace("-", "_")
    return (group,) if group in GROUPS else ()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; errors with a name end in one line, not in a stack trace."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    args = parser(given[0] if given else "").parse_args(given)
    try:
        code: int = args.run(args)
    except HubError as error:
        print(f"hub: {error.code}: {redact(str(error))}", file=sys.stderr)  # noqa: T201
        return 2 if isinstance(error, Misconfigured) else 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
