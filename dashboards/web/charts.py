"""ECharts options for the console's charts.

Text that comes from a PBX reaches a chart only as an axis label or a series value, never as a formatter, a rich
text or an object key: ECharts draws labels on a canvas and escapes names in its own tooltips.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboards.web import figures, look
from dashboards.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nicegui import ui

    from dashboards.web.look import Theme
    from dashboards.web.summaries import Answering, Distribution, Profile, RingTimes, Target, Traffic
    from dashboards.words import Language

Options = dict[str, Any]

FEW_BARS = 62
COST: str = look.CLASSES["domestic"]


def empty(theme: Theme) -> Options:
    """Return a chart without anything in it, and so without words for those who do not see it."""
    return {**_base(theme), "aria": {"enabled": False}}


def put(chart: ui.echart, options: Options) -> None:
    """Show ``options`` in ``chart`` instead of what it shows."""
    chart.options.clear()
    chart.options.update(options)
    chart.update()


def traffic(summary: Traffic, labels: Sequence[str], beside: str, theme: Theme, language: Language) -> Options:
    """Calls by direction over talk time over Erlangs, on one time axis; ``beside`` names what bars are set against."""
    bars = [
        _bars(word(f"direction.{direction}", language), values, look.DIRECTIONS[direction], stack="calls")
        for direction, values in _in_order(summary.calls).items()
    ]
    hours = word("console.unit.h", language)
    before = _ticks(beside, summary.before_calls, theme.text)
    talk = _bars(word("talk-time", language), [figures.hours(s) for s in summary.talk_s], look.TALK, grid=1, unit=hours)
    erlangs = _line(
        word("console.erlangs", language),
        [None if value is None else round(value, 3) for value in summary.erlangs],
        look.ERLANGS,
        grid=2,
        unit="Erl",
        area=True,
    )
    names = [word(key, language) for key in ("console.calls_axis", "console.talk_axis", "console.erlangs_axis")]
    return {
        **_base(theme),
        "grid": [
            {"left": 56, "right": 16, "top": 48, "height": "41%"},
            {"left": 56, "right": 16, "top": "60%", "height": "13%"},
            {"left": 56, "right": 16, "top": "81%", "height": "13%"},
        ],
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "xAxis": [_categories(labels, theme, grid=number, labelled=number == 2) for number in range(3)],
        "yAxis": [_values(name, theme, grid=number) for number, name in enumerate(names)],
        "legend": _legend([*(bar["name"] for bar in bars), before["name"]], theme),
        "series": [*bars, before, talk, erlangs],
    }


def calls_over_time(
    calls: dict[str, list[int]],
    before: list[int | None],
    shares: list[float | None],
    labels: Sequence[str],
    beside: str,
    theme: Theme,
    language: Language,
) -> Options:
    """Calls by direction over the share that was answered; ``beside`` names what bars are set against."""
    bars = [
        _bars(word(f"direction.{direction}", language), values, look.DIRECTIONS[direction], stack="calls")
        for direction, values in _in_order(calls).items()
    ]
    percents = [None if share is None else round(share * 100, 1) for share in shares]
    answered = _line(
        word("answered-share", language), percents, look.OUTCOMES["answered"], grid=1, unit="%", points=True
    )
    ticks = _ticks(beside, before, theme.text)
    return {
        **_base(theme),
        "grid": [
            {"left": 56, "right": 16, "top": 48, "height": "44%"},
            {"left": 56, "right": 16, "top": "75%", "height": "16%"},
        ],
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "xAxis": [_categories(labels, theme, grid=number, labelled=number == 1) for number in range(2)],
        "yAxis": [
            _values(word("console.calls_axis", language), theme),
            {**_values(word("console.answered_axis", language), theme, grid=1), "max": 100},
        ],
        "legend": _legend([*(bar["name"] for bar in bars), ticks["name"]], theme),
        "series": [*bars, ticks, answered],
    }


def busiest_hours(peaks: Sequence[float], labels: Sequence[str], theme: Theme, language: Language) -> Options:
    """Erlangs of the busiest hour of each bucket."""
    name = word("console.busy_hour", language)
    return {
        **_base(theme),
        "grid": {"left": 56, "right": 16, "top": 30, "bottom": 28},
        "xAxis": _categories(labels, theme),
        "yAxis": _values(word("console.erlangs_axis", language), theme),
        "series": [_bars(name, [round(value, 3) for value in peaks], look.ERLANGS, unit="Erl")],
    }


def cost(
    by_class: dict[str, list[int]], labels: Sequence[str], currency: str, theme: Theme, language: Language
) -> Options:
    """What calls of each class cost in each bucket; amounts are millionths."""
    bars = [
        _bars(
            word(f"class.{class_}", language),
            [round(micros / 1e6, 2) for micros in amounts],
            look.CLASSES[class_],
            stack="cost",
            unit=currency,
        )
        for class_, amounts in by_class.items()
    ]
    return {
        **_base(theme),
        "grid": {"left": 64, "right": 16, "top": 48, "bottom": 28},
        "xAxis": _categories(labels, theme),
        "yAxis": _values(currency, theme),
        "legend": _legend([bar["name"] for bar in bars], theme),
        "series": bars,
    }


def heat_map(means: Sequence[Sequence[float]], theme: Theme, language: Language) -> Options:
    """Mean calls per weekday (rows, Monday first) and hour of day."""
    cells = [[hour, weekday, round(calls, 2)] for weekday, line in enumerate(means) for hour, calls in enumerate(line)]
    return {
        **_base(theme),
        "tooltip": {
            **_tooltip(theme),
            "trigger": "item",
            ":valueFormatter": _unit(word("console.calls_per_hour", language)),
        },
        "grid": {"left": 44, "right": 12, "top": 8, "bottom": 54},
        "xAxis": {**_categories([f"{hour:02}" for hour in range(24)], theme), "name": "", "splitArea": {"show": False}},
        "yAxis": {
            **_categories([word(f"console.weekday.{day}", language) for day in range(1, 8)], theme),
            "inverse": True,
        },
        "visualMap": {
            "min": 0,
            "max": max(1, *(cell[2] for cell in cells)),
            "calculable": False,
            "orient": "horizontal",
            "left": "center",
            "bottom": 0,
            "itemWidth": 10,
            "itemHeight": 160,
            "text": [word("console.calls_per_hour", language), "0"],
            "textStyle": {"color": theme.dim, "fontSize": 11},
            "inRange": {"color": list(theme.heat)},
        },
        "series": [
            {
                "type": "heatmap",
                "name": word("console.heat_map", language),
                "data": cells,
                "itemStyle": {"borderColor": theme.card, "borderWidth": 2, "borderRadius": 3},
            }
        ],
    }


def day_profile(profile: Profile, theme: Theme, language: Language) -> Options:
    """Mean Erlangs per hour of day, the busiest hour marked."""
    busiest = max(profile.day_erlangs)
    return {
        **_base(theme),
        "grid": {"left": 48, "right": 12, "top": 30, "bottom": 28},
        "xAxis": _categories([f"{hour:02}" for hour in range(24)], theme),
        "yAxis": _values("Erl", theme),
        "series": [
            {
                "type": "bar",
                "name": word("console.erlangs", language),
                "barCategoryGap": "25%",
                "tooltip": {":valueFormatter": _unit("Erl")},
                "data": [
                    {
                        "value": round(value, 3),
                        "itemStyle": {
                            "color": look.ERLANGS if value == busiest and busiest else look.BEFORE,
                            "borderRadius": [2, 2, 0, 0],
                        },
                    }
                    for value in profile.day_erlangs
                ],
            }
        ],
    }


def ring_times(
    buckets: Sequence[RingTimes], labels: Sequence[str], target: Target, theme: Theme, language: Language
) -> Options:
    """Percentiles of the ring-to-answer time over the share answered within the target."""
    unit = word("console.unit.s", language)
    lines = [
        _line(word(name, language), [getattr(times, name) for times in buckets], colour, unit=unit, points=True)
        for name, colour in look.PERCENTILES.items()
    ]
    lines[0]["markLine"] = {
        "silent": True,
        "symbol": "none",
        "data": [{"yAxis": target.seconds}],
        "lineStyle": {"color": look.OUTCOMES["answered"], "type": "dashed"},
        "label": {
            "formatter": figures.seconds(target.seconds, language),
            "color": theme.dim,
            "position": "insideEndTop",
        },
    }
    shares = [figures.share(times.within, times.known) for times in buckets]
    within = _bars(
        word("within-target", language),
        [None if share is None else round(share * 100, 1) for share in shares],
        look.OUTCOMES["answered"],
        grid=1,
        unit="%",
    )
    return {
        **_base(theme),
        "grid": [
            {"left": 56, "right": 16, "top": 48, "height": "48%"},
            {"left": 56, "right": 16, "top": "71%", "height": "23%"},
        ],
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "xAxis": [_categories(labels, theme, grid=number, labelled=number == 1) for number in range(2)],
        "yAxis": [
            _values(word("console.seconds_axis", language), theme),
            {**_values(word("console.within_axis", language), theme, grid=1), "max": 100},
        ],
        "legend": _legend([line["name"] for line in lines], theme),
        "series": [*lines, within],
    }


def answered_after(summary: Answering, target: Target, theme: Theme, language: Language) -> Options:
    """Answered calls per number of rings; those within the target stand out."""
    colours = (look.OUTCOMES["answered"], look.OUTCOMES["unanswered"])
    return _rings(summary.answered_after, target, colours, theme, language)


def unanswered_after(summary: Answering, target: Target, theme: Theme, language: Language) -> Options:
    """Unanswered calls per number of rings; those that rang beyond the target stand out."""
    colours = (look.BEFORE, look.OUTCOMES["failed"])
    return _rings(summary.unanswered_after, target, colours, theme, language)


def _rings(
    distribution: Distribution, target: Target, colours: tuple[str, str], theme: Theme, language: Language
) -> Options:
    labels = [str(rings) for rings in range(len(distribution.rings) - 1)]
    labels.append(f">{labels[-1]}")
    data = [
        {"value": calls, "itemStyle": {"color": colours[rings > target.rings], "borderRadius": [2, 2, 0, 0]}}
        for rings, calls in enumerate(distribution.rings)
    ]
    categories = _categories(labels, theme)
    categories["axisLabel"] |= {"interval": 0, "hideOverlap": False}
    return {
        **_base(theme),
        "grid": {"left": 56, "right": 24, "top": 30, "bottom": 40},
        "xAxis": {**categories, "name": word("console.rings_axis", language), "nameLocation": "middle", "nameGap": 26},
        "yAxis": _values(word("console.calls_axis", language), theme),
        "series": [{"type": "bar", "name": word("calls", language), "barCategoryGap": "20%", "data": data}],
    }


def _base(theme: Theme) -> Options:
    return {
        "animationDuration": 200,
        "animationDurationUpdate": 200,
        "aria": {"enabled": True},
        "textStyle": {"fontFamily": "inherit", "color": theme.text},
        "tooltip": {**_tooltip(theme), "trigger": "axis"},
    }


def _tooltip(theme: Theme) -> Options:
    return {
        "confine": True,
        "backgroundColor": theme.card,
        "borderColor": theme.line,
        "textStyle": {"color": theme.text, "fontSize": 12},
    }


def _legend(names: Sequence[str], theme: Theme) -> Options:
    return {
        "data": list(names),
        "top": 0,
        "right": 8,
        "type": "scroll",
        "left": 56,
        "itemWidth": 12,
        "itemHeight": 8,
        "textStyle": {"color": theme.dim},
    }


def _categories(labels: Sequence[str], theme: Theme, *, grid: int = 0, labelled: bool = True) -> Options:
    return {
        "type": "category",
        "gridIndex": grid,
        "data": list(labels),
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": theme.line}},
        "axisLabel": {"show": labelled, "color": theme.dim, "fontSize": 11, "hideOverlap": True},
        "nameTextStyle": {"color": theme.dim, "fontSize": 11},
    }


def _values(name: str, theme: Theme, *, grid: int = 0) -> Options:
    return {
        "type": "value",
        "gridIndex": grid,
        "name": name,
        "min": 0,
        "splitNumber": 4 if grid == 0 else 2,
        "nameTextStyle": {"color": theme.dim, "fontSize": 11, "align": "left", "padding": [0, 0, 0, -44]},
        "nameGap": 10,
        "axisLabel": {"color": theme.dim, "fontSize": 11},
        "splitLine": {"lineStyle": {"color": theme.line}},
    }


def _bars(
    name: str, values: Sequence[float | None], colour: str, *, grid: int = 0, unit: str = "", stack: str | None = None
) -> Options:
    return {
        "type": "bar",
        "name": name,
        "xAxisIndex": grid,
        "yAxisIndex": grid,
        "stack": stack,
        "barMaxWidth": 44,
        "barCategoryGap": "25%",
        "itemStyle": {"color": colour},
        "emphasis": {"disabled": True},
        "tooltip": {":valueFormatter": _unit(unit)},
        "data": list(values),
    }


def _line(
    name: str,
    values: Sequence[float | None],
    colour: str,
    *,
    grid: int = 0,
    unit: str = "",
    area: bool = False,
    points: bool = False,
) -> Options:
    return {
        "type": "line",
        "name": name,
        "xAxisIndex": grid,
        "yAxisIndex": grid,
        "symbol": "circle" if points else "none",
        "symbolSize": 4,
        "itemStyle": {"color": colour},
        "lineStyle": {"color": colour, "width": 1.5},
        **({"areaStyle": {"color": colour, "opacity": 0.15}} if area else {}),
        "emphasis": {"disabled": True},
        "tooltip": {":valueFormatter": _unit(unit)},
        "data": list(values),
    }


def _ticks(name: str, values: Sequence[float | None], colour: str) -> Options:
    """Short strokes across bars: what the bars are compared with."""
    return {
        **_line(name, values, colour),
        "lineStyle": {"width": 0},
        "symbol": "rect",
        "symbolSize": [12 if len(values) <= FEW_BARS else 3, 2],
        "showAllSymbol": True,
        "z": 5,
    }


def _unit(unit: str) -> str:
    """JavaScript that writes a value with its unit; ``unit`` is a word of ours."""
    return f"value => value == null ? '{figures.NONE}' : value.toLocaleString() + ' {unit}'"


def _in_order(calls: dict[str, list[int]]) -> dict[str, list[int]]:
    return {direction: calls[direction] for direction in look.DIRECTIONS if direction in calls}
