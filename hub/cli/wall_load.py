"""`hub wall-load`: so many operators with so many tiles, to see what a hub carries.

Each synthetic operator opens the wall's WebSocket as a browser does, takes the messages apart,
confirms ticks, and decodes nothing. Delays compare this machine's clock with the hub's.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from hub.cli.calls import TIMEOUT_S, add_hub_arguments, ask, token_of
from hub.kit.errors import Misconfigured, NotFound
from hub.live.reel import ENTRY, KIND_FRAGMENT
from hub.live.sheet import HEAD
from hub.live.wall import TILES_MAX
from hub.types.media import StreamRole

Json = dict[str, Any]

PROTOCOL = "hub.wall.v1"
TOKEN_PREFIX = "bearer."  # noqa: S105 - a prefix, not a token
CONFIRM_TICKS = 20
OPEN_S = 15.0
"""So long all tiles of all operators may take to show something, before measuring begins anyway."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `wall-load` to the command line."""
    parser = commands.add_parser("wall-load", help="synthetic walls", description=__doc__)
    add_hub_arguments(parser)
    parser.add_argument(
        "--login", help="an account instead of a token; the password is $HUB_PASSWORD or asked for"
    )
    parser.add_argument("--operators", type=int, default=20, metavar="N")
    parser.add_argument("--tiles", type=int, default=16, metavar="M")
    parser.add_argument("--role", choices=[role.value for role in StreamRole], default="sub")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--pid", type=int, help="of the api process, to tell its CPU")
    parser.add_argument("--report", type=Path, metavar="FILE", help="everything as JSON")
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class Wall:
    """What every operator opens. `headers` show who they are."""

    address: str
    headers: dict[str, str]
    protocols: tuple[str, ...]
    cameras: tuple[str, ...]
    role: StreamRole


@dataclass
class Operator:
    """What one operator has seen. Seconds; `first_s` by tile, from the asking on."""

    tiles: int
    asked_at: float = 0.0
    measuring: bool = False
    first_s: dict[int, float] = field(default_factory=dict)
    delays_s: list[float] = field(default_factory=list)
    messages: list[tuple[float, int]] = field(default_factory=list)
    frames: int = 0
    gaps: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    dropped_before: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Every tile has shown something, or will not."""
        return len(self.first_s) >= self.tiles or bool(self.refused)

    def begin(self) -> None:
        """From here on it counts."""
        self.measuring = True
        self.dropped_before = sum(self.dropped.values())

    def hear(self, said: Json) -> None:
        """One of the hub's JSON messages."""
        if said["op"] == "pulse":
            self.dropped = said["dropped"]
        elif said["op"] == "refused":
            self.refused.append(f"tile {said['tile']}: {said['code']}")

    def see(self, message: bytes, now: float, monotonic: float) -> int:
        """Take one binary message apart; returns its tick."""
        _version, _zero, entries, tick = HEAD.unpack_from(message)
        at = HEAD.size
        for _ in range(entries):
            tile, kind, flags, length, captured_at, _media_s = ENTRY.unpack_from(message, at)
            at += ENTRY.size + length
            if kind != KIND_FRAGMENT:
                continue
            if tile not in self.first_s:
                self.first_s[tile] = monotonic - self.asked_at
            if self.measuring:
                self.frames += 1
                self.gaps += flags >> 1
                self.delays_s.append(now - captured_at)
        if self.measuring:
            self.messages.append((monotonic, len(message)))
        return int(tick)


def run(args: argparse.Namespace) -> int:
    """Open the walls, watch, report. Raises HubError when the hub lets nobody in."""
    if not 1 <= args.tiles <= TILES_MAX:
        raise Misconfigured(f"--tiles is 1 to {TILES_MAX}")
    wall = _wall(args)
    operators = [Operator(args.tiles) for _ in range(args.operators)]
    process = None if args.pid is None else psutil.Process(args.pid)
    cpu_s, seconds = asyncio.run(_watch(wall, operators, args.seconds, process))
    said = result(operators, seconds, cpu_s)
    Console().print(table(said, args.operators, args.tiles))
    if args.report:
        args.report.write_text(json.dumps(said) + "\n", "utf-8")
    for text in sorted(set(said["refused"])):
        Console(stderr=True).print(text, markup=False)
    return 1 if said["refused"] else 0


def _wall(args: argparse.Namespace) -> Wall:
    """Log in or take the token, and see which cameras there are. Raises Refused, Retryable."""
    parts = urlsplit(args.url)
    headers: dict[str, str] = {}
    protocols = [PROTOCOL]
    with httpx.Client(base_url=f"{args.url}/api/v1", timeout=TIMEOUT_S) as http:
        if args.login:
            password = os.environ.get("HUB_PASSWORD") or getpass.getpass()
            ask(http, "POST", "/session", json={"login": args.login, "password": password})
            cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
            headers = {"Cookie": cookie, "Origin": f"{parts.scheme}://{parts.netloc}"}
        else:
            token = token_of(args)
            http.headers["Authorization"] = f"Bearer {token}"
            protocols.append(f"{TOKEN_PREFIX}{token}")
        listed = ask(http, "GET", "/cameras", params={"limit": 500}).json()["items"]
    names = [camera["id"] for camera in listed if camera["enabled"]]
    if not names:
        raise NotFound("the hub has no cameras")
    cameras = tuple(names[number % len(names)] for number in range(args.tiles))
    scheme = "wss" if parts.scheme == "https" else "ws"
    address = f"{scheme}://{parts.netloc}/api/v1/live/wall"
    return Wall(address, headers, tuple(protocols), cameras, StreamRole(args.role))


