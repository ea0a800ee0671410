"""How the sections of a report are laid out: which columns, in which words, with which subtotals."""

from __future__ import annotations

import datetime as dt
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from collector.accounting.amounts import ZERO
from collector.reports.sums import Figures
from collector.reports.table import Column, Row, Section
from dashboards.words import WORDS, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from collector.accounting.budgets.statements import Statement
    from collector.commands.violations import Entry
    from collector.reports.period import Period
    from collector.reports.sums import Line
    from collector.reports.table import Cell, Kind
    from dashboards.words import Language

MASKED_DIGITS = 4

_LABELS = {"person": "report.person-name", "range": "report.range", "place": "report.place"}
"""Words for fields that are not called by their own name."""
_NONE = {"department": "none.department", "person": "report.nobody", "trunk": "none.trunk"}
_COUNTED: tuple[tuple[str, Kind], ...] = (
    ("calls", "count"),
    ("answered", "count"),
    ("report.missed", "count"),
    ("talk-time", "duration"),
    ("report.rated", "duration"),
    ("cost", "amount"),
)
_OF_CALL: tuple[tuple[str, Kind], ...] = (
    ("report.start", "moment"),
    ("extension", "text"),
    ("direction", "text"),
    ("report.number-dialled", "text"),
    ("class", "text"),
    ("outcome", "text"),
    *_COUNTED[3:],
)


