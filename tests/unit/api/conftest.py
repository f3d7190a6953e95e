"""A whole API on a fresh database, with a clock that stands still and a pretended camera."""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from PIL import Image
from starlette.testclient import TestClient

from hub.access import accounts
from hub.access import service as access
from hub.access.accounts import Account
from hub.access.actions import GIVEN_ROLES, Role
from hub.access.grants import Grant, Window
from hub.access.passwords import Passwords
from hub.alerts import service as alerts
from hub.alerts.service import Actor
from hub.api.app import create_app
from hub.api.bell import Bell
from hub.api.deps import Deps, ModelState
from hub.api.pages.files import Pages
from hub.dispatch.config import DispatchConfig
from hub.grids import service as grids
from hub.grids.binding import Binder
from hub.ingest.addresses import AddressPolicy
from hub.ingest.source import Fault, Source, SourceError
from hub.kit.clock import SimClock
from hub.kit.errors import Retryable
from hub.kit.ids import counted_ids
from hub.kit.metrics import Metrics
from hub.live.relay import Relay
from hub.store.db import Database
from hub.store.media import MediaStore
from hub.store.secrets import SecretBox
from hub.store.spool import Spool
from hub.types.finding import Alert, Verdict
from hub.types.scene import ModelTask, ObjectKind, TracksSeen
from hub.types.site import CameraSpec, Stream

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""As weak as it gets: what a password costs is not what these tests are about."""
PASSWORD = "river-stone-lantern"
UNIT = "liuxi school"
"""Of the owner's token."""
UNITS: Mapping[Role, str] = {Role.DEPARTMENT: "fire", Role.OWNER: UNIT}
"""For whom the tokens of these roles act."""

NANODET = ModelState(
    id="nanodet-m-416",
    title="NanoDet",
    task=ModelTask.DETECT,
    licence="Apache-2.0",
    source="npm:example",
    kinds=(ObjectKind.PERSON,),
    state="ready",
)


class PretendedBeats:
    """Workers whose words the test writes; `gone` is Redis being away."""

    def __init__(self) -> None:
        self.bodies: dict[str, dict[str, Any]] = {}
        self.gone = False

    def all(self) -> dict[str, dict[str, Any]]:
        if self.gone:
            raise Retryable("redis: away", code="redis_unavailable")
        return self.bodies


class ShutOpener:
    """A camera that refuses the password it is given, and remembers it."""

    open_limit_s = 1.0

    def __init__(self) -> None:
        self.seen: list[CameraSpec] = []

    def open(self, stream: Stream, camera: CameraSpec) -> Source:
        self.seen.append(camera)
        raise SourceError(Fault.WRONG_PASSWORD, "401")


