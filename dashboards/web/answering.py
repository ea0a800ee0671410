"""The answering page: how fast incoming calls are answered, how many are not, and at which extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nicegui import ui

from collector.buckets import MONTHS
from collector.problems import ConfigError
from dashboards.web import charts, figures, look, periods, phones, summaries
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card, title
from dashboards.web.summaries import Target
from dashboards.web.tiles import key_figure
from dashboards.web.view import View

if TYPE_CHECKING:
    import sqlite3

    from dashboards.web.choice import Choice
    from dashboards.web.page import Viewer
    from dashboards.web.summaries import Answerer, Answering, Distribution

ANSWERERS = ("extension", "department", "operator")
MOST_SHOWN = 12


class Answer(NamedTuple):
    """What the page shows."""

    labels: list[str]
    summary: Answering
    operators: list[Answerer] | str
    """Or the key of a sentence: why it is not known who is on duty."""


class AnsweringView(View[Answer]):
    """One viewer's answering page."""

    dimensions = ("source", "class", "department", "extension")

    def build(self) -> None:
        """Lay out the page."""
        site = self.console.config.site
        say, theme = self.viewer.say, self.viewer.theme
        self._target = Target(site.answer_within_rings, site.ring_seconds)
        target = say("console.target", rings=self._target.rings, seconds=self._target.seconds)
        self._cards = ui.html(sanitize=False).classes("cards")
        with card(say("ring-time"), target, wide="full"):
            self._times = ui.echart(charts.empty(theme)).classes("tall")
        with ui.element("section").classes("card half"):
            self._answered_title = ui.html(sanitize=False).classes("heading")
            self._answered = ui.echart(charts.empty(theme)).classes("medium")
        with ui.element("section").classes("card half"):
            self._unanswered_title = ui.html(sanitize=False).classes("heading")
            self._unanswered = ui.echart(charts.empty(theme)).classes("medium")
        self._tables = {}
        for of in ANSWERERS:
            with card(say(f"console.worst.{of}"), say("console.worst_note"), wide="full"):
                self._tables[of] = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")

    def read(self, connection: sqlite3.Connection, chosen: Choice, now: int) -> Answer:
        """Read the sums and counts of the chosen dates."""
        del now
        zone, config = self.viewer.zone, self.console.config
        shown = periods.span_of(chosen.dates, zone)
        buckets = periods.within(periods.buckets(chosen.period, shown, zone), shown)
        if chosen.period in MONTHS:
            rang = self.console.months.rang(connection, config, buckets, chosen.narrowed, self.viewer.reach)
        else:
            counts = phones.ring_counts(connection, config, buckets, chosen.narrowed)
            rang = [[one] for one in summaries.rang_by_group(counts, len(buckets))]
        return Answer(
            labels=periods.bucket_labels(chosen.period, buckets, zone),
            summary=summaries.answering(rang, self._target),
            operators=self._operators(connection, chosen),
        )

    def _operators(self, connection: sqlite3.Connection, chosen: Choice) -> list[Answerer] | str:
        config, reach = self.console.config, self.viewer.reach
        try:
            rang = self.console.operators.rang(connection, config, chosen.dates, chosen.narrowed, reach)
        except (ConfigError, OSError):
            return "equipment.faulty_roster"
        return "equipment.no_roster" if rang is None else summaries.answerers(rang, self._target)

    def is_empty(self, answer: Answer) -> bool:
        """Tell whether no call is shown."""
        return answer.summary.calls == 0

    def show(self, answer: Answer) -> None:
        """Fill the page."""
        theme, language = self.viewer.theme, self.viewer.language
        summary = answer.summary
        self._cards.content = cards(summary, self._target, self.viewer)
        charts.put(self._times, charts.ring_times(summary.buckets, answer.labels, self._target, theme, language))
        self._answered_title.content = self._rings_title("console.answered_after", summary.answered_after)
        self._unanswered_title.content = self._rings_title("console.unanswered_after", summary.unanswered_after)
        charts.put(self._answered, charts.answered_after(summary, self._target, theme, language))
        charts.put(self._unanswered, charts.unanswered_after(summary, self._target, theme, language))
        self._tables["extension"].content = worst("extension", summary.extensions, self._target, self.viewer)
        self._tables["department"].content = worst("department", summary.departments, self._target, self.viewer)
        self._tables["operator"].content = (
            tag("p", self.viewer.say(answer.operators), class_="note")
            if isinstance(answer.operators, str)
            else worst("operator", answer.operators, self._target, self.viewer)
        )

    def _rings_title(self, key: str, distribution: Distribution) -> Markup:
        say = self.viewer.say
        note = say("console.target", rings=self._target.rings, seconds=self._target.seconds)
        if distribution.not_reported:
            note += " · " + say("console.count_not_reported", count=figures.count(distribution.not_reported))
        return title(say(key), note)


