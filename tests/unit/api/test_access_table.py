"""Every route × every role × every ground: who gets what stands in one table to be read.

tests/golden/access_table.txt has a line for each route and a letter for each role, and says what
the letters mean. Somebody with that role in the town of Alpha, one in the town of Beta and one
on the whole site ask for the same thing of Alpha.

What is not found is told in the words for what does not exist.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.access.actions import ANYONE, GIVEN_ROLES, Action, Role, Subject
from hub.access.grants import UNIT_ROLES
from hub.access.rules import may
from hub.api.app import declared
from hub.api.guard import Credentials, Guard
from hub.api.push import PRIVATE, TOPICS, visible
from hub.kit.clock import iso
from hub.kit.errors import Forbidden
from hub.store import feed
from tests.unit.api.asking import ask
from tests.unit.api.conftest import UNITS, Desk
from tests.unit.api.two_towns import (
    ALPHA,
    BETA,
    COUNTY,
    DAY_S,
    World,
    build,
    code_of,
    granted,
    nowhere,
    undo_writes,
)

GOLDEN = Path(__file__).parents[2] / "golden" / "access_table.txt"
STREAMS = {"GET /api/v1/feed/sse", "WEBSOCKET /api/v1/feed/ws", "WEBSOCKET /api/v1/live/wall"}
"""They have no end to wait for: their guards are asked, and what they say thing by thing."""
LETTERS = {
    ("no", "no", "no"): "-",
    ("yes", "yes", "yes"): "o",
    ("seen", "seen", "seen"): "o",
    ("empty", "empty", "empty"): "e",
    ("missing", "missing", "missing"): "e",
    ("yes", "missing", "yes"): "g",
    ("seen", "missing", "seen"): "g",
    ("seen", "empty", "seen"): "g",
    ("outside", "missing", "outside"): "g",
    ("yes", "outside", "yes"): "p",
    ("no", "no", "yes"): "s",
    ("no", "no", "seen"): "s",
    ("no", "no", "empty"): "s",
    ("missing", "missing", "yes"): "s",
}
"""By what the own town, the other, and the whole site get."""
OF_UNITS = {"incident", "supervision", "task", "whistle"}
"""Topics whose changes name the departments they are of as well."""
OUTSIDE = {"outside_jurisdiction", "not_to_give"}
OF_ONESELF = {"GET /api/v1/me"}
"""It tells whoever asks of their own grants."""
OPEN = {
    "GET /api/v1/openapi.json",
    "GET /healthz",
    "GET /readyz",
    "GET /{path:path}",
    "POST /api/v1/session",
}
"""What nobody has to show anything for."""
PARTS = 6
"""All routes at once take a minute; in parts, as many cores share it."""
ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Nothing here is the database's; its own tests run the same filters on both."""


