"""The newest seals are told to whoever keeps them elsewhere."""

from __future__ import annotations

from typing import Any

from hub.store.audit.chain import GENESIS
from hub.store.audit.logs import LOOKS, newest
from hub.store.audit.sealer import seal_once
from hub.types.staff import Role
from tests.unit.api.conftest import Desk


def heads(desk: Desk) -> dict[str, dict[str, Any]]:
    told = desk.get("/audit/heads", Role.PRIVACY)["items"]
    return {each["chain"]: each for each in told}


def test_the_heads_are_those_of_the_chains(desk: Desk) -> None:
    assert {each["hash"] for each in heads(desk).values()} == {GENESIS}
    desk.get("/cameras?text=gate", Role.OPERATOR)  # a search stands in the register
    with desk.deps.db.write() as tx:
        assert seal_once(tx, LOOKS, newest(tx, LOOKS), 1000.0) == 1
    sealed = heads(desk)["looks"]
    assert (sealed["number"], sealed["sealed_rows"], sealed["unsealed_rows"]) == (1, 1, 0)
    assert sealed["hash"] != GENESIS
    assert heads(desk)["transitions"]["hash"] == GENESIS


def test_who_judges_alerts_has_no_business_with_them(desk: Desk) -> None:
    assert desk.ask("GET", "/audit/heads", Role.OPERATOR).status_code == 403
