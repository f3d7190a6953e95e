"""Two towns of one county with one of everything each; all that is of a town has its name in it.

So whoever may see only the one finds no word of the other in any answer.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import Connection, insert

from hub.access import accounts, layouts
from hub.access import service as access
from hub.access.actions import GIVEN_ROLES, Role, Subject
from hub.access.consent import Mode, Terms
from hub.access.consents import service as consents
from hub.access.grants import Grant
from hub.access.layouts import Draft
from hub.alerts import register
from hub.alerts import service as alerts
from hub.alerts.mute import MuteDraft
from hub.alerts.rules import parse_rule
from hub.alerts.service import Actor
from hub.api.places import bind_all
from hub.dispatch import service as dispatch
from hub.dispatch.cases import approvals, contacts
from hub.dispatch.cases.contacts import Contact
from hub.dispatch.cases.life import Word
from hub.dispatch.lives import Verb
from hub.dispatch.matter import Filing
from hub.dispatch.message import SourceCard, report
from hub.dispatch.notices import repository as notices
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.supervisions.service import Late
from hub.dispatch.timers.rows import Level, Step, Timer
from hub.dispatch.timers.rows import Subject as Of
from hub.dispatch.whistles import service as whistles
from hub.dispatch.whistles.service import Call
from hub.drills import service as drills
from hub.drills.checklist import Kind
from hub.drills.drill import Called
from hub.drills.schedule import Weekly
from hub.drills.service import Place
from hub.duty import leave, posts, rostering, shifts
from hub.duty.posts import Post
from hub.duty.turns import Shift
from hub.grids import service as grids
from hub.grids.collection import GridCollection
from hub.ingest import service as sources
from hub.privacy.exports import service as exports
from hub.privacy.exports.service import ExportReason, Question
from hub.privacy.holds import service as holds
from hub.privacy.holds.service import HoldReason
from hub.privacy.holds.service import Word as HoldWord
from hub.store import media
from hub.store.media import MediaKind
from hub.store.tables.notices import deliveries
from hub.types.duty import Notice
from hub.types.finding import Alert, RuleKind, Severity
from hub.types.scene import SourceKind
from hub.types.site import CameraSpec, SensorSpec
from hub.types.whistle import WhistlePart
from tests.unit.api.conftest import UNITS, Desk

COUNTY = "county"
ALPHA, BETA = "alpha", "beta"
WEST = {ALPHA: 120.0, BETA: 121.0}
RULE: dict[str, Any] = parse_rule(
    {"id": "night-yard", "kind": "zone_intrusion", "severity": "P2", "dwell_s": 3}
).model_dump(mode="json")
"""A rule is of the whole site."""
DAY_S = 86_400.0


def code_of(name: str) -> str:
    """The code of a town's grid."""
    return f"{name}-land"


@dataclass(frozen=True, slots=True)
class Town:
    """The ids of what is in a town; `name` stands in each."""

    name: str
    ids: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, what: str) -> str:
        try:
            return self.ids[what]
        except KeyError:
            raise AttributeError(what) from None

    @property
    def lon(self) -> float:
        """In the middle of it, at 30 degrees north."""
        return WEST.get(self.name, WEST[ALPHA]) + 0.5


def nowhere(like: Town) -> Town:
    """A town of which nothing exists, with a name as long."""
    name = "omega"[: len(like.name)].ljust(len(like.name), "a")
    return Town(name, {what: id_.replace(like.name, name) for what, id_ in like.ids.items()})


@dataclass
class World:
    """Both towns on one desk; `ask` is done by whoever has that token."""

    desk: Desk
    towns: dict[str, Town]
    tokens: dict[tuple[Role, str | None], str] = field(default_factory=dict)

    def admit(self) -> None:
        """Give everybody a token: each role in each town and on the whole site."""
        ids, now = self.desk.deps.ids, self.desk.clock.now()
        with self.desk.deps.db.write() as tx:
            for role, town in itertools.product(GIVEN_ROLES, (ALPHA, BETA, None)):
                made = access.issue(tx, f"a {role} of {town}", [granted(role, town)], now, ids)
                self.tokens[role, town] = made[1]


