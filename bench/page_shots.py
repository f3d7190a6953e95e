"""The pages of the guide: whose, where, and what must be there before the picture is taken."""

from __future__ import annotations

from dataclasses import dataclass

DEMO, COUNTY = "demo", "county"


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: whose, where, what must be there, after which keys or click what else.

    `site`: the demo with its cameras, or an invented county with a year behind it.

    `{alert}` has a clip; `{task}` is open; `{incident}` is that of the task.
    """

    name: str
    login: str | None
    path: str
    there: str
    video: bool = False
    keys: tuple[str, ...] = ()
    then: str = ""
    click: str = ""
    site: str = DEMO


SHOTS = (
    Shot("login", None, "/login", "login"),
    Shot("wall", "operator", "/wall", "tiles", video=True),
    Shot("enlarged", "operator", "/wall", "tiles", True, ("ArrowRight", "Enter"), "enlarged"),
    Shot("alerts", "operator", "/alerts/{alert}?state=all", "detail-{alert}", video=True),
    Shot("playback", "operator", "/playback/{alert}", "player", video=True),
    Shot("map", "operator", "/map", "map"),
    Shot("cameras", "admin", "/cameras", "camera-list"),
    Shot("camera", "admin", "/cameras/cam-square-01", "camera", video=True),
    Shot("draw", "admin", "/cameras/cam-square-01/draw", "draw-canvas", video=True),
    Shot("system", "admin", "/system", "system"),
    Shot("accounts", "admin", "/accounts", "accounts"),
    Shot("looks", "admin", "/accounts?tab=looks", "accounts"),
    Shot("roles", "admin", "/accounts?tab=roles", "roles"),
    Shot("consents", "admin", "/consents", "owner-list"),
    Shot("password", "admin", "/password", "password"),
    Shot("board", "leader", "/board", "board"),
    Shot("incident", "leader", "/incidents/{incident}", "timeline", video=True),
    Shot("report", "leader", "/report", "report-form"),
    Shot("whistles", "leader", "/whistles", "whistles", click="tab-open", site=COUNTY),
    Shot("supervisions", "leader", "/supervisions", "supervisions", site=COUNTY),
    Shot("duty", "leader", "/duty", "duty", site=COUNTY),
    Shot("drills", "leader", "/drills", "drills", site=COUNTY),
    Shot(
        "indicators",
        "leader",
        "/indicators?first={january}&last={today}",
        "figure-closed_on_time",
        site=COUNTY,
    ),
    Shot("notices", "leader", "/notices", "notices", click="tab-all", site=COUNTY),
    Shot("privacy", "admin", "/privacy", "privacy", site=COUNTY),
    Shot("grids", "admin", "/grids", "grids", site=COUNTY),
    Shot("tasks", "worker", "/tasks", "task"),
    Shot("task", "worker", "/tasks/{task}", "next", video=True),
)


@dataclass(frozen=True, slots=True)
class Guest:
    """Who looks at which hub: its address, logins with passwords, what stands in the addresses."""

    address: str
    people: dict[str, tuple[str, str]]
    facts: dict[str, str]

    def session_of(self, person: str) -> dict[str, str]:
        """What somebody types at the login."""
        login, password = self.people[person]
        return {"login": login, "password": password}
