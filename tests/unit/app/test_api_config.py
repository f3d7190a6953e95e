"""The api process and its files: what begins after a change goes by it, as in the centre."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hub.access import service as access
from hub.access.grants import Grant
from hub.app.api import Api
from hub.app.first_start import prepare
from hub.app.setup import Setup
from hub.kit.clock import SimClock
from hub.kit.errors import Misconfigured
from hub.types.staff import Role
from tests.unit.app.test_centre_config import rename, setup

__all__ = ["setup"]

_keys = itertools.count(1)


class Office:
    """People who file cases through one api process."""

    def __init__(self, api: Api, clock: SimClock) -> None:
        self.api = api
        self._http = TestClient(api.app)
        roles = (Role.OPERATOR, Role.DISPATCHER)
        with api.deps.db.write() as tx:
            self._tokens = {
                role: access.issue(tx, role, [Grant(role)], clock.now(), api.deps.ids)[1]
                for role in roles
            }

    def ask(self, role: Role, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {
            "Authorization": f"Bearer {self._tokens[role]}",
            "Idempotency-Key": f"said-{next(_keys):04}",
        }
        method = "GET" if body is None else "POST"
        answer = self._http.request(method, f"/api/v1{path}", headers=headers, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def goes_to(self) -> str:
        """The centre that a case is sent to which somebody reports now."""
        report = {"origin": "counter", "title": "井盖缺失", "severity": "P1"}
        case = self.ask(Role.OPERATOR, "/incidents", report)
        for role, verb, body in (
            (Role.OPERATOR, "triage", {}),
            (Role.OPERATOR, "file", {"hold": True}),
            (Role.DISPATCHER, "dispatch", {}),
        ):
            self.ask(role, f"/incidents/{case['id']}/{verb}", body)
        [task] = self.ask(Role.DISPATCHER, f"/tasks?incident_id={case['id']}")["items"]
        return str(task["centre"])


@pytest.fixture
def office(setup: Setup, clock: SimClock) -> Iterator[Office]:
    prepare(setup, clock)
    api = Api(setup, "api", clock)
    yield Office(api, clock)
    api.stop()


def test_a_case_goes_to_the_centre_that_the_files_name_now(office: Office, setup: Setup) -> None:
    assert office.goes_to() == "county"
    rename(setup, "dispatch.yaml", "id: county", "id: county-2")
    rename(setup, "dispatch.yaml", "default_centre: county", "default_centre: county-2")
    rename(setup, "grids.geojson", '"centre": "county"', '"centre": "county-2"')
    office.api._reload()
    assert office.goes_to() == "county-2"


def test_a_faulty_file_changes_nothing_and_is_told(office: Office, setup: Setup) -> None:
    before = office.api.deps
    rename(setup, "dispatch.yaml", "default_centre: county", "default_centre: nowhere")
    office.api._reload()
    assert office.api.deps is before
    assert before.metrics.get("hub_config_problems") == 1
    assert office.goes_to() == "county"
    rename(setup, "dispatch.yaml", "default_centre: nowhere", "default_centre: nanpo")
    office.api._reload()
    assert before.metrics.get("hub_config_problems") == 0
    assert office.goes_to() == "nanpo"


def test_all_that_the_files_say_is_taken_over(office: Office, setup: Setup) -> None:
    rates = office.api.deps.rates
    assert rates is not None
    rename(setup, "hub.yaml", "{per_s: 5, burst: 60}", "{per_s: 5, burst: 61}")
    office.api._reload()
    assert rates.settings.unknown.burst == 61
    assert office.api.deps.rates is rates, "with everybody's bucket as it was"


def test_files_that_are_refused_are_told_at_the_start(setup: Setup, clock: SimClock) -> None:
    rename(setup, "dispatch.yaml", "default_centre: county", "default_centre: nowhere")
    with pytest.raises(Misconfigured, match="nowhere"):
        Api(setup, "api", clock)
