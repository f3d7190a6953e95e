"""The closed lists of reasons that a move must name; a note may say more."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.dispatch.lives import Verb
from hub.kit.errors import Refused

REASONS: Mapping[Verb, Mapping[str, str]] = MappingProxyType(
    {
        Verb.RETURN: {
            "not_mine": "不属本单位职责",
            "wrong_grid": "不在本网格",
            "unclear": "信息不清",
            "no_capacity": "无力办理",
        },
        Verb.SUSPEND: {
            "weather": "天气原因",
            "awaiting_parts": "等待物料",
            "awaiting_other_unit": "等待其他单位",
            "awaiting_decision": "等待上级决定",
            "no_access": "无法进入现场",
        },
        Verb.EXTEND: {
            "complex": "情况复杂",
            "weather": "天气原因",
            "awaiting_other_unit": "等待其他单位",
            "large_works": "工程量大",
        },
        Verb.VOID: {
            "not_found": "现场未发现",
            "duplicate": "重复上报",
            "out_of_scope": "不属受理范围",
            "test": "测试或演练",
            "withdrawn": "上报人撤回",
            "mistaken": "误报",
        },
        Verb.HAND_OVER: {
            "wrong_grid": "归格有误",
            "moved": "事件已移动",
            "boundary": "边界调整",
            "capacity": "力量调配",
        },
        Verb.REASSIGN: {
            "off_duty": "已下班或交班",
            "not_reached": "联系不上",
            "no_progress": "久无进展",
            "capacity": "力量调配",
        },
        Verb.CLASSIFY: {
            "wrong_class": "归类有误",
            "more_known": "情况已查明",
            "changed": "情况有变化",
        },
        Verb.REWORK: {
            "not_done": "未处置到位",
            "wrong_place": "处置地点不符",
            "no_evidence": "缺少处置凭证",
            "recurred": "问题复现",
        },
        Verb.REFUSE: {
            "not_mine": "不属本单位职责",
            "wrong_grid": "不在本辖区",
            "unclear": "信息不清",
            "no_capacity": "无力办理",
        },
        Verb.SEND_BACK: {
            "not_done": "未处置到位",
            "no_evidence": "缺少处置凭证",
            "unclear": "信息不清",
            "recurred": "问题复现",
        },
        Verb.REOPEN: {
            "recurred": "问题复现",
            "complaint": "群众不满意",
            "audit": "抽查不合格",
        },
    }
)
"""By verb: code and what it means."""


def known(verb: Verb, code: str) -> str:
    """The code, if it is of the verb's list. Raises Refused (`reason_needed`)."""
    codes = REASONS.get(verb, {})
    if codes and code not in codes:
        raise Refused(f"{verb} wants a reason: {', '.join(codes)}", code="reason_needed")
    return code
