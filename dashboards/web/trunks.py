"""The trunks page: how busy the lines are, when all of them are, and how many are needed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from nicegui import ui

from collector.buckets import MONTHS
from collector.occupancy import BLOCKED, HOUR_S, Held, held
from collector.store import queries
from dashboards.web import charts, figures, look, occupancy, periods
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.web.tiles import key_figure
from dashboards.web.view import View

if TYPE_CHECKING:
    import sqlite3

    from dashboards.web.choice import Choice
    from dashboards.web.occupancy import Line, Occupancy
    from dashboards.web.page import Viewer

MOST_CALLS = 60_000
"""How many lines are held at once is counted call by call: of more calls than these it would take too long."""
FULL_SHARE = 0.7
"""A line that is held for more of its busiest hour stands out."""


class Answer(NamedTuple):
    """What the page shows; ``held`` is None where there are too many calls to count."""

    labels: list[str]
    occupancy: Occupancy
    held: Held | None


class TrunksView(View[Answer]):
    """One viewer's trunks page."""

    dimensions = ("source", "direction")

    def build(self) -> None:
        """Lay out the page."""
        say, theme = self.viewer.say, self.viewer.theme
        self._cards = ui.html(sanitize=False).classes("cards")
        with card(say("console.busiest_hours"), say("console.busiest_hours_note"), wide="full"):
            self._chart = ui.echart(charts.empty(theme)).classes("medium")
        with card(say("console.by.trunk"), say("console.trunks_note"), wide="full"):
            self._lines = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")

    def read(self, connection: sqlite3.Connection, chosen: Choice, now: int) -> Answer:
        """Read the sums by trunk, and the calls where they are few enough."""
        zone = self.viewer.zone
        shown = periods.span_of(chosen.dates, zone)
        buckets = periods.within(periods.buckets(chosen.period, shown, zone), shown)
        past = periods.elapsed(shown, now)
        if chosen.period in MONTHS:
            sums, hours = self.console.months.trunks(connection, buckets, chosen.narrowed, self.viewer.reach)
        else:
            sums, hours = queries.trunks(connection, shown, chosen.narrowed)
        found = occupancy.occupancy(sums, hours, buckets, past.last - past.first)
        few = found.calls <= MOST_CALLS
        calls = queries.held_trunks(connection, shown, chosen.narrowed) if few else ()
        return Answer(
            periods.bucket_labels(chosen.period, buckets, zone),
            found,
            held(calls, len(found.lines), shown) if few else None,
        )

    def is_empty(self, answer: Answer) -> bool:
        """Tell whether no line was used."""
        return not answer.occupancy.lines

    def show(self, answer: Answer) -> None:
        """Fill the page."""
        self._cards.content = cards(answer, self.viewer)
        charts.put(
            self._chart,
            charts.busiest_hours(answer.occupancy.peaks, answer.labels, self.viewer.theme, self.viewer.language),
        )
        self._lines.content = lines(answer.occupancy.lines, self.viewer)


def cards(answer: Answer, viewer: Viewer) -> Markup:
    """Return the key figures of all lines together."""
    say, found, held = viewer.say, answer.occupancy, answer.held
    too_many = say("console.too_many_calls")
    return join(
        (
            key_figure(
                say("console.busy_hour"),
                figures.decimal(found.busiest),
                Markup(),
                _moment(found.busiest_hour, viewer),
                unit="Erl",
            ),
            key_figure(
                say("console.lines_used"), figures.count(len(found.lines)), Markup(), say("console.lines_used_note")
            ),
            key_figure(
                say("console.lines_needed"),
                figures.count(found.needed),
                Markup(),
                say("console.lines_needed_note", share=figures.percent(BLOCKED)),
            ),
            key_figure(say("console.blocked"), figures.percent(found.blocked), Markup(), say("console.blocked_note")),
            key_figure(
                say("console.held_at_once"),
                figures.count(held.most) if held else figures.NONE,
                Markup(),
                _moment(held.at, viewer) if held else too_many,
            ),
            key_figure(
                say("console.all_busy"),
                figures.duration(held.full_s) if held else figures.NONE,
                Markup(),
                say("console.all_busy_note") if held else too_many,
            ),
        )
    )


def lines(found: list[Line], viewer: Viewer) -> Markup:
    """Return the table of the lines, the busiest first."""
    say = viewer.say
    headings = [
        say("trunk"),
        *(
            tag("th", say(key), class_="figure")
            for key in ("calls", "talk-time", "console.mean_erlangs", "console.busiest_share")
        ),
    ]
    return table(headings, [_row(line, viewer) for line in found], "trunks")


def _row(line: Line, viewer: Viewer) -> list[Markup]:
    colour = look.OUTCOMES["failed"] if line.busiest > FULL_SHARE else look.ERLANGS
    bar = tag("i", style=f"width:{min(100.0, 100 * line.busiest):.1f}%;background:{colour}")
    return [
        tag("td", tag("b", viewer.name("trunk", line.trunk)), tag("div", bar, class_="track")),
        tag("td", figures.count(line.calls), class_="figure"),
        tag("td", figures.short_duration(line.talk_s, viewer.language), class_="figure"),
        tag("td", figures.decimal(line.erlangs), class_="figure"),
        tag("td", figures.percent(line.busiest), class_="figure"),
    ]


def _moment(second: int | None, viewer: Viewer) -> str:
    if second is None:
        return viewer.say("console.no_traffic")
    first = datetime.fromtimestamp(second, viewer.zone)
    weekday = viewer.say(f"console.weekday.{first.isoweekday()}")
    if second % HOUR_S:
        return f"{weekday} {first:%Y-%m-%d %H:%M:%S}"
    return f"{weekday} {first:%Y-%m-%d %H:%M}"
