"""Signals become episodes; what is remembered can be stored and put back."""

from __future__ import annotations

import json
import time

from hub.alerts.engine import RuleEngine
from hub.alerts.history import TrackHistory
from hub.alerts.rule import RuleBinding
from hub.alerts.trial import findings_of
from hub.kit.clock import SimClock
from hub.kit.ids import counted_ids
from hub.types.finding import Finding, Phase
from hub.types.scene import HealthState, Observation, SourceKind
from tests.unit.alerts.scenes import T0, bound, engine, frames, health, run, seen, tick, track


def test_all_findings_of_an_episode_carry_its_ids() -> None:
    shown: list[Observation] = [seen(at, track(1, 0.2)) for at in frames(15)]
    shown += [tick(at) for at in range(16, 26)]
    findings = run(bound("zone_intrusion"), shown)
    assert [f.phase for f in findings] == [
        Phase.OPENED,
        Phase.UPDATED,
        Phase.UPDATED,
        Phase.CLOSED,
    ]
    assert len({(f.episode_id, f.evidence_id) for f in findings}) == 1


def test_at_most_one_update_in_ten_seconds() -> None:
    shown = [seen(at, track(1, 0.2)) for at in frames(31, fps=30)]
    sent = [f.raised_at - T0 for f in run(bound("zone_intrusion", dwell_s=0), shown)]
    assert sent == [0.0, 10.0, 20.0, 30.0]


def test_rules_do_not_disturb_each_other() -> None:
    shown = [seen(at, track(1, 0.2)) for at in frames(9)]
    both = [
        bound("zone_intrusion", id="short", dwell_s=1.0),
        bound("zone_intrusion", id="long", dwell_s=5.0),
        bound("crowd", id="crowd", count_min=2),
    ]
    assert [(f.rule_id, f.raised_at - T0) for f in run(both, shown)] == [
        ("short", 1.0),
        ("long", 5.0),
    ]


def test_a_disabled_rule_does_not_run() -> None:
    shown = [seen(at, track(1, 0.2)) for at in frames(9)]
    assert run(bound("zone_intrusion", enabled=False), shown) == []


def test_raised_at_is_the_clock_s_captured_at_the_picture_s() -> None:
    clock = SimClock(T0 + 100.0)
    machine = RuleEngine(
        "cam", SourceKind.CAMERA, [bound("zone_intrusion", dwell_s=0)], counted_ids("e"), clock
    )
    (opened,) = machine.step(seen(1, track(1, 0.2)))
    assert (opened.captured_at, opened.raised_at) == (T0 + 1, T0 + 100)


def test_without_beats_a_tick_brings_no_update() -> None:
    machine = engine(bound("camera_offline", after_s=0), beats=False)
    machine.step(health(0, HealthState.OFFLINE))
    assert [f for at in range(1, 60) for f in machine.step(tick(at))] == []


def test_what_a_rule_does_not_read_does_not_end_its_episode() -> None:
    """A frozen camera goes on sending frames; a tick falls between two frames of a zone."""
    frozen: list[Observation] = [health(0, HealthState.FROZEN)]
    frozen += [seen(t / 5, quiet=True) for t in range(1, 5)]
    assert [f.phase for f in run(bound("camera_frozen"), frozen)] == [Phase.OPENED]
    there = track(1, 0.2)
    shown: list[Observation] = [seen(0, there), tick(0.1), tick(1.1), seen(1.2, there)]
    zone = bound("zone_intrusion", dwell_s=0, clear_after_s=0)
    assert [f.phase for f in run(zone, shown)] == [Phase.OPENED]


def test_when_the_frames_stop_coming_time_ends_the_episode() -> None:
    shown: list[Observation] = [seen(0, track(1, 0.2)), *(tick(t) for t in range(1, 15))]
    zone = bound("zone_intrusion", dwell_s=0, clear_after_s=0)
    assert [(f.phase, f.raised_at - T0) for f in run(zone, shown)] == [
        (Phase.OPENED, 0.0),
        (Phase.CLOSED, 10.0),
    ]


