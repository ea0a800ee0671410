"""The traffic page: how many calls, how much talk time, how many Erlangs; when, and by what."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from nicegui import ui

from collector.buckets import bucket_of
from collector.store import queries
from collector.store.queries import HourSums
from dashboards.web import charts, figures, look, periods, summaries
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.web.tiles import change, key_figure
from dashboards.web.view import View

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from collector.store.queries import Dimension, GroupSums, Span, Sums
    from dashboards.web.choice import Choice
    from dashboards.web.days import Day
    from dashboards.web.page import Viewer
    from dashboards.web.summaries import Traffic

BROKEN_DOWN_BY: tuple[Dimension, ...] = ("direction", "class", "department", "trunk")
ROWS_SHOWN = 8


class Answer(NamedTuple):
    """What the page shows."""

    labels: list[str]
    summary: Traffic
    compared: Span
    weeks_beside: int | None
    groups: dict[Dimension, list[GroupSums]]
    seconds: int
    """Length of the shown range that is past."""


class TrafficView(View[Answer]):
    """One viewer's traffic page."""

    dimensions = ("source", "direction", "class", "department", "extension")

    def build(self) -> None:
        """Lay out the page."""
        say, theme = self.viewer.say, self.viewer.theme
        self._cards = ui.html(sanitize=False).classes("cards")
        with card(say("console.over_time"), wide="full"):
            self._chart = ui.echart(charts.empty(theme)).classes("tall")
        with card(say("console.heat_map"), say("console.heat_map_note"), wide="two-thirds"):
            self._heat = ui.echart(charts.empty(theme)).classes("medium")
        with card(say("console.day_profile"), say("console.day_profile_note"), wide="third"):
            self._day = ui.echart(charts.empty(theme)).classes("medium")
        self._groups = {}
        for dimension in BROKEN_DOWN_BY:
            with card(say(f"console.by.{dimension}"), wide="quarter"):
                self._groups[dimension] = ui.html(sanitize=False)

    def read(self, connection: sqlite3.Connection, chosen: Choice, now: int) -> Answer:
        """Read the sums and counts of the chosen dates."""
        zone, reach, narrowed = self.viewer.zone, self.viewer.reach, chosen.narrowed
        shown = periods.span_of(chosen.dates, zone)
        compared = periods.before(chosen.dates, zone, now)
        buckets = periods.within(periods.buckets(chosen.period, shown, zone), shown)
        dates_beside, weeks = periods.beside(chosen.period, chosen.dates)
        beside = periods.span_of(dates_beside, zone)
        buckets_beside = periods.within(periods.buckets(chosen.period, beside, zone), beside)
        days = self.console.days.between(connection, chosen.dates, reach, narrowed)
        if chosen.period == "hour":
            rows = queries.hours(connection, queries.Span(beside.first, shown.last), narrowed)
        else:
            rows = _rows(self.console.days.between(connection, dates_beside, reach, narrowed) | days, zone)
        before = self.console.days.total(connection, compared, reach, narrowed)
        past = periods.elapsed(shown, now)
        return Answer(
            labels=periods.bucket_labels(chosen.period, buckets, zone),
            summary=summaries.traffic(rows, days, buckets, buckets_beside, (compared, before), now, zone),
            compared=compared,
            weeks_beside=weeks,
            groups=self.console.months.groups(connection, self.console.config, shown, narrowed, reach),
            seconds=past.last - past.first,
        )

    def is_empty(self, answer: Answer) -> bool:
        """Tell whether no call is shown."""
        return answer.summary.now.calls == 0

    def show(self, answer: Answer) -> None:
        """Fill the page."""
        theme, language = self.viewer.theme, self.viewer.language
        self._cards.content = cards(answer, self.viewer)
        charts.put(
            self._chart,
            charts.traffic(answer.summary, answer.labels, self.viewer.beside(answer.weeks_beside), theme, language),
        )
        charts.put(self._heat, charts.heat_map(answer.summary.profile.calls, theme, language))
        charts.put(self._day, charts.day_profile(answer.summary.profile, theme, language))
        for dimension, html in self._groups.items():
            html.content = breakdown(dimension, answer.groups[dimension], answer.seconds, self.viewer)


