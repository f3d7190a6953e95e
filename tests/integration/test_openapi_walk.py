"""What the OpenAPI document allows, and some of what it does not: no answer is the hub's own fault.

Schemathesis writes requests from the document; in half of them the paths name things that exist.
Asked are an administrator and a grid worker. `HUB_EXAMPLES=50` asks more of each operation.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, SerializationContext
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.openapi import from_dict
from schemathesis.schemas import APIOperation

from hub.access.actions import Role
from hub.api.errors import MEDIA_TYPE, Problem
from tests.unit.api.conftest import Desk, desk
from tests.unit.api.test_access_table import ONLY_SQLITE, STREAMS
from tests.unit.api.two_towns import World, build, undo_writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

EXAMPLES = int(os.environ.get("HUB_EXAMPLES", "3"))
"""Of each operation, by each of the two, well-formed and ill-formed."""
ROLES = (Role.ADMIN, Role.WORKER)
SEED = 20
__all__ = ["desk"]


@schemathesis.serializer("application/sdp")
def offer(_context: SerializationContext, value: Any) -> bytes:
    """A browser's offer is text; schemathesis has to be told."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def world(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two towns in which nothing that is asked leaves anything behind."""
    made = build(desk)
    undo_writes(desk, monkeypatch)
    return made


class Walker:
    """Asks one operation after the other, and collects what is wrong with the answers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dice = random.Random(SEED)
        self.asked = 0
        self.granted = 0
        self.faults: dict[str, str] = {}

    def walk(self, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode) -> None:
        """All examples of one operation."""

        @seed(SEED)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case[Any]) -> None:
            for role in ROLES:
                self._ask(case, role)

        with suppress(Unsatisfiable):  # nothing of it can be ill-formed
            ask()

    def _ask(self, case: Case[Any], role: Role) -> None:
        town = self._world.towns[self._dice.choice(list(self._world.towns))]
        for name in case.path_parameters:
            known = town.ids.get("grid" if name == "code" else name.removesuffix("_id"))
            if known is not None and self._dice.random() < 0.5:
                case.path_parameters[name] = known
        sent = case.as_transport_kwargs(base_url="http://testserver")
        sent["headers"] = {
            **{name: value for name, value in sent["headers"].items() if value.isascii()},
            "Authorization": f"Bearer {self._world.tokens[role, None]}",
        }
        sent.pop("cookies", None)  # the only one is the session's, and here tokens speak
        answer: httpx.Response = self._world.desk.http.request(**sent)
        self.asked += 1
        self.granted += answer.is_success
        fault = _fault(answer)
        if fault is not None:
            what = f"{case.method} {case.path} by {role}: {fault}"
            self.faults.setdefault(what, f"{sent} -> {answer.text[:500]}")


def _fault(answer: httpx.Response) -> str | None:
    """What is wrong with an answer, None if nothing is; 503 says: try again."""
    if answer.status_code >= 500 and answer.status_code != 503:
        return str(answer.status_code)
    if answer.status_code < 400:
        return None
    if answer.headers.get("content-type", "").split(";")[0] != MEDIA_TYPE:
        return f"{answer.status_code} as {answer.headers.get('content-type')}"
    said = Problem.model_validate_json(answer.content)
    return None if said.status == answer.status_code and said.code else "a problem without a code"


def operations(world: World) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    """Everything in the document but streams, which have no end."""
    document = world.desk.get("/openapi.json")
    for found in from_dict(document).get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if f"{operation.method.upper()} {operation.full_path}" not in STREAMS:
            yield operation


@ONLY_SQLITE
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_answer_is_the_hubs_own_fault(world: World, mode: GenerationMode) -> None:
    walker = Walker(world)
    for operation in operations(world):
        walker.walk(operation, mode)
    told = "\n".join(f"{what}\n    {how}" for what, how in sorted(walker.faults.items()))
    assert not walker.faults, told
    assert walker.asked > 100
    # And something was reached behind the refusals.
    assert walker.granted > 30, walker.granted
