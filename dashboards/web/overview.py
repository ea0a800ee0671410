"""The overview: today against the same weekday, calls and answered share over time, the week by hour; each leads to its calls."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from nicegui import ui

from collector.store import queries
from dashboards.web import charts, figures, look, periods, summaries
from dashboards.web.markup import Markup, table, tag
from dashboards.web.page import card
from dashboards.web.periods import Dates
from dashboards.web.permissions import may
from dashboards.web.today import Today, answered_share, cards, ring_mean, today
from dashboards.web.view import View

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from nicegui.events import EChartPointClickEventArguments

    from collector.buckets import Period
    from collector.store.queries import Span, Sums
    from dashboards.web.choice import Choice
    from dashboards.web.days import Day
    from dashboards.web.page import Viewer

BySums = dict[str, queries.Sums]
"""Direction -> sums."""


class Bucket(NamedTuple):
    """One bar: its name, the address parameters that find its calls, and its sums by direction."""

    label: str
    where: dict[str, str]
    sums: BySums

    @property
    def total(self) -> Sums:
        """The sums of all directions."""
        return summaries.total(self.sums.values())

    @property
    def answered_share(self) -> float | None:
        """Of the incoming calls, the share that was answered."""
        return answered_share(self.sums.get("incoming", queries.Sums()))


class Answer(NamedTuple):
    """What the page shows. ``before`` are the calls of the buckets beside, None where there were none at all."""

    today: Today
    buckets: list[Bucket]
    before: list[int | None]
    weeks_beside: int | None
    means: list[list[float]]


class OverviewView(View[Answer]):
    """One viewer's overview."""

    dimensions = ()

    def build(self) -> None:
        """Lay out the page."""
        say, theme = self.viewer.say, self.viewer.theme
        site = self.console.config.site
        self._target_s = site.answer_within_rings * site.ring_seconds
        sees_cost = may(self.viewer.user.role, "/cost")
        self._currency = self.console.config.accounting.currency if sees_cost else None
        self._answer: Answer | None = None
        self._heading = ui.html(sanitize=False).classes("today")
        self._cards = ui.html(sanitize=False).classes("cards")
        with card(say("console.over_time"), say("console.overview.drill"), wide="full"):
            self._chart = ui.echart(charts.empty(theme), on_point_click=self._open_bar).classes("medium")
        with card(say("console.heat_map"), say("console.heat_map_note"), wide="half"):
            self._heat = ui.echart(charts.empty(theme), on_point_click=self._open_cell).classes("medium")
        with card(say("console.overview.table"), wide="half"):
            self._table = ui.html(sanitize=False).classes("scrolled buckets").props("tabindex=0")

    def read(self, connection: sqlite3.Connection, chosen: Choice, now: int) -> Answer:
        """Read today, and the chosen dates with those beside them."""
        zone, reach = self.viewer.zone, self.viewer.reach
        beside, weeks = periods.beside(chosen.period, chosen.dates)
        days = self.console.days.between(connection, chosen.dates, reach)
        if chosen.period == "hour":
            buckets = _by_hour(connection, chosen.dates, self.viewer)
            before = [bucket.total.calls for bucket in _by_hour(connection, beside, self.viewer)]
        else:
            buckets = _by_day(days, chosen.period)
            earlier = self.console.days.between(connection, beside, reach)
            before = [bucket.total.calls for bucket in _by_day(earlier, chosen.period)]
        past = periods.elapsed(periods.span_of(chosen.dates, zone), now)
        return Answer(
            today=today(connection, now, zone, self._target_s),
            buckets=buckets,
            before=_fitted(before, len(buckets)),
            weeks_beside=weeks,
            means=summaries.profile(days, past, zone).calls,
        )

    def is_empty(self, answer: Answer) -> bool:
        """Tell whether no call is shown."""
        return not answer.today.sums.total.calls and not any(bucket.sums for bucket in answer.buckets)

    def show(self, answer: Answer) -> None:
        """Fill the page."""
        theme, language = self.viewer.theme, self.viewer.language
        self._answer = answer
        self._heading.content = _heading(answer.today, self.viewer)
        self._cards.content = cards(answer.today, self._currency, self.viewer)
        charts.put(
            self._chart,
            charts.calls_over_time(
                _by_direction(answer.buckets),
                answer.before,
                [bucket.answered_share for bucket in answer.buckets],
                [bucket.label for bucket in answer.buckets],
                self.viewer.beside(answer.weeks_beside),
                theme,
                language,
            ),
        )
        charts.put(self._heat, charts.heat_map(answer.means, theme, language))
        self._table.content = _table(answer.buckets, self._currency, self.viewer)

    def _open_bar(self, event: EChartPointClickEventArguments) -> None:
        if self._answer and 0 <= event.data_index < len(self._answer.buckets):
            bucket = self._answer.buckets[event.data_index]
            directions = list(_by_direction(self._answer.buckets))
            one = directions[event.series_index : event.series_index + 1]
            ui.navigate.to(_calls({**bucket.where, **({"direction": one[0]} if one else {})}))

    def _open_cell(self, event: EChartPointClickEventArguments) -> None:
        if self._answer:
            weekday, hour = divmod(event.data_index, summaries.HOURS_PER_DAY)
            ui.navigate.to(_calls({**_in(self.choice.dates), "hour": str(hour), "weekday": str(weekday + 1)}))


