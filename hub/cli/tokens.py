"""`hub tokens list|add|revoke`, over the API of a running hub."""

from __future__ import annotations

import argparse
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from hub.access.actions import GIVEN_ROLES
from hub.cli.accounts import add_right_arguments, right, wanted_grants
from hub.cli.calls import add_hub_arguments, ask, told
from hub.kit.errors import NotFound


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `tokens` and its sub-commands."""
    group = commands.add_parser("tokens", help="programs' tokens: list, add, revoke")
    actions = group.add_subparsers(dest="action", required=True)

    listing = actions.add_parser("list", help="the tokens that are good, without themselves")
    listing.add_argument("--all", action="store_true", help="those that were revoked too")
    listing.set_defaults(run=lambda args: told(args, _list))

    adding = actions.add_parser("add", help="make a token; it is printed this once")
    adding.add_argument("name", help="as noted in the register")
    add_right_arguments(adding, GIVEN_ROLES)
    adding.set_defaults(run=lambda args: told(args, _add))

    revoking = actions.add_parser("revoke", help="end a token at once")
    revoking.add_argument("token", help="its name or its id, never the token itself")
    revoking.set_defaults(run=lambda args: told(args, _revoke))

    for parser in (listing, adding, revoking):
        add_hub_arguments(parser)


def _list(args: argparse.Namespace, client: httpx.Client) -> int:
    table = Table("id", "name", "rights", "state")
    for token in _tokens(client):
        state = f"revoked {token['revoked_at']}" if token["revoked_at"] else "good"
        if args.all or not token["revoked_at"]:
            rights = "\n".join(right(grant) for grant in token["grants"])
            table.add_row(token["id"], token["name"], rights, state)
    Console().print(table)
    return 0


def _add(args: argparse.Namespace, client: httpx.Client) -> int:
    body = {"name": args.name, "grants": wanted_grants(args)}
    made = ask(client, "POST", "/tokens", json=body).json()
    console = Console()
    console.print(f"name   {made['name']}", highlight=False)
    console.print(f"token  {made['token']}   (shown once)", highlight=False, soft_wrap=True)
    return 0


def _revoke(args: argparse.Namespace, client: httpx.Client) -> int:
    for token in _tokens(client):
        if args.token in (token["name"], token["id"]) and not token["revoked_at"]:
            ask(client, "DELETE", f"/tokens/{token['id']}")
            Console().print(f"{token['name']} is revoked", highlight=False)
            return 0
    raise NotFound("there is no such token, or it is revoked; see hub tokens list --all")


def _tokens(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(client, "GET", "/tokens").json()["items"]
    return found
