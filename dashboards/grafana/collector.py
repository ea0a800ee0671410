"""The dashboard *Collector*: whether every byte is accounted for, and how links, clocks, outputs and alarms are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.grafana.parts import BYTES, COUNT, DURATION, SECONDS, SHARE, Page, setting, variables
from dashboards.grafana.queries import Query, each, select

if TYPE_CHECKING:
    from dashboards.words import Language

FILTERS: Final = ("site", "source")
_TERMS: Final = ("received", "records", "rejected", "noise", "pending", "unaccounted")


def collector(language: Language, timezone: str) -> Page:
    """Build the dashboard in one language; times are those of `timezone` (an IANA name)."""
    page = Page("collector", language, timezone)
    page.board.time("now-24h", "now")
    variables(page, timezone, tags=FILTERS, period=False)
    _at_a_glance(page)
    _bytes(page)
    _lines(page)
    _outputs(page)
    return page


def _at_a_glance(page: Page) -> None:
    page.row("glance")
    size = (6, 4)
    unaccounted = _sources("sum(unaccounted) AS unaccounted", 'last("unaccounted") AS unaccounted')
    page.add(page.number(), "unaccounted", size, Query("A", unaccounted), unit=BYTES, empty="empty.figures")
    down = _sources("count(link) - sum(link) AS down", 'last("link") AS link')
    page.add(page.number(), "links-down", size, Query("A", down), empty="empty.figures")
    lag = _outer("max(lag) AS lag", 'last("lag_calls") AS lag', "collector_output", "output")
    page.add(page.number(), "lag", size, Query("A", lag), empty="empty.figures")
    standing = select('last("standing") AS "standing"', "collector_alarms", filters=("site",))
    page.add(page.number(), "alarms-standing", size, Query("A", standing), empty="empty.figures")


def _bytes(page: Page) -> None:
    """The identity, source by source, with the lines that were not understood a click away."""
    page.row("conservation")
    panel = page.rows(*((name, f"bytes.{name}", BYTES) for name in _TERMS), sort=("source", False))
    page.name_rows(panel, "source")
    panel.override_by_name(
        "rejected_lines",
        [
            setting("displayName", page.say("rejected-lines")),
            setting("unit", COUNT),
            setting(
                "links",
                [
                    {
                        "title": page.say("show-rejected"),
                        "url": "${console:raw}/lines/${__data.fields.source}",
                        "targetBlank": True,
                    }
                ],
            ),
        ],
    )
    last = ", ".join(f'last("{name}") AS "{name}"' for name in (*_TERMS, "rejected_lines"))
    page.add(
        panel,
        "conservation",
        (24, 8),
        Query("A", _of("collector", last, by=each("source")), table=True),
        empty="empty.figures",
    )
    reasons = page.rows(("lines", "rejected-lines", COUNT), sort=("rejected-lines", True))
    page.name_rows(reasons, "reason")
    lines = _outer("sum(lines) AS lines", 'last("lines") AS lines', "collector_rejected", "reason", "source")
    page.add(reasons, "by-reason", (12, 8), Query("A", lines + each("reason"), table=True), empty="empty.rejected")
    more = 'non_negative_difference(last("rejected_lines")) AS "rejected_lines"'
    over_time = Query("A", _of("collector", more, by=each("source", window="$__interval")), alias="$tag_source")
    page.add(page.bars().interval("1m"), "rejected-over-time", (12, 8), over_time, empty="empty.figures")


def _lines(page: Page) -> None:
    page.row("links")
    half = (12, 8)
    for field, key, calculation, unit in (
        ("link", "link-up", "mean", SHARE),
        ("silent_s", "silent", "max", DURATION),
        ("drift_s", "drift", "mean", SECONDS),
    ):
        text = _of("collector", f'{calculation}("{field}") AS "{field}"', by=each("source", window="$__interval"))
        panel = page.lines().interval("1m")
        if unit == SHARE:
            panel.min(0).max(1)
        page.add(
            panel,
            key,
            half,
            Query("A", text, alias="$tag_source"),
            unit=unit,
            empty="empty.drift" if field == "drift_s" else "empty.figures",
        )
    text = _of(
        "collector", 'non_negative_difference(last("calls")) AS "calls"', by=each("source", window="$__interval")
    )
    page.add(
        page.bars().interval("1m"), "calls-stored", half, Query("A", text, alias="$tag_source"), empty="empty.figures"
    )


def _outputs(page: Page) -> None:
    page.row("outputs")
    half = (12, 8)
    text = select(
        'max("lag_calls") AS "lag"', "collector_output", filters=("site",), by=each("output", window="$__interval")
    )
    page.add(
        page.lines().interval("1m"), "lag-over-time", half, Query("A", text, alias="$tag_output"), empty="empty.figures"
    )
    text = select('max("standing") AS "standing"', "collector_alarms", filters=("site",), by=each(window="$__interval"))
    page.add(
        page.lines().interval("1m"),
        "alarms-over-time",
        half,
        Query("A", text, alias=page.say("panel.alarms-standing")),
        empty="empty.figures",
    )


def _of(measurement: str, fields: str, by: str = "") -> str:
    return select(fields, measurement, by=by, filters=FILTERS)


def _sources(outer: str, inner: str) -> str:
    return _outer(outer, inner, "collector", "source")


def _outer(outer: str, inner: str, measurement: str, *tags: str) -> str:
    """Select from the newest figures of each, as those of a sum are not found by one SELECT."""
    filters = ("site",) if measurement == "collector_output" else FILTERS
    newest = select(
        inner, measurement, filters=filters, by=" GROUP BY " + ", ".join(f'"{tag}"' for tag in ("site", *tags))
    )
    return f"SELECT {outer} FROM ({newest})"
