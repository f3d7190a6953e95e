"""The short form of `make prove`: every figure once, with few faults and short outages."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.prove import __main__ as proofs
from bench.prove.figures import Line
from bench.prove.installation import Kind
from tests import servers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SEED = 4
# A share says something over the long run's thousands; here one strike repeats what is on its way.
SHARE = ("repeated notices", "%")
QUICK = {Kind.EMBEDDED: (5, 6, 7, 10), Kind.REAL: (7, 9, 11)}


def shown(folder: Path, kind: Kind, figures: tuple[int, ...]) -> list[Line]:
    folder = folder / f"prove-{kind.value}-{figures[0]}"
    folder.mkdir()
    try:
        found = proofs.prove(kind, figures, True, SEED, folder, print)
    except servers.Missing as missing:
        pytest.skip(str(missing))
    broken = [line for line in found if not line.holds and (line.what, line.unit) != SHARE]
    assert not broken, broken
    assert {line.figure for line in found} == set(figures)
    return found


def test_on_what_the_hub_brings_along_faults_lose_nothing(short_folder: Path) -> None:
    """Of the kills alone tests/integration/test_chaos.py tells; here processes die at points."""
    found = {
        line.what.strip(): line.measured for line in shown(short_folder, Kind.EMBEDDED, (1, 2))
    }
    assert found["findings with an outcome"] >= 300
    assert found["of them at a fail-point"] >= 3
    assert found["tasks"] >= 10


@pytest.mark.redis
def test_on_servers_of_its_own_an_outage_and_a_dead_centre_lose_nothing(short_folder: Path) -> None:
    found = {line.what.strip(): line.measured for line in shown(short_folder, Kind.REAL, (3, 4))}
    assert found["findings with an outcome"] >= 100


@pytest.mark.redis
@pytest.mark.parametrize("kind", list(Kind))
def test_what_needs_no_faults_holds_too(short_folder: Path, kind: Kind) -> None:
    shown(short_folder, kind, QUICK[kind])
