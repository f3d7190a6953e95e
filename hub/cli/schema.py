"""`hub schema`: the OpenAPI document and the life of an incident, without a hub that runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import cast

from hub.api.app import create_app
from hub.api.deps import Deps
from hub.dispatch import drawing
from hub.kit.errors import Misconfigured


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `schema` to the command line."""
    parser = commands.add_parser("schema", help="write the API as an OpenAPI document (JSON)")
    parser.add_argument("file", type=Path, nargs="?", help="default: standard output")
    parser.add_argument(
        "--lives", action="store_true", help="the life of an incident instead (Markdown)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write what was asked for."""
    text = drawing.page() if args.lives else _document()
    if args.file is None:
        sys.stdout.write(text)
        return 0
    try:
        args.file.write_text(text, "utf-8")
    except OSError as error:
        raise Misconfigured(f"cannot write {args.file}: {error}") from error
    return 0


def _document() -> str:
    """The API; its routes are looked at, none is called."""
    document = create_app(cast(Deps, None)).openapi()
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
