"""The demo's ports: the configuration names them, and they are looked at before anything starts."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from hub.kit.errors import Misconfigured
from hub.types.site import BrokerSpec, CameraSpec

RTSP_PORT = 554


@dataclass(frozen=True, slots=True)
class Ports:
    """What the simulator and the api listen on; `orders` is the simulator's own control port."""

    rtsp: int
    orders: int
    mqtt: int | None
    api: int


def ports_of(cameras: Sequence[CameraSpec], brokers: Sequence[BrokerSpec], api: int) -> Ports:
    """The simulator serves where the demo's cameras and its broker are looked for."""
    rtsp = urlsplit(cameras[0].main.url).port or RTSP_PORT
    return Ports(rtsp, rtsp + 1, brokers[0].port if brokers else None, api)


def refuse_taken(ports: Ports, host: str) -> None:
    """Raises Misconfigured with every port that another program holds, and how to move it."""
    named = (
        ("cameras", ports.rtsp, "DEMO_RTSP_PORT"),
        ("orders to the simulator", ports.orders, "DEMO_RTSP_PORT, one below it"),
        ("MQTT", ports.mqtt, "DEMO_MQTT_PORT"),
        ("api", ports.api, "--port"),
    )
    taken = [
        f"port {port} ({what}) is taken: set {how}"
        for what, port, how in named
        if port is not None and not _free(host, port)
    ]
    if taken:
        raise Misconfigured("; ".join(taken), code="port_taken")


def _free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still being forgotten is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
