"""`python -m bench.pictures`: the README's pictures, made from one run of the demo."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path

from PIL import Image

from bench.screen import screenshot
from hub.app.demo.ports import ports_of
from hub.app.demo.run import Demo, Options, fresh
from hub.app.demo.table import render
from hub.app.setup import Setup
from hub.config import load_or_refuse
from hub.kit.clock import RealClock
from hub.kit.log import start_logging
from hub.kit.places import cache_dir
from hub.store.media import MediaKind, MediaStore

CONFIG, PROFILE = Path("configs"), "demo"
PICTURES = Path("docs/pictures")
WIDTH, HEIGHT = 120, 34
SHOWN_AT_S = 62.0
SIZE_MAX = 300 * 1024
BEST = ("crowd", "zone_intrusion")
"""Whose evidence is shown, the first that fired. Not the road's: plates can be read there."""


def main() -> int:
    """Run the demo, take both pictures, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--folder", type=Path, default=Path("var/pictures"))
    args = parser.parse_args()
    demo = demo_of(args.folder.resolve(), args.port)
    start_logging("demo", "INFO", args.folder / "hub.log")
    stopped = threading.Event()
    try:
        demo.start(stopped)
        demo.watch(SHOWN_AT_S, stopped)
        screen = screenshot(render(demo.view(), WIDTH, HEIGHT), WIDTH, HEIGHT)
    finally:
        demo.stop()
    PICTURES.mkdir(parents=True, exist_ok=True)
    save(screen, PICTURES / "live-table.png")
    evidence(demo.collect(), args.folder / "data" / "media", PICTURES / "evidence.jpg")
    return 0


def demo_of(folder: Path, port: int) -> Demo:
    """The demo as `hub demo` makes it."""
    config = load_or_refuse(CONFIG, PROFILE)
    folders = fresh(folder)
    setup = Setup(
        config=CONFIG.resolve(),
        profile=PROFILE,
        data=folders.data,
        cache=cache_dir(),
        host="127.0.0.1",
        port=port,
        workers=1,
        log_level="INFO",
        redis_url=None,
        database_url=None,
    )
    ports = ports_of(config.cameras, config.brokers, port)
    centres = tuple(centre.id for centre in config.dispatch.centres)
    scenario = CONFIG / "profiles" / PROFILE / "simulation.yaml"
    options = Options(setup, folders, scenario, centres, ports=ports, site=config.settings.site)
    return Demo(options, RealClock())


def save(screen: Image.Image, target: Path) -> None:
    """As PNG with few colours: it is text."""
    screen.quantize(64).save(target, optimize=True)
    _refuse_large(target)


def evidence(report: dict[str, object], media: Path, target: Path) -> None:
    """The evidence picture of one alert, as the hub wrote it."""
    alerts = report["alerts"]
    assert isinstance(alerts, list)
    shown = [a for rule in BEST for a in alerts if a["rule"] == rule and a["evidence"]]
    if not shown:
        raise SystemExit("no picture rule fired: is the machine busy with something else?")
    with MediaStore(media).open(shown[0]["evidence"]["id"], MediaKind.PICTURE) as file:
        target.write_bytes(file.read())
    _refuse_large(target)


def _refuse_large(path: Path) -> None:
    size = path.stat().st_size
    if size > SIZE_MAX:
        raise SystemExit(f"{path}: {size} bytes, more than {SIZE_MAX}")
    print(f"{path}: {size} bytes")


if __name__ == "__main__":
    raise SystemExit(main())
