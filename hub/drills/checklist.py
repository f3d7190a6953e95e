"""What is looked at in a roll call, and what may be wrong: closed lists, with their words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from hub.kit.errors import Refused


class Kind(StrEnum):
    """What is called."""

    CAMERA = "camera"
    POST = "post"


class Result(StrEnum):
    """What came of it; `open` until somebody answers, `missed` where nobody did in time."""

    OPEN = "open"
    GOOD = "good"
    FAULTY = "faulty"
    MISSED = "missed"


FAULTS: Mapping[Kind, Mapping[str, str]] = MappingProxyType(
    {
        Kind.CAMERA: {
            "no_picture": "无画面",
            "frozen": "画面冻结",
            "blurred": "模糊或偏色",
            "covered": "遮挡",
            "turned": "角度偏移",
            "wrong_clock": "时间不准",
            "wrong_place": "位置或名称不符",
            "no_sign": "无提示标识",
        },
        Kind.POST: {
            "no_answer": "未应答",
            "late_answer": "应答超时",
            "wrong_post": "不在岗",
            "no_video": "视频不通",
            "no_sound": "语音不通",
        },
    }
)
"""By kind: code and what it means."""


def checked(kind: Kind, result: Result, faults: tuple[str, ...]) -> None:
    """That an answer is one.

    Raises Refused: `bad_result` for what only time says, `fault_needed` for a faulty thing of
    which nobody says what is wrong, or a good one with faults, `no_such_fault`.
    """
    if result not in (Result.GOOD, Result.FAULTY):
        raise Refused("an answer is good or faulty", code="bad_result")
    if (result is Result.FAULTY) != bool(faults):
        raise Refused("what is faulty has a fault, what is good has none", code="fault_needed")
    unknown = sorted(set(faults) - FAULTS[kind].keys())
    if unknown:
        raise Refused(f"no such fault: {', '.join(unknown)}", code="no_such_fault")
