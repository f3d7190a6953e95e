"""Which losses are a storm, and of which grid."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.alerts.storms.plan import Lost, StormConfig, gather, severity_of
from hub.types.finding import RuleKind, Severity

OFFLINE, FROZEN = RuleKind.CAMERA_OFFLINE, RuleKind.CAMERA_FROZEN
CONFIG = StormConfig(more_than=3, within_s=60, grave_above=10)


def lost(count: int, *path: str, at: float = 0.0, every_s: float = 1.0) -> list[Lost]:
    name = "-".join(path) or "nowhere"
    return [Lost(f"{name}/{at}/{n}", OFFLINE, path, at + n * every_s) for n in range(count)]


def test_the_finest_grid_with_more_than_so_many_takes_them() -> None:
    found = gather([*lost(4, "c", "t", "v1"), *lost(3, "c", "t", "v2")], CONFIG)
    assert set(found.values()) == {"v1"}
    assert len(found) == 4, "three that are left over are each for themselves"


def test_what_is_left_over_is_counted_one_level_up() -> None:
    found = gather(
        [*lost(5, "c", "t", "v1"), *lost(2, "c", "t", "v2"), *lost(2, "c", "t", "v3")], CONFIG
    )
    assert sorted(found.values()) == ["t"] * 4 + ["v1"] * 5


def test_slow_losses_are_no_storm_and_those_before_one_stay_out_of_it() -> None:
    assert gather(lost(10, "c", every_s=21), CONFIG) == {}
    found = gather([*lost(1, "c", at=-100), *lost(4, "c", at=0)], CONFIG)
    assert len(found) == 4


def test_those_in_no_grid_count_together_and_each_kind_for_itself() -> None:
    assert set(gather(lost(4), CONFIG).values()) == {"unbound"}
    mixed = [*lost(2, "c"), *(Lost(f"f{n}", FROZEN, ("c",), 0.0) for n in range(3))]
    assert gather(mixed, CONFIG) == {}


def test_it_is_one_degree_graver_and_p1_only_when_it_is_large() -> None:
    few = [severity_of(rule, 4, CONFIG) for rule in Severity]
    assert few == [Severity.P1, Severity.P2, Severity.P2, Severity.P3]
    assert severity_of(Severity.P3, 10, CONFIG) is Severity.P2
    assert severity_of(Severity.P3, 11, CONFIG) is Severity.P1


PATHS = st.sampled_from([(), ("c",), ("c", "t"), ("c", "t", "v"), ("c", "t", "w"), ("c", "u", "x")])
LOSSES = st.lists(st.tuples(PATHS, st.floats(0, 300)), max_size=40)


@given(LOSSES)
def test_every_storm_is_larger_than_the_threshold_and_holds_its_own_ground(
    told: list[tuple[tuple[str, ...], float]],
) -> None:
    losses = [Lost(str(n), OFFLINE, path, at) for n, (path, at) in enumerate(told)]
    found = gather(losses, CONFIG)
    by_mark = {each.mark: each for each in losses}
    assert found.keys() <= by_mark.keys()
    for code in set(found.values()):
        those = [by_mark[mark] for mark, where in found.items() if where == code]
        assert len(those) > CONFIG.more_than
        assert all(code in (each.path or ("unbound",)) for each in those)
    assert gather([each for each in losses if each.mark not in found], CONFIG) == {}
