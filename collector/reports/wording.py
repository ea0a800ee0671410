"""The words of a report in one language, and how names, numbers and moments are shown in it."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

from collector.reports.table import Column
from collector.rules.sentences import sentence
from dashboards.words import WORDS, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from collector.reports.period import Period
    from collector.reports.table import Kind
    from collector.rules.violation import Violation
    from dashboards.words import Language

MASKED_DIGITS = 4

_LABELS = {"person": "report.person-name", "range": "report.range", "place": "report.place"}
"""Words for fields that are not called by their own name."""
_NONE = {"department": "none.department", "person": "report.nobody", "trunk": "none.trunk"}
_IN_WORDS = frozenset({"class", "direction", "outcome"})
"""Fields whose values are words of ours."""


class Wording:
    """Words, in the time zone of a site. With ``masked`` the last digits of outside numbers are not shown."""

    def __init__(self, language: Language, zone: ZoneInfo, *, masked: bool) -> None:
        self._language = language
        self._zone = zone
        self._masked = masked
        self.name = cache(self._name)
        """``name(field, value)`` is a value of a field in words."""

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

    def moment(self, at: int) -> dt.datetime:
        """UTC seconds by the clock of the site."""
        return dt.datetime.fromtimestamp(at, self._zone).replace(tzinfo=None)

    def number(self, number: str) -> str:
        """The number of an outside party."""
        if not self._masked:
            return number
        shown = len(number) - MASKED_DIGITS
        return number[:shown] + "*" * MASKED_DIGITS if shown > 0 else "*" * len(number)

    def sentence(self, one: Violation) -> str:
        """Why a violation is one."""
        return sentence(one, self._language)

    def names(self, fields: Sequence[str], keys: Sequence[str]) -> list[str]:
        """The values of several fields in words."""
        return [self.name(field, key) for field, key in zip(fields, keys, strict=True)]

    def _name(self, field: str, value: str) -> str:
        if not value:
            return self.say(_NONE[field]) if field in _NONE else ""
        key = f"{field}.{value}"
        return self.say(key) if field in _IN_WORDS and key in WORDS else value

    def label(self, field: str) -> str:
        """What a field is called."""
        return self.say(_LABELS.get(field, field))

    def columns(self, keys: Iterable[tuple[str, Kind]]) -> list[Column]:
        """Columns by the keys of their labels."""
        return [Column(self.say(key), kind) for key, kind in keys]