@dataclass
class Desk:
    """The API, its parts, and a client for each role."""

    deps: Deps
    clock: SimClock
    beats: PretendedBeats
    centres: PretendedBeats
    opener: ShutOpener
    seen: list[TracksSeen]
    http: TestClient
    tokens: dict[Role, str] = field(default_factory=dict)
    _given: Iterator[int] = field(default_factory=itertools.count)

    def ask(
        self, method: str, path: str, role: Role | None = Role.ADMIN, **more: Any
    ) -> httpx.Response:
        """One request to `/api/v1<path>` as that role; None shows no token."""
        headers = dict(more.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        answer: httpx.Response = self.http.request(
            method, f"/api/v1{path}", headers=headers, **more
        )
        return answer

    def get(self, path: str, role: Role | None = Role.ADMIN, **more: Any) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.ask("GET", path, role, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def give(
        self,
        role: Role,
        grid: str | None = None,
        *,
        unit: str | None = None,
        window: Window | None = None,
    ) -> str:
        """A token of that role on one grid, for a unit, for a time."""
        grants = [Grant(role, grid, unit, window)]
        with self.deps.db.write() as tx:
            now = self.clock.now()
            name = f"a {role} of {grid}, {next(self._given)}"
            return access.issue(tx, name, grants, now, self.deps.ids)[1]

    def register(
        self, role: Role, login: str = "li.na", *, grid: str | None = None, **more: Any
    ) -> Account:
        """An account of that role whose password is `PASSWORD`."""
        given = {"must_change": False, **more}
        hashed = self.deps.passwords.hash(PASSWORD)
        name = f"{login} at work"
        with self.deps.db.write() as tx:
            grants = [Grant(role, grid)]
            return accounts.create(
                tx, login, name, grants, hashed, self.clock.now(), self.deps.ids, **given
            )

    def browser(self, login: str | None = None) -> TestClient:
        """A browser with cookies of its own on a page of the hub; logged in if `login` is given."""
        http = TestClient(
            self.http.app,
            raise_server_exceptions=False,
            client=("127.0.0.1", 50001),
            headers={"Origin": "http://testserver"},
        )
        if login is not None:
            said = {"login": login, "password": PASSWORD}
            assert http.post("/api/v1/session", json=said).status_code == 200
        return http


async def nobody_watches(camera_id: str) -> str | None:
    """Where a camera's worker is found: nowhere."""
    return None


@pytest.fixture
def desk(db: Database, clock: SimClock, tmp_path: Path) -> Iterator[Desk]:
    """A desk with tokens for all roles."""
    centres = PretendedBeats()
    beats, opener, seen = PretendedBeats(), ShutOpener(), list[TracksSeen]()
    spool = Spool(tmp_path / "spool" / "api.sqlite", "api", clock)
    ids = counted_ids("id")

    def binder() -> Binder:
        with db.read() as tx:
            return grids.load_binder(tx)

    def judge(
        tx: Any,
        alert_id: str,
        verdict: Verdict,
        actor: str,
        now: float,
        *,
        note: str = "",
        version: int | None = None,
    ) -> Alert:
        admission = alerts.verdict(
            tx, alert_id, verdict, actor=Actor(actor), now=now, reason=note, version=version
        )
        assert admission.alert is not None
        return admission.alert

    deps = Deps(
        db=db,
        clock=clock,
        ids=ids,
        metrics=Metrics(),
        media=MediaStore(tmp_path / "media"),
        spool=spool,
        secrets=SecretBox(tmp_path / "key"),
        policy=AddressPolicy(),
        heartbeats=beats,
        centres=centres,
        bell=Bell(),
        dispatch=DispatchConfig.model_validate(
            {
                "centres": [{"id": "town", "name": "Town centre"}],
                "default_centre": "town",
                "departments": [
                    {"id": "fire", "name": "Fire and rescue"},
                    {"id": "water", "name": "Water"},
                ],
            }
        ),
        binder=binder,
        judge=judge,
        opener=opener,
        histories=lambda _camera, _seconds: list(seen),
        models=lambda: [NANODET],
        announce=lambda: None,
        pages=Pages(tmp_path / "pages"),
        passwords=Passwords(QUICK),
        relay=Relay(nobody_watches, clock),
    )
    with TestClient(
        create_app(deps), raise_server_exceptions=False, client=("127.0.0.1", 50000)
    ) as http:
        made = Desk(deps, clock, beats, centres, opener, seen, http)
        with db.write() as tx:
            for role in GIVEN_ROLES:
                grants = [Grant(role, unit=UNITS.get(role))]
                made.tokens[role] = access.issue(tx, f"the {role}", grants, clock.now(), ids)[1]
        yield made
    spool.close()


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The same application on a real socket: server-sent events have no end to wait for."""
    server = uvicorn.Server(
        uvicorn.Config(desk.http.app, port=0, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


@pytest.fixture
def jpeg() -> bytes:
    """A small photo with a position and a device in its Exif."""
    picture = Image.new("RGB", (64, 48), (200, 30, 30))
    exif = Image.Exif()
    exif[0x010F] = "SecretPhoneMaker"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()