@pytest.fixture
def world(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two towns in which nothing that is asked leaves anything behind."""
    made = build(desk)
    undo_writes(desk, monkeypatch)
    return made


def actions_of(desk: Desk) -> dict[str, Action]:
    """The action of every route of the app, `METHOD path`."""
    return {route: guard.action for route, guard in guards_of(desk).items()}


def guards_of(desk: Desk) -> dict[str, Guard]:
    """The guard of every route of the app."""
    return {
        f"{method} {context.path}": guard
        for context, guard in declared(desk.http.app.routes)  # type: ignore[attr-defined]
        for method in (context.methods or {"WEBSOCKET"})
    }


NAMELESS = {
    f"GET /api/v1/indicators/{what}"
    for what in ("departments", "export", "hours", "league", "series")
}
"""Numbers of a grid that is asked for by its code, without its name."""


def routes_of(desk: Desk) -> list[str]:
    """Every route of the app by its path."""
    return sorted(actions_of(desk), key=lambda route: (route.split(" ")[1], route))


def table() -> dict[str, dict[Role, str]]:
    """The letters of the golden file by route and role."""
    heads, *lines = (
        line for line in GOLDEN.read_text("utf-8").splitlines() if not line.startswith("#")
    )
    roles = [Role(name) for name in heads.split()[2:]]
    found = {}
    for line in lines:
        method, path, *letters = line.split()
        found[f"{method} {path}"] = dict(zip(roles, letters, strict=True))
    return found


class Table:
    """Asks for the letters of a world. What does not exist is asked for once a route."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._alpha = world.towns[ALPHA]
        self._nothing = nowhere(self._alpha)
        self._tomorrow = iso(world.desk.clock.now() + DAY_S)
        self._absent: dict[str, str] = {}
        self._actions = actions_of(world.desk)

    def letter(self, route: str, role: Role) -> str:
        """What those with a role get of a route."""
        site = self._class(route, role, None)
        if site == "no":  # then a town's grant gives it no more: that is not asked over HTTP
            action = self._actions[route]
            assert not any(may(action, _subject(role, town)) for town in (ALPHA, BETA))
            return "-"
        own, other = (self._class(route, role, town) for town in (ALPHA, BETA))
        return LETTERS.get((own, other, site)) or f"{own}/{other}/{site}"

    def _class(self, route: str, role: Role, town: str | None) -> str:
        """What an answer comes to, in a word."""
        token = self._world.tokens[role, town]
        answer = ask(self._world.desk.http, route, self._alpha, token, self._tomorrow)
        assert answer.status_code < 500 or answer.status_code == 503, (route, answer.text)
        problem = "problem" in answer.headers.get("content-type", "")
        code = answer.json()["code"] if problem else None
        if answer.status_code in (401, 403) and code in ("forbidden", "unauthenticated"):
            return "no"
        if code in OUTSIDE:
            return "outside"
        if answer.status_code == 404 and self._is_nothing(route, role, answer.text):
            return "missing"
        if route.startswith("GET ") and "{" not in route and route not in OF_ONESELF | NAMELESS:
            return "seen" if self._alpha.name.encode() in answer.content else "empty"
        return "yes"

    def _is_nothing(self, route: str, role: Role, text: str) -> bool:
        """Whether these are the words for what does not exist."""
        if route not in self._absent:
            token = self._world.tokens[role, None]
            http = self._world.desk.http
            answer = ask(http, route, self._alpha, token, self._tomorrow, missing=self._nothing)
            assert answer.status_code == 404, (route, answer.text)
            self._absent[route] = answer.text
        return text.replace(self._alpha.name, self._nothing.name) == self._absent[route]


def letter_of_topic(topic: str, role: Role) -> str:
    """What those with a role are told of what happens in a town, if of a unit, of theirs."""
    told = _change(topic, (COUNTY, code_of(ALPHA)))
    if topic in OF_UNITS and role in UNIT_ROLES:
        assert not any(visible(told, _subject(role, town)) for town in (ALPHA, BETA))
        told = replace(told, units=(UNITS[role],))
        other = replace(told, units=("another",))
        assert not any(visible(other, _subject(role, town)) for town in (ALPHA, BETA))
    seen = [visible(told, _subject(role, town)) for town in (ALPHA, BETA, None)]
    if not may(TOPICS[topic], _subject(role, None)):
        assert seen == [False] * 3
        return "-"
    if topic in PRIVATE:
        assert seen == [False] * 3
        return "n"
    letters = {"own site": "g", "site": "s", "": "e"}
    who = ("own", "other", "site")
    return letters[" ".join(each for each, sees in zip(who, seen, strict=True) if sees)]


def _subject(role: Role, town: str | None) -> Subject:
    return Subject(f"a {role}", (granted(role, town),))


def _change(topic: str, path: feed.Path) -> feed.Change:
    return feed.Change(1, 0.0, topic, "any", {}, path)


def test_every_route_stands_in_the_table_and_every_topic(desk: Desk) -> None:
    known = {route for route in table() if not route.startswith("TOPIC ")}
    assert known == set(routes_of(desk))
    assert {route.split(" ")[1] for route in table() if route not in known} == set(TOPICS)
    assert all(list(letters) == list(GIVEN_ROLES) for letters in table().values())


@ONLY_SQLITE
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_gets_what_the_table_says_and_nothing_else(
    world: World, tmp_path: Path, part: int
) -> None:
    asking = Table(world)
    found: dict[str, dict[Role, str]] = {
        route: {role: asking.letter(route, role) for role in GIVEN_ROLES}
        for route in routes_of(world.desk)[part::PARTS]
        if route not in STREAMS
    }
    # What shows nothing even to the administrator has no place.
    for route, letters in found.items():
        if letters[Role.ADMIN] == "e":
            found[route] = {role: each.replace("e", "o") for role, each in letters.items()}
    _compare(found, tmp_path)


@ONLY_SQLITE
def test_a_stream_opens_to_those_of_whom_the_table_says_so(world: World, tmp_path: Path) -> None:
    guards = guards_of(world.desk)
    found: dict[str, dict[Role, str]] = {
        route: {role: letter_of_stream(world, guards[route], role) for role in GIVEN_ROLES}
        for route in routes_of(world.desk)
        if route in STREAMS
    }
    _compare(found, tmp_path)


def letter_of_stream(world: World, guard: Guard, role: Role) -> str:
    """Whom a stream lets in: what it then says is of their ground, and stands elsewhere."""
    own, other, site = (
        "yes" if _admits(guard, world, world.tokens[role, town]) else "no"
        for town in (ALPHA, BETA, None)
    )
    return LETTERS[own, other, site]


def _admits(guard: Guard, world: World, token: str | None) -> bool:
    try:
        guard.admit(world.desk.deps, Credentials(token=token))
    except Forbidden:
        return False
    return True


def test_everybody_is_told_what_the_table_says_and_nothing_else(tmp_path: Path) -> None:
    found: dict[str, dict[Role, str]] = {
        f"TOPIC {topic}": {role: letter_of_topic(topic, role) for role in GIVEN_ROLES}
        for topic in sorted(TOPICS)
    }
    _compare(found, tmp_path)


def _compare(found: dict[str, dict[Role, str]], tmp_path: Path) -> None:
    written = tmp_path / "access_table.txt"
    written.write_text(as_text(found), "utf-8")
    golden = table()
    assert {
        (route, role): (letter, golden[route][role])
        for route, letters in found.items()
        for role, letter in letters.items()
        if golden[route][role] != letter
    } == {}, f"these lines were found: {written}"


def as_text(found: dict[str, dict[Role, str]]) -> str:
    """A table as it stands in the golden file, without its comments."""
    rows = [["METHOD", "PATH", *GIVEN_ROLES]]
    rows += [[*route.split(" "), *letters.values()] for route, letters in found.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    return "".join(f"{' '.join(line).rstrip()}\n" for line in lines)


@ONLY_SQLITE
def test_who_shows_nothing_gets_in_nowhere(world: World) -> None:
    alpha, guards = world.towns[ALPHA], guards_of(world.desk)
    for route, letters in table().items():
        if route.startswith("TOPIC "):
            assert not visible(_change(route.split(" ")[1], None), ANYONE)
            continue
        if route in STREAMS:
            assert not _admits(guards[route], world, None), route
            continue
        answer = ask(world.desk.http, route, alpha, None, "")
        opened = answer.status_code != 401
        assert opened == (set(letters.values()) == {"o"} and route in OPEN), route


@pytest.mark.parametrize("topic", sorted(PRIVATE))
def test_what_is_told_to_one_account_is_told_to_no_other_and_to_nobody_without_a_name(
    topic: str,
) -> None:
    for role in GIVEN_ROLES:
        told, other = (replace(_subject(role, ALPHA), account=name) for name in ("a", "b"))
        for path in (None, (), (COUNTY, code_of(ALPHA)), (COUNTY, code_of(BETA))):
            change = replace(_change(topic, path), account=told.account)
            seen = [visible(each, told) for each in (change, _change(topic, path))]
            assert seen == [may(TOPICS[topic], told), False]
            assert not visible(change, other)


@pytest.mark.parametrize("topic", sorted(TOPICS.keys() - PRIVATE))
def test_what_is_of_no_grid_is_told_to_the_whole_site_and_of_all_to_all(topic: str) -> None:
    for role in GIVEN_ROLES:
        allowed = [may(TOPICS[topic], _subject(role, town)) for town in (ALPHA, None)]
        of_all = [visible(_change(topic, None), _subject(role, town)) for town in (ALPHA, None)]
        assert of_all == allowed
        assert not visible(_change(topic, ()), _subject(role, ALPHA))
        told = visible(_change(topic, ()), _subject(role, None))
        assert told == (allowed[1] and role not in UNIT_ROLES)


@ONLY_SQLITE
def test_what_has_happened_in_a_town_is_told_to_nobody_of_the_other(world: World) -> None:
    with world.desk.deps.db.read() as tx:
        changes = feed.after(tx, 0, limit=1000)
    assert {change.topic for change in changes} >= {"alert", "incident", "task", "camera", "sensor"}
    for role in GIVEN_ROLES:
        told = [c for c in changes if visible(c, _subject(role, BETA))]
        assert not [c for c in told if ALPHA in repr(c)], role
    told = [c for c in changes if visible(c, _subject(Role.ADMIN, None))]
    assert {ALPHA, BETA} <= {name for c in told for name in (ALPHA, BETA) if name in repr(c)}