def cards(answer: Answer, viewer: Viewer) -> Markup:
    """Return the key figures: this range against the one before."""
    say, summary = viewer.say, answer.summary
    now, before = summary.now, summary.before
    known, connected = _with_known_outcome(now), _connected(now)
    return join(
        (
            key_figure(
                say("calls"),
                figures.count(now.calls),
                change(now.calls, before.calls),
                _compared(answer, viewer),
            ),
            key_figure(
                say("talk-time"),
                figures.duration(now.talk_s),
                change(now.talk_s, before.talk_s),
                say("console.talk_note", hours=figures.decimal(now.talk_s / 3600)),
            ),
            key_figure(
                say("console.mean_talk"),
                figures.duration(_mean_talk(now)),
                change(_mean_talk(now), _mean_talk(before)),
                say("console.mean_talk_note", connected=figures.count(connected)),
            ),
            key_figure(
                say("console.mean_erlangs"),
                figures.decimal(summary.mean_erlangs),
                change(summary.mean_erlangs, summary.before_mean_erlangs),
                say("console.mean_erlangs_note"),
                unit="Erl",
            ),
            _busy_hour(answer, viewer),
            key_figure(
                say("console.outcomes"),
                figures.percent(figures.share(now.answered, known)),
                Markup(),
                say(
                    "console.outcomes_note",
                    known=figures.count(known),
                    unanswered=figures.count(now.unanswered),
                    busy=figures.count(now.busy),
                    failed=figures.count(now.failed),
                ),
            ),
        )
    )


def _rows(days: Mapping[date, Day], zone: ZoneInfo) -> list[HourSums]:
    return [
        HourSums(periods.midnight(day, zone), direction, sums)
        for day, of_day in days.items()
        for direction, sums in of_day.sums.items()
    ]


def breakdown(dimension: Dimension, groups: list[GroupSums], seconds: int, viewer: Viewer) -> Markup:
    """Return a table of one dimension's values; the small ones are added up in a last row."""
    say = viewer.say
    room = ROWS_SHOWN if len(groups) <= ROWS_SHOWN else ROWS_SHOWN - 1
    shown, rest = groups[:room], groups[room:]
    most = max(group.sums.calls for group in groups)

    def row(name: str, sums: Sums, colour: str) -> list[Markup]:
        width = min(100.0, 100 * sums.calls / most) if most else 0
        bar = tag("i", style=f"width:{width:.1f}%;background:{colour}")
        return [
            tag("td", tag("span", name, title=name), tag("div", bar, class_="track")),
            tag("td", figures.count(sums.calls), class_="figure"),
            tag("td", figures.short_duration(sums.talk_s, viewer.language), class_="figure"),
            tag("td", figures.decimal(sums.held_s / seconds if seconds else None), class_="figure"),
        ]

    rows = [row(viewer.name(dimension, group.value), group.sums, _colour(dimension, group.value)) for group in shown]
    if rest:
        rows.append(
            row(say("console.others", count=len(rest)), summaries.total(group.sums for group in rest), look.BEFORE)
        )
    headings = [
        say(dimension),
        *(tag("th", say(key), class_="figure") for key in ("calls", "talk-time", "console.erl")),
    ]
    return table(headings, rows, "breakdown")


def _colour(dimension: Dimension, value: str) -> str:
    return look.DIRECTIONS[value] if dimension == "direction" else look.TALK


def _busy_hour(answer: Answer, viewer: Viewer) -> Markup:
    peak = answer.summary.peak
    if peak is None:
        return key_figure(viewer.say("console.busy_hour"), figures.NONE, Markup(), viewer.say("console.no_traffic"))
    start, end = (datetime.fromtimestamp(second, viewer.zone) for second in bucket_of("hour", peak.hour, viewer.zone))
    when = f"{viewer.say(f'console.weekday.{start.isoweekday()}')} {start:%Y-%m-%d %H:%M}–{end:%H:%M}"  # noqa: RUF001
    return key_figure(viewer.say("console.busy_hour"), figures.decimal(peak.erlangs), Markup(), when, unit="Erl")


def _compared(answer: Answer, viewer: Viewer) -> str:
    span = answer.compared
    if not answer.summary.before.calls:
        return viewer.say("console.nothing_before")
    first = datetime.fromtimestamp(span.first, viewer.zone).date()
    last = datetime.fromtimestamp(max(span.first, span.last - 1), viewer.zone).date()
    if first == last:
        return viewer.say("console.compared_day", day=first)
    same_year = first.year == last.year
    return viewer.say("console.compared", first=first, last=f"{last:%m-%d}" if same_year else last)


def _with_known_outcome(sums: Sums) -> int:
    return sums.answered + sums.unanswered + sums.busy + sums.failed


def _connected(sums: Sums) -> int:
    """Calls answered, or of an outcome the PBX does not print: those may have been talked on."""
    return sums.calls - sums.unanswered - sums.busy - sums.failed


def _mean_talk(sums: Sums) -> float | None:
    return figures.share(sums.talk_s, _connected(sums))
