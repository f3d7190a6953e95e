"""Calls of a running hub's API from the command line: where it is, the token, plain errors."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from hub.kit.errors import HubError, Misconfigured, Refused, Retryable

TIMEOUT_S = 30.0
Work = Callable[[argparse.Namespace, httpx.Client], int]


def add_hub_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the hub is and who asks; the token is never an argument, because those are logged."""
    parser.add_argument("--url", default=os.environ.get("HUB_URL", "http://127.0.0.1:8080"))
    parser.add_argument(
        "--token-file", type=Path, help="file that holds the API token (default: $HUB_TOKEN)"
    )


def told(args: argparse.Namespace, work: Work) -> int:
    """Do the work with a client of the hub; what goes wrong is one line and 1."""
    try:
        with httpx.Client(
            base_url=f"{args.url}/api/v1",
            headers={"Authorization": f"Bearer {token_of(args)}"},
            timeout=TIMEOUT_S,
        ) as client:
            return work(args, client)
    except HubError as error:
        Console(stderr=True).print(f"[red]{error.code}[/red]: {error}")
        return 1


def ask(client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    """One call that must succeed. Raises Retryable (no hub), Refused with the hub's own words."""
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


def token_of(args: argparse.Namespace) -> str:
    """The token of the file, else of $HUB_TOKEN. Raises Misconfigured where there is neither."""
    if args.token_file is not None:
        try:
            return str(args.token_file.read_text("utf-8").strip())
        except OSError as error:
            raise Misconfigured(f"cannot read the token: {error}") from error
    token = os.environ.get("HUB_TOKEN")
    if not token:
        raise Misconfigured("no token: set HUB_TOKEN or give --token-file")
    return token
