"""`hub cameras list|import|export`, over the API of a running hub (it alone opens the database)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from hub.cli.calls import add_hub_arguments, ask, told
from hub.kit.errors import Misconfigured


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
        add_hub_arguments(parser)


def list_cameras(args: argparse.Namespace) -> int:
    """Print a table of all cameras."""
    return told(args, _list)


def import_cameras(args: argparse.Namespace) -> int:
    """Send a sheet; 1 when any of its rows is refused, and then nothing was registered."""
    return told(args, _import)


def export_cameras(args: argparse.Namespace) -> int:
    """Write YAML as `configs/cameras.yaml` wants it."""
    return told(args, _export)


def _list(_args: argparse.Namespace, client: httpx.Client) -> int:
    table = Table("id", "name", "owner", "state", "fps", "managed by", "last error")
    cursor: str | None = ""
    while cursor is not None:
        params = {"after": cursor} if cursor else {}
        page = ask(client, "GET", "/cameras", params=params).json()
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
    report = ask(
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
    text = ask(client, "GET", "/cameras/export").text
    if args.output is None:
        sys.stdout.write(text)
        return 0
    try:
        args.output.write_text(text, "utf-8")
    except OSError as error:
        raise Misconfigured(f"cannot write {args.output}: {error}") from error
    return 0
