"""The words of dashboards, console and reports in English and Chinese: one catalogue for all of them.

Keys are sorted within their section. Words in braces are filled in with `str.format` where they are used.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "zh"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def word(key: str, language: Language) -> str:
    """Return the word for ``key``; raises `KeyError` for a key that is not in the catalogue."""
    return WORDS[key][language]


WORDS: dict[str, dict[Language, str]] = {
    # answering: ring-to-answer times and answered shares
    "answering.answer_rate": {"en": "Answer rate", "zh": "接听率"},
    "answering.answered_calls": {"en": "answered calls", "zh": "个接通来电"},
    "answering.distribution": {"en": "Rings until the call was answered or given up", "zh": "接听或放弃前的铃声数"},
    "answering.distribution_axis": {"en": "rings", "zh": "铃声"},
    "answering.late_or_lost": {"en": "Late or lost", "zh": "超时或未接"},
    "answering.median": {"en": "Median", "zh": "中位数"},
    "answering.more_rings": {"en": "more", "zh": "更多"},
    "answering.no_ring_times": {
        "en": "None of these calls has a ring time: the PBX does not print one.",
        "zh": "这些通话都没有振铃时间：总机未打印。",
    },
    "answering.of_incoming": {"en": "{answered} of {calls} incoming calls", "zh": "{calls} 个来电中接通 {answered} 个"},
    "answering.p90": {"en": "90th percentile", "zh": "90 百分位"},
    "answering.p95": {"en": "95th percentile", "zh": "95 百分位"},
    "answering.percentile_note": {
        "en": "{share} of answered calls were answered at least this fast",
        "zh": "{share} 的接通来电不超过此时间",
    },
    "answering.reported": {
        "en": "{known} of {answered} answered calls report a ring time",
        "zh": "{answered} 个接通来电中有 {known} 个带振铃时间",
    },
    "answering.ring_to_answer": {"en": "Ring to answer", "zh": "应答时间"},
    "answering.target": {"en": "target {rings} rings = {seconds} s", "zh": "目标 {rings} 声 = {seconds} 秒"},
    "answering.title": {"en": "Answering", "zh": "接听"},
    "answering.unanswered": {"en": "Unanswered", "zh": "未接"},
    "answering.unanswered_by_ring": {
        "en": "Unanswered calls by how long they rang",
        "zh": "未接来电按振铃时长",
    },
    "answering.within": {"en": "Answered within {rings} rings", "zh": "{rings} 声内接听"},
    "answering.within_note": {
        "en": "{within} of {known} calls within {seconds} s",
        "zh": "{known} 个中 {within} 个在 {seconds} 秒内",
    },
    "answering.worst": {"en": "Extensions with most late or lost calls", "zh": "超时或未接最多的分机"},
    # class: number classes of the dial plan
    "class.domestic": {"en": "domestic", "zh": "国内长途"},
    "class.emergency": {"en": "emergency", "zh": "紧急"},
    "class.hk-macau-taiwan": {"en": "HK, Macau, Taiwan", "zh": "港澳台"},
    "class.internal": {"en": "internal", "zh": "内部"},
    "class.international": {"en": "international", "zh": "国际"},
    "class.local": {"en": "local", "zh": "市话"},
    "class.mobile": {"en": "mobile", "zh": "手机"},
    "class.premium": {"en": "premium rate", "zh": "声讯台"},
    "class.service": {"en": "service", "zh": "特服"},
    "class.tollfree": {"en": "toll-free", "zh": "免费电话"},
    "class.unknown": {"en": "unknown", "zh": "未知"},
    # dimension: what calls are grouped and filtered by
    "dimension.carrier": {"en": "Carrier", "zh": "运营商"},
    "dimension.class": {"en": "Class", "zh": "类别"},
    "dimension.department": {"en": "Department", "zh": "部门"},
    "dimension.direction": {"en": "Direction", "zh": "方向"},
    "dimension.extension": {"en": "Extension", "zh": "分机"},
    "dimension.outcome": {"en": "Outcome", "zh": "结果"},
    "dimension.site": {"en": "Site", "zh": "地点"},
    "dimension.source": {"en": "Source", "zh": "来源"},
    "dimension.trunk": {"en": "Trunk", "zh": "中继"},
    # direction
    "direction.incoming": {"en": "incoming", "zh": "呼入"},
    "direction.internal": {"en": "internal", "zh": "内部"},
    "direction.outgoing": {"en": "outgoing", "zh": "呼出"},
    "direction.tandem": {"en": "tandem", "zh": "转接"},
    "direction.unknown": {"en": "unknown", "zh": "未知"},
    # outcome
    "outcome.answered": {"en": "answered", "zh": "接通"},
    "outcome.busy": {"en": "busy", "zh": "占线"},
    "outcome.failed": {"en": "failed", "zh": "失败"},
    "outcome.unanswered": {"en": "unanswered", "zh": "未接"},
    "outcome.unknown": {"en": "unknown", "zh": "未知"},
    # period
    "period.day": {"en": "Day", "zh": "日"},
    "period.hour": {"en": "Hour", "zh": "小时"},
    "period.month": {"en": "Month", "zh": "月"},
    "period.quarter": {"en": "Quarter", "zh": "季度"},
    "period.year": {"en": "Year", "zh": "年"},
    # traffic: calls, talk time, occupancy
    "traffic.before": {"en": "the period before", "zh": "上一周期"},
    "traffic.busy_hour": {"en": "Busy hour", "zh": "忙时"},
    "traffic.calls": {"en": "Calls", "zh": "通话数"},
    "traffic.erlangs": {"en": "Erlangs", "zh": "话务量"},
    "traffic.talk_time": {"en": "Talk time", "zh": "通话时长"},
    "traffic.title": {"en": "Traffic", "zh": "话务"},
    # weekday: 1 is Monday
    "weekday.1": {"en": "Mon", "zh": "周一"},
    "weekday.2": {"en": "Tue", "zh": "周二"},
    "weekday.3": {"en": "Wed", "zh": "周三"},
    "weekday.4": {"en": "Thu", "zh": "周四"},
    "weekday.5": {"en": "Fri", "zh": "周五"},
    "weekday.6": {"en": "Sat", "zh": "周六"},
    "weekday.7": {"en": "Sun", "zh": "周日"},
}
