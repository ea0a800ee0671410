"""Every word a user reads on a dashboard, in the console or in a report, in English and Chinese.

One catalogue, so that the same thing has the same name everywhere. Keys are grouped by a prefix; a phrase may
hold ``{name}`` places for `str.format`.
"""

# ruff: noqa: RUF001  (Chinese has punctuation of its own)

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
    # Grafana dashboards; {what} and {by} are filled in, ${period:text} is Grafana's
    "dashboards": {"en": "Dashboards", "zh": "看板"},
    "dashboard.traffic": {"en": "Traffic", "zh": "话务量"},
    "dashboard.answering": {"en": "Answering", "zh": "接听情况"},
    "data-source": {"en": "Data source", "zh": "数据源"},
    "mean-erlangs": {"en": "Erlangs, mean over the range", "zh": "平均话务量（爱尔兰）"},
    "mean-ring": {"en": "Mean ring to answer", "zh": "平均应答时长"},
    "this-range": {"en": "this range", "zh": "本期"},
    "range-before": {"en": "the one before", "zh": "上期"},
    "change": {"en": "change", "zh": "增减"},
    "rings.more": {"en": "more than {rings}", "zh": "{rings} 声以上"},
    "row.glance": {"en": "At a glance", "zh": "概览"},
    "row.by.direction": {"en": "By direction", "zh": "按方向"},
    "row.by.class": {"en": "By number class", "zh": "按号码类别"},
    "row.by.department": {"en": "By department", "zh": "按部门"},
    "row.by.trunk": {"en": "By trunk", "zh": "按中继"},
    "row.before": {"en": "Against the time before", "zh": "环比"},
    "row.hours": {"en": "Busy hours", "zh": "忙时"},
    "row.ring-time": {"en": "Ring to answer", "zh": "应答时长"},
    "row.rings": {"en": "In rings", "zh": "按振铃声数"},
    "row.unanswered": {"en": "Not answered", "zh": "未接通"},
    "row.where": {"en": "Where it is worst", "zh": "薄弱环节"},
    "panel.calls": {"en": "Calls", "zh": "呼叫次数"},
    "panel.answered-share": {"en": "Incoming calls answered", "zh": "呼入接听率"},
    "panel.talk-time": {"en": "Talk time", "zh": "通话时长"},
    "panel.mean-erlangs": {"en": "Erlangs, mean over the range", "zh": "平均话务量（爱尔兰）"},
    "about.mean-erlangs": {
        "en": "Seconds of occupancy (ring, talk, hold) divided by the seconds of the range.",
        "zh": "占用秒数（振铃、通话、保持）除以所选时间范围的秒数。",
    },
    "panel.busy-hour": {"en": "Busy hour", "zh": "忙时话务量"},
    "about.busy-hour": {
        "en": "The occupancy of the hour with the highest one; below, under Busy hours, is when it was.",
        "zh": "占用最高的一小时的话务量；具体时间见下方“忙时”。",
    },
    "panel.most-calls": {"en": "Most calls in one hour", "zh": "单小时最多呼叫"},
    "panel.per-period": {"en": "{what} per ${{period:text}}, by {by}", "zh": "每${{period:text}}{what}（按{by}）"},
    "about.per-period": {
        "en": "One bar for each period that begins in the range; calls count where they begin, occupancy where it was.",
        "zh": "时间范围内开始的每个周期一根柱；呼叫计入其开始的周期，占用时间按实际跨越的周期分摊。",
    },
    "panel.totals": {"en": "Totals by {by}", "zh": "按{by}合计"},
    "panel.before": {"en": "{what}: this range and the one before", "zh": "{what}：本期与上期"},
    "about.before": {
        "en": "The one before is as long as the chosen range and ends where it begins.",
        "zh": "上期与所选时间范围等长，紧接其前。",
    },
    "panel.change": {
        "en": "{what}: change on the ${{period:text}} before",
        "zh": "{what}：比上一${{period:text}}增减",
    },
    "panel.heat-map": {"en": "Calls by weekday and hour", "zh": "呼叫次数：星期与时段"},
    "about.heat-map": {
        "en": "Sums over the range; the extension filter does not apply.",
        "zh": "时间范围内合计；不受分机筛选影响。",
    },
    "panel.busiest-hours": {"en": "The ten busiest hours", "zh": "最忙的十个小时"},
    "panel.day-profile": {"en": "Calls by hour of the day", "zh": "全天各时段呼叫次数"},
    "about.day-profile": {
        "en": "Sums over the range; the extension filter does not apply.",
        "zh": "时间范围内合计；不受分机筛选影响。",
    },
    "panel.incoming": {"en": "Incoming calls", "zh": "呼入次数"},
    "panel.within-target": {"en": "Answered within the target", "zh": "目标时限内接听率"},
    "about.within-target": {
        "en": "Of the answered incoming calls with a reported ring time, the share within the site's target.",
        "zh": "在交换机提供振铃时长的已接呼入中，按站点目标时限内接听的比例。",
    },
    "panel.median-ring": {"en": "Ring to answer, median", "zh": "应答时长中位数"},
    "panel.p95-ring": {"en": "Ring to answer, 95th percentile", "zh": "应答时长第95百分位"},
    "panel.no-ring": {"en": "Answered, ring time not reported", "zh": "已接听但未提供振铃时长"},
    "panel.ring-over-time": {"en": "Ring to answer over time", "zh": "应答时长走势"},
    "panel.within-per-period": {
        "en": "Answered within the target, per ${period:text}",
        "zh": "每${period:text}目标时限内接听率",
    },
    "panel.mean-per-period": {"en": "Mean ring to answer, per ${period:text}", "zh": "每${period:text}平均应答时长"},
    "panel.answered-rings": {"en": "Answered calls by rings", "zh": "已接听：按振铃声数"},
    "panel.unanswered-rings": {"en": "Unanswered calls by rings", "zh": "无人接听：按振铃声数"},
    "about.answered-rings": {
        "en": "3 means: answered during the third ring. The length of a ring is the site's.",
        "zh": "3 表示在第三声振铃中接听。一声的长度以站点设置为准。",
    },
    "about.unanswered-rings": {
        "en": "How long an unanswered call rang until the caller gave up.",
        "zh": "无人接听的呼叫在主叫挂断前的振铃声数。",
    },
    "panel.outcomes": {"en": "Incoming calls per ${period:text}, by outcome", "zh": "每${period:text}呼入结果"},
    "panel.rang-over-time": {"en": "How long unanswered calls rang", "zh": "无人接听的振铃时长走势"},
    "panel.unanswered": {"en": "Unanswered calls", "zh": "无人接听"},
    "panel.gave-up": {"en": "Given up within five rings", "zh": "五声之内放弃"},
    "panel.rang-on": {"en": "Rang longer than five rings", "zh": "振铃超过五声"},
    "panel.worst.extension": {"en": "Extensions, slowest first", "zh": "分机（应答最慢者在前）"},
    "panel.worst.department": {"en": "Departments, slowest first", "zh": "部门（应答最慢者在前）"},
    "empty.calls": {"en": "No calls match this range and these filters.", "zh": "所选时间和筛选条件下没有呼叫。"},
    "empty.periods": {
        "en": "No period with calls begins in this range; choose a longer range or a shorter period.",
        "zh": "所选时间内没有包含呼叫的周期开始；请延长时间范围或缩短周期。",
    },
    "empty.change": {
        "en": "A change needs two periods with calls that begin in this range; choose a longer range.",
        "zh": "环比需要所选时间内至少两个包含呼叫的周期；请延长时间范围。",
    },
    "empty.ring": {
        "en": "not reported: no answered call here has a ring time",
        "zh": "交换机未提供：所选范围内没有带振铃时长的已接呼叫",
    },
    "empty.rang": {
        "en": "not reported: no unanswered call here has a ring time",
        "zh": "交换机未提供：所选范围内没有带振铃时长的未接呼叫",
    },
    "empty.none": {"en": "none, or ring time not reported", "zh": "没有，或交换机未提供振铃时长"},
}
"""Key -> language -> text."""


def word(key: str, language: Language) -> str:
    """Return the text of `key` in `language`. An unknown key is a programming error: `KeyError`."""
    return WORDS[key][language]
