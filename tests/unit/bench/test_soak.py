"""The soak's own judgement: it must find what it is there to find."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from bench.soak_plan import Order, Pace, timetable
from bench.soak_verdict import Bound, Limits, ageing, at_rest, back, quiet_log, recovered
from bench.soak_watch import Recovery, Sample, Sight, recoveries
from hub.ingest.simulate import Fault, FaultKind
from hub.types.scene import HealthState

CAMERAS = tuple(f"cam-{number}" for number in range(8))
KINDS = {camera: tuple(FaultKind) for camera in CAMERAS}
PACE = Pace()


def broken(bounds: Sequence[Bound]) -> list[str]:
    return [bound.name for bound in bounds if not bound.holds]


class TestTheTimetable:
    @pytest.fixture
    def orders(self) -> list[Order]:
        return timetable(random.Random(1), KINDS, 1800.0, PACE)

    def test_is_the_same_for_the_same_seed(self, orders: list[Order]) -> None:
        assert timetable(random.Random(1), KINDS, 1800.0, PACE) == orders
        assert timetable(random.Random(2), KINDS, 1800.0, PACE) != orders

    def test_gives_every_camera_every_kind(self, orders: list[Order]) -> None:
        given = Counter((order.camera, order.fault.kind) for order in orders)
        assert len(given) == len(CAMERAS) * len(FaultKind)

    def test_never_hits_all_cameras_at_once_but_several(self, orders: list[Order]) -> None:
        at_once = [
            sum(order.at_s <= second < order.end_s for order in orders) for second in range(1800)
        ]
        assert max(at_once) == PACE.at_once < len(CAMERAS)

    def test_leaves_each_camera_time_to_recover(self, orders: list[Order]) -> None:
        for camera in CAMERAS:
            mine = [order for order in orders if order.camera == camera]
            for order, after in pairwise(mine):
                assert after.at_s - order.end_s >= PACE.rest_s[0]

    def test_is_calm_at_both_ends(self, orders: list[Order]) -> None:
        assert min(order.at_s for order in orders) >= PACE.calm_s
        assert max(order.end_s for order in orders) <= 1800.0 - PACE.calm_s


def stall(at_s: float, for_s: float) -> Order:
    return Order("cam-0", at_s, Fault(kind=FaultKind.STALL, for_s=for_s))


def seen(state_at: Callable[[int], HealthState], seconds: int = 100) -> list[Sight]:
    return [
        Sight(second, state_at(second), 0.1 if state_at(second) is HealthState.ONLINE else 9.0)
        for second in range(seconds)
    ]


class TestRecovery:
    def test_is_counted_from_the_fault_end_to_the_first_good_heartbeat(self) -> None:
        away = seen(lambda s: HealthState.STALE if 14 <= s < 33 else HealthState.ONLINE)
        (found,) = recoveries([stall(10, 20)], {"cam-0": away})
        assert found.seconds == 3.0
        assert found.states == (HealthState.ONLINE, HealthState.STALE)

    def test_counts_from_the_last_relapse(self) -> None:
        relapse = seen(
            lambda s: HealthState.OFFLINE if 14 <= s < 33 or s == 39 else HealthState.ONLINE
        )
        (found,) = recoveries([stall(10, 20)], {"cam-0": relapse})
        assert found.seconds == 10.0

    def test_never_is_told(self) -> None:
        gone = seen(lambda s: HealthState.OFFLINE if s >= 14 else HealthState.ONLINE)
        (found,) = recoveries([stall(10, 20)], {"cam-0": gone})
        assert found.seconds is None
        assert broken(recovered([found], 12.0)) == ["online again later than 12 s"]

    def test_does_not_look_beyond_the_next_fault(self) -> None:
        orders = [stall(10, 20), stall(50, 20)]
        away = seen(lambda s: HealthState.STALE if 14 <= s < 32 or s >= 54 else HealthState.ONLINE)
        first, second = recoveries(orders, {"cam-0": away})
        assert first.seconds == 2.0
        assert second.seconds is None

    def test_wants_a_picture_of_now_not_only_the_word_online(self) -> None:
        pretended = [Sight(s, HealthState.ONLINE, 0.1 if s < 35 else 20.0) for s in range(100)]
        (found,) = recoveries([stall(10, 20)], {"cam-0": pretended})
        assert found.seconds is None

    def test_a_fault_that_harmed_nothing_takes_no_time(self) -> None:
        (found,) = recoveries([stall(10, 2)], {"cam-0": seen(lambda _: HealthState.ONLINE)})
        assert found.seconds == 0.0

    def test_a_long_fault_that_no_state_told_of_is_found(self) -> None:
        blind = Recovery(stall(10, 20), (HealthState.ONLINE,), 0.0)
        assert broken(recovered([blind], 12.0)) == ["long faults that no state told of"]
        brief = Recovery(stall(10, 5), (HealthState.ONLINE,), 0.0)
        assert broken(recovered([brief], 12.0)) == []

    def test_without_a_time_a_camera_must_be_well_in_the_end(self) -> None:
        late = seen(lambda s: HealthState.STALE if 14 <= s < 90 else HealthState.ONLINE)
        gone = seen(lambda s: HealthState.OFFLINE if s >= 14 else HealthState.ONLINE)
        assert broken(back({"cam-0": late})) == []
        assert broken(back({"cam-0": late, "cam-1": gone})) == ["cameras not well in the end"]

    def test_a_run_in_which_nothing_was_felt_shows_nothing(self) -> None:
        assert broken(back({"cam-0": seen(lambda _: HealthState.ONLINE)})) == [
            "cameras that felt a fault"
        ]


def samples(
    mib: Callable[[float], float] = lambda _: 300.0,
    descriptors: Callable[[float], int] = lambda _: 60,
    pid: Callable[[float], int] = lambda _: 1,
) -> list[Sample]:
    return [
        Sample("worker", pid(at), at, mib(at), mib(at), 40, descriptors(at))
        for at in (5.0 * number for number in range(361))
    ]


class TestAgeing:
    def test_steady_processes_pass(self) -> None:
        assert broken(ageing(samples(), Limits())) == []

    def test_memory_that_grows_by_a_tenth_in_ten_minutes_is_found(self) -> None:
        growing = samples(mib=lambda at: 300.0 * (1.0 + at / 6000.0))
        assert broken(ageing(growing, Limits())) == ["worker: memory, MiB"]

    def test_memory_that_is_taken_in_the_first_minutes_is_not_a_leak(self) -> None:
        assert broken(ageing(samples(mib=lambda at: min(300.0, 2.0 * at)), Limits())) == []

    def test_a_descriptor_lost_each_minute_is_found(self) -> None:
        leaking = samples(descriptors=lambda at: 60 + int(at / 60))
        assert broken(ageing(leaking, Limits())) == ["worker: descriptors"]

    def test_a_process_started_again_is_found(self) -> None:
        assert broken(ageing(samples(pid=lambda at: 1 if at < 900 else 2), Limits())) == [
            "worker: starts"
        ]

    def test_what_is_still_held_when_all_is_calm_again_is_found(self) -> None:
        held = samples(descriptors=lambda at: 60 if at < 100 else 66)
        assert broken(at_rest(held, 40.0)) == ["worker: descriptors, calm"]
        assert broken(at_rest(samples(), 40.0)) == []


def test_a_stack_trace_and_a_flood_of_lines_are_found() -> None:
    assert broken(quiet_log("one line\n" * 100, 30.0)) == []
    assert broken(quiet_log("Traceback (most recent call last):\n", 30.0)) == [
        "stack traces in the log"
    ]
    assert broken(quiet_log("one line\n" * 4000, 30.0)) == ["log lines a minute"]
