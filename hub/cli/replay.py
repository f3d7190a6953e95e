"""`hub replay CLIP --camera ID`: a recorded clip through the pipeline, the same each time."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hub.app.replay import Json, Options, replay
from hub.config import load_or_refuse
from hub.kit.log import start_logging
from hub.kit.places import cache_dir


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `replay` to the command line."""
    parser = commands.add_parser("replay", help="one recorded clip through the same pipeline")
    parser.add_argument("clip", type=Path, metavar="CLIP")
    parser.add_argument("--camera", required=True, metavar="ID", help="whose rules and zones")
    parser.add_argument("--config", type=Path, default=Path("configs"))
    parser.add_argument("--profile")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the result as JSON")
    parser.add_argument("--video", type=Path, metavar="OUT.mp4", help="write annotated video")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Replay, print the alerts, write what was asked for."""
    start_logging("replay", "WARNING")
    config = load_or_refuse(args.config, args.profile)
    with tempfile.TemporaryDirectory(prefix="hub-replay-") as folder:
        options = Options(
            config, args.camera, args.clip, cache_dir(), Path(folder), video=args.video
        )
        result = replay(options)
    if args.report is not None:
        args.report.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8")
    _print(result)
    return 0


def _print(result: Json) -> None:
    console = Console()
    table = Table("captured", "dwell s", "rule", "severity", "grid", title=str(result["camera"]))
    for alert in result["alerts"]:
        grid = " › ".join(alert["grid_path"]) or "unbound"
        when, dwell = alert["captured_at"], f"{alert['dwell_s']:.1f}"
        table.add_row(when, dwell, alert["rule"], alert["severity"], grid)
    console.print(table)
    console.print("outcomes", result["outcomes"])
