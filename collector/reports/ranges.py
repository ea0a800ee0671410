"""Which range a number of an outside party is of: the prefix that operators, areas and countries have, and its name."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from collector.accounting.countries import name_of_code, parse, place

_MOBILE_DIGITS = 3
_SHORT_DIGITS = 3
_UNKNOWN_AREA_DIGITS = 3
_KEPT_DIGITS = (8, 5, 4, 3)
_KEY_DIGITS = 8
"""Numbers that begin with as many equal digits, and are as long, are of one range."""


class Range(NamedTuple):
    """The first digits that numbers have in common, and where, or whose, they are; empty what is not known."""

    prefix: str
    place: str


NOWHERE = Range("", "")


class Ranges:
    """The ranges of numbers as they are dialled at a site, with names in one language."""

    def __init__(self, country: str, language: str) -> None:
        self._country = country
        self._language = language
        self._known = lru_cache(65_536)(self._range)

    def of(self, class_: str, number: str) -> Range:
        """The range of a number without access code and carrier prefix, of a class of the number plan."""
        number = f"00{number[1:]}" if number.startswith("+") else number
        if class_ in ("internal", "unknown", "local") or not number.isdigit():
            return NOWHERE
        return self._known(class_, number[:_KEY_DIGITS], len(number))

    def _range(self, class_: str, begin: str, length: int) -> Range:
        number = begin.ljust(length, "0")
        if class_ in ("service", "premium", "emergency", "tollfree"):
            return Range(begin[:_SHORT_DIGITS], "")
        parsed = parse(number, self._country)
        if parsed is None or parsed.country_code is None:
            return NOWHERE
        if class_ in ("international", "hk-macau-taiwan"):
            return Range(f"00{parsed.country_code}", name_of_code(parsed.country_code, self._language))
        if class_ == "mobile":
            operator = place(number, self._country, self._language).operator
            return Range(str(parsed.national_number)[:_MOBILE_DIGITS], operator)
        return self._area(number)

    def _area(self, number: str) -> Range:
        """The area code; of a number that nobody has, the code of the subscribers beside it."""
        for kept in _KEPT_DIGITS:
            neighbour = number[:kept].ljust(len(number), "8")
            parsed = parse(neighbour, self._country)
            digits = phonenumbers.length_of_geographical_area_code(parsed) if parsed else 0
            if parsed and digits:
                begin = neighbour.index(str(parsed.national_number))
                return Range(number[: begin + digits], place(neighbour, self._country, self._language).area)
        return Range(number[:_UNKNOWN_AREA_DIGITS], "")
