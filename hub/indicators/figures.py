"""From counts to figures: pure, and never a rate without what stands beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.indicators.catalog import INDICATORS, SHARES, Indicator

Tally = Mapping[str, float]
"""Counts by name; what is missing is nought."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator: `value` None where there is nothing to divide by."""

    indicator: str
    value: float | None
    hits: float
    of: float


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a phase took, seconds: half of the cases at most `p50_s`, nine of ten `p90_s`."""

    phase: str
    cases: int
    p50_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """All figures of one grid, and the shares that stand beside each of them."""

    cases: int
    shares: Mapping[str, float | None]
    figures: tuple[Figure, ...]


def sheet(tally: Tally) -> Sheet:
    """The figures of a tally that has the counts of all bases."""
    counts = {**tally, "filed_or_void": tally.get("filed", 0) + tally.get("void", 0)}
    cases = int(counts.get("cases", 0))
    shares = {name: share(counts.get(name, 0), cases) for name in SHARES}
    return Sheet(cases, shares, tuple(figure(each, counts) for each in INDICATORS))


def figure(indicator: Indicator, counts: Tally) -> Figure:
    """One indicator of these counts."""
    hits, of = counts.get(indicator.hits, 0.0), counts.get(indicator.of, 0.0)
    return Figure(indicator.id, share(hits, of), hits, of)


def share(hits: float, of: float) -> float | None:
    """A quotient; None where nothing was to be counted, which is neither good nor bad."""
    return hits / of if of else None


def wait(phase: str, seconds: Sequence[float]) -> Wait:
    """The nearest-rank percentiles of what was waited."""
    ordered = sorted(seconds)
    return Wait(phase, len(ordered), rank(ordered, 0.5), rank(ordered, 0.9))


def rank(ordered: Sequence[float], part: float) -> float | None:
    """The value at the nearest rank, the ceil(part x n)-th of n in order; None of none."""
    return ordered[math.ceil(part * len(ordered)) - 1] if ordered else None


def order(rows: Mapping[str, Sheet], indicator: Indicator) -> list[str]:
    """The league: the best first; who has nothing to count comes last, by code."""
    at = INDICATORS.index(indicator)

    def place(code: str) -> tuple[bool, float, str]:
        value = rows[code].figures[at].value
        worth = 0.0 if value is None else (-value if indicator.more_is_better else value)
        return value is None, worth, code

    return sorted(rows, key=place)


def by_id(indicator_id: str) -> Indicator | None:
    """The indicator of that id, None if there is none."""
    return next((each for each in INDICATORS if each.id == indicator_id), None)