def granted(role: Role, town: str | None) -> Grant:
    """A role in a town, or on the whole site."""
    grid = None if town is None else code_of(town)
    return Grant(role, grid, UNITS.get(role))


def build(desk: Desk) -> World:
    """Both towns, with one of everything."""
    with desk.deps.db.write() as tx:
        now = desk.clock.now()
        grids.import_features(tx, _map(), now=now, ids=desk.deps.ids)
        register.rules().create(tx, RULE["id"], RULE, now)
    towns = {name: _town(desk, name) for name in (ALPHA, BETA)}
    desk.beats.bodies["worker-1"] = {
        "at": desk.clock.now(),
        "cameras": [_beat(town.camera) for town in towns.values()],
    }
    world = World(desk, towns)
    world.admit()
    return world


def _beat(camera: str) -> dict[str, Any]:
    return {
        "id": camera,
        "state": "online",
        "fps": 5.0,
        "bitrate_bps": 1.0,
        "last_picture_at": 1.0,
        "last_error": None,
    }


def _map() -> GridCollection:
    def grid(code: str, name: str, west: float, east: float, parent: str | None) -> dict[str, Any]:
        ring = [[west, 30.0], [east, 30.0], [east, 31.0], [west, 31.0], [west, 30.0]]
        named = {"code": code, "name": name, "scheme": "plain", "parent": parent}
        return {
            "type": "Feature",
            "properties": named,
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    features = [grid(COUNTY, "The county", 120.0, 122.0, None)]
    features += [
        grid(code_of(name), f"{name} meadows", west, west + 1.0, COUNTY)
        for name, west in WEST.items()
    ]
    return GridCollection.model_validate(
        {"type": "FeatureCollection", "datum": "wgs84", "features": features}
    )


def camera_of(town: Town, id_: str) -> dict[str, Any]:
    """A camera in the middle of a town, as it is registered; its owner has agreed."""
    return {
        "id": id_,
        "name": f"{id_} name",
        "owner_kind": "enterprise",
        "owner": f"{town.name} roads",
        "place_class": "street",
        "main": {"url": f"rtsp://10.1.2.3/{town.name}"},
        "position": {"lon": town.lon, "lat": 30.5, "datum": "wgs84"},
    }


def sensor_of(town: Town, id_: str) -> dict[str, Any]:
    """A panic button in the middle of a town."""
    return {
        "id": id_,
        "name": f"{id_} name",
        "owner_kind": "school",
        "owner": f"{town.name} school",
        "kind": "panic_button",
        "protocol": "http",
        "position": {"lon": town.lon, "lat": 30.5, "datum": "wgs84"},
    }


def _town(desk: Desk, name: str) -> Town:
    town = Town(name)
    numbers = itertools.count(1)

    def ids() -> str:
        return f"{name}-{next(numbers):04}"

    with desk.deps.db.write() as tx:
        now = desk.clock.now()
        town.ids.update(grid=code_of(name), rule=RULE["id"], **_sources(tx, town, now))
        bind_all(tx, now)
        alert, second = _alert(desk, tx, town, "gate", ids), _alert(desk, tx, town, "yard", ids)
        town.ids.update(alert=alert.id, second=second.id, evidence=f"{name}-evidence")
        media.link(tx, [(town.evidence, f"alert:{alert.id}")], now)
        town.ids.update(_cases(desk, tx, alert, ids))
        town.ids.update(_kept(tx, town, now, ids))
        silence = MuteDraft("works", f"{name} operator", now, now + DAY_S, source=town.camera)
        path = (COUNTY, town.grid)
        made = alerts.mute(tx, silence, path=path, actor=Actor("x"), now=now, ids=ids)
        town.ids["mute"] = made.id
        town.ids.update(_people(desk, tx, town, ids))
        town.ids.update(_duty(desk, tx, town, ids))
        town.ids.update(_told(tx, town, now, ids))
    desk.deps.media.put(town.evidence, MediaKind.PICTURE, jpeg())
    return town


def _sources(tx: Connection, town: Town, now: float) -> dict[str, str]:
    camera = CameraSpec.model_validate(camera_of(town, f"{town.name}-camera"))
    sources.cameras().create(tx, camera, now)
    sensor = SensorSpec.model_validate(sensor_of(town, f"{town.name}-sensor"))
    sources.sensors().create(tx, sensor, now)
    return {"camera": camera.id, "sensor": sensor.id}


def _alert(desk: Desk, tx: Connection, town: Town, place: str, ids: Callable[[], str]) -> Alert:
    binder = grids.load_binder(tx)
    made = alerts.raise_own(
        tx,
        RuleKind.CAMERA_OFFLINE,
        town.camera,
        SourceKind.CAMERA,
        binder.bind(sources.cameras().get(tx, town.camera).spec, None),
        place=place,
        now=desk.clock.now(),
        ids=ids,
    )
    assert made.alert is not None
    return made.alert


def _cases(desk: Desk, tx: Connection, alert: Alert, ids: Callable[[], str]) -> dict[str, str]:
    """An incident and its task, and a question that waits for an answer."""
    name = alert.source.removesuffix("-camera")
    card = SourceCard(f"{name} camera", f"{name} roads", None)
    told = report(alert, card, "Offline", desk.deps.dispatch.evidence_path)
    now, config = desk.clock.now(), desk.deps.dispatch
    filed = [Filing(alert, told, f"group-{name}", 0.0)]
    (incident,) = dispatch.file(tx, filed, config=config, now=now, ids=ids)
    (task,) = [each for each in dispatch.tasks(tx).items if each.incident_id == incident.id]
    asker = Word(f"{name} asker", frozenset({Role.OPERATOR}), now, "test")
    asked = approvals.ask(tx, incident.id, Verb.VOID, asker, ids)
    contacts.keep(tx, ids(), incident.id, Contact(f"{name} li", "123456"), now)
    sender = Word(f"{name} sender", frozenset({Role.DISPATCHER}), now)
    call = Call(UNITS[Role.DEPARTMENT], WhistlePart.LEAD, f"to {name}")
    whistle = whistles.call(tx, incident.id, call, sender, config, ids)
    made = {"incident": incident.id, "task": task.id, "approval": asked.id}
    clock = Timer(Of.INCIDENT, incident.id, Step.HANDLE, Level.SUPERVISION, now, now)
    late = Late(incident.severity, incident.grid_code, incident.grid_path, f"{name} late", False)
    supervision = ids()
    supervisions.begin(tx, clock, Level.SUPERVISION, late, now, lambda: supervision)
    of_unit = Timer(Of.WHISTLE, whistle.id, Step.SIGN, Level.SUPERVISION, now, now)
    late = replace(late, unit=whistle.unit)
    supervisions.begin(tx, of_unit, Level.SUPERVISION, late, now, ids)
    return {**made, "whistle": whistle.id, "supervision": supervision}


def _kept(tx: Connection, town: Town, now: float, ids: Callable[[], str]) -> dict[str, str]:
    """An export that waits for a decision, and a hold."""
    asked = Question(town.incident, (), ExportReason.POLICE, "theft", f"{town.name} police", "law")
    export = exports.ask(tx, asked, f"{town.name} asker", now, ids)
    said = HoldWord(f"{town.name} leader", now, "letter 1")
    hold = holds.place(tx, town.incident, HoldReason.COURT, None, said, ids)
    return {"export": export.id, "hold": hold.id}


def _people(desk: Desk, tx: Connection, town: Town, ids: Callable[[], str]) -> dict[str, str]:
    """An account with its grant and a layout of its own, a token, an owner's consent."""
    now, name = desk.clock.now(), town.name
    account = accounts.create(
        tx, f"{name}.wang", f"{name} wang", [Grant(Role.WORKER, code_of(name))], "x", now, ids
    )
    token, _ = access.issue(tx, f"{name} phone", [Grant(Role.WORKER, code_of(name))], now, ids)
    who = Subject.of(account.name, Role.OPERATOR, grid=town.grid, account=account.id)
    layout = layouts.create(tx, who, Draft(f"{name} wall", False, {"on": town.camera}), now, ids)
    consent = consents.give(
        tx,
        Terms(f"{name} roads", Mode.ALWAYS),
        agreed_by="its head",
        document="letter 1",
        starts_at=None,
        entered_by="hub",
        now=now,
        ids=ids,
    )
    return {
        "account": account.id,
        "grant": account.grants[0].id,
        "token": token.id,
        "layout": layout.id,
        "consent": consent.id,
    }


def _duty(desk: Desk, tx: Connection, town: Town, ids: Callable[[], str]) -> dict[str, str]:
    """A post, a shift, and of the town's worker a turn and leave tomorrow."""
    now, by, path = desk.clock.now(), f"{town.name} chief", (COUNTY, town.grid)
    post = posts.put(tx, Post(town.grid, Role.CHIEF, 1, f"{town.name} chief"), by, now, ids)
    shift = shifts.add(tx, Shift("", f"{town.name} shift", 480, 960, town.grid), now, ids)
    begins, zone = now + DAY_S, ZoneInfo(desk.deps.site.time_zone)
    wanted = rostering.by_hours(town.account, town.grid, Role.WORKER, begins, begins + 3600.0, zone)
    (turn,) = rostering.add(tx, [wanted], path, by, now, ids)
    off = leave.add(tx, town.account, begins, begins + 3600.0, by, now, ids)
    return {"post": post.id or "", "shift": shift.id, "turn": turn.id, "absence": off.id}


def _told(tx: Connection, town: Town, now: float, ids: Callable[[], str]) -> dict[str, str]:
    """A roll call and its plan, and a notice with a delivery."""
    place = Place(town.grid, (COUNTY, town.grid))
    camera = Called(Kind.CAMERA, town.camera, f"{town.name} gate", (COUNTY, town.grid), "online")
    by, zone = f"{town.name} leader", ZoneInfo("Asia/Shanghai")
    week = Weekly(5, 570, 3600)
    plan = drills.plan(tx, f"{town.name} fridays", place, week, by, now, zone, ids)
    drill = drills.call(tx, f"{town.name} now", place, 3600, by, now, lambda *_: [camera], ids)
    path = (COUNTY, town.grid)
    kept = Notice(
        f"{town.name}/told", f"incident/{town.incident}", "dispatched", Severity.P2, path, now
    )
    notices.put(tx, [kept])
    delivery = f"{town.name}-delivery"
    row: dict[str, Any] = {
        "notice_key": kept.key,
        "account": town.account,
        "channel": "sms",
        "why": "shift",
    }
    row |= {"state": "dead", "batch": delivery, "put_off": False, "tries": 5}
    times = {"created_at": now, "next_try_at": now, "dead_at": now}
    tx.execute(insert(deliveries).values(id=delivery, **row, **times))
    return {"plan": plan.id, "drill": drill.id, "delivery": delivery}


def jpeg() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (30, 30, 200)).save(out, "JPEG")
    return out.getvalue()


class _Undone(Exception):
    """Ends a transaction that shall leave nothing behind."""


def undo_writes(desk: Desk, patch: pytest.MonkeyPatch) -> None:
    """From now on whatever a request writes is taken back when it has its answer."""
    write = desk.deps.db.write

    @contextmanager
    def undone() -> Iterator[Connection]:
        try:
            with write() as tx:
                yield tx
                raise _Undone
        except _Undone:
            return

    patch.setattr(desk.deps.db, "write", undone)
