"""The dashboard *Answering*: how soon incoming calls are answered, which are not, and where it is worst.

Seconds of ringing come from the measurement ``call``, whose field is absent where the PBX prints no ring time:
such calls are shown as "not reported" and never count as 0 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders import bargauge, common
from grafana_foundation_sdk.models import common as kinds

from dashboards.grafana.parts import BAR, COUNT, SECONDS, SHARE, Page, variables
from dashboards.grafana.queries import (
    ANSWERED_SHARE,
    COUNTED,
    INCOMING,
    OUTCOME_KNOWN,
    PER_HOUR,
    PER_PERIOD,
    RING_KNOWN,
    Query,
    each,
    select,
)

if TYPE_CHECKING:
    from dashboards.words import Language

ANSWERED_CALL: Final = "\"outcome\" = 'answered'"
UNANSWERED_CALL: Final = "\"outcome\" = 'unanswered'"
MOST_RINGS: Final = 10
"""Rings are shown one by one up to here."""
PATIENCE_RINGS: Final = 5
"""An unanswered call that rang longer should have been answered or ended long before."""

CALLS: Final = 'sum("calls") AS "calls"'
PERCENTILES: Final = ", ".join(
    f'percentile("ring_s", {share}) AS "{name}"' for name, share in (("median", 50), ("p90", 90), ("p95", 95))
)
WITHIN_TARGET: Final = 'sum("within_target") / sum("ring_known") AS "within"'
NO_RING: Final = 'sum("calls") - count("ring_s") AS "calls"'
"""Calls whose ring time is not reported. It needs ``fill(0)``: a count of nothing is null otherwise."""


def answering(language: Language, timezone: str) -> Page:
    """Build the dashboard in one language; times and buckets are those of `timezone` (an IANA name)."""
    page = Page("answering", language, timezone, "direction=incoming")
    variables(page, timezone)
    _at_a_glance(page)
    _over_time(page)
    _in_rings(page)
    _unanswered(page)
    _where(page)
    return page


def _at_a_glance(page: Page) -> None:
    page.row("glance")
    small = (4, 4)
    page.add(page.number(), "incoming", small, Query("A", _traffic(CALLS)))
    share = _traffic(ANSWERED_SHARE, OUTCOME_KNOWN)
    page.add(page.number(decimals=1), "answered-share", small, Query("A", share), unit=SHARE)
    within = _traffic(WITHIN_TARGET, RING_KNOWN)
    page.add(page.number(decimals=1), "within-target", small, Query("A", within), unit=SHARE, empty="empty.ring")
    for share_of_calls, key in ((50, "median-ring"), (95, "p95-ring")):
        ring = _calls(f'percentile("ring_s", {share_of_calls}) AS "ring_s"', ANSWERED_CALL)
        page.add(page.number(), key, small, Query("A", ring), unit=SECONDS, empty="empty.ring")
    unknown = _calls(NO_RING, ANSWERED_CALL) + " fill(0)"
    page.add(page.number(), "no-ring", small, Query("A", unknown))


def _over_time(page: Page) -> None:
    page.row("ring-time")
    lines = page.lines().interval("1h")
    for key in ("median", "p90", "p95"):
        page.name_one(lines, key, key)
    ring = Query("A", _calls(PERCENTILES, ANSWERED_CALL, by=each(window="$__interval")), alias="$col")
    page.add(lines, "ring-over-time", (24, 9), ring, unit=SECONDS, empty="empty.ring")
    within = Query("A", _periods(WITHIN_TARGET, RING_KNOWN), alias=page.say("within-target"))
    page.add(
        page.bars(stacked=False).max(1).min(0), "within-per-period", (12, 8), within, unit=SHARE, empty="empty.ring"
    )
    seconds = _periods('sum("ring_s") / sum("ring_known") AS "ring_s"', RING_KNOWN)
    mean = Query("A", seconds, alias=page.say("mean-ring"))
    page.add(page.bars(stacked=False), "mean-per-period", (12, 8), mean, unit=SECONDS, empty="empty.ring")


def _in_rings(page: Page) -> None:
    page.row("rings")
    for key, outcome in (("answered-rings", ANSWERED_CALL), ("unanswered-rings", UNANSWERED_CALL)):
        panel = (
            bargauge.Panel()
            .orientation(kinds.VizOrientation.HORIZONTAL)
            .display_mode(kinds.BarGaugeDisplayMode.BASIC)
            .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
            .min(0)
        )
        page.add(panel, key, (12, 12), *_rings(page, outcome))


def _rings(page: Page, outcome: str) -> list[Query]:
    """Count calls by rings: InfluxQL groups by tags only, so every number of rings is a query of its own."""
    bars = [(str(rings), f'"rings" = {rings}') for rings in range(MOST_RINGS + 1)]
    bars.append((page.say("rings.more").format(rings=MOST_RINGS), f'"rings" > {MOST_RINGS}'))
    queries = [
        Query(chr(ord("A") + index), _calls('count("rings") AS "calls"', outcome, condition), alias=name)
        for index, (name, condition) in enumerate(bars)
    ]
    unknown = _calls(NO_RING, outcome) + " fill(0)"
    return [*queries, Query("Z", unknown, alias=page.say("not-reported"))]


def _unanswered(page: Page) -> None:
    page.row("unanswered")
    outcomes = page.bars()
    for name in ("answered", "unanswered", "busy", "failed"):
        page.name_one(outcomes, name, f"outcome.{name}", BAR + "${period:raw}", f"outcome={name}")
    fields = ", ".join(f'sum("{name}") AS "{name}"' for name in ("answered", "unanswered", "busy", "failed"))
    query = Query("A", _periods(fields, COUNTED), alias="$col")
    page.add(outcomes, "outcomes", (12, 8), query, empty="empty.periods")
    lines = page.lines().interval("1h")
    for key in ("median", "p90", "p95"):
        page.name_one(lines, key, key)
    rang = Query("A", _calls(PERCENTILES, UNANSWERED_CALL, by=each(window="$__interval")), alias="$col")
    page.add(lines, "rang-over-time", (12, 8), rang, unit=SECONDS, empty="empty.rang")
    quarter = (8, 4)
    page.add(page.number(), "unanswered", quarter, Query("A", _calls(CALLS, UNANSWERED_CALL)))
    for key, condition in (("gave-up", f'"rings" <= {PATIENCE_RINGS}'), ("rang-on", f'"rings" > {PATIENCE_RINGS}')):
        text = _calls('count("rings") AS "calls"', UNANSWERED_CALL, condition)
        page.add(page.number(), key, quarter, Query("A", text), empty="empty.none")


def _where(page: Page) -> None:
    page.row("where")
    for tag in ("extension", "department"):
        panel = page.rows(
            ("calls", "calls", COUNT),
            ("missed", "not-answered", COUNT),
            ("within", "within-target", SHARE),
            ("median", "median", SECONDS),
            ("p90", "p90", SECONDS),
            ("p95", "p95", SECONDS),
            sort=("within-target", False),
        )
        page.name_rows(panel, tag)
        every = _calls(f'{CALLS}, sum("calls") - sum("answered") AS "missed"', by=each(tag))
        within = 'sum("within_target") / count("within_target") AS "within"'
        answered = _calls(f"{within}, {PERCENTILES}", ANSWERED_CALL, by=each(tag))
        page.add(panel, f"worst.{tag}", (24, 10), Query("A", every, table=True), Query("B", answered, table=True))


def _calls(fields: str, *conditions: str, by: str = "") -> str:
    """Select from the incoming calls in range."""
    return select(fields, "call", INCOMING, *conditions, by=by)


def _traffic(fields: str, *conditions: str) -> str:
    """Select from the hours in range, whatever period is shown."""
    return select(fields, "traffic", PER_HOUR, INCOMING, *conditions)


def _periods(fields: str, *conditions: str) -> str:
    """Select from the buckets of the chosen period that begin in range."""
    return select(fields, "traffic", PER_PERIOD, INCOMING, *conditions, by=each(window="1h"))
