"""`hub accounts list|add|grant|end|password|disable`, over the API of a running hub."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from hub.access.actions import ACCOUNT_ROLES, Role
from hub.access.passwords import generated
from hub.cli.calls import add_hub_arguments, ask, told
from hub.kit.errors import Misconfigured, NotFound


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `accounts` and its sub-commands."""
    group = commands.add_parser(
        "accounts", help="people's accounts: list, add, grant, end, password, disable"
    )
    actions = group.add_subparsers(dest="action", required=True)

    listing = actions.add_parser("list", help="all accounts")
    listing.set_defaults(run=lambda args: told(args, _list))

    adding = actions.add_parser("add", help="register an account")
    adding.add_argument("login")
    adding.add_argument("--name", help="as shown and as noted in the register (default: the login)")
    adding.set_defaults(run=lambda args: told(args, _add))

    giving = actions.add_parser("grant", help="give one more role, or one more grid")
    giving.add_argument("login")
    giving.set_defaults(run=lambda args: told(args, _grant))

    ending = actions.add_parser("end", help="end a role on a grid (no grid: on the whole site)")
    ending.add_argument("login")
    ending.set_defaults(run=lambda args: told(args, _end))

    password = actions.add_parser("password", help="give a new password, and unlock")
    password.add_argument("login")
    password.set_defaults(run=lambda args: told(args, _password))

    disabling = actions.add_parser("disable", help="close an account at once")
    disabling.add_argument("login")
    disabling.set_defaults(run=lambda args: told(args, _disable))

    for parser in (adding, giving, ending):
        add_right_arguments(parser, ACCOUNT_ROLES)
    for parser in (adding, password):
        parser.add_argument(
            "--password-file",
            type=Path,
            help="file that holds the password, - for standard input"
            " (default: one is thought up, printed, and to be changed at the first login)",
        )
    for parser in (listing, adding, giving, ending, password, disabling):
        add_hub_arguments(parser)


def add_right_arguments(parser: argparse.ArgumentParser, roles: Iterable[Role]) -> None:
    """What somebody is given: roles, on grids, for a unit."""
    names = [role.value for role in roles]
    parser.add_argument("--role", action="append", required=True, choices=names)
    parser.add_argument(
        "--grid",
        action="append",
        help="code of a grid it is for, with all below; each role on each (default: the site)",
    )
    parser.add_argument("--unit", help="the department or the owner that is acted for")


def _list(_args: argparse.Namespace, client: httpx.Client) -> int:
    table = Table("login", "name", "rights", "state")
    for account in ask(client, "GET", "/accounts").json()["items"]:
        table.add_row(
            account["login"],
            account["name"],
            "\n".join(right(grant) for grant in account["grants"]),
            _state(account),
        )
    Console().print(table)
    return 0


def right(grant: dict[str, Any]) -> str:
    """A grant in a few words."""
    words = [grant["role"], grant["unit"] or "", grant["grid"] or ""]
    if not grant["in_force"]:
        words.append("(not now)")
    return " ".join(word for word in words if word)


def _state(account: dict[str, Any]) -> str:
    if account["disabled_at"]:
        return f"disabled {account['disabled_at']}"
    if account["locked_until"]:
        return f"locked until {account['locked_until']}"
    return "must change the password" if account["must_change"] else "open"


def _add(args: argparse.Namespace, client: httpx.Client) -> int:
    body = {
        "login": args.login,
        "name": args.name or args.login,
        "grants": wanted_grants(args),
        **_new_password(args),
    }
    made = ask(client, "POST", "/accounts", json=body).json()
    _tell(made["login"], body)
    return 0


def _grant(args: argparse.Namespace, client: httpx.Client) -> int:
    path = f"/accounts/{_account(client, args.login)['id']}/grants"
    for grant in wanted_grants(args):
        made = ask(client, "POST", path, json=grant).json()
        Console().print(f"{args.login} is now {right(made)}", highlight=False)
    return 0


def _end(args: argparse.Namespace, client: httpx.Client) -> int:
    account = _account(client, args.login)
    for wanted in wanted_grants(args):
        ended = [g for g in account["grants"] if wanted.items() <= g.items()]
        if not ended:
            raise NotFound(f"{args.login} has no grant {wanted['role']} there")
        for grant in ended:
            ask(client, "DELETE", f"/accounts/{account['id']}/grants/{grant['id']}")
            Console().print(f"{args.login} is no longer {right(grant)}", highlight=False)
    return 0


def wanted_grants(args: argparse.Namespace) -> list[dict[str, Any]]:
    """Each role on each grid."""
    grids = args.grid or [None]
    return [{"role": role, "grid": g, "unit": args.unit} for role in args.role for g in grids]


def _password(args: argparse.Namespace, client: httpx.Client) -> int:
    body = _new_password(args)
    ask(client, "PUT", f"/accounts/{_account(client, args.login)['id']}", json=body)
    _tell(args.login, body)
    return 0


def _disable(args: argparse.Namespace, client: httpx.Client) -> int:
    path = f"/accounts/{_account(client, args.login)['id']}"
    ask(client, "PUT", path, json={"disabled": True})
    Console().print(f"{args.login} is disabled; its sessions have ended", highlight=False)
    return 0


def _account(client: httpx.Client, login: str) -> dict[str, Any]:
    for account in ask(client, "GET", "/accounts").json()["items"]:
        if account["login"] == login.strip().lower():
            return dict(account)
    raise NotFound(f"there is no account {login}")


def _new_password(args: argparse.Namespace) -> dict[str, Any]:
    """The password of the file as it is, or one that its owner has to change."""
    if args.password_file is None:
        return {"password": generated(), "must_change": True}
    try:
        if str(args.password_file) == "-":
            given = sys.stdin.readline()
        else:
            given = args.password_file.read_text("utf-8")
    except OSError as error:
        raise Misconfigured(f"cannot read the password: {error}") from error
    return {"password": given.rstrip("\r\n"), "must_change": False}


def _tell(login: str, body: dict[str, Any]) -> None:
    console = Console()
    console.print(f"login     {login}", highlight=False)
    if body["must_change"]:
        console.print(
            f"password  {body['password']}   (shown once, to be changed at the first login)",
            highlight=False,
        )
