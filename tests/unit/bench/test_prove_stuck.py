"""Figure 11 finds what it is there to find: an auditor that overlooks a kind does not hold."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import false, select

from bench.prove.installation import Installation, Kind
from bench.prove.stuck import stuck
from hub.dispatch.auditing import repository as audit
from hub.dispatch.notices.standing import repository as standing
from hub.store.tables.dispatch import incidents

NOT_FOUND = "of them not found, or under another name"


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    return Installation(Kind.EMBEDDED, tmp_path, ExitStack())


def test_an_auditor_that_looks_names_all_of_it(place: Installation) -> None:
    found = stuck(place)
    assert [line for line in found if not line.holds] == []
    told = {line.what: line.measured for line in found}
    assert told["stuck things planted"] >= told["kinds of what can be stuck"] == 10


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (audit, "_unclocked"),
        (audit, "_outbox"),
        (audit, "_undecided"),
        (audit, "_whistles"),
        (standing, "dead_letters"),
        (standing, "unheard"),
    ],
)
def test_one_that_overlooks_a_kind_is_found_out(
    place: Installation, monkeypatch: pytest.MonkeyPatch, where: Any, name: str
) -> None:
    monkeypatch.setattr(where, name, lambda *_given: select(incidents.c.id).where(false()))
    assert NOT_FOUND in [line.what for line in stuck(place) if not line.holds]


def test_one_that_sees_things_is_found_out(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_outbox", lambda *_given: select(incidents.c.id))
    lines = [line.what for line in stuck(place) if not line.holds]
    assert "named while nothing was stuck" in lines
