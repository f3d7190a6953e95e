"""The life of an incident as a page: a Mermaid drawing and a table, written from the moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from hub.dispatch.incident import INCIDENTS, WHISTLES
from hub.dispatch.lives import Hub, Lives, Move, Need, State, Verb, Who
from hub.dispatch.reasons import REASONS
from hub.types.staff import Role
from hub.types.whistle import WhistleState
from hub.types.work import IncidentState

STATES: Mapping[IncidentState, str] = {
    IncidentState.REPORTED: "已上报",
    IncidentState.TRIAGED: "已受理",
    IncidentState.FILED: "已立案",
    IncidentState.DISPATCHED: "已派遣",
    IncidentState.RETURNED: "已退单",
    IncidentState.ACCEPTED: "办理中",
    IncidentState.ON_WAY: "前往中",
    IncidentState.ON_SCENE: "已到场",
    IncidentState.SUSPENDED: "已挂账",
    IncidentState.HANDLED: "已处置",
    IncidentState.VERIFYING: "核查中",
    IncidentState.REWORK: "返工",
    IncidentState.CLOSED: "已结案",
    IncidentState.ARCHIVED: "已建档",
    IncidentState.EVALUATED: "已评价",
    IncidentState.VOID: "作废",
    IncidentState.MERGED: "已并案",
}
WHISTLE_STATES: Mapping[WhistleState, str] = {
    WhistleState.CALLED: "已吹哨",
    WhistleState.SIGNED: "已签收",
    WhistleState.CONTACTED: "已联系",
    WhistleState.REPORTED: "已报告",
    WhistleState.SENT_BACK: "已退回",
    WhistleState.ACCEPTED: "已认可",
    WhistleState.REFUSED: "已拒绝",
    WhistleState.WITHDRAWN: "已撤回",
    WhistleState.VOID: "作废",
}
VERBS: Mapping[Verb, str] = {
    Verb.REPORT: "上报",
    Verb.TRIAGE: "受理",
    Verb.FILE: "立案",
    Verb.SETTLE: "自处置",
    Verb.DISPATCH: "派遣",
    Verb.RETURN: "退单",
    Verb.ACCEPT: "签收",
    Verb.TAKE_OVER: "接手",
    Verb.SET_OUT: "出发",
    Verb.ARRIVE: "到场",
    Verb.FINISH: "处置完毕",
    Verb.SUSPEND: "挂账",
    Verb.RESUME: "恢复办理",
    Verb.EXTEND: "延期",
    Verb.CLASSIFY: "改类",
    Verb.HAND_OVER: "移交",
    Verb.REASSIGN: "改派",
    Verb.SPLIT: "拆分",
    Verb.MERGE: "并案",
    Verb.VERIFY: "核查",
    Verb.PASS: "核查通过",
    Verb.REWORK: "返工",
    Verb.CLOSE: "结案",
    Verb.REOPEN: "重开",
    Verb.ARCHIVE: "建档",
    Verb.RATE: "评价",
    Verb.VOID: "作废",
    Verb.LAPSE: "失效",
    Verb.CALL: "吹哨",
    Verb.SIGN: "签收",
    Verb.CONTACT: "联系",
    Verb.REFUSE: "拒绝",
    Verb.SEND_BACK: "退回",
    Verb.WITHDRAW: "撤回",
}
WHISTLE_VERBS: Mapping[Verb, str] = {**VERBS, Verb.REPORT: "报告", Verb.ACCEPT: "认可"}
ROLES: Mapping[Who, str] = {
    Hub.HUB: "系统",
    Role.WORKER: "网格员",
    Role.CHIEF: "网格长",
    Role.OPERATOR: "受理员",
    Role.SHIFT_LEADER: "值班长",
    Role.DISPATCHER: "派遣员",
    Role.DEPARTMENT: "专业部门",
    Role.SUPERVISOR: "督查员",
    Role.ASSESSOR: "考核员",
    Role.CENTRE: "指挥中心程序",
}
NEEDS: Mapping[Need, str] = {
    Need.REASON: "理由",
    Need.DISPOSITION: "处置说明",
    Need.EVIDENCE: "处置照片或无照片的理由",
    Need.SECOND: "第二人同意",
    Need.OTHER_PERSON: "须为他人",
    Need.CALLER: "吹哨人本人或值班长",
    Need.LEAD_DONE: "主办部门已办结",
}

_HEAD = """# The life of an incident 事件的一生

