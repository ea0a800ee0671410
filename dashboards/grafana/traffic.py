"""The dashboard *Traffic*: how much is telephoned, when, in which direction, by whom, over which lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders import barchart, common, table
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models

from dashboards.grafana.parts import COUNT, DURATION, ERLANGS, SHARE, Page, setting, transformation, variables
from dashboards.grafana.queries import (
    ANSWERED_SHARE,
    BEFORE_RANGE,
    ERLANGS_OF_RANGE,
    IN_RANGE,
    INCOMING,
    OUTCOME_KNOWN,
    PER_HOUR,
    PER_PERIOD,
    Query,
    each,
    select,
)

if TYPE_CHECKING:
    from dashboards.words import Language

CALLS: Final = 'sum("calls") AS "calls"'
ANSWERED: Final = 'sum("answered") AS "answered"'
TALK: Final = 'sum("talk_s") AS "talk_s"'
ERLANGS_OF_BUCKET: Final = 'sum("erlangs") AS "erlangs"'

GROUPS: Final = {
    "direction": "$tag_direction",
    "class": "$tag_class",
    "department": "$tag_department ",
    "trunk": "$tag_trunk ",
}
"""Tags the traffic is divided by, each with the name of its series. Points may lack a department or a trunk:
the blank keeps the name of their series from being empty."""

PROFILE_FILTERS: Final = ("site", "source", "department")
"""The measurement of the heat map is not kept per extension."""


def traffic(language: Language, timezone: str) -> Page:
    """Build the dashboard in one language; times and buckets are those of `timezone` (an IANA name)."""
    page = Page("traffic", language, timezone)
    variables(page, timezone)
    _at_a_glance(page)
    for tag in GROUPS:
        _divided(page, tag)
    _against_before(page)
    _hours(page)
    return page


def _at_a_glance(page: Page) -> None:
    page.row("glance")
    small = (4, 4)
    page.add(page.number(), "calls", small, Query("A", _hourly(CALLS)))
    share = _hourly(ANSWERED_SHARE, INCOMING, OUTCOME_KNOWN)
    page.add(page.number(decimals=1), "answered-share", small, Query("A", share), unit=SHARE)
    page.add(page.number(), "talk-time", small, Query("A", _hourly(TALK)), unit=DURATION)
    mean = _hourly(ERLANGS_OF_RANGE)
    page.add(page.number(decimals=2), "mean-erlangs", small, Query("A", mean), unit=ERLANGS)
    hours = _hourly(ERLANGS_OF_BUCKET, by=each(window="1h"))
    peak = f'SELECT max("erlangs") AS "erlangs" FROM ({hours})'
    page.add(page.number(decimals=2), "busy-hour", small, Query("A", peak), unit=ERLANGS)
    most = f'SELECT max("calls") AS "calls" FROM ({_hourly(CALLS, by=each(window="1h"))})'
    page.add(page.number(), "most-calls", small, Query("A", most))


def _divided(page: Page, tag: str) -> None:
    """Add calls, talk time and Erlangs of each period, and the totals of the range, divided by `tag`."""
    page.row(f"by.{tag}")
    measures = (("calls", CALLS, COUNT), ("talk-time", TALK, DURATION), ("erlangs", ERLANGS_OF_BUCKET, ERLANGS))
    for measure, fields, unit in measures:
        panel = page.bars()
        page.name_series(panel, tag)
        text = select(fields, "traffic", PER_PERIOD, by=each(tag, window="1h"))
        title = page.say("panel.per-period").format(what=page.say(measure), by=page.say(tag).lower())
        query = Query("A", text, alias=GROUPS[tag])
        page.add(panel, "per-period", (8, 9), query, unit=unit, empty="empty.periods", title=title)
    _totals(page, tag)


def _totals(page: Page, tag: str) -> None:
    panel = page.rows(
        ("calls", "calls", COUNT),
        ("answered", "answered", COUNT),
        ("talk_s", "talk-time", DURATION),
        ("erlangs", "mean-erlangs", ERLANGS),
        sort=("calls", True),
    )
    page.name_rows(panel, tag)
    fields = f"{CALLS}, {ANSWERED}, {TALK}, {ERLANGS_OF_RANGE}"
    query = Query("A", _hourly(fields, by=each(tag)), table=True)
    title = page.say("panel.totals").format(by=page.say(tag).lower())
    page.add(panel, "totals", (24, 8), query, title=title)


def _against_before(page: Page) -> None:
    page.row("before")
    measures = (
        ("calls", _hourly(CALLS), COUNT, 0),
        ("talk-time", _hourly(TALK), DURATION, 0),
        ("mean-erlangs", _hourly(ERLANGS_OF_RANGE), ERLANGS, 2),
        ("answered-share", _hourly(ANSWERED_SHARE, INCOMING, OUTCOME_KNOWN), SHARE, 1),
    )
    for measure, text, unit, decimals in measures:
        now = Query("A", text, alias=page.say("this-range"))
        before = Query("B", text.replace(IN_RANGE, BEFORE_RANGE), alias=page.say("range-before"))
        title = page.say("panel.before").format(what=page.say(measure))
        page.add(page.number(decimals=decimals), "before", (6, 4), now, before, unit=unit, title=title)
    for measure, fields, unit in (("calls", CALLS, COUNT), ("talk-time", TALK, DURATION)):
        inner = select(fields, "traffic", PER_PERIOD, by=each(window="1h"))
        name = fields.rpartition(" ")[2]
        change = Query("A", f'SELECT difference({name}) AS "change" FROM ({inner})', alias=page.say("change"))
        title = page.say("panel.change").format(what=page.say(measure))
        page.add(page.bars(stacked=False), "change", (12, 8), change, unit=unit, empty="empty.change", title=title)


def _hours(page: Page) -> None:
    page.row("hours")
    matrix = select(CALLS, "profile", by=each("weekday", "hour"), filters=PROFILE_FILTERS)
    page.add(_heat_map(page), "heat-map", (24, 10), Query("A", matrix))
    top = f'SELECT top("erlangs", 10) AS "erlangs" FROM ({_hourly(ERLANGS_OF_BUCKET, by=each(window="1h"))})'
    busiest = page.rows(("erlangs", "erlangs", ERLANGS), sort=("erlangs", True), timed=True)
    page.add(busiest, "busiest-hours", (10, 10), Query("A", top, table=True))
    profile = select(CALLS, "profile", by=each("hour"), filters=PROFILE_FILTERS)
    page.add(_day_profile(page), "day-profile", (14, 10), Query("A", profile, table=True))


def _heat_map(page: Page) -> table.Panel:
    """Return weekdays down, hours across, the more calls the darker."""
    colour = {"mode": models.FieldColorModeId.CONTINUOUS_BLUES}
    cells = setting("custom.cellOptions", {"type": "color-background", "mode": "basic"})
    # An hour of a weekday without calls gives no point.
    none = setting("noValue", "0")
    panel = (
        table.Panel()
        .with_transformation(transformation("labelsToFields", mode="columns", valueLabel="hour"))
        .with_transformation(transformation("organize", excludeByName={"Time": True}))
        .with_transformation(transformation("sortBy", sort=[{"field": "weekday"}]))
        .override_by_regexp(r"^\d\d$", [cells, none, setting("color", colour), setting("custom.width", 52)])
    )
    page.name_rows(panel, "weekday")
    return panel


def _day_profile(page: Page) -> barchart.Panel:
    panel = (
        barchart.Panel()
        .x_field("hour")
        .show_value(kinds.VisibilityMode.NEVER)
        .legend(common.VizLegendOptions().show_legend(show_legend=False).calcs([]))
        .with_transformation(transformation("organize", excludeByName={"Time": True}))
    )
    page.name_one(panel, "calls", "calls")
    return panel


def _hourly(fields: str, *conditions: str, by: str = "") -> str:
    """Select from the hours in range, whatever period is shown: their sum is right for any range."""
    return select(fields, "traffic", PER_HOUR, *conditions, by=by)
