"""The number plan of any country, and where a number is: by the tables of the library phonenumbers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult

from collector.accounting.plan import UNKNOWN, Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phonenumbers import PhoneNumber

_NANP = 1
"""The calling code of North America, where the 1 before an area code may be left out."""
_CLASSES = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.TOLL_FREE: "tollfree",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "service",
    PhoneNumberType.UAN: "service",
}


class CountryPlan(Plan):
    """How numbers are dialled in a country. Without the site's ``area_code`` every number with one is ``domestic``."""

    def __init__(
        self, country: str, access: Sequence[str] = (), area_code: str = "", on_net: Sequence[str] = ()
    ) -> None:
        super().__init__({}, access, on_net)
        self._country = country
        self._code = phonenumbers.country_code_for_region(country)
        self._prefix = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or ""
        self._area = area_code

    def _longest_match(self, number: str) -> tuple[str, str]:
        return self._class(number), ""

    def _class(self, number: str) -> str:
        if not number.isdigit():
            return UNKNOWN
        if phonenumbers.is_emergency_number(number, self._country):
            return "emergency"
        parsed = parse(number, self._country)
        if parsed is None:
            return "local"
        return self._of_this_country(number, parsed) if parsed.country_code == self._code else "international"

    def _of_this_country(self, number: str, parsed: PhoneNumber) -> str:
        if phonenumbers.is_valid_short_number_for_region(parsed, self._country):
            cost = phonenumbers.expected_cost_for_region(parsed, self._country)
            return "premium" if cost == phonenumbers.ShortNumberCost.PREMIUM_RATE else "service"
        kind = phonenumbers.number_type(parsed)
        if kind in _CLASSES:
            return _CLASSES[kind]
        return "local" if self._is_local(number, parsed) else "domestic"

    def _is_local(self, number: str, parsed: PhoneNumber) -> bool:
        if phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            return True
        is_whole = number.startswith((self._prefix, "00")) or self._code == _NANP
        if self._prefix and not is_whole:
            return True
        length = phonenumbers.length_of_geographical_area_code(parsed)
        area = phonenumbers.national_significant_number(parsed)[:length]
        return bool(self._area) and area == self._area


class Place(NamedTuple):
    """Where a number is, in one language; empty what is not known."""

    country: str
    area: str
    operator: str


def parse(number: str, country: str) -> PhoneNumber | None:
    """A number as dialled in a country; 00 and + are how another country begins. None where it is no number."""
    try:
        return phonenumbers.parse(f"+{number[2:]}" if number.startswith("00") else number, country)
    except NumberParseException:
        return None


@lru_cache(8192)
def place(number: str, country: str, language: str) -> Place:
    """Where the number of an outside party is, and which operator gave it out. ``number`` is without access codes."""
    from phonenumbers import carrier, geocoder  # noqa: PLC0415  (their tables take 110 MB: only where a name is asked for)

    parsed = parse(number, country)
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        return Place("", "", "")
    where = geocoder.country_name_for_number(parsed, language)
    area = geocoder.description_for_valid_number(parsed, language)
    return Place(where, "" if area == where else area, carrier.name_for_number(parsed, language))


@lru_cache
def name_of_code(code: int, language: str) -> str:
    """The country, or the largest of those, that is called with a code such as 44; '' where it is of none."""
    from phonenumbers import geocoder  # noqa: PLC0415  (its tables take 100 MB: only where a name is asked for)

    example = phonenumbers.example_number(phonenumbers.region_code_for_country_code(code))
    return geocoder.country_name_for_number(example, language) if example else ""
