"""Sensors over real brokers: Debian's mosquitto and the embedded amqtt."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import aiomqtt
import pytest

from hub.ingest.simulate import Scenario, simulated
from hub.ingest.sources.mqtt import MqttListener, client_id
from hub.kit.clock import RealClock
from hub.kit.errors import Retryable
from hub.kit.metrics import Metrics
from hub.kit.supervise import Backoff, Supervisor
from hub.types.scene import HealthChanged, HealthState, Quality, Reading
from hub.types.site import BrokerSpec, OwnerKind, ReadingMap, SensorSpec
from tests.harness import free_ports

TOPIC = "town/smoke-1"


def sensor(**more: object) -> SensorSpec:
    fields: dict[str, object] = {
        "id": "smoke-1",
        "name": "烟感",
        "owner_kind": OwnerKind.SCHOOL,
        "owner": "中心小学",
        "topic": TOPIC,
        "will_topic": f"{TOPIC}/state",
        "readings": (ReadingMap(quantity="smoke", path="data.smoke_ppm", unit="ppm"),),
    }
    return SensorSpec.model_validate(fields | more)


def until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Mosquitto:
    """Debian's broker, with its sessions kept on disk so that it can be killed."""

    def __init__(self, folder: Path, port: int, more: str = "") -> None:
        self.port = port
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n"
            f"persistence true\npersistence_location {folder}/\nautosave_interval 1\n{more}"
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        if binary is None:
            pytest.skip("mosquitto is missing: apt-get install -y mosquitto")
        self.process = subprocess.Popen(
            [binary, "-c", str(self._config)], stderr=subprocess.DEVNULL
        )
        until(lambda: listens(self.port))

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path, free_ports(1)[0])
    broker.start()
    yield broker
    broker.stop()


