"""How the sections of a report are laid out: which columns, in which words, with which subtotals."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from collector.accounting.amounts import ZERO
from collector.office.performance import Work
from collector.reports.sums import Figures
from collector.reports.table import Column, Row, Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from collector.accounting.budgets.statements import Statement
    from collector.commands.violations import Entry
    from collector.reports.sums import Line
    from collector.reports.table import Cell, Kind
    from collector.reports.wording import Wording

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


_OF_OPERATOR: tuple[tuple[str, Kind], ...] = (
    ("report.operator", "text"),
    ("report.shift", "text"),
    ("calls", "count"),
    ("answered", "count"),
    ("report.answer-rate", "share"),
    ("report.in-time-rate", "share"),
    ("report.mean-ring", "duration"),
    ("report.transferred", "count"),
    ("report.transfer-rate", "share"),
    ("report.messages", "count"),
    ("report.message-rate", "share"),
)


class Layout:
    """Lays out sections in the words of one language. ``phone`` names the phone of a source and an extension."""

    def __init__(self, words: Wording, phone: Callable[[str, str], str]) -> None:
        self._words = words
        self._phone = phone

    def sums(self, fields: Sequence[str], found: Iterable[tuple[tuple[str, ...], Figures]]) -> Section:
        """Figures by the values of fields, in their order, with a subtotal for each value of the first."""
        ordered = sorted(found, key=lambda line: [_last(value) for value in line[0]])
        columns = [*(Column(self._words.label(field), "text") for field in fields), *self._words.columns(_COUNTED)]
        title = self._words.say("report.by-carrier" if fields[0] == "carrier" else "report.sums")
        lines = ((keys, self._words.names(fields, keys), figures, figures) for keys, figures in ordered)
        return Section(title, columns, list(self._with_subtotals(lines, len(fields), 1)))

    def tree(self, with_below: Mapping[str, Figures]) -> Section:
        """Figures of each department together with those that stand under it, however deep."""
        columns = [Column(self._words.label("department"), "text"), *self._words.columns(_COUNTED)]
        rows = [Row([name, *figures]) for name, figures in sorted(with_below.items())]
        return Section(self._words.say("report.with-below"), columns, rows)

    def calls(self, fields: Sequence[str], found: Iterable[Line]) -> Section:
        """Each call by itself, with a subtotal for each value of ``fields``."""
        columns = [*(Column(self._words.label(field), "text") for field in fields), *self._words.columns(_OF_CALL)]
        lines = (
            (
                line.keys,
                [*self._words.names(fields, line.keys), *self._of_call(line)],
                (line.talk_s, line.rated_s, line.cost),
                Figures(1, 0, 0, line.talk_s or 0, line.rated_s or 0, line.cost or ZERO),
            )
            for line in found
        )
        width = len(columns) - 3
        return Section(
            self._words.say("report.each"), columns, list(self._with_subtotals(lines, width, len(fields), cut=3))
        )

    def budgets(self, statements: Sequence[Statement], figures: Sequence[str]) -> Section:
        """The statement of each budget."""
        columns = [
            Column(self._words.say("report.scope"), "text"),
            Column(self._words.say("report.budget"), "text"),
            *(Column(self._words.say(f"report.{figure}"), "amount") for figure in figures),
            Column(self._words.say("report.currency-name"), "text"),
        ]
        rows = [
            Row(
                (
                    self._words.say(f"report.scope.{one.owner.scope}"),
                    one.owner.name,
                    *(getattr(one, figure) for figure in figures),
                    one.currency,
                )
            )
            for one in statements
        ]
        return Section(self._words.say("report.budgets"), columns, rows)

    def operators(self, done: Mapping[tuple[str, str], Work]) -> Section:
        """What each operator did in each shift, with a subtotal for each operator."""
        rows: list[Row] = []
        total = Work()
        for operator, shifts in groupby(done.items(), key=lambda item: item[0][0]):
            name = operator or self._words.say("report.nobody-on-duty")
            subtotal = Work()
            for (_, shift), one in shifts:
                rows.append(Row([name, shift, *_of_work(one)]))
                subtotal = subtotal.with_(one)
            rows.append(Row([name, self._words.say("report.subtotal"), *_of_work(subtotal)], "subtotal"))
            total = total.with_(subtotal)
        rows.append(Row([self._words.say("report.total"), None, *_of_work(total)], "total"))
        return Section(self._words.say("report.operators"), self._words.columns(_OF_OPERATOR), rows)

    def violations(self, entries: Iterable[Entry]) -> Section:
        """Each violation with what it charges now, with a subtotal for each department."""
        labels: tuple[tuple[str, Kind], ...] = (
            ("department", "text"),
            ("report.person-name", "text"),
            ("console.violation.at", "moment"),
            ("console.violation.rule", "text"),
            ("console.violation.why", "text"),
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
        return Section(self._words.say("report.violations"), self._words.columns(labels), list(rows))

    def _of_violation(self, entry: Entry) -> list[Cell]:
        broken = entry.kept.violation
        return [
            self._words.name("department", broken.department),
            self._words.name("person", broken.person),
            self._words.moment(broken.at),
            self._words.say(f"rule.{broken.rule}"),
            self._words.sentence(broken),
            broken.extension and self._phone(broken.source, broken.extension),
            self._words.number(broken.number),
            self._words.name("class", broken.class_),
            self._words.say(f"console.violation.{entry.kept.state}"),
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
            label = [*names[:depth], self._words.say("report.subtotal")]
            yield Row([*label, *[None] * (width - depth - 1), *subtotal[cut:]], "subtotal")
            total = total.with_(subtotal)
        yield Row([self._words.say("report.total"), *[None] * (width - 1), *total[cut:]], "total")

    def _of_call(self, line: Line) -> list[Cell]:
        return [
            self._words.moment(line.start),
            line.extension and self._phone(line.source, line.extension),
            self._words.name("direction", line.direction),
            line.number if line.direction == "internal" else self._words.number(line.number),
            self._words.name("class", line.class_),
            self._words.name("outcome", line.outcome),
        ]


def _of_work(one: Work) -> list[Cell]:
    answer, in_time, transfer, message = (None if rate is None else Decimal(rate) for rate in one.rates.values())
    ring = None if one.mean_ring_s is None else round(one.mean_ring_s)
    return [one.calls, one.answered, answer, in_time, ring, one.transferred, transfer, one.messages, message]


def _last(value: str) -> tuple[bool, str]:
    """What sorts an empty value behind all others."""
    return not value, value
