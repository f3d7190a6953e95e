"""How late a picture is on the operator's screen: from the simulated camera to Chromium.

Simulated cameras show a clip, encoded once, in which every picture carries its number (see
`bench.frame_code`). The page under test is the hub's own wall: first with four tiles, then one
camera large by WebRTC and no tile beside it. A script in the page reads the number of each picture
that comes onto the screen, with the machine's clock; when that picture left stands in the
simulator's send log. What is left out is what a real camera adds: exposure and its encoder.

With `--minutes` four tiles are watched for so long instead, and neither the page's memory nor the
delay may have grown in the last third of it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.browser_page import ENLARGED, TILES, Memory, Reading, Scales, enlarge, wall, watch
from bench.browser_sent import SendLine
from bench.browser_site import CAMERAS, Site, open_site
from bench.wall import Judged

Json = dict[str, Any]

TILES_S_MAX = 1.0
WEBRTC_S_MAX = 0.4
UNREAD_MAX = 0.2
"""A delay is that of what was shown: where much was not, it says little."""
SETTLE_S = 8.0
"""A player that began too far behind has caught up by then."""
SECONDS = 60.0
GROWTH_SHARE_MAX = 0.05
HEAP_MIB_MAX, RSS_MIB_MAX = 2.0, 10.0
"""Or so much, where that is more: the scripts hold a few MiB, and are weighed exactly."""
DRIFT_S_MAX = 0.25
"""The player rests anywhere between 0.35 and 0.6 s behind (`web/src/live/drift.ts`)."""


@dataclass(frozen=True, slots=True)
class Delay:
    """One picture, sent and on the screen at these moments, UTC seconds."""

    sent_at: float
    seen_at: float

    @property
    def seconds(self) -> float:
        """How late it was."""
        return self.seen_at - self.sent_at


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the screen. `sent`: pictures that left meanwhile; `bad`: codes not understood."""

    name: str
    bound_s: float
    sent: int
    bad: int
    delays: tuple[Delay, ...]

    def at(self, share: float) -> float:
        """The delay, s, that this share of the pictures keeps to; 0.5 is the median."""
        ordered = sorted(delay.seconds for delay in self.delays)
        return ordered[round(share * (len(ordered) - 1))]

    @property
    def unread(self) -> float:
        """Share of the sent pictures that were not read on the screen."""
        return max(0.0, 1.0 - len(self.delays) / self.sent)

    def judged(self) -> list[Judged]:
        """The delay, and whether enough was seen to speak of it."""
        return [
            Judged(
                f"{self.name}: delay, p95", self.at(0.95), self.bound_s, f"{self.at(0.95):.3f} s"
            ),
            Judged(f"{self.name}: not read", self.unread, UNREAD_MAX, f"{self.unread:.1%}"),
        ]


def way(
    name: str,
    bound_s: float,
    readings: Sequence[Reading],
    sent: Mapping[str, SendLine],
) -> Way:
    """What was read against what was sent. Ends the run when nothing was read at all."""
    delays: list[Delay] = []
    bad = 0
    last: dict[str, int] = {}
    for reading in readings:
        if reading.number is None:
            bad += 1
        elif last.get(reading.camera) != reading.number:  # else the same picture painted again
            last[reading.camera] = reading.number
            at = sent[reading.camera].sent_at(reading.number, reading.moment)
            if at is None:
                bad += 1
            else:
                delays.append(Delay(at, reading.moment))
    if not delays:
        raise SystemExit(f"{name}: no number was read from {len(readings)} pictures")
    begun, ended = min(delay.sent_at for delay in delays), max(delay.sent_at for delay in delays)
    cameras = {reading.camera for reading in readings}
    count = sum(sent[camera].within(begun, ended) for camera in cameras)
    return Way(name, bound_s, count, bad, tuple(delays))


def two_ways(site: Site, seconds: float) -> list[Way]:
    """Four tiles, then WebRTC alone."""
    with wall(site) as page:
        page.wait_for_timeout(1000 * SETTLE_S)
        tiles = watch(page, TILES, seconds)
    with wall(site, CAMERAS[:1]) as page:
        enlarge(page)
        page.wait_for_timeout(1000 * SETTLE_S)
        large = watch(page, ENLARGED, seconds)
    sent = site.sent()
    return [
        way(f"{len(CAMERAS)} tiles", TILES_S_MAX, tiles, sent),
        way("WebRTC alone", WEBRTC_S_MAX, large, sent),
    ]