class Layout:
    """Lays out sections in one language."""

    def __init__(self, language: Language, zone: ZoneInfo, *, masked: bool) -> None:
        self._language = language
        self._zone = zone
        self._masked = masked
        self._name = cache(self._name_of)
        """``name(field, value)`` is a value in words, where there are words for it."""

    def say(self, key: str) -> str:
        """The word for a key of the catalogue."""
        return word(key, self._language)

    def about(
        self, site: str, period: Period, currency: str | None, of: str | None, made: dt.datetime, *, numbers: bool
    ) -> list[str]:
        """The lines under the title."""
        lines = [self.say("report.period").format(site=site, period=period.name)]
        lines += [self.say("report.of").format(name=of)] if of else []
        lines += [self.say("report.currency").format(currency=currency)] if currency else []
        lines += [self.say("report.masked")] if numbers and self._masked else []
        return [*lines, self.say("report.made").format(moment=f"{made:%Y-%m-%d %H:%M}")]

    def sums(self, fields: Sequence[str], found: Iterable[tuple[tuple[str, ...], Figures]]) -> Section:
        """Figures by the values of fields, in their order, with a subtotal for each value of the first."""
        ordered = sorted(found, key=lambda line: [_last(value) for value in line[0]])
        columns = [*(Column(self._label(field), "text") for field in fields), *self._columns(_COUNTED)]
        title = self.say("report.by-carrier" if fields[0] == "carrier" else "report.sums")
        lines = ((keys, self._names(fields, keys), figures, figures) for keys, figures in ordered)
        return Section(title, columns, list(self._with_subtotals(lines, len(fields), 1)))

    def tree(self, found: Iterable[tuple[tuple[str, ...], Figures]], above: Callable[[str], Sequence[str]]) -> Section:
        """Figures of each department and those that stand under it, however deep; ``above`` tells those over one."""
        with_below: dict[str, Figures] = {}
        for (department, *_), figures in found:
            for name in (department, *above(department)) if department else ():
                with_below[name] = with_below.get(name, Figures()).with_(figures)
        columns = [Column(self._label("department"), "text"), *self._columns(_COUNTED)]
        rows = [Row([name, *figures]) for name, figures in sorted(with_below.items())]
        return Section(self.say("report.with-below"), columns, rows)

    def calls(self, fields: Sequence[str], found: Iterable[Line]) -> Section:
        """Each call by itself, with a subtotal for each value of ``fields``."""
        columns = [*(Column(self._label(field), "text") for field in fields), *self._columns(_OF_CALL)]
        lines = (
            (
                line.keys,
                [*self._names(fields, line.keys), *self._of_call(line)],
                (line.talk_s, line.rated_s, line.cost),
                Figures(1, 0, 0, line.talk_s or 0, line.rated_s or 0, line.cost or ZERO),
            )
            for line in found
        )
        width = len(columns) - 3
        return Section(self.say("report.each"), columns, list(self._with_subtotals(lines, width, len(fields), cut=3)))

    def budgets(self, statements: Sequence[Statement], figures: Sequence[str]) -> Section:
        """The statement of each budget."""
        columns = [
            Column(self.say("report.scope"), "text"),
            Column(self.say("report.budget"), "text"),
            *(Column(self.say(f"report.{figure}"), "amount") for figure in figures),
            Column(self.say("report.currency-name"), "text"),
        ]
        rows = [
            Row(
                (
                    self.say(f"report.scope.{one.owner.scope}"),
                    one.owner.name,
                    *(getattr(one, figure) for figure in figures),
                    one.currency,
                )
            )
            for one in statements
        ]
        return Section(self.say("report.budgets"), columns, rows)

    def violations(self, entries: Iterable[Entry]) -> Section:
        """Each violation with what it charges now, with a subtotal for each department."""
        labels: tuple[tuple[str, Kind], ...] = (
            ("department", "text"),
            ("report.person-name", "text"),
            ("console.violation.at", "moment"),
            ("console.violation.rule", "text"),
            ("extension", "text"),
            ("report.number-dialled", "text"),
            ("class", "text"),
            ("console.violation.state", "text"),
            ("console.violation.amount", "amount"),
        )
        found = sorted(
            entries, key=lambda one: (*_last(one.kept.violation.department), *_last(one.kept.violation.person))
        )
        lines = (
            ((one.kept.violation.department,), self._of_violation(one), (one.amount,), Figures(cost=one.amount))
            for one in found
        )
        rows = self._with_subtotals(lines, len(labels) - 1, 1, cut=5)
        return Section(self.say("report.violations"), self._columns(labels), list(rows))

    def _of_violation(self, entry: Entry) -> list[Cell]:
        broken = entry.kept.violation
        return [
            self._name("department", broken.department),
            self._name("person", broken.person),
            self._moment(broken.at),
            self.say(f"rule.{broken.rule}"),
            broken.extension,
            self._shown_of(broken.number),
            self._name("class", broken.class_),
            self.say(f"console.violation.{entry.kept.state}"),
        ]

    def _with_subtotals(
        self,
        lines: Iterable[tuple[tuple[str, ...], Sequence[Cell], Sequence[Cell], Figures]],
        width: int,
        depth: int,
        cut: int = 0,
    ) -> Iterator[Row]:
        """Rows of ``width`` cells and the figures behind them, with a subtotal wherever the first ``depth`` keys change.

        Of the figures of a subtotal, the first ``cut`` are left out.
        """
        total = Figures()
        for _, group in groupby(lines, key=lambda line: line[0][:depth]):
            subtotal = Figures()
            names: Sequence[Cell] = ()
            for _, names, shown, figures in group:
                yield Row([*names, *shown])
                subtotal = subtotal.with_(figures)
            label = [*names[:depth], self.say("report.subtotal")]
            yield Row([*label, *[None] * (width - depth - 1), *subtotal[cut:]], "subtotal")
            total = total.with_(subtotal)
        yield Row([self.say("report.total"), *[None] * (width - 1), *total[cut:]], "total")

    def _of_call(self, line: Line) -> list[Cell]:
        return [
            self._moment(line.start),
            line.extension,
            self._name("direction", line.direction),
            line.number if line.direction == "internal" else self._shown_of(line.number),
            self._name("class", line.class_),
            self._name("outcome", line.outcome),
        ]

    def _moment(self, at: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(at, self._zone).replace(tzinfo=None)

    def _shown_of(self, number: str) -> str:
        if not self._masked:
            return number
        shown = len(number) - MASKED_DIGITS
        return number[:shown] + "*" * MASKED_DIGITS if shown > 0 else "*" * len(number)

    def _names(self, fields: Sequence[str], keys: Sequence[str]) -> list[str]:
        return [self._name(field, key) for field, key in zip(fields, keys, strict=True)]

    def _name_of(self, field: str, value: str) -> str:
        if not value:
            return self.say(_NONE[field]) if field in _NONE else ""
        key = f"{field}.{value}"
        return self.say(key) if key in WORDS else value

    def _label(self, field: str) -> str:
        return self.say(_LABELS.get(field, field))

    def _columns(self, keys: Iterable[tuple[str, Kind]]) -> list[Column]:
        return [Column(self.say(key), kind) for key, kind in keys]


def _last(value: str) -> tuple[bool, str]:
    """What sorts an empty value behind all others."""
    return not value, value
