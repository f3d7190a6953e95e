"""The indicators: what each divides by what, in words that stand beside it wherever it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.types.staff import Role


class Unit(StrEnum):
    """How a value is read: a share from 0 to 1, or how many of one make one of the other."""

    SHARE = "share"
    RATIO = "ratio"


class Basis(StrEnum):
    """What is counted: cases by the day they were due, alerts by day, camera seconds by day."""

    CASES = "cases"
    ALERTS = "alerts"
    CAMERAS = "cameras"


@dataclass(frozen=True, slots=True)
class Indicator:
    """`hits` of `of`, both names of counts. `judges` is the role that answers for it.

    `more_is_better` says which way is up; `target` is what peers aim at, None where nothing is
    established; `key_target` the higher one of key public areas.
    """

    id: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    hits: str
    of: str
    judges: Role
    basis: Basis = Basis.CASES
    unit: Unit = Unit.SHARE
    more_is_better: bool = True
    target: float | None = None
    key_target: float | None = None


SHARES = ("void", "suspended", "extended", "said_later")
"""Stand beside every rate: shares of all cases of the period."""

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "filed_on_time", "按时立案率", "On-time filing",
        "按时立案数 ÷ 立案数", "filed by the deadline ÷ filed",
        "filed_on_time", "filed", Role.OPERATOR,
    ),
    Indicator(
        "filed_rightly", "准确立案率", "Accurate filing",
        "立案后未作废且未因错立退回数 ÷（立案数＋作废数）",
        "filed, neither void afterwards nor given back as wrong ÷ (filed + void)",
        "filed_rightly", "filed_or_void", Role.OPERATOR,
    ),
    Indicator(
        "dispatched_on_time", "按时派遣率", "On-time dispatch",
        "按时派遣数 ÷ 派遣数", "dispatched by the deadline ÷ dispatched",
        "dispatched_on_time", "dispatched", Role.DISPATCHER,
    ),
    Indicator(
        "accepted_on_time", "按时接单率", "On-time acceptance",
        "按时接单数 ÷ 应接单数", "accepted by the deadline ÷ to be accepted",
        "accepted_on_time", "to_accept", Role.WORKER,
    ),
    Indicator(
        "arrived_on_time", "按时到场率", "On-time arrival",
        "按时到场数 ÷ 应到场数", "on scene by the deadline ÷ to be gone to",
        "arrived_on_time", "to_arrive", Role.WORKER,
    ),
    Indicator(
        "handled", "处置率", "Handling rate",
        "已处置数 ÷ 应处置数", "handled ÷ due",
        "handled", "due", Role.WORKER,
    ),
    Indicator(
        "handled_on_time", "按期处置率", "On-time handling",
        "按期处置数 ÷ 应处置数", "handled by the deadline ÷ due",
        "handled_on_time", "due", Role.WORKER,
    ),
    Indicator(
        "closed", "结案率", "Closing rate",
        "已结案数 ÷ 应结案数", "closed ÷ due",
        "closed", "due", Role.SUPERVISOR,
    ),
    Indicator(
        "closed_on_time", "按期结案率", "On-time closing",
        "按期处置、按期核查并结案数 ÷ 应结案数",
        "handled and verified by their deadlines, and closed ÷ due",
        "closed_on_time", "due", Role.SUPERVISOR,
    ),
    Indicator(
        "reworked", "返工率", "Rework rate",
        "至少返工一次数 ÷ 已核查数", "sent back at least once ÷ verified",
        "reworked", "verified", Role.WORKER, more_is_better=False,
    ),
    Indicator(
        "reopened", "重开率", "Reopening rate",
        "重开数 ÷ 曾结案数", "reopened ÷ ever closed",
        "reopened", "closed_once", Role.SUPERVISOR, more_is_better=False,
    ),
    Indicator(
        "satisfied", "满意率", "Satisfaction",
        "四星及以上数 ÷ 已评价数", "rated four or five ÷ rated",
        "satisfied", "rated", Role.WORKER,
    ),
    Indicator(
        "rightly_bound", "归格准确率", "Grid-binding accuracy",
        "未因归格有误移交数 ÷ 设备发现的事件数",
        "never handed over because the grid was wrong ÷ brought by cameras and sensors",
        "rightly_bound", "by_machine", Role.CAMERA_ADMIN,
    ),
    Indicator(
        "false_alarms", "误报率", "False-alarm rate",
        "研判为误报数 ÷ 已研判数", "judged false ÷ judged",
        "false_alarms", "judged", Role.CAMERA_ADMIN, Basis.ALERTS, more_is_better=False,
    ),
    Indicator(
        "compression", "压缩比", "Compression ratio",
        "感知信号数 ÷ 由其形成的事件数", "findings ÷ incidents they became",
        "findings", "incidents", Role.CAMERA_ADMIN, Basis.ALERTS, Unit.RATIO,
    ),
    Indicator(
        "cameras_online", "在线率", "Camera online rate",
        "在线时长 ÷ 应在线时长", "camera seconds online ÷ camera seconds",
        "online_s", "seconds", Role.CAMERA_ADMIN, Basis.CAMERAS, target=0.95, key_target=0.98,
    ),
    Indicator(
        "cameras_whole", "完好率", "Camera integrity rate",
        "无任何故障时长 ÷ 应在线时长", "camera seconds without any fault ÷ camera seconds",
        "whole_s", "seconds", Role.CAMERA_ADMIN, Basis.CAMERAS, target=0.95, key_target=0.98,
    ),
    Indicator(
        "cameras_disabled", "停用占比", "Share of disabled cameras",
        "停用时长 ÷ 登记时长", "camera seconds disabled ÷ camera seconds registered",
        "disabled_s", "registered_s", Role.CAMERA_ADMIN, Basis.CAMERAS, more_is_better=False,
    ),
)  # fmt: skip
"""In the order in which they are shown."""

OF_DEPARTMENTS: tuple[Indicator, ...] = (
    Indicator(
        "signed_on_time", "按时签收率", "On-time signing",
        "按时签收数 ÷ 被吹哨数", "signed by the deadline ÷ called",
        "signed_on_time", "called", Role.DEPARTMENT,
    ),
    Indicator(
        "contacted_on_time", "按时联系率", "On-time contact",
        "按时联系数 ÷ 被吹哨数", "contacted by the deadline ÷ called",
        "contacted_on_time", "called", Role.DEPARTMENT,
    ),
    Indicator(
        "reported_on_time", "按时报到率", "On-time reporting",
        "按时回报数 ÷ 被吹哨数", "reported by the deadline ÷ called",
        "reported_on_time", "called", Role.DEPARTMENT,
    ),
    Indicator(
        "settled_on_time", "按期办结率", "On-time settlement",
        "按时回报且被认可数 ÷ 被吹哨数", "reported by the deadline and accepted ÷ called",
        "settled_on_time", "called", Role.DEPARTMENT,
    ),
    Indicator(
        "refused", "拒绝率", "Refusal rate",
        "拒绝数 ÷ 被吹哨数", "refused ÷ called",
        "refused", "called", Role.DEPARTMENT, more_is_better=False,
    ),
    Indicator(
        "sent_back", "退回重办率", "Sent-back rate",
        "至少退回一次数 ÷ 被吹哨数", "sent back at least once ÷ called",
        "sent_back", "called", Role.DEPARTMENT, more_is_better=False,
    ),
)  # fmt: skip
"""Departments are judged by their whistles, each counted when its report was due."""