def _heading(shown: Today, viewer: Viewer) -> Markup:
    weekday = viewer.say(f"console.weekday.{shown.now.isoweekday()}")
    when = viewer.say(
        "console.overview.today", weekday=weekday, date=f"{shown.now:%Y-%m-%d}", time=f"{shown.now:%H:%M}"
    )
    return tag("h2", when)


def _by_hour(connection: sqlite3.Connection, dates: Dates, viewer: Viewer) -> list[Bucket]:
    spans = periods.buckets("hour", periods.span_of(dates, viewer.zone), viewer.zone)
    found: dict[int, BySums] = {span.first: {} for span in spans}
    for row in queries.hours(connection, queries.Span(spans[0].first, spans[-1].last), queries.Filter()):
        found[row.hour][row.direction] = row.sums
    labels = periods.bucket_labels("hour", spans, viewer.zone)
    return [Bucket(label, _hour(span, viewer), found[span.first]) for label, span in zip(labels, spans, strict=True)]


def _hour(span: Span, viewer: Viewer) -> dict[str, str]:
    local = datetime.fromtimestamp(span.first, viewer.zone)
    return {**_in(Dates(local.date(), local.date())), "hour": str(local.hour)}


def _by_day(days: Mapping[date, Day], period: Period) -> list[Bucket]:
    found: dict[str, Bucket] = {}
    for day, of_day in days.items():
        label = _label(day, period)
        bucket = found.setdefault(label, Bucket(label, {"from": day.isoformat()}, {}))
        bucket.where["to"] = day.isoformat()
        for direction, sums in of_day.sums.items():
            bucket.sums[direction] = summaries.add(bucket.sums.get(direction, queries.Sums()), sums)
    return list(found.values())


def _label(day: date, period: Period) -> str:
    if period == "quarter":
        return f"{day.year} Q{(day.month + 2) // 3}"
    return day.isoformat() if period == "day" else f"{day:{periods.LABELS[period]}}"


def _fitted(before: list[int], length: int) -> list[int | None]:
    """Cut or filled up with None; all None where there was nothing."""
    if not any(before):
        return [None] * length
    return [*before[:length], *[None] * (length - len(before))]


def _by_direction(buckets: Iterable[Bucket]) -> dict[str, list[int]]:
    buckets = list(buckets)
    there = {direction for bucket in buckets for direction in bucket.sums}
    return {
        direction: [bucket.sums.get(direction, queries.Sums()).calls for bucket in buckets]
        for direction in look.DIRECTIONS
        if direction in there
    }


def _table(buckets: list[Bucket], currency: str | None, viewer: Viewer) -> Markup:
    """Return what the bars show, newest first, for those who read or tab through it."""
    say = viewer.say
    keys = ["calls", "answered-share", "console.ring_mean", "talk-time"]
    names = [*(say(key) for key in keys), *([f"{say('cost')}, {currency}"] if currency else [])]
    rows = []
    for bucket in reversed(buckets):
        sums = bucket.total
        if not sums.calls:
            continue
        cells = [
            figures.count(sums.calls),
            figures.percent(bucket.answered_share),
            figures.seconds(ring_mean(sums), viewer.language, ".1f"),
            figures.short_duration(sums.talk_s, viewer.language),
            *([figures.money(sums.cost_micros)] if currency else []),
        ]
        link = tag("a", bucket.label, href=_calls(bucket.where))
        rows.append([tag("td", link), *(tag("td", cell, class_="figure") for cell in cells)])
    return table([say("period"), *(tag("th", name, class_="figure") for name in names)], rows, "overview")


def _in(dates: Dates) -> dict[str, str]:
    return {"from": dates.first.isoformat(), "to": dates.last.isoformat()}


def _calls(where: Mapping[str, str]) -> str:
    return f"/calls?{urlencode(where)}"