async def _watch(
    wall: Wall, operators: Sequence[Operator], seconds: float, process: psutil.Process | None
) -> tuple[float | None, float]:
    """CPU seconds of the process (None without one) and how long was measured."""
    tasks = [asyncio.create_task(sit(wall, operator)) for operator in operators]
    loop = asyncio.get_running_loop()
    until = loop.time() + OPEN_S
    while loop.time() < until and not all(operator.complete for operator in operators):
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)  # the first groups of pictures are old by their nature
    for operator in operators:
        operator.begin()
    before, begun = _cpu_s(process), loop.time()
    await asyncio.sleep(seconds)
    after, ended = _cpu_s(process), loop.time()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return (None if process is None else after - before), ended - begun


def _cpu_s(process: psutil.Process | None) -> float:
    if process is None:
        return 0.0
    spent = process.cpu_times()
    return float(spent.user + spent.system)


async def sit(wall: Wall, operator: Operator) -> None:
    """Look at a wall until the hub goes, or lets nobody in."""
    try:
        async with connect(
            wall.address,
            subprotocols=list(wall.protocols),  # type: ignore[arg-type]
            additional_headers=wall.headers,
            compression=None,
            max_size=None,
        ) as socket:
            await _look(socket, wall, operator)
    except ConnectionClosed as error:
        closed = error.rcvd
        said = "the connection broke" if closed is None else f"{closed.code} {closed.reason}"
        operator.refused.append(said)
    except (OSError, InvalidHandshake) as error:
        operator.refused.append(str(error))


async def _look(socket: ClientConnection, wall: Wall, operator: Operator) -> None:
    tiles = [
        {"tile": number, "camera": camera, "role": wall.role.value, "reason": "exercise"}
        for number, camera in enumerate(wall.cameras)
    ]
    operator.asked_at = time.monotonic()
    await socket.send(json.dumps({"op": "tiles", "tiles": tiles, "codecs": ["h264", "hevc"]}))
    confirmed = None
    async for message in socket:
        if isinstance(message, str):
            operator.hear(json.loads(message))
            continue
        tick = operator.see(message, time.time(), time.monotonic())
        if confirmed is None or tick - confirmed >= CONFIRM_TICKS:  # as the pages do
            confirmed = tick
            await socket.send(json.dumps({"op": "got", "tick": tick}))


def result(operators: Sequence[Operator], seconds: float, cpu_s: float | None) -> Json:
    """What came out. `trace`: (seconds, bytes) of each message of the first operator."""
    first = [at for operator in operators for at in operator.first_s.values()]
    delays = [delay for operator in operators for delay in operator.delays_s]
    messages = [message for operator in operators for message in operator.messages]
    trace = operators[0].messages if operators else []
    sent = sum(size for _, size in messages)
    return {
        "seconds": seconds,
        "tiles_wanted": sum(operator.tiles for operator in operators),
        "tiles_shown": len(first),
        "first_picture_s": quantiles(first),
        "delay_s": quantiles(delays),
        "frames": sum(operator.frames for operator in operators),
        "gaps": sum(operator.gaps for operator in operators),
        "dropped": sum(
            max(0, sum(operator.dropped.values()) - operator.dropped_before)
            for operator in operators
        ),
        "messages": len(messages),
        "bytes": sent,
        "mbps": 8e-6 * sent / seconds,
        "cpu_share": None if cpu_s is None else cpu_s / seconds,
        "refused": [text for operator in operators for text in operator.refused],
        "trace": [(at - trace[0][0], size) for at, size in trace],
    }


def quantiles(values: Sequence[float]) -> Json:
    """p50, p95 and max; None where there is nothing."""
    if not values:
        return {"p50": None, "p95": None, "max": None}
    ordered = sorted(values)
    last = len(ordered) - 1
    return {
        "p50": ordered[round(0.5 * last)],
        "p95": ordered[round(0.95 * last)],
        "max": ordered[last],
    }


def table(said: Json, operators: int, tiles: int) -> Table:
    """The result for people."""
    made = Table(title=f"{operators} operators x {tiles} tiles, {said['seconds']:.0f} s")
    made.add_column("")
    for heading in ("p50", "p95", "max"):
        made.add_column(heading, justify="right")
    for name, key in (("first picture, s", "first_picture_s"), ("delay, s", "delay_s")):
        cells = ("-" if said[key][q] is None else f"{said[key][q]:.3f}" for q in said[key])
        made.add_row(name, *cells)
    made.add_section()
    made.add_row("tiles shown", f"{said['tiles_shown']} of {said['tiles_wanted']}")
    made.add_row("pictures", str(said["frames"]))
    made.add_row("dropped, gaps", f"{said['dropped']}, {said['gaps']}")
    made.add_row("Mbit/s", f"{said['mbps']:.1f}")
    made.add_row("messages a second", f"{said['messages'] / said['seconds']:.0f}")
    if said["cpu_share"] is not None:
        made.add_row("CPU of the process", f"{said['cpu_share']:.1%} of a core")
    return made
