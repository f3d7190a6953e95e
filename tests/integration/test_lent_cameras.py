"""A lent camera at a running hub: its owner's word and its matters open and close a tile."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from websockets.sync.client import connect
from websockets.sync.connection import Connection
from websockets.typing import Subprotocol

from hub.access import service as access
from hub.access.actions import Role
from hub.access.grants import Grant
from hub.alerts import service as alerts
from hub.ingest.simulate.scenario import CameraSim, Rendering, Segment
from hub.kit.ids import random_id
from hub.store.db import Database
from hub.types.finding import Binding, GridWhy, RuleKind
from hub.types.scene import SourceKind
from tests.harness import Json, Running, eventually, running_hub

CAMERA, OWNER = "lent-01", "试验小学"
SIMULATED = CameraSim(
    id=CAMERA,
    playlist=(Segment(clip="square-east"),),
    main=Rendering(width=640, height=360, kbps=500),
    sub=None,
    fps=10,
)
TERMS = {"owner": OWNER, "mode": "always", "agreed_by": "its head", "document": "letter 9"}
NOWHERE = Binding(None, None, None, (), GridWhy.NO_POSITION, 0.0, None)
WITHIN_S = 8.0
"""Two seconds where nothing else runs; machines that test have little time to spare."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A hub with one camera, which a school lends, and which no rule looks at."""
    folder = tmp_path_factory.mktemp("lent")
    with running_hub(folder, simulated=(), enabled=(), more=(SIMULATED,)) as running:
        body = {
            "id": CAMERA,
            "name": "校门 gate",
            "owner_kind": "school",
            "owner": OWNER,
            "place_class": "school_gate",
            "main": {"url": running.simulator.url(CAMERA)},
        }
        made = running.api.post("/cameras", json=body)
        assert made.status_code == 201, made.text
        eventually("it is online", lambda: running.state(CAMERA) == "online", 120)
        yield running


def token(site: Running, role: Role) -> str:
    db = Database(site.setup.database)
    try:
        with db.write() as tx:
            return access.issue(tx, f"the {role}", [Grant(role)], time.time(), random_id)[1]
    finally:
        db.close()


@contextmanager
def wall(site: Running) -> Iterator[Connection]:
    """An operator's wall with one tile."""
    address = str(site.api.base_url).replace("http://", "ws://")
    protocols = ("hub.wall.v1", f"bearer.{token(site, Role.OPERATOR)}")
    offered = [Subprotocol(each) for each in protocols]
    with connect(f"{address}live/wall", subprotocols=offered, compression=None) as socket:
        socket.send(json.dumps({"op": "tiles", "tiles": [{"tile": 1, "camera": CAMERA}]}))
        yield socket


def until(socket: Connection, what: str, limit_s: float = WITHIN_S) -> Json:
    """The next message that opens (`tile`) or closes (`withheld`) the tile; pictures pass by."""
    end = time.monotonic() + limit_s
    while (left := end - time.monotonic()) > 0:
        message = socket.recv(left)
        if isinstance(message, bytes):
            socket.send(json.dumps({"op": "got", "tick": int.from_bytes(message[4:8], "big")}))
            continue
        said: Json = json.loads(message)
        if what in (said["op"], said.get("state")):
            return said
    raise AssertionError(f"not within {limit_s:.0f} s: {what}")


def raise_alert(site: Running) -> str:
    db = Database(site.setup.database)
    try:
        with db.write() as tx:
            kind, source = RuleKind.ZONE_INTRUSION, SourceKind.CAMERA
            made = alerts.raise_own(
                tx, kind, CAMERA, source, NOWHERE, now=time.time(), ids=random_id
            )
    finally:
        db.close()
    assert made.alert is not None
    return made.alert.id


def test_the_owners_word_and_a_matter_open_and_close_a_tile(site: Running) -> None:
    headers = {"Authorization": f"Bearer {token(site, Role.CAMERA_ADMIN)}"}
    registrar = httpx.Client(base_url=site.api.base_url, headers=headers, timeout=20.0)
    with registrar, wall(site) as socket:
        assert until(socket, "withheld")["why"] == "no_consent"
        given = registrar.post("/consents", json=TERMS)
        assert given.status_code == 201, given.text
        until(socket, "tile")
        assert site.api.get(f"/cameras/{CAMERA}/picture").status_code == 200

        ended = registrar.post(f"/consents/{given.json()['id']}/end")
        assert ended.status_code == 200
        assert until(socket, "withheld")["why"] == "no_consent"
        refused = site.api.get(f"/cameras/{CAMERA}/picture")
        assert (refused.status_code, refused.json()["code"]) == (403, "no_consent")

        alert = raise_alert(site)
        until(socket, "tile")
        assert site.api.get(f"/cameras/{CAMERA}/picture").status_code == 200
        said = {"verdict": "false", "note": "it moves"}
        judged = site.api.post(f"/alerts/{alert}/verdict", json=said)
        assert judged.status_code == 200, judged.text
        assert until(socket, "withheld")["why"] == "no_consent"