Written from `hub/dispatch/incident.py` by `hub schema --lives docs/ref/incident-life.md`: not to be
edited by hand. What a state or a word means is told in [the design](../design/incident.md).

A move after which the incident is where it was (extend, split, hand over before the dispatch) is in
the table and not in the drawing. `resume` leads back to where the incident was suspended.
"""
_WHISTLE_HEAD = """A department is called for an incident; `lead` leads, `joint` helps. It is
a child with a life and a clock of its own, and moves neither state nor clocks of its incident.
"""
_TABLE = "| from | verb | to | who | needs | says yes |\n|---|---|---|---|---|---|"
_REASONS = "| verb | code | 说明 |\n|---|---|---|"


def page() -> str:
    """The whole page, Markdown."""
    parts = [
        _HEAD,
        "## Drawing 状态图\n\n" + of_incidents(),
        "## Moves 流转表\n\n" + _moves(INCIDENTS, STATES, VERBS),
        "## Whistles 吹哨\n\n" + _WHISTLE_HEAD,
        _drawing(WHISTLES, WHISTLE_STATES, WHISTLE_VERBS),
        _moves(WHISTLES, WHISTLE_STATES, WHISTLE_VERBS),
        "## Reasons 理由\n\n" + "\n".join([_REASONS, *_reasons()]) + "\n",
    ]
    return "\n".join(parts)


def of_incidents() -> str:
    """The life of an incident, drawn (Mermaid); the guide shows the same."""
    return _drawing(INCIDENTS, STATES, VERBS)


def _drawing(lives: Lives[State], names: Mapping[State, str], verbs: Mapping[Verb, str]) -> str:
    return "```mermaid\n" + "\n".join(_arrows(lives, names, verbs)) + "\n```\n"


def _moves(lives: Lives[State], names: Mapping[State, str], verbs: Mapping[Verb, str]) -> str:
    return "\n".join([_TABLE, *(_row(move, names, verbs) for move in lives.moves)]) + "\n"


def _arrows(
    lives: Lives[State], names: Mapping[State, str], verbs: Mapping[Verb, str]
) -> Iterator[str]:
    yield "stateDiagram-v2"
    for state, name in names.items():
        yield f'    state "{state} {name}" as {state}'
    arrows: dict[tuple[str, str], list[str]] = {}
    for move in lives.moves:
        start = "[*]" if move.start is None else move.start.value
        for end in sorted(lives.ends_of(move)):
            if end is not move.start:
                arrows.setdefault((start, end.value), []).append(f"{move.verb} {verbs[move.verb]}")
    for (start, to), words in arrows.items():
        yield f"    {start} --> {to}: {', '.join(words)}"
    leaving = {move.start for move in lives.moves}
    for state in names:
        if state not in leaving:
            yield f"    {state} --> [*]"


def _row(move: Move[State], names: Mapping[State, str], verbs: Mapping[Verb, str]) -> str:
    start = "–" if move.start is None else f"`{move.start}` {names[move.start]}"
    end = "*where it came from*" if move.end is None else f"`{move.end}` {names[move.end]}"
    cells = [
        start,
        f"`{move.verb}` {verbs[move.verb]}",
        end,
        _named(move.who, ROLES),
        _named(move.needs, NEEDS),
        _named(move.approvers, ROLES),
    ]
    return f"| {' | '.join(cells)} |"


Word = TypeVar("Word", bound=StrEnum)


def _named(words: Iterable[Word], names: Mapping[Word, str]) -> str:
    return ", ".join(f"{word} {names[word]}" for word in names if word in frozenset(words)) or "–"


def _reasons() -> Iterator[str]:
    for verb, codes in REASONS.items():
        for code, name in codes.items():
            yield f"| `{verb}` {VERBS[verb]} | `{code}` | {name} |"
