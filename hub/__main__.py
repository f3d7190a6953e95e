"""The command line. Each command group lives in one file of `hub/cli/`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from hub import __version__
from hub.cli import cameras, check, demo, dispatch, models, processes, replay, simulate
from hub.kit.errors import HubError, Misconfigured
from hub.kit.log import redact

COMMANDS = (processes, demo, check, replay, models, cameras, dispatch, simulate)


def parser() -> argparse.ArgumentParser:
    """The parser with all commands."""
    top = argparse.ArgumentParser(
        prog="hub", description="Cameras and alarm sensors of a county, to the dispatch queue."
    )
    top.add_argument("--version", action="version", version=f"hub {__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.register(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; errors with a name end in one line, not in a stack trace."""
    args = parser().parse_args(arguments)
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