def long_run(site: Site, seconds: float) -> tuple[Way, list[Memory]]:
    """Four tiles for so long, weighed all the while."""
    with wall(site) as page:
        page.wait_for_timeout(1000 * SETTLE_S)
        scales = Scales(page)
        tiles = watch(page, TILES, seconds, scales.look)
    return way(f"{len(CAMERAS)} tiles", TILES_S_MAX, tiles, site.sent()), scales.weighed


def grown(found: Way, weighed: Sequence[Memory]) -> list[Judged]:
    """The last third of a run against the middle one. Ends the run when it was too short."""
    moments = [delay.seen_at for delay in found.delays]
    begun, third_s = min(moments), (max(moments) - min(moments)) / 3.0
    middle, last = begun + third_s, begun + 2.0 * third_s
    before = [memory for memory in weighed if middle <= memory.at < last]
    after = [memory for memory in weighed if memory.at >= last]
    was_s = [delay.seconds for delay in found.delays if middle <= delay.seen_at < last]
    now_s = [delay.seconds for delay in found.delays if delay.seen_at >= last]
    if not (before and after and was_s):
        raise SystemExit("too short a run to tell whether anything grew")
    return [
        _weight("scripts", [m.heap_mib for m in before], [m.heap_mib for m in after], HEAP_MIB_MAX),
        _weight("process", [m.rss_mib for m in before], [m.rss_mib for m in after], RSS_MIB_MAX),
        _growth("delay", statistics.median(was_s), statistics.median(now_s), DRIFT_S_MAX, "s"),
    ]


def _weight(name: str, before: Sequence[float], after: Sequence[float], mib: float) -> Judged:
    was, now = statistics.fmean(before), statistics.fmean(after)
    return _growth(f"page's {name}", was, now, max(GROWTH_SHARE_MAX * was, mib), "MiB")


def _growth(name: str, was: float, now: float, bound: float, unit: str) -> Judged:
    shown = f"{was:.2f} to {now:.2f} {unit}"
    return Judged(f"{name}, growth", now - was, round(bound, 2), shown)


def table(ways: Sequence[Way]) -> Table:
    """One line a way."""
    made = Table(title="from the camera's socket to the screen", box=box.SIMPLE_HEAD, padding=0)
    for heading in ("way", "sent", "read", "bad", "p50", "p95", "max", "bound"):
        made.add_column(heading, justify="right", no_wrap=True)
    for each in ways:
        figures = (each.at(0.5), each.at(0.95), each.at(1.0))
        made.add_row(
            each.name,
            *(str(count) for count in (each.sent, len(each.delays), each.bad)),
            *(f"{figure:.3f} s" for figure in figures),
            f"{each.bound_s:.1f} s",
        )
    return made


def report(ways: Sequence[Way], weighed: Sequence[Memory], judged: Sequence[Judged]) -> Json:
    """Everything as JSON; the delays, which may be many, as percentiles 0 to 100."""
    return {
        "ways": [
            {"name": each.name, "sent": each.sent, "read": len(each.delays), "bad": each.bad}
            | {"percentiles_s": [round(each.at(share / 100), 4) for share in range(101)]}
            for each in ways
        ],
        "memory": [asdict(each) for each in weighed],
        "judged": [asdict(each) | {"holds": each.holds} for each in judged],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 when a bound does not hold."""
    parser = argparse.ArgumentParser(prog="bench.browser_delay", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each way")
    parser.add_argument("--minutes", type=float, help="four tiles for so long, and what they hold")
    parser.add_argument("--report", type=Path, metavar="FILE", help="everything as JSON")
    parser.add_argument("--no-judge", action="store_true", help="end with 0 whatever comes out")
    args = parser.parse_args(arguments)
    console = Console()
    weighed: list[Memory] = []
    # A short path: the hub's sockets have at most 107 bytes.
    with (
        tempfile.TemporaryDirectory(prefix="hub-bench-") as folder,
        open_site(Path(folder)) as site,
    ):
        if args.minutes:
            found, weighed = long_run(site, 60.0 * args.minutes)
            ways = [found]
        else:
            ways = two_ways(site, args.seconds)
    judged = [each for found in ways for each in found.judged()]
    judged += grown(ways[0], weighed) if args.minutes else []
    console.print(table(ways))
    for each in judged:
        verdict = "holds" if each.holds else "DOES NOT HOLD"
        console.print(f"{each.name}: {each.shown}, bound {each.bound}: {verdict}", highlight=False)
    if args.report:
        said = report(ways, weighed, judged)
        args.report.write_text(json.dumps(said, indent=2) + "\n", "utf-8")
    return 0 if args.no_judge or all(each.holds for each in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