def cards(summary: Answering, target: Target, viewer: Viewer) -> Markup:
    """Return the key figures of incoming calls; "not reported" where no source prints a ring time."""
    say, times = viewer.say, summary.times
    reported = say("console.reported", known=figures.count(times.known), answered=figures.count(summary.answered))
    known_outcome = summary.calls - summary.unknown
    return join(
        (
            key_figure(
                say("answered-share"),
                figures.percent(figures.share(summary.answered, known_outcome)),
                Markup(),
                say(
                    "console.of_incoming", answered=figures.count(summary.answered), calls=figures.count(known_outcome)
                ),
            ),
            key_figure(
                say("console.within", rings=target.rings),
                _or_not_reported(figures.percent(figures.share(times.within, times.known)), times.known, viewer),
                Markup(),
                say(
                    "console.within_note",
                    within=figures.count(times.within),
                    known=figures.count(times.known),
                    seconds=target.seconds,
                ),
            ),
            *(
                key_figure(
                    say(f"console.ring.{name}"),
                    _or_not_reported(str(getattr(times, name)), times.known, viewer),
                    Markup(),
                    reported if name == "median" else say(f"console.{name}_note"),
                    unit=say("console.unit.s") if times.known else "",
                )
                for name in look.PERCENTILES
            ),
            key_figure(
                say("console.unanswered"),
                figures.count(summary.unanswered),
                Markup(),
                _rang_on(summary, target, viewer),
            ),
        )
    )


def worst(of: str, found: list[Answerer], target: Target, viewer: Viewer) -> Markup:
    """Return the table of those of `ANSWERERS` that answered most calls late or not at all."""
    say = viewer.say
    if not found:
        return tag("p", say("console.no_traffic"), class_="note")
    headings = [
        say(of),
        *(
            tag("th", heading, class_="figure")
            for heading in (
                say("console.late_or_lost"),
                say("outcome.answered").capitalize(),
                say("outcome.unanswered").capitalize(),
                say("console.late"),
                say("console.within", rings=target.rings),
                say("median"),
                say("p90"),
            )
        ),
    ]
    return table(headings, [_row(of, one, viewer) for one in found[:MOST_SHOWN]], f"{of}s")


def _row(of: str, one: Answerer, viewer: Viewer) -> list[Markup]:
    times = one.times
    share = figures.percent(figures.share(times.within, times.known))
    cells = [
        figures.count(one.late + one.unanswered),
        figures.count(one.answered),
        figures.count(one.unanswered),
        *(
            _or_not_reported(text, times.known or not one.answered, viewer)
            for text in (
                figures.count(one.late),
                share,
                figures.seconds(times.median, viewer.language),
                figures.seconds(times.p90, viewer.language),
            )
        ),
    ]
    return [
        tag("td", tag("b", one.name or viewer.say(f"none.{of}"))),
        *(tag("td", cell, class_="figure") for cell in cells),
    ]


def _or_not_reported(text: str, known: int | bool, viewer: Viewer) -> str:  # noqa: FBT001
    return text if known else viewer.say("not-reported")


def _rang_on(summary: Answering, target: Target, viewer: Viewer) -> str:
    """Say how many of the unanswered calls rang beyond the target, where that is reported."""
    after = summary.unanswered_after
    beyond = sum(after.rings[target.rings + 1 :])
    if after.not_reported == summary.unanswered and summary.unanswered:
        return viewer.say("console.unanswered_not_reported")
    return viewer.say("console.unanswered_note", beyond=figures.count(beyond), rings=target.rings)
