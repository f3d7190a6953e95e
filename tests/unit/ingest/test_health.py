"""Timelines of cameras, as (seconds, what happened)."""

from __future__ import annotations

from hub.ingest.health import HealthPolicy, Progress, judge
from hub.types.scene import HealthState as S

POLICY = HealthPolicy()


def story(*, until: float, pictures: dict[float, bytes], gop_s: float = 2.0) -> list[S]:
    """States, without repeats, of a camera judged twice a second; pictures as given."""
    progress = Progress(0.0)
    states: list[S] = []
    moments = sorted({*pictures, *(i / 2 for i in range(int(until * 2) + 1))})
    for at in moments:
        if at in pictures:
            progress.packet_at = at
            progress.saw_picture(pictures[at], at % gop_s == 0.0, at)
        state = judge(progress, at, POLICY)
        if not states or states[-1] is not state:
            states.append(state)
    return states


def lively(begin: float, end: float) -> dict[float, bytes]:
    return {begin + i / 5: f"{i}".encode() for i in range(int((end - begin) * 5))}


def still(begin: float, end: float) -> dict[float, bytes]:
    return {begin + i / 2: b"same" for i in range(int((end - begin) * 2))}


def test_a_camera_comes_online_with_its_first_picture() -> None:
    assert story(until=6, pictures=lively(1, 6)) == [S.CONNECTING, S.ONLINE]


def test_a_camera_that_vanishes_goes_stale_then_offline_and_returns() -> None:
    pictures = lively(0, 20) | lively(50, 60)
    assert story(until=59, pictures=pictures) == [S.ONLINE, S.STALE, S.OFFLINE, S.ONLINE]


def test_a_short_gap_only_goes_stale() -> None:
    pictures = lively(0, 10) | lively(17, 25)
    assert story(until=24, pictures=pictures) == [S.ONLINE, S.STALE, S.ONLINE]


def test_the_same_picture_for_long_is_frozen_and_a_new_one_thaws_it() -> None:
    pictures = lively(0, 20) | still(20, 35) | lively(35, 40)
    assert story(until=39, pictures=pictures) == [S.ONLINE, S.FROZEN, S.ONLINE]


def test_a_repeat_shorter_than_ten_seconds_is_not_frozen() -> None:
    pictures = lively(0, 20) | still(20, 29.5) | lively(30, 40)
    assert story(until=39, pictures=pictures) == [S.ONLINE]


def test_a_quiet_scene_whose_keyframes_differ_is_not_frozen() -> None:
    # At a low bit rate nothing changes within a GOP, yet each keyframe is coded anew.
    pictures = {i / 2: f"gop{i // 16}".encode() for i in range(200)}
    assert story(until=99, pictures=pictures, gop_s=8.0) == [S.ONLINE]


def test_a_long_gop_needs_two_keyframes_before_it_counts_as_frozen() -> None:
    progress = Progress(0.0)
    for at in range(25):
        progress.saw_picture(b"same", at % 20 == 0, float(at))
        expected = S.FROZEN if at >= 20 else S.ONLINE
        assert judge(progress, float(at), POLICY) is expected


def test_packets_without_any_picture_do_not_make_it_online() -> None:
    progress = Progress(0.0)
    for at in range(40):
        progress.packet_at = float(at)
        state = judge(progress, float(at), POLICY)
        # The first keyframe may be a long GOP away, but not for ever.
        assert state is (S.CONNECTING if at < 30 else S.OFFLINE)


def test_a_camera_that_refuses_is_offline_at_the_second_refusal() -> None:
    progress = Progress(0.0)
    assert judge(progress, 1.0, POLICY) is S.CONNECTING
    progress.connects_failed = 2
    assert judge(progress, 2.0, POLICY) is S.OFFLINE


def test_silence_from_the_start_is_offline_after_ten_seconds() -> None:
    progress = Progress(100.0)
    assert judge(progress, 109.0, POLICY) is S.CONNECTING
    assert judge(progress, 110.0, POLICY) is S.OFFLINE
