"""The dashboard *Trunks*: how busy lines are, how many are held at once, when all of them are, how many are needed.

A trunk group is all lines of one source. What InfluxQL cannot work out is in the measurement ``trunk_hour``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.grafana.parts import COUNT, DURATION, ERLANGS, SHARE, Page, variables
from dashboards.grafana.queries import ERLANGS_OF_RANGE, PER_HOUR, Query, each, select

if TYPE_CHECKING:
    from dashboards.words import Language

FILTERS: Final = ("site", "source")
MEASUREMENT: Final = "trunk_hour"
ON_A_TRUNK: Final = "\"trunk\" != ''"
BUSIEST: Final = 'max("erlangs") AS "erlangs"'
PEAK: Final = 'max("peak") AS "peak"'
LINES: Final = 'max("lines") AS "lines"'
NEEDED: Final = 'max("needed") AS "needed"'
BUSY: Final = 'sum("busy_s") AS "busy_s"'


def trunks(language: Language, timezone: str) -> Page:
    """Build the dashboard in one language; times and buckets are those of `timezone` (an IANA name)."""
    page = Page("trunks", language, timezone)
    variables(page, timezone, tags=FILTERS, period=False)
    _at_a_glance(page)
    _over_time(page)
    _by_source(page)
    _by_trunk(page)
    return page


def _at_a_glance(page: Page) -> None:
    page.row("glance")
    for key, fields, unit, decimals in (
        ("busiest-hour", BUSIEST, ERLANGS, 2),
        ("held-at-once", PEAK, COUNT, 0),
        ("lines-used", LINES, COUNT, 0),
        ("lines-needed", NEEDED, COUNT, 0),
        ("all-busy", BUSY, DURATION, 0),
    ):
        page.add(page.number(decimals=decimals), key, (5 if key != "all-busy" else 4, 4), _of_groups(fields), unit=unit)


def _over_time(page: Page) -> None:
    page.row("lines-over-time")
    erlangs = _of_groups('sum("erlangs") AS "erlangs"', "source", window="1h")
    page.add(page.bars(), "group-erlangs", (24, 9), erlangs, unit=ERLANGS, empty="empty.trunks")
    half = (12, 8)
    daily = _of_groups(BUSIEST, "source", window="1d")
    page.add(page.bars(stacked=False), "busy-hour-of-day", half, daily, unit=ERLANGS, empty="empty.trunks")
    for key, fields, unit in (("held-over-time", PEAK, COUNT), ("needed-over-time", NEEDED, COUNT)):
        panel = page.lines().interval("1h")
        page.add(panel, key, half, _of_groups(fields, "source", window="$__interval"), unit=unit, empty="empty.trunks")
    busy = _of_groups(BUSY, "source", window="1d")
    page.add(page.bars(), "busy-over-time", half, busy, unit=DURATION, empty="empty.trunks")


def _by_source(page: Page) -> None:
    page.row("by-source")
    panel = page.rows(
        ("calls", "calls", COUNT),
        ("mean", "mean-erlangs", ERLANGS),
        ("erlangs", "panel.busiest-hour", ERLANGS),
        ("peak", "panel.held-at-once", COUNT),
        ("lines", "panel.lines-used", COUNT),
        ("needed", "panel.lines-needed", COUNT),
        ("busy_s", "panel.all-busy", DURATION),
        sort=("panel.busiest-hour", True),
    )
    page.name_rows(panel, "source")
    mean = ERLANGS_OF_RANGE.replace('AS "erlangs"', 'AS "mean"')
    fields = f'sum("calls") AS "calls", {mean}, {BUSIEST}, {PEAK}, {LINES}, {NEEDED}, {BUSY}'
    text = select(fields, MEASUREMENT, by=each("source"), filters=FILTERS)
    page.add(panel, "groups", (24, 7), Query("A", text, table=True), empty="empty.trunks")
    busiest = page.rows(
        ("source", "source", COUNT),
        ("erlangs", "erlangs", ERLANGS),
        ("peak", "panel.held-at-once", COUNT),
        ("needed", "panel.lines-needed", COUNT),
        sort=("erlangs", True),
        timed=True,
    )
    top = select('top("erlangs", 10) AS "erlangs", "peak", "needed", "source"', MEASUREMENT, filters=FILTERS)
    page.add(busiest, "busiest-hours", (24, 9), Query("A", top, table=True), empty="empty.trunks")


def _by_trunk(page: Page) -> None:
    page.row("by.trunk")
    panel = page.rows(
        ("calls", "calls", COUNT),
        ("talk_s", "talk-time", DURATION),
        ("erlangs", "mean-erlangs", ERLANGS),
        ("busiest", "busiest-share", SHARE),
        sort=("mean-erlangs", True),
    )
    page.name_rows(panel, "trunk")
    fields = f'sum("calls") AS "calls", sum("talk_s") AS "talk_s", {ERLANGS_OF_RANGE}'
    used = select(fields, "traffic", PER_HOUR, ON_A_TRUNK, by=each("trunk"), filters=FILTERS)
    hours = select(
        'sum("erlangs") AS "hour"',
        "traffic",
        PER_HOUR,
        ON_A_TRUNK,
        by=' GROUP BY time(1h), "source", "trunk" fill(none)',
        filters=FILTERS,
    )
    busiest = f'SELECT max("hour") AS "busiest" FROM ({hours})' + each("trunk")
    page.add(
        panel,
        "trunk-hours",
        (24, 12),
        Query("A", used, table=True),
        Query("B", busiest, table=True),
        empty="empty.trunks",
    )


def _of_groups(fields: str, *tags: str, window: str = "") -> Query:
    by = each(*tags, window=window) if tags else ""
    return Query("A", select(fields, MEASUREMENT, by=by, filters=FILTERS), alias="$tag_source" if tags else "")
