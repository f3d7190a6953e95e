"""What a message says: the kind of event, its class and its place, never a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.types.finding import Severity

KINDS = {
    "dispatched": "新任务，请接单",
    "returned": "已退单，请重新派遣",
    "reported": "有新上报，请受理",
    "asked": "有申请待审批",
    "granted": "申请已同意",
    "denied": "申请未同意",
    "lapsed": "申请已失效",
    "reassigned": "已由他人接手或改派，您不用再去",
    "rework": "返工，请重新处置",
    "escalated": "无人接单，已上提",
    "worsen": "事件加重，时限缩短",
    "yellow": "即将超时",
    "red": "已超时",
    "supervision": "已转督办",
    "leader": "已报负责人",
    "whistle": "吹哨，请部门响应",
    "vacancy": "岗位空缺",
    "storm": "大量告警，已合并",
    "heartbeat": "巡检心跳停止",
}
_LINES_MAX = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as people read it; `grid` and `of` are names, "" where there is none."""

    kind: str
    severity: Severity
    grid: str
    of: str
    exercise: bool


def one(line: Line) -> str:
    """One notice in a line."""
    head = f"{'【演练】' if line.exercise else ''}【{line.severity.value}】"
    what = " ".join(part for part in (line.grid, line.of) if part)
    return (
        f"{head}{what}：{KINDS.get(line.kind, line.kind)}"
        if what
        else head + KINDS.get(line.kind, line.kind)
    )


def together(lines: Sequence[Line]) -> str:
    """A message of one notice, or a digest of many."""
    if len(lines) == 1:
        return one(lines[0])
    shown = [one(line) for line in lines[:_LINES_MAX]]
    rest = len(lines) - len(shown)
    return "\n".join([f"共{len(lines)}条：", *shown, *([f"另有{rest}条"] if rest else [])])
