"""The dashboard *People*: which missed calls were returned in time, and how well whoever is called answers.

A row of the people is an extension, with who held it last: names are fields, so that they do not multiply series.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.grafana.answering import ANSWERED_CALL, CALLS, PERCENTILES
from dashboards.grafana.parts import BAR, COUNT, SECONDS, SHARE, Page, variables
from dashboards.grafana.queries import INCOMING, Query, each, select

if TYPE_CHECKING:
    from dashboards.words import Language

MISSED: Final = 'count("returned") AS "missed"'
RETURNED: Final = 'sum("returned") AS "returned"'
OPEN: Final = 'count("returned") - sum("returned") AS "open"'
RETURNED_SHARE: Final = 'sum("returned") / count("returned") AS "share"'
ANSWERED_SHARE: Final = 'sum("answered") / sum("calls") AS "answered"'
OUTCOME_KNOWN: Final = "\"outcome\" != 'unknown'"
WITHIN: Final = 'sum("within_target") / count("within_target") AS "within"'


def people(language: Language, timezone: str) -> Page:
    """Build the dashboard in one language; times and buckets are those of `timezone` (an IANA name)."""
    page = Page("people", language, timezone, "direction=incoming")
    variables(page, timezone, period=False)
    _at_a_glance(page)
    _over_time(page)
    _who(page)
    _operators(page)
    return page


def _at_a_glance(page: Page) -> None:
    page.row("glance")
    for key, fields, unit, decimals in (
        ("missed-calls", MISSED, COUNT, 0),
        ("returned", RETURNED, COUNT, 0),
        ("not-returned", OPEN, COUNT, 0),
        ("returned-share", RETURNED_SHARE, SHARE, 1),
    ):
        panel = page.number(decimals=decimals)
        page.add(panel, key, (5, 4), Query("A", _calls(fields)), unit=unit, empty="empty.missed")
    answered = _calls(ANSWERED_SHARE, OUTCOME_KNOWN)
    page.add(page.number(decimals=1), "answered-share", (4, 4), Query("A", answered), unit=SHARE)


def _over_time(page: Page) -> None:
    page.row("missed")
    bars = page.bars()
    for name, key in (("returned", "returned"), ("open", "not-returned")):
        page.name_one(bars, name, key, BAR + "day", "outcome=unanswered")
    text = _calls(f"{RETURNED}, {OPEN}", by=each(window="1d"))
    page.add(bars, "missed-per-day", (12, 9), Query("A", text, alias="$col"), empty="empty.missed")
    shares = page.lines().interval("1d").max(1).min(0)
    page.name_one(shares, "share", "returned-share")
    page.name_one(shares, "answered", "answered-share")
    queries = (
        Query("A", _calls(ANSWERED_SHARE, OUTCOME_KNOWN, by=each(window="1d")), alias="$col"),
        Query("B", _calls(RETURNED_SHARE, by=each(window="1d")), alias="$col"),
    )
    page.add(shares, "shares-per-day", (12, 9), *queries, unit=SHARE)


def _who(page: Page) -> None:
    page.row("who")
    for tag, fields, columns in (
        ("department", "", ()),
        ("extension", 'last("person") AS "person", ', (("person", "person", COUNT),)),
    ):
        panel = page.rows(
            *columns,
            ("calls", "calls", COUNT),
            ("answered", "answered-share", SHARE),
            ("missed", "panel.missed-calls", COUNT),
            ("returned", "returned", COUNT),
            ("share", "returned-share", SHARE),
            ("within", "within-target", SHARE),
            ("median", "median", SECONDS),
            ("p90", "p90", SECONDS),
            ("p95", "p95", SECONDS),
            sort=("answered-share", False),
        )
        page.name_rows(panel, tag)
        texts = (
            _calls(f"{fields}{CALLS}, {MISSED}, {RETURNED}, {RETURNED_SHARE}", by=each(tag)),
            _calls(f"{WITHIN}, {PERCENTILES}", ANSWERED_CALL, by=each(tag)),
            _calls(ANSWERED_SHARE, OUTCOME_KNOWN, by=each(tag)),
        )
        queries = (Query(ref, text, table=True) for ref, text in zip("ABC", texts, strict=True))
        page.add(panel, f"people.{tag}", (24, 11), *queries)


def _operators(page: Page) -> None:
    """What the operators did is kept by the day, for the whole site."""
    page.row("operators")
    panel = page.rows(
        ("calls", "calls", COUNT),
        ("answered", "answered-share", SHARE),
        ("in_time", "within-target", SHARE),
        ("transferred", "transferred-share", SHARE),
        ("messages", "messages", COUNT),
        sort=("calls", True),
    )
    page.name_rows(panel, "operator")
    fields = 'sum("calls") AS "calls", sum("answered") / sum("calls") AS "answered", '
    fields += 'sum("in_time") / sum("reported") AS "in_time", sum("transferred") / sum("answered") AS "transferred", '
    fields += 'sum("messages") AS "messages"'
    text = select(fields, "operator_day", by=each("operator"), filters=("site",))
    page.add(panel, "operators", (12, 9), Query("A", text, table=True), empty="empty.operators")
    bars = page.bars(stacked=False)
    text = select('sum("answered") AS "answered"', "operator_day", by=each("operator", window="1d"), filters=("site",))
    query = Query("A", text, alias="$tag_operator ")
    page.name_series(bars, "operator")
    page.add(bars, "operators-per-day", (12, 9), query, empty="empty.operators")


def _calls(fields: str, *conditions: str, by: str = "") -> str:
    """Select from the incoming calls in range; ``returned`` is a field of missed calls from a known number alone."""
    return select(fields, "call", INCOMING, *conditions, by=by)
