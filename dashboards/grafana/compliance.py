"""The dashboard *Compliance*: violations by rule, state and department, open ones over time, toll fraud.

The measurement ``violations`` tells every hour what stands, so a sum over time would count the same ones again and again:
sums are made within an hour, and the last of them is what stands now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.grafana.parts import COUNT, Page, variables
from dashboards.grafana.queries import Query, each, select

if TYPE_CHECKING:
    from dashboards.words import Language

FILTERS: Final = ("site", "department")
OPEN: Final = "\"state\" = 'open'"
FRAUD: Final = '"rule" =~ /^fraud-/'


def compliance(language: Language, timezone: str) -> Page:
    """Build the dashboard in one language; times are those of `timezone` (an IANA name)."""
    page = Page("compliance", language, timezone)
    variables(page, timezone, tags=FILTERS, period=False)
    _at_a_glance(page)
    _divided(page)
    _over_time(page)
    return page


def _at_a_glance(page: Page) -> None:
    page.row("glance")
    for key, conditions in (
        ("violations-open", (OPEN,)),
        ("violations-standing", ()),
        ("fraud-open", (OPEN, FRAUD)),
        ("fraud-standing", (FRAUD,)),
    ):
        page.add(page.number(), key, (6, 4), Query("A", _now("standing", *conditions)), empty="empty.violations")


def _divided(page: Page) -> None:
    page.row("violations-by")
    for tag in ("rule", "department"):
        panel = page.rows(
            ("open", "panel.violations-open", COUNT),
            ("standing", "panel.violations-standing", COUNT),
            sort=("panel.violations-open", True),
        )
        page.name_rows(panel, tag, "/violations" + ("?rule=${__value.raw:percentencode}" if tag == "rule" else ""))
        opened, every = _now("open", OPEN, tag=tag), _now("standing", tag=tag)
        queries = (Query("A", opened, table=True), Query("B", every, table=True))
        page.add(panel, f"violations.{tag}", (9, 10), *queries, empty="empty.violations")
    panel = page.rows(("standing", "panel.violations-standing", COUNT), sort=("panel.violations-standing", True))
    page.name_rows(panel, "state")
    by_state = Query("A", _now("standing", tag="state"), table=True)
    page.add(panel, "violations.state", (6, 10), by_state, empty="empty.violations")


def _over_time(page: Page) -> None:
    page.row("violations-over-time")
    for key, conditions in (("open-over-time", (OPEN,)), ("fraud-over-time", (OPEN, FRAUD))):
        panel = page.lines().interval("1h")
        page.name_series(panel, "rule")
        text = _hourly("standing", *conditions, tags=("rule",))
        page.add(panel, key, (12, 9), Query("A", text, alias="$tag_rule"), empty="empty.violations")


def _now(name: str, *conditions: str, tag: str = "") -> str:
    """What stands now of each value of a tag, or in all."""
    hours = _hourly(name, *conditions, tags=(tag,) if tag else ())
    return f'SELECT last("{name}") AS "{name}" FROM ({hours})' + (each(tag) if tag else "")


def _hourly(name: str, *conditions: str, tags: tuple[str, ...] = ()) -> str:
    """What stood in each hour."""
    return select(
        f'sum("violations") AS "{name}"', "violations", *conditions, by=each(*tags, window="1h"), filters=FILTERS
    )
