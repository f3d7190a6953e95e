"""`hub simulate`: real clips as live cameras, sensors and panic buttons, with faults to order."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import threading
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from hub.ingest.simulate import Scenario, Simulator, load_scenario
from hub.ingest.simulate.control import ask
from hub.ingest.simulate.scenario import BrokerSim
from hub.kit.errors import Misconfigured
from hub.kit.log import start_logging
from hub.kit.places import cache_dir

SCENARIO = Path("configs/profiles/demo/simulation.yaml")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `simulate` to the command line."""
    parser = commands.add_parser(
        "simulate", help="simulated cameras and sensors", description=__doc__
    )
    parser.add_argument("--scenario", type=Path, default=SCENARIO, metavar="FILE")
    parser.add_argument("--port", type=int, help="RTSP port, 0 for a free one")
    parser.add_argument("--control-port", type=int, help="port for orders, 0 for a free one")
    parser.add_argument("--mqtt-port", type=int, help="port of the embedded MQTT broker")
    parser.add_argument("--log", type=Path, metavar="FILE", help="when each frame was sent")
    parser.add_argument("--hub-url", help="where panic buttons are sent")
    parser.add_argument(
        "--token", default=os.environ.get("HUB_TOKEN"), help="for panic buttons; $HUB_TOKEN"
    )
    parser.add_argument("--empty", action="store_true", help="the clips' empty backgrounds")
    parser.add_argument("--prepare", action="store_true", help="prepare the clips and end")
    parser.add_argument(
        "--tell", metavar="JSON", help="give an order to a running simulator and end"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the simulator until a signal ends it. Raises HubError if it cannot start."""
    console, errors = Console(), Console(stderr=True)
    start_logging("simulator")
    # amqtt and httpx tell of every packet and request at INFO.
    for chatty in ("amqtt", "transitions", "httpx", "mqtt"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        scenario = _scenario(args)
        if args.tell is not None:
            return _tell(scenario, args.tell, console)
        simulator = Simulator(
            scenario, cache=cache_dir(), log_file=args.log, told=lambda text: errors.print(text)
        )
        if args.prepare:
            simulator.prepare()
            return 0
        _serve(simulator, scenario, console)
    except (OSError, ValueError) as error:
        raise Misconfigured(f"cannot simulate: {error}") from error
    return 0


def _scenario(args: argparse.Namespace) -> Scenario:
    scenario = load_scenario(args.scenario)
    changes = {
        "port": args.port,
        "control_port": args.control_port,
        "broker": _moved(scenario.broker, args.mqtt_port),
        "hub_url": args.hub_url,
        "hub_token": None if args.token is None else SecretStr(args.token),
    }
    scenario = scenario.model_copy(update={k: v for k, v in changes.items() if v is not None})
    return scenario.emptied() if args.empty else scenario


def _moved(broker: BrokerSim | None, port: int | None) -> BrokerSim | None:
    return broker if broker is None or port is None else broker.model_copy(update={"port": port})


def _serve(simulator: Simulator, scenario: Scenario, console: Console) -> None:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        simulator.start()
        for camera in scenario.cameras:
            for stream in camera.renderings():
                console.print(simulator.url(camera.id, stream.value), highlight=False)
        console.print(f"orders: 127.0.0.1:{simulator.control_port}", highlight=False)
        console.print(f"ready: {len(scenario.cameras)} cameras on port {simulator.port}")
        ended.wait()
    finally:
        simulator.stop()


def _tell(scenario: Scenario, order: str, console: Console) -> int:
    answer = ask(scenario.control_port, json.loads(order))
    console.print_json(json.dumps(answer))
    return 0 if answer.get("ok") else 1