class Heard:
    """What a listener told; `refuse` makes the spool fail."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.health: list[HealthChanged] = []
        self.refuse = False

    def values(self) -> list[float]:
        return [reading.value for reading in self.readings]

    def states(self) -> list[HealthState]:
        return [change.state for change in self.health]

    def on_reading(self, readings: tuple[Reading, ...]) -> None:
        if self.refuse:
            raise Retryable("the disk is full")
        self.readings += readings


@contextmanager
def listening(
    port: int,
    heard: Heard,
    *sensors: SensorSpec,
    metrics: Metrics | None = None,
    broker: dict[str, object] | None = None,
) -> Iterator[MqttListener]:
    spec = {"id": "town", "host": "127.0.0.1", "port": port} | (broker or {})
    listener = MqttListener(
        BrokerSpec.model_validate(spec),
        sensors or (sensor(),),
        clock=RealClock(),
        on_reading=heard.on_reading,
        on_health=heard.health.append,
        metrics=metrics,
        grace_s=0.5,
    )
    supervisor = Supervisor(RealClock())
    supervisor.loop("mqtt", listener.step, backoff=Backoff(first_s=0.1, eager_cap_s=0.2))
    try:
        yield listener
    finally:
        supervisor.stopping.set()
        listener.stop()
        assert supervisor.stop(5.0) == [], "the listener did not end"


def publish(port: int, *payloads: bytes | str, topic: str = TOPIC, retain: bool = False) -> None:
    async def run() -> None:
        async with aiomqtt.Client("127.0.0.1", port) as client:
            for payload in payloads:
                await client.publish(topic, payload, qos=1, retain=retain)

    asyncio.run(run())


def smoke(value: float) -> str:
    return json.dumps({"data": {"smoke_ppm": value}})


def connected(port: int, heard: Heard) -> None:
    """Until the listener hears: the newest of some first readings goes through, so that none is
    still on its way."""
    tries = count(1)
    until(lambda: _is_heard(port, heard, -next(tries)))
    heard.readings.clear()


def _is_heard(port: int, heard: Heard, value: float) -> bool:
    publish(port, smoke(value))
    time.sleep(0.1)
    return value in heard.values()


@pytest.mark.mosquitto
def test_readings_come_in_order_and_bad_ones_harm_no_others(mosquitto: Mosquitto) -> None:
    heard, metrics = Heard(), Metrics()
    with listening(mosquitto.port, heard, metrics=metrics):
        connected(mosquitto.port, heard)
        publish(mosquitto.port, smoke(1), b"\xff not json", smoke(2), '{"data": {}}', smoke(3))
        until(lambda: len(heard.readings) == 3)
    assert heard.values() == [1, 2, 3]
    assert heard.readings[0].unit == "ppm"
    assert heard.states()[0] is HealthState.ONLINE
    for code in ("reading_not_json", "reading_path_missing"):
        assert metrics.get("hub_readings_bad_total", sensor="smoke-1", code=code) == 1


@pytest.mark.mosquitto
def test_what_was_not_spooled_is_sent_again(mosquitto: Mosquitto) -> None:
    heard = Heard()
    with listening(mosquitto.port, heard):
        connected(mosquitto.port, heard)
        heard.refuse = True
        publish(mosquitto.port, smoke(7), smoke(8))
        time.sleep(0.4)
        assert heard.readings == []
        heard.refuse = False
        until(lambda: {7.0, 8.0} <= set(heard.values()))


@pytest.mark.mosquitto
def test_nothing_is_lost_while_the_listener_is_away(mosquitto: Mosquitto) -> None:
    heard = Heard()
    with listening(mosquitto.port, heard):
        connected(mosquitto.port, heard)
    heard.readings.clear()
    publish(mosquitto.port, *(smoke(n) for n in range(50)))
    with listening(mosquitto.port, heard):
        until(lambda: len(heard.readings) >= 50)
    assert heard.values() == list(range(50))


@pytest.mark.mosquitto
def test_a_last_will_is_offline_and_a_word_is_online(mosquitto: Mosquitto) -> None:
    heard = Heard()
    port = mosquitto.port
    with listening(port, heard):
        connected(port, heard)
        asyncio.run(_die(port))
        until(lambda: heard.states()[-1] is HealthState.OFFLINE)
        assert heard.health[-1].detail == "last will"
        publish(port, smoke(3))
        until(lambda: heard.states()[-1] is HealthState.ONLINE)
    assert heard.states() == [HealthState.ONLINE, HealthState.OFFLINE, HealthState.ONLINE]


async def _die(port: int) -> None:
    """A sensor whose connection ends without a farewell."""
    will = aiomqtt.Will(f"{TOPIC}/state", "offline", qos=1)
    client = aiomqtt.Client("127.0.0.1", port, will=will)
    await client.__aenter__()
    made = client._client.socket()
    assert isinstance(made, socket.socket)
    made.shutdown(socket.SHUT_RDWR)


@pytest.mark.mosquitto
def test_a_broker_that_dies_takes_its_sensors_and_brings_them_back(mosquitto: Mosquitto) -> None:
    heard = Heard()
    with listening(mosquitto.port, heard):
        connected(mosquitto.port, heard)
        mosquitto.stop()
        until(lambda: heard.states()[-1] is HealthState.OFFLINE)
        assert heard.health[-1].detail == "broker lost"
        mosquitto.start()
        until(lambda: heard.states()[-1] is HealthState.ONLINE)
        publish(mosquitto.port, smoke(5))
        until(lambda: heard.values() == [5.0])


@pytest.mark.mosquitto
def test_silence_is_offline(mosquitto: Mosquitto) -> None:
    heard = Heard()
    with listening(mosquitto.port, heard, sensor(silent_after_s=0.6)):
        connected(mosquitto.port, heard)
        until(lambda: heard.states()[-1] is HealthState.OFFLINE)
    assert "silent" in heard.health[-1].detail


@pytest.mark.mosquitto
def test_a_kept_message_of_unknown_age_is_uncertain_and_no_sign_of_life(
    mosquitto: Mosquitto,
) -> None:
    publish(mosquitto.port, smoke(99), retain=True)
    heard = Heard()
    with listening(mosquitto.port, heard):
        until(lambda: bool(heard.readings))
        time.sleep(0.1)
    assert heard.readings[0].quality is Quality.UNCERTAIN
    assert heard.health == []


@pytest.mark.mosquitto
def test_over_tls_with_a_password(tmp_path: Path) -> None:
    if shutil.which("openssl") is None or shutil.which("mosquitto_passwd") is None:
        pytest.skip("openssl or mosquitto is missing: apt-get install -y openssl mosquitto")
    cert, key, users = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "users"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        f"-addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}".split(),
        check=True,
        capture_output=True,
    )
    subprocess.run(["mosquitto_passwd", "-b", "-c", users, "hub", "s3cret"], check=True)
    plain, secure = free_ports(2)
    more = f"password_file {users}\nlistener {secure} 127.0.0.1\ncertfile {cert}\nkeyfile {key}\n"
    broker = Mosquitto(tmp_path, plain, more)
    broker.start()
    heard, refused = Heard(), Heard()
    try:
        options: dict[str, object] = {"tls": True, "username": "hub", "ca_file": str(cert)}
        with (
            listening(secure, heard, broker=options | {"password": "s3cret"}),
            listening(secure, refused, broker=options | {"password": "no", "client_id": "x"}),
        ):
            connected(plain, heard)
            publish(plain, smoke(4))
            until(lambda: heard.values() == [4.0])
            until(lambda: bool(refused.health))
        assert refused.readings == []
        assert refused.states() == [HealthState.OFFLINE]
    finally:
        broker.stop()


def test_a_broker_that_is_not_there_is_a_named_error() -> None:
    heard = Heard()
    listener = MqttListener(
        BrokerSpec(id="none", host="127.0.0.1", port=free_ports(1)[0]),
        [sensor()],
        clock=RealClock(),
        on_reading=heard.on_reading,
        on_health=heard.health.append,
        grace_s=0.0,
    )
    with pytest.raises(Retryable) as caught:
        listener.step()
    assert caught.value.code == "broker_lost"
    assert heard.states() == [HealthState.OFFLINE]
    listener.stop()
    assert listener.step() > 0


def test_the_client_id_stays_and_fits_every_broker() -> None:
    spec = BrokerSpec(id="county-broker", host="h")
    assert client_id(spec) == client_id(spec.model_copy(update={"host": "other"}))
    assert len(client_id(spec).encode()) == 23


def test_the_simulated_sensor_speaks_through_the_embedded_broker(tmp_path: Path) -> None:
    """amqtt: its course, its last will while it is away, and its return."""
    port = free_ports(1)[0]
    scenario = Scenario.model_validate(
        {
            "port": 0,
            "control_port": 0,
            "clips": {},
            "broker": {"port": port},
            "sensors": [
                {
                    "id": "smoke-1",
                    "topic": TOPIC,
                    "will_topic": f"{TOPIC}/state",
                    "quantity": "smoke_ppm",
                    "every_s": 0.1,
                    "course": [[0, 10], [1, 10], [1.1, 90]],
                    "away": [[2.0, 3.0]],
                }
            ],
        }
    )
    heard = Heard()
    with (
        simulated(scenario, cache=tmp_path, log_file=tmp_path / "sent.jsonl") as simulator,
        listening(port, heard, sensor(time_path="ts")),
    ):
        until(lambda: bool(heard.readings))
        simulator.begin()  # connecting may have taken longer than the whole course
        heard.readings.clear()
        heard.health.clear()
        until(lambda: pytest.approx(10, rel=0.02) in heard.values())
        until(lambda: any(value > 80 for value in heard.values()))
        until(lambda: HealthState.OFFLINE in heard.states())
        until(lambda: heard.states()[-1] is HealthState.ONLINE)
    assert heard.readings[0].quality is Quality.GOOD
    assert abs(heard.readings[0].measured_at - heard.readings[0].received_at) < 10.0
    assert '"reading_sent"' in (tmp_path / "sent.jsonl").read_text()


def test_the_simulated_button_is_pressed_until_the_hub_takes_it(tmp_path: Path) -> None:
    import http.server

    pressed: list[tuple[str, str | None, dict[str, object]]] = []

    class Hub(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            pressed.append((self.path, self.headers["Authorization"], body))
            self.send_response(503 if len(pressed) == 1 else 202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Hub) as hub:
        threading.Thread(target=hub.serve_forever, daemon=True).start()
        scenario = Scenario.model_validate(
            {
                "port": 0,
                "control_port": 0,
                "clips": {},
                "buttons": [{"id": "panic-1", "at_s": [0.2]}],
                "hub_url": f"http://127.0.0.1:{hub.server_port}/",
                "hub_token": "t0ken",
            }
        )
        with simulated(scenario, cache=tmp_path):
            until(lambda: len(pressed) == 2)
            time.sleep(0.5)
        hub.shutdown()
    assert len(pressed) == 2, "taken once is enough"
    path, token, body = pressed[-1]
    assert (path, token) == ("/api/v1/sensors/panic-1/press", "Bearer t0ken")
    assert (body["device"], body["pressed"]) == ("panic-1", 1)
