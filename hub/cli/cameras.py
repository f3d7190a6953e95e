"""`hub cameras list|import|export`, over the API of a running hub (it alone opens the database)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from hub.kit.errors import HubError, Misconfigured, Refused, Retryable

TIMEOUT_S = 30.0
Work = Callable[[argparse.Namespace, httpx.Client], int]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `cameras` and its sub-commands."""
    group = commands.add_parser("cameras", help="list, import and export cameras")
    actions = group.add_subparsers(dest="action", required=True)

    listing = actions.add_parser("list", help="all cameras and their states")
    listing.set_defaults(run=list_cameras)

    importing = actions.add_parser("import", help="register the cameras of a CSV sheet")
    importing.add_argument("sheet", type=Path, help="CSV, UTF-8 or GB 18030, with a header line")
    importing.add_argument("--dry-run", action="store_true", help="only say what would be done")
    importing.set_defaults(run=import_cameras)

    exporting = actions.add_parser("export", help="write all cameras as YAML, without passwords")
    exporting.add_argument("--output", type=Path, help="file to write (default: standard output)")
    exporting.set_defaults(run=export_cameras)

    for parser in (listing, importing, exporting):
        parser.add_argument("--url", default=os.environ.get("HUB_URL", "http://127.0.0.1:8080"))
        parser.add_argument(
            "--token-file", type=Path, help="file that holds the API token (default: $HUB_TOKEN)"
        )


def list_cameras(args: argparse.Namespace) -> int:
    """Print a table of all cameras."""
    return _told(args, _list)


def import_cameras(args: argparse.Namespace) -> int:
    """Send a sheet; 1 when any of its rows is refused, and then nothing was registered."""
    return _told(args, _import)


def export_cameras(args: argparse.Namespace) -> int:
    """Write YAML as `configs/cameras.yaml` wants it."""
    return _told(args, _export)


def _told(args: argparse.Namespace, work: Work) -> int:
    try:
        with httpx.Client(
            base_url=f"{args.url}/api/v1",
            headers={"Authorization": f"Bearer {_token(args)}"},
            timeout=TIMEOUT_S,
        ) as client:
            return work(args, client)
    except HubError as error:
        Console(stderr=True).print(f"[red]{error.code}[/red]: {error}")
        return 1


def _token(args: argparse.Namespace) -> str:
    if args.token_file is not None:
        try:
            return str(args.token_file.read_text("utf-8").strip())
        except OSError as error:
            raise Misconfigured(f"cannot read the token: {error}") from error
    token = os.environ.get("HUB_TOKEN")
    if not token:
        raise Misconfigured("no token: set HUB_TOKEN or give --token-file")
    return token


def _ask(client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    try:
        answer = client.request(method, path, **more)
    except httpx.TransportError as error:
        raise Retryable(f"no hub answers at {client.base_url}: {error}") from error
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
    except ValueError as error:
        raise Refused(f"{answer.status_code} from {client.base_url}") from error
    raise Refused(str(problem.get("detail")), code=str(problem.get("code", "refused")))


def _list(_args: argparse.Namespace, client: httpx.Client) -> int:
    table = Table("id", "name", "owner", "state", "fps", "managed by", "last error")
    cursor: str | None = ""
    while cursor is not None:
        params = {"after": cursor} if cursor else {}
        page = _ask(client, "GET", "/cameras", params=params).json()
        for camera in page["items"]:
            health = camera["health"] or {}
            table.add_row(
                camera["id"],
                camera["name"],
                f"{camera['owner_kind']} {camera['owner']}",
                health.get("state", "-" if camera["enabled"] else "disabled"),
                f"{health['fps']:.1f}" if health.get("fps") is not None else "-",
                camera["origin"] or camera["managed_by"],
                health.get("last_error") or "",
            )
        cursor = page["next"]
    Console().print(table)
    return 0


def _import(args: argparse.Namespace, client: httpx.Client) -> int:
    try:
        sheet = args.sheet.read_bytes()
    except OSError as error:
        raise Misconfigured(f"cannot read the sheet: {error}") from error
    report = _ask(
        client,
        "POST",
        "/cameras/import",
        params={"dry_run": args.dry_run},
        content=sheet,
        headers={"Content-Type": "text/csv"},
    ).json()
    console = Console()
    for row in report["rows"]:
        for fault in row["faults"]:
            console.print(
                f"{args.sheet}:{row['line']}: {row['camera_id']}: {fault}", soft_wrap=True
            )
    console.print(
        f"{report['created']} new, {report['updated']} changed, {report['same']} the same, "
        f"{report['refused']} refused; "
        + ("registered" if report["applied"] else "nothing was registered")
    )
    return 1 if report["refused"] else 0


def _export(args: argparse.Namespace, client: httpx.Client) -> int:
    text = _ask(client, "GET", "/cameras/export").text
    if args.output is None:
        sys.stdout.write(text)
        return 0
    try:
        args.output.write_text(text, "utf-8")
    except OSError as error:
        raise Misconfigured(f"cannot write {args.output}: {error}") from error
    return 0
