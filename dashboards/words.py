"""Every word a user reads on a dashboard, in the console or in a report, in English and Chinese.

One catalogue, so that the same thing has the same name everywhere. Keys are grouped by a prefix; a phrase may
hold ``{name}`` places for `str.format`.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]

WORDS: dict[str, dict[Language, str]] = {
    # What is counted
    "calls": {"en": "Calls", "zh": "呼叫次数"},
    "talk-time": {"en": "Talk time", "zh": "通话时长"},
    "erlangs": {"en": "Erlangs", "zh": "话务量（爱尔兰）"},
    "answered": {"en": "Answered", "zh": "已接听"},
    "not-answered": {"en": "Not answered", "zh": "未接通"},
    "answered-share": {"en": "Share answered", "zh": "接听率"},
    "within-target": {"en": "Answered within the target", "zh": "目标时限内接听率"},
    "ring-time": {"en": "Ring to answer", "zh": "应答时长"},
    "median": {"en": "Median", "zh": "中位数"},
    "p90": {"en": "90th percentile", "zh": "第90百分位"},
    "p95": {"en": "95th percentile", "zh": "第95百分位"},
    "not-reported": {"en": "not reported", "zh": "交换机未提供"},
    # What it is counted by
    "site": {"en": "Site", "zh": "站点"},
    "source": {"en": "Source", "zh": "话单来源"},
    "direction": {"en": "Direction", "zh": "方向"},
    "outcome": {"en": "Outcome", "zh": "结果"},
    "class": {"en": "Class", "zh": "号码类别"},
    "department": {"en": "Department", "zh": "部门"},
    "extension": {"en": "Extension", "zh": "分机"},
    "trunk": {"en": "Trunk", "zh": "中继"},
    "hour": {"en": "Hour", "zh": "时段"},
    "weekday": {"en": "Weekday", "zh": "星期"},
    "period": {"en": "Period", "zh": "周期"},
    "none.department": {"en": "no department", "zh": "未登记部门"},
    "none.trunk": {"en": "no trunk", "zh": "不经中继"},
    "none.extension": {"en": "no extension", "zh": "无分机"},
    "direction.incoming": {"en": "incoming", "zh": "呼入"},
    "direction.outgoing": {"en": "outgoing", "zh": "呼出"},
    "direction.internal": {"en": "internal", "zh": "内部"},
    "direction.tandem": {"en": "tandem", "zh": "中继转接"},
    "direction.unknown": {"en": "unknown", "zh": "未知"},
    "outcome.answered": {"en": "answered", "zh": "已接听"},
    "outcome.unanswered": {"en": "unanswered", "zh": "无人接听"},
    "outcome.busy": {"en": "busy", "zh": "占线"},
    "outcome.failed": {"en": "failed", "zh": "失败"},
    "outcome.unknown": {"en": "unknown", "zh": "未知"},
    "class.internal": {"en": "internal", "zh": "内部"},
    "class.local": {"en": "local", "zh": "市话"},
    "class.mobile": {"en": "mobile", "zh": "手机"},
    "class.domestic": {"en": "domestic", "zh": "国内长途"},
    "class.hk-macau-taiwan": {"en": "Hong Kong, Macau, Taiwan", "zh": "港澳台"},
    "class.international": {"en": "international", "zh": "国际长途"},
    "class.premium": {"en": "premium", "zh": "声讯台"},
    "class.service": {"en": "service", "zh": "服务号码"},
    "class.emergency": {"en": "emergency", "zh": "紧急号码"},
    "class.tollfree": {"en": "toll-free", "zh": "免费号码"},
    "class.unknown": {"en": "unknown", "zh": "未知"},
    "period.hour": {"en": "hour", "zh": "小时"},
    "period.day": {"en": "day", "zh": "日"},
    "period.month": {"en": "month", "zh": "月"},
    "period.quarter": {"en": "quarter", "zh": "季度"},
    "period.year": {"en": "year", "zh": "年"},
    "weekday.1": {"en": "Monday", "zh": "星期一"},
    "weekday.2": {"en": "Tuesday", "zh": "星期二"},
    "weekday.3": {"en": "Wednesday", "zh": "星期三"},
    "weekday.4": {"en": "Thursday", "zh": "星期四"},
    "weekday.5": {"en": "Friday", "zh": "星期五"},
    "weekday.6": {"en": "Saturday", "zh": "星期六"},
    "weekday.7": {"en": "Sunday", "zh": "星期日"},
}
"""Key -> language -> text."""


def word(key: str, language: Language) -> str:
    """Return the text of `key` in `language`. An unknown key is a programming error: `KeyError`."""
    return WORDS[key][language]
