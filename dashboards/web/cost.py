"""The cost page: what calls cost, by what, against the time before, and what the month will come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nicegui import ui

from collector.accounting.forecast import forecast
from collector.store import queries
from dashboards.web import charts, figures, periods, spending
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.web.tiles import change, key_figure
from dashboards.web.view import View

if TYPE_CHECKING:
    import sqlite3

    from collector.store.queries import Dimension, GroupSums
    from dashboards.web.choice import Choice
    from dashboards.web.page import Viewer
    from dashboards.web.spending import Spending

BROKEN_DOWN_BY: tuple[Dimension, ...] = ("department", "extension", "class", "trunk")
ROWS_SHOWN = 12


class Answer(NamedTuple):
    """What the page shows. ``forecast`` is what this month comes to, in millionths of the currency."""

    labels: list[str]
    spending: Spending
    groups: dict[Dimension, list[GroupSums]]
    month: int
    forecast: int | None


class CostView(View[Answer]):
    """One viewer's cost page."""

    dimensions = ("source", "class", "department", "extension")

    def build(self) -> None:
        """Lay out the page."""
        say, theme = self.viewer.say, self.viewer.theme
        self._currency = self.console.config.accounting.currency
        self._cards = ui.html(sanitize=False).classes("cards")
        with card(say("console.cost_over_time"), self._currency, wide="full"):
            self._chart = ui.echart(charts.empty(theme)).classes("medium")
        self._groups = {}
        for dimension in BROKEN_DOWN_BY:
            with card(say(f"console.by.{dimension}"), self._currency, wide="half"):
                self._groups[dimension] = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")

    def read(self, connection: sqlite3.Connection, chosen: Choice, now: int) -> Answer:
        """Read the sums of the chosen dates, of those before, and of this month."""
        zone, reach, narrowed = self.viewer.zone, self.viewer.reach, chosen.narrowed
        shown = periods.span_of(chosen.dates, zone)
        before = periods.before(chosen.dates, zone, now)
        buckets = periods.within(periods.buckets(chosen.period, shown, zone), shown)
        month = periods.usual_dates("day", self.viewer.today())
        days = self.console.days
        if chosen.period == "hour":
            by_hour = queries.each_hour(connection, shown, narrowed)
            costs = [(row.hour, row.class_, row.sums.cost_micros) for row in by_hour]
        else:
            costs = [
                (periods.midnight(day, zone), class_, cost)
                for day, of_day in days.between(connection, chosen.dates, reach, narrowed).items()
                for class_, cost in of_day.costs.items()
            ]
        this_month = sum(sum(day.costs.values()) for day in days.between(connection, month, reach, narrowed).values())
        return Answer(
            periods.bucket_labels(chosen.period, buckets, zone),
            spending.spending(costs, buckets, days.total(connection, before, reach, narrowed).cost_micros),
            self.console.months.groups(connection, self.console.config, shown, narrowed, reach),
            this_month,
            forecast(this_month, periods.span_of(month, zone), now),
        )

    def is_empty(self, answer: Answer) -> bool:
        """Tell whether no call is shown."""
        return not any(group.sums.calls for group in answer.groups["class"])

    def show(self, answer: Answer) -> None:
        """Fill the page."""
        self._cards.content = cards(answer, self._currency, self.viewer)
        self._chart.set_visibility(bool(answer.spending.by_class))
        charts.put(
            self._chart,
            charts.cost(
                answer.spending.by_class, answer.labels, self._currency, self.viewer.theme, self.viewer.language
            ),
        )
        for dimension, html in self._groups.items():
            html.content = breakdown(dimension, answer.groups[dimension], self.viewer)


def cards(answer: Answer, currency: str, viewer: Viewer) -> Markup:
    """Return the key figures."""
    say, found = viewer.say, answer.spending
    to_come = say("console.forecast_none") if answer.forecast is None else say("console.forecast_note")
    return join(
        (
            key_figure(
                say("cost"),
                figures.money(found.now),
                change(found.now, found.before),
                say("console.cost_before", amount=figures.money(found.before)),
                unit=currency,
            ),
            key_figure(
                say("console.month_cost"),
                figures.money(answer.month),
                Markup(),
                say("console.month_note"),
                unit=currency,
            ),
            key_figure(
                say("console.forecast"),
                figures.NONE if answer.forecast is None else figures.money(answer.forecast),
                Markup(),
                to_come,
                unit="" if answer.forecast is None else currency,
            ),
        )
    )


def breakdown(dimension: Dimension, groups: list[GroupSums], viewer: Viewer) -> Markup:
    """Return a table of what one dimension's values cost, the dearest first; the rest is added up in a last row."""
    say = viewer.say
    paid = sorted((group for group in groups if group.sums.cost_micros), key=lambda one: -one.sums.cost_micros)
    if not paid:
        return tag("p", say("console.no_cost"), class_="note")
    most = paid[0].sums.cost_micros
    room = ROWS_SHOWN if len(paid) <= ROWS_SHOWN else ROWS_SHOWN - 1
    rows = [_row(viewer.name(dimension, one.value), one.sums, most, viewer) for one in paid[:room]]
    if rest := paid[room:]:
        sums = queries.Sums(*(sum(column) for column in zip(*(one.sums for one in rest), strict=True)))
        rows.append(_row(say("console.others", count=len(rest)), sums, most, viewer))
    headings = [say(dimension), *(tag("th", say(key), class_="figure") for key in ("calls", "talk-time", "cost"))]
    return table(headings, rows, "breakdown")


def _row(name: str, sums: queries.Sums, most: int, viewer: Viewer) -> list[Markup]:
    bar = tag("i", style=f"width:{min(100.0, 100 * sums.cost_micros / most):.1f}%;background:{charts.COST}")
    return [
        tag("td", tag("span", name, title=name), tag("div", bar, class_="track")),
        tag("td", figures.count(sums.calls), class_="figure"),
        tag("td", figures.short_duration(sums.talk_s, viewer.language), class_="figure"),
        tag("td", figures.money(sums.cost_micros), class_="figure"),
    ]
