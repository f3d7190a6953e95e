"""How each route is asked about a town: what stands in its path, its query and its body.

A route that takes a body or an address of its own and is not here stops the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from starlette.testclient import TestClient

from hub.access.actions import Role
from tests.unit.api.conftest import PASSWORD
from tests.unit.api.two_towns import RULE, Town, camera_of, jpeg, sensor_of

Request = dict[str, Any]
"""What is handed to the client beside method and path."""

ELSEWHERE: Mapping[str, str] = {
    "part": "picture",
    "session_id": "nobody",
    "path": "tasks",
    "no": "1",
}
"""What stands in a path and is no thing of a town."""
OFFER = "\r\n".join(
    (
        "v=0",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "a=recvonly",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:" + "a" * 24,
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=mid:0",
        "a=rtpmap:96 H264/90000",
    )
)
"""Of a browser that would see a camera."""
TOMORROW = "2100-01-01T00:00:00Z"
SHEET = "id,name,owner_kind,owner,place_class,main_url,lon,lat,datum\n"


def _json(**body: Any) -> Request:
    return {"json": body}


def _sheet(town: Town) -> Request:
    row = f"{town.name}-new,New,public,{town.name} roads,street,rtsp://10.1.2.3/x,"
    return {"content": f"{SHEET}{row}{town.lon},30.5,wgs84\n".encode()}


def _map(town: Town) -> Request:
    ring = [[town.lon, 30.1], [town.lon + 0.1, 30.1], [town.lon + 0.1, 30.2], [town.lon, 30.1]]
    named = {"code": f"{town.name}-new", "name": "New", "scheme": "plain"}
    named |= {"parent": town.grid}
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": named, "geometry": shape}
    body = {"type": "FeatureCollection", "datum": "wgs84", "features": [feature]}
    return {"json": body, "params": {"dry_run": "true"}}


def _grant(town: Town) -> dict[str, str]:
    return {"role": Role.WORKER.value, "grid": town.grid}


def _reason(code: str, **more: Any) -> Callable[[Town], Request]:
    return lambda _town: _json(reason=code, **more)


def _said(**body: Any) -> Callable[[Town], Request]:
    return lambda _town: _json(**body)


def _photo(_town: Town) -> Request:
    return {"files": {"photo": ("a.jpg", jpeg(), "image/jpeg")}}


def _on(town: Town) -> Request:
    return {"params": {"grid": town.grid}}


def _dry(head: str, line: str) -> Request:
    return {"content": f"{head}\n{line}\n".encode(), "params": {"dry_run": "true"}}


def _days(town: Town) -> Request:
    return {"params": {"grid": town.grid, "first": "2026-11-01", "last": "2026-11-30"}}


ASKED: Mapping[str, Callable[[Town], Request]] = {
    "GET /api/v1/indicators": _days,
    "GET /api/v1/indicators/departments": _days,
    "GET /api/v1/indicators/export": _days,
    "GET /api/v1/indicators/hours": _days,
    "GET /api/v1/indicators/league": _days,
    "GET /api/v1/indicators/series": _days,
    "GET /api/v1/indicators/weekly": lambda t: {"params": {"grid": t.grid, "day": "2026-11-23"}},
    "POST /api/v1/drills": lambda t: _json(title=f"{t.name} now", grid=t.grid),
    "POST /api/v1/drills/plans": lambda t: _json(
        title="weekly", grid=t.grid, weekly={"weekday": 5, "minute": 570, "lasts_s": 3600}
    ),
    "POST /api/v1/drills/{drill_id}/answers": lambda t: _json(
        kind="camera", subject=t.camera, result="good"
    ),
    "POST /api/v1/drills/{drill_id}/finish": lambda _t: {},
    "POST /api/v1/deliveries/{delivery_id}/retry": lambda _t: {},
    "POST /api/v1/incidents/{incident_id}/classify": _reason("wrong_class", class_code="0101"),
    "POST /api/v1/notices/acknowledge": _said(keys=["nobody/x"]),
    "PUT /api/v1/me/channels": _said(),
    "GET /api/v1/duty/now": _on,
    "GET /api/v1/duty/posts": _on,
    "GET /api/v1/duty/roster": _on,
    "PUT /api/v1/duty/posts": lambda t: _json(grid=t.grid, role="chief", wanted=2),
    "POST /api/v1/duty/posts/{post_id}/end": lambda _t: {},
    "POST /api/v1/duty/shifts": lambda t: _json(
        name="new", grid=t.grid, **{"from": "06:00", "to": "14:00"}
    ),
    "POST /api/v1/duty/shifts/{shift_id}/end": lambda _t: {},
    "POST /api/v1/duty/turns": lambda t: _json(
        account=t.account, grid=t.grid, role="worker", shift="early", days=["2099-01-01"]
    ),
    "POST /api/v1/duty/turns/{turn_id}/end": lambda _t: {},
    "POST /api/v1/duty/turns/{turn_id}/swap": lambda t: _json(account=t.account),
    "POST /api/v1/duty/roster/copy": lambda t: _json(
        grid=t.grid, week="2026-11-23", to="2026-11-30"
    ),
    "POST /api/v1/duty/absences": lambda t: _json(
        account=t.account, starts_at=TOMORROW, ends_at="2100-01-02T00:00:00Z"
    ),
    "POST /api/v1/duty/absences/{absence_id}/end": lambda _t: {},
    "POST /api/v1/duty/people/import": lambda t: _dry(
        "login,name,roles,grid", f"{t.name}.new,{t.name} new,worker,{t.grid}"
    ),
    "POST /api/v1/duty/rosters/import": lambda t: _dry(
        "login,grid,role,shift,from", f"{t.name}.wang,{t.grid},worker,early,2099-01-01"
    ),
    "GET /api/v1/grids/at": lambda t: {"params": {"lon": t.lon, "lat": 30.5}},
    "POST /api/v1/accounts": lambda t: _json(
        login=f"{t.name}.new", name=f"{t.name} new", grants=[_grant(t)], password=PASSWORD
    ),
    "PUT /api/v1/accounts/{account_id}": lambda t: _json(name=f"{t.name} wang the second"),
    "POST /api/v1/accounts/{account_id}/grants": lambda t: {"json": _grant(t)},
    "POST /api/v1/alerts/{alert_id}/acknowledge": _said(),
    "POST /api/v1/alerts/{alert_id}/merge": lambda t: _json(into=t.second),
    "POST /api/v1/alerts/{alert_id}/unmerge": _said(),
    "POST /api/v1/alerts/{alert_id}/verdict": _said(verdict="false"),
    "POST /api/v1/approvals/{approval_id}": _said(granted=False),
    "POST /api/v1/cameras": lambda t: {"json": camera_of(t, f"{t.name}-new")},
    "POST /api/v1/cameras/import": _sheet,
    "POST /api/v1/cameras/probe": lambda t: {"json": camera_of(t, f"{t.name}-new")},
    "PUT /api/v1/cameras/{camera_id}": lambda t: {"json": camera_of(t, t.camera)},
    "POST /api/v1/cameras/{camera_id}/probe": lambda _t: {},
    "POST /api/v1/consents": lambda t: _json(
        owner=f"{t.name} roads", mode="always", agreed_by="its head", document="letter 2"
    ),
    "POST /api/v1/consents/{consent_id}/end": lambda _t: {},
    "PUT /api/v1/camera-files/{camera_id}": lambda t: _json(version=0, location=f"{t.name} gate"),
    "POST /api/v1/exports": lambda t: _json(
        incident_id=t.incident,
        reason="police",
        note="a theft",
        receiver="the police",
        legal_ground="a letter",
    ),
    "POST /api/v1/exports/{export_id}/decision": _said(granted=False, note="no letter"),
    "POST /api/v1/exports/{export_id}/fetch": lambda _t: {},
    "POST /api/v1/holds": lambda t: _json(incident_id=t.incident, reason="court", note="letter 3"),
    "POST /api/v1/holds/{hold_id}/end": _said(note="given back"),
    "POST /api/v1/grids/import": _map,
    "POST /api/v1/grids/preview": _map,
    "POST /api/v1/grids/versions/{no}/withdraw": lambda _t: {},
    "POST /api/v1/incidents": lambda t: _json(origin="patrol", title="A hole", grid=t.grid),
    "POST /api/v1/incidents/photos": _photo,
    "POST /api/v1/incidents/{incident_id}/archive": _said(),
    "POST /api/v1/incidents/{incident_id}/dispatch": _said(),
    "POST /api/v1/incidents/{incident_id}/extend": _reason("complex", until=TOMORROW),
    "POST /api/v1/incidents/{incident_id}/file": _said(),
    "POST /api/v1/incidents/{incident_id}/reassign": _reason("off_duty"),
    "POST /api/v1/incidents/{incident_id}/hand-over": lambda t: _json(
        reason="wrong_grid", grid=t.grid
    ),
    "POST /api/v1/incidents/{incident_id}/merge": lambda t: _json(into=t.incident),
    "POST /api/v1/incidents/{incident_id}/pass": _said(),
    "POST /api/v1/incidents/{incident_id}/rate": _said(rating=5),
    "POST /api/v1/incidents/{incident_id}/reopen": _reason("recurred"),
    "POST /api/v1/incidents/{incident_id}/resume": _said(),
    "POST /api/v1/incidents/{incident_id}/return": _reason("not_mine"),
    "POST /api/v1/incidents/{incident_id}/rework": _reason("not_done"),
    "POST /api/v1/incidents/{incident_id}/settle": _said(disposition="Done"),
    "POST /api/v1/incidents/{incident_id}/split": _said(title="Another hole"),
    "POST /api/v1/incidents/{incident_id}/suspend": _reason("weather"),
    "POST /api/v1/incidents/{incident_id}/triage": _said(),
    "POST /api/v1/incidents/{incident_id}/verify": _said(),
    "POST /api/v1/incidents/{incident_id}/void": _reason("test"),
    "POST /api/v1/incidents/{incident_id}/whistles": _said(unit="water", part="joint"),
    "POST /api/v1/supervisions/{supervision_id}/answer": _said(note="done"),
    "POST /api/v1/whistles/{whistle_id}/accept": _said(),
    "POST /api/v1/whistles/{whistle_id}/contact": _said(),
    "POST /api/v1/whistles/{whistle_id}/photos": _photo,
    "POST /api/v1/whistles/{whistle_id}/refuse": _reason("not_mine"),
    "POST /api/v1/whistles/{whistle_id}/report": _said(note="done"),
    "POST /api/v1/whistles/{whistle_id}/send-back": _reason("not_done"),
    "POST /api/v1/whistles/{whistle_id}/sign": _said(),
    "POST /api/v1/whistles/{whistle_id}/withdraw": _said(),
    "POST /api/v1/live/{camera_id}/whep": lambda _t: {
        "content": OFFER.encode(),
        "headers": {"Content-Type": "application/sdp"},
    },
    "PUT /api/v1/me/password": _said(old=PASSWORD, new="another-long-word"),
    "POST /api/v1/mutes": lambda t: _json(source=t.camera, reason="works", ends_at="{tomorrow}"),
    "POST /api/v1/rules": lambda _t: {"json": {**RULE, "id": "new-rule"}},
    "POST /api/v1/rules/try": lambda t: _json(
        rule=RULE,
        camera=t.camera,
        zone={"id": "yard", "polygon": [[0, 0], [1, 0], [1, 1]]},
    ),
    "PUT /api/v1/rules/{rule_id}": lambda _t: {"json": RULE},
    "POST /api/v1/sensors": lambda t: {"json": sensor_of(t, f"{t.name}-new")},
    "PUT /api/v1/sensors/{sensor_id}": lambda t: {"json": sensor_of(t, t.sensor)},
    "POST /api/v1/sensors/{sensor_id}/press": lambda _t: {},
    "POST /api/v1/sensors/{sensor_id}/readings": _said(smoke=1),
    "POST /api/v1/session": _said(login="nobody", password="wrong-password"),
    "POST /api/v1/tasks/{task_id}/accept": _said(),
    "POST /api/v1/tasks/{task_id}/done": lambda _t: {"data": {"note": "from afar"}},
    "POST /api/v1/tasks/{task_id}/on-scene": _said(),
    "POST /api/v1/tasks/{task_id}/on-way": _said(),
    "POST /api/v1/tasks/{task_id}/take-over": _said(note="off duty"),
    "POST /api/v1/tasks/{task_id}/photos": _photo,
    "POST /api/v1/tokens": lambda t: _json(name="new phone", grants=[_grant(t)]),
    "POST /api/v1/wall/layouts": lambda t: _json(
        name="new wall", shared=True, body={"on": t.camera}
    ),
    "PUT /api/v1/wall/layouts/{layout_id}": lambda t: _json(
        name="old wall", body={"on": t.camera}, version=1
    ),
}


def path_of(route: str, town: Town) -> str:
    """The path of a route (`METHOD path`) about the things of a town."""

    def there(found: re.Match[str]) -> str:
        what = found[1].removesuffix(":path")
        return ELSEWHERE.get(what) or town.ids["grid" if what == "code" else what[:-3]]

    return re.sub(r"\{([^}]+)\}", there, route.split(" ")[1])


def asked(route: str, town: Town, tomorrow: str) -> Request:
    """What is sent with it; raises LookupError for one that sends something and is not here."""
    method = route.split(" ")[0]
    if route not in ASKED and method in ("POST", "PUT", "PATCH"):
        raise LookupError(f"{route}: say how it is asked, in tests/unit/api/asking.py")
    made = ASKED[route](town) if route in ASKED else {}
    body = made.get("json")
    if isinstance(body, dict) and body.get("ends_at") == "{tomorrow}":
        made = {**made, "json": {**body, "ends_at": tomorrow}}
    return made


def ask(
    http: TestClient,
    route: str,
    town: Town,
    token: str | None,
    tomorrow: str,
    *,
    missing: Town | None = None,
    more: Mapping[str, str] | None = None,
) -> Any:
    """The answer to somebody with that token.

    `missing` takes the place of what is asked about, `more` is added to the query.
    """
    if missing is not None:
        named = {"grid"} if "{code}" in route else {w for w in town.ids if f"{{{w}_id}}" in route}
        ids = {**town.ids, **{what: missing.ids[what] for what in named}}
        town = Town(town.name, ids) if "{" in route else missing
    sent, path = asked(route, town, tomorrow), path_of(route, town)
    headers = {**sent.pop("headers", {}), "Idempotency-Key": f"key-of-{town.name}"}
    if more:
        sent["params"] = {**sent.get("params", {}), **more}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return http.request(route.split(" ")[0], path, headers=headers, **sent)
