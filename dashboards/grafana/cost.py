"""The dashboard *Cost*: what calls cost, per department, class, line, extension, carrier prefix and number range.

Costs are those of the tariff, in its currency. A call that no price fits has none, and is not counted as one that costs 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.grafana.parts import COUNT, DURATION, SHARE, Page, variables
from dashboards.grafana.queries import BEFORE_RANGE, IN_RANGE, PER_HOUR, PER_PERIOD, Query, each, select

if TYPE_CHECKING:
    from dashboards.words import Language

MONEY: Final = COUNT
"""Amounts carry no sign: the currency is the site's."""
COST: Final = 'sum("cost") AS "cost"'
SPENT: Final = '"cost" > 0'
PAID: Final = 'count("cost") AS "calls"'
TALK: Final = 'sum("talk_s") AS "talk_s"'
OF_DEPARTMENT: Final = ("site", "department")
AT_LAST: Final = "time > ${__to}ms - 2h AND time <= ${__to}ms"
"""The end of the dashboard's range: an hour may be told some minutes after its begin. What was told of earlier ones may be
of ranges that are among the dearest no more."""
SERIES: Final = {"department": "$tag_department ", "class": "$tag_class", "trunk": "$tag_trunk "}
"""Tags the cost is divided by over time. The blank keeps a series without the tag from having no name."""


def cost(language: Language, timezone: str) -> Page:
    """Build the dashboard in one language; times and buckets are those of `timezone` (an IANA name)."""
    page = Page("cost", language, timezone)
    variables(page, timezone)
    _at_a_glance(page)
    _over_time(page)
    _totals(page)
    _month(page)
    return page


def _at_a_glance(page: Page) -> None:
    page.row("glance")
    sums = _hourly(COST)
    now = Query("A", sums, alias=page.say("this-range"))
    before = Query("B", sums.replace(IN_RANGE, BEFORE_RANGE), alias=page.say("range-before"))
    page.add(page.number(decimals=2), "cost-before", (8, 4), now, before, unit=MONEY, empty="empty.cost")
    page.add(page.number(), "paid-calls", (4, 4), Query("A", _calls(PAID)), empty="empty.cost")
    page.add(
        page.number(), "paid-talk", (4, 4), Query("A", _calls(TALK, '"cost" >= 0')), unit=DURATION, empty="empty.cost"
    )
    for key, fields in (("mean-cost", 'mean("cost") AS "cost"'), ("dearest", 'max("cost") AS "cost"')):
        page.add(page.number(decimals=2), key, (4, 4), Query("A", _calls(fields)), unit=MONEY, empty="empty.cost")


def _over_time(page: Page) -> None:
    page.row("spent")
    for tag, alias in SERIES.items():
        panel = page.bars()
        page.name_series(panel, tag)
        text = select(COST, "traffic", PER_PERIOD, SPENT, by=each(tag, window="1h"))
        title = page.say("panel.per-period").format(what=page.say("cost"), by=page.say(tag).lower())
        query = Query("A", text, alias=alias)
        page.add(panel, "cost-per-period", (8, 9), query, unit=MONEY, empty="empty.cost", title=title)


def _totals(page: Page) -> None:
    page.row("cost-totals")
    columns = (("calls", "paid-calls", COUNT), ("talk_s", "talk-time", DURATION), ("cost", "cost", MONEY))
    for tag in ("department", "extension", "class", "carrier"):
        panel = page.rows(*columns, sort=("cost", True))
        page.name_rows(panel, tag)
        query = Query("A", _calls(f"{PAID}, {TALK}, {COST}", '"cost" >= 0', by=each(tag)), table=True)
        title = page.say("panel.cost-totals").format(by=page.say(tag).lower())
        page.add(panel, "cost-totals", (12, 9), query, empty="empty.cost", title=title)


def _month(page: Page) -> None:
    """What this month comes to, and what the budgets have left. Both are told every hour: the last is what holds."""
    page.row("month")
    for key, name in (("month-spent", "spent"), ("month-forecast", "forecast")):
        hours = select(f'sum("{name}") AS "{name}"', "month_cost", by=each(window="1h"), filters=OF_DEPARTMENT)
        query = Query("A", f'SELECT last("{name}") AS "{name}" FROM ({hours})')
        page.add(page.number(decimals=2), key, (4, 9), query, unit=MONEY, empty="empty.cost")
    panel = page.rows(
        ("spent", "panel.month-spent", MONEY),
        ("forecast", "panel.month-forecast", MONEY),
        sort=("panel.month-forecast", True),
    )
    page.name_rows(panel, "department")
    fields = 'last("spent") AS "spent", last("forecast") AS "forecast"'
    text = select(fields, "month_cost", by=each("department"), filters=OF_DEPARTMENT)
    page.add(panel, "month-departments", (16, 9), Query("A", text, table=True), empty="empty.cost")
    _ranges(page)
    panel = page.rows(
        ("available", "budget-available", MONEY),
        ("spent", "panel.month-spent", MONEY),
        ("share", "budget-share", SHARE),
        ("forecast", "panel.month-forecast", MONEY),
        sort=("budget-share", True),
    )
    page.name_rows(panel, "owner")
    fields = ", ".join(f'last("{name}") AS "{name}"' for name in ("available", "spent", "share", "forecast"))
    text = select(fields, "budget", by=each("owner"), filters=("site",))
    page.add(panel, "budgets", (12, 10), Query("A", text, table=True), empty="empty.budgets")
    text = select('last("share") AS "share"', "budget", by=each("owner", window="$__interval"), filters=("site",))
    lines = page.lines().interval("1h").min(0)
    page.add(
        lines, "budgets-over-time", (12, 10), Query("A", text, alias="$tag_owner"), unit=SHARE, empty="empty.budgets"
    )


def _ranges(page: Page) -> None:
    panel = page.rows(
        ("range", "report.range", COUNT),
        ("place", "report.place", COUNT),
        ("calls", "calls", COUNT),
        ("talk_s", "talk-time", DURATION),
        ("cost", "cost", MONEY),
        sort=("cost", True),
    )
    fields = ", ".join(f'last("{name}") AS "{name}"' for name in ("calls", "talk_s", "cost", "place"))
    of_sites = select(fields, "number_range", by=each("range", "site"), time=AT_LAST, filters=("site",))
    fields = ", ".join(f'sum("{name}") AS "{name}"' for name in ("calls", "talk_s", "cost"))
    text = f'SELECT {fields}, last("place") AS "place" FROM ({of_sites}){each("range")}'
    page.add(panel, "month-ranges", (24, 10), Query("A", text, table=True), empty="empty.ranges")


def _hourly(fields: str) -> str:
    """Select from the hours in range in which something was spent."""
    return select(fields, "traffic", PER_HOUR, SPENT)


def _calls(fields: str, *conditions: str, by: str = "") -> str:
    """Select from the calls in range; those without a cost have no such field."""
    return select(fields, "call", *conditions, by=by)
