"""A random walk: people of Beta ask for everything with whatever is of Alpha, and learn nothing.

Everything in Alpha has the town's name in it. No answer may hold that name once what was sent has
been taken out of it. `HUB_WALK=10000` walks further.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from hub.access.actions import GIVEN_ROLES
from hub.kit.clock import iso
from tests.unit.api.asking import ask, asked
from tests.unit.api.conftest import Desk
from tests.unit.api.test_access_table import ONLY_SQLITE, STREAMS, routes_of
from tests.unit.api.two_towns import ALPHA, BETA, DAY_S, Town, World, build, undo_writes

STEPS = int(os.environ.get("HUB_WALK", "300"))
QUERIES = (
    "grid",
    "source",
    "under",
    "text",
    "incident_id",
    "merged_into",
    "rule_id",
    "centre",
    "camera",
    "owner",
    "after",
    "mine",
    "geometry",
    "kind",
)


@pytest.fixture
def world(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two towns in which nothing that is asked leaves anything behind."""
    made = build(desk)
    undo_writes(desk, monkeypatch)
    return made


class Walker:
    """Somebody of Beta who tries at random; every step is told by its seed."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._dice = random.Random(seed)
        self._words = sorted(world.towns[ALPHA].ids.values())
        self._tomorrow = iso(world.desk.clock.now() + DAY_S)
        self._routes = [route for route in routes_of(world.desk) if route not in STREAMS]

    def walk(self, steps: int) -> None:
        """So many requests. Raises AssertionError for a word of Alpha."""
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        """One request."""
        route = self._dice.choice(self._routes)
        role = self._dice.choice(GIVEN_ROLES)
        mixed = self._mixed()
        query = self._query()
        token = self._world.tokens[role, BETA]
        http = self._world.desk.http
        answer = ask(http, route, mixed, token, self._tomorrow, more=query)
        told = f"{route} by a {role} with {mixed.ids} and {query}"
        assert answer.status_code < 500 or answer.status_code == 503, (told, answer.text)
        said = _texts([mixed.ids, query, asked(route, mixed, self._tomorrow)])
        self._is_clean(answer, said, told)

    def _mixed(self) -> Town:
        """Some things of one town, some of the other, some in the place of others."""
        own, other = self._world.towns[BETA], self._world.towns[ALPHA]
        ids = {
            what: self._dice.choice((id_, other.ids[what], other.ids[what]))
            for what, id_ in own.ids.items()
        }
        for what in self._dice.sample(sorted(ids), 2):
            ids[what] = self._dice.choice(self._words)
        return Town(self._dice.choice((ALPHA, BETA)), ids)

    def _query(self) -> dict[str, str]:
        """Up to three words of Alpha where filters are looked for."""
        names = self._dice.sample(QUERIES, self._dice.randrange(4))
        return {name: self._dice.choice(self._words) for name in names}

    def _is_clean(self, answer: Any, sent: Iterable[str], told: str) -> None:
        heard = answer.content.decode("utf-8", "replace")
        for header, value in answer.headers.items():
            heard += f"\n{header}: {value}"
        # What was said comes back in some refusals: longest first, for words lie in words.
        for word in sorted(set(sent), key=len, reverse=True):
            heard = heard.replace(word, "")
        assert ALPHA not in heard.lower(), (told, answer.text)


def _texts(sent: Any) -> Iterator[str]:
    """Every text in what was sent, cells of a sheet one by one."""
    match sent:
        case dict():
            yield from _texts(list(sent.values()))
        case list() | tuple():
            for each in sent:
                yield from _texts(each)
        case bytes():
            yield from re.split(r"[,\n]", sent.decode("utf-8", "replace"))
        case str():
            yield sent


@ONLY_SQLITE
@pytest.mark.timeout(180 + STEPS // 4)
def test_nobody_of_beta_learns_a_word_of_alpha(world: World) -> None:
    Walker(world, seed=20).walk(STEPS)


@ONLY_SQLITE
def test_the_walk_would_notice(world: World) -> None:
    """Somebody of the whole site does hear of Alpha, and the walk says so."""
    for role in GIVEN_ROLES:
        world.tokens[role, BETA] = world.tokens[role, None]
    with pytest.raises(AssertionError, match=ALPHA):
        Walker(world, seed=20).walk(100)