def test_a_clock_set_back_neither_closes_nor_blocks() -> None:
    machine = engine(bound("zone_intrusion", dwell_s=0.0, clear_after_s=3.0))
    machine.step(seen(0, track(1, 0.2)))
    assert machine.step(seen(-3600)) == []
    assert machine.step(seen(-3598)) == []
    assert [f.phase for f in machine.step(seen(-3597))] == [Phase.CLOSED]


def _through_json(machine: RuleEngine, bindings: list[RuleBinding]) -> RuleEngine:
    restarted = RuleEngine("cam", SourceKind.CAMERA, bindings, counted_ids("x"))
    restarted.load(json.loads(json.dumps(machine.dump())))
    return restarted


def test_an_engine_stored_and_put_back_at_every_step_finds_the_same() -> None:
    bindings = [
        bound("zone_intrusion", id="zone"),
        bound("line_crossing", id="line"),
        bound("crowd", id="crowd", count_min=1, hold_s=2.0),
        bound("camera_offline", id="off", after_s=5),
    ]
    shown: list[Observation] = [seen(at, track(1, 0.2 + at / 40)) for at in frames(20, fps=2)]
    shown += [health(21, HealthState.OFFLINE), *(tick(at) for at in range(22, 60))]

    def essence(findings: list[Finding]) -> list[object]:
        return [(f.rule_id, f.phase, f.captured_at, f.dwell_s, f.box, f.facts) for f in findings]

    straight = run(bindings, shown)
    machine, stored = engine(*bindings), []
    for observation in shown:
        stored += machine.step(observation)
        machine = _through_json(machine, bindings)
    assert len(straight) > 8
    assert essence(stored) == essence(straight)


def test_what_was_remembered_of_a_rule_that_is_gone_is_left_out() -> None:
    machine = engine(bound("zone_intrusion", id="old", dwell_s=0.0))
    machine.step(seen(0, track(1, 0.2)))
    fresh = _through_json(machine, [bound("zone_intrusion", id="new")])
    assert fresh.idle


def test_a_draft_rule_is_tried_on_the_last_minutes() -> None:
    history = TrackHistory(max_s=300.0, max_items=2000)
    for at in frames(60):
        history.add(seen(at, *([track(1, 0.2)] if 10 <= at < 20 else []), quiet=at > 30))
    draft = bound("zone_intrusion", dwell_s=3.0, clear_after_s=3.0, enabled=False)
    findings = findings_of(draft, history.recent())
    assert [(f.phase.value, round(f.raised_at - T0, 3)) for f in findings] == [
        ("opened", 13.0),
        ("closed", 22.8),
    ]
    assert findings_of(draft, history.recent()) == findings
    assert findings_of(draft, []) == []


def test_the_history_is_bounded_in_time_and_number() -> None:
    history = TrackHistory(max_s=10.0, max_items=20)
    for at in frames(60, fps=1):
        history.add(seen(at, track(1, 0.2)))
    assert [round(s.captured_at - T0) for s in history.recent()] == list(range(50, 61))
    for at in frames(70, fps=10, start=60):
        history.add(seen(at, track(1, 0.2)))
    assert len(history.recent()) == 20


def test_the_history_keeps_one_quiet_frame_a_second_and_forgets_before_a_jump_back() -> None:
    history = TrackHistory(max_s=100.0, max_items=1000)
    for at in frames(10, fps=10):
        history.add(seen(at, quiet=True))
    assert len(history.recent()) == 11
    history.add(seen(-50))
    assert [s.captured_at for s in history.recent()] == [T0 - 50]


def test_an_engine_is_cheap() -> None:
    """Six rules, ten people, 1000 frames: far below a millisecond of CPU a frame."""
    bindings = [
        bound(kind, id=f"{kind}-{i}", **({"count_min": 5} if kind == "crowd" else {}))
        for kind in ("zone_intrusion", "line_crossing", "crowd")
        for i in range(2)
    ]
    shown = [seen(at / 5, *(track(n, 0.05 * n, 0.5) for n in range(10))) for at in range(1000)]
    machine = engine(*bindings)
    begin = time.process_time()
    for frame in shown:
        machine.step(frame)
    assert (time.process_time() - begin) / len(shown) < 0.002
