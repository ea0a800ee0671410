"""What kind of number was called, told from its first digits and its length.

A number plan is a CSV file, ``prefix,digits,class,name``. The longest prefix whose ``digits`` fits the length of the
whole number decides; ``digits`` is a length (``11``), a range (``5-10``), or empty for any. The class ``carrier``
marks a prefix that chooses a carrier (17909): it is taken off and the rest is classified. ``+`` counts as ``00``. A
number that fits no prefix is local. What has the form of a number of another site (``on_net``) is internal, as it is
dialled.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.sheet import Sheet
from collector.problems import choices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.accounting.sheet import Cell, Row
    from collector.config.model import Site
    from parsers.records import Direction

CLASSES = (
    "internal",
    "local",
    "mobile",
    "domestic",
    "hk-macau-taiwan",
    "international",
    "premium",
    "service",
    "emergency",
    "tollfree",
)
UNKNOWN = "unknown"

BY_COUNTRY = "country"
"""The plan of the site's country, which has no file."""

_CARRIER = "carrier"
_COLUMNS = ("prefix", "digits", "class", "name")
_BUILT_IN = Path(__file__).with_name("plans")
_REMEMBERED = 8192  # numbers; an office calls the same ones again and again


class _Rule(NamedTuple):
    shortest: int
    longest: int
    class_: str


class Plan:
    """A number plan."""

    def __init__(self, rules: dict[str, list[_Rule]], access: Sequence[str] = (), on_net: Sequence[str] = ()) -> None:
        self._rules = rules
        self._longest_prefix = max(map(len, rules), default=0)
        self._access = tuple(sorted(access, key=len, reverse=True))
        self._on_net = tuple((form.rstrip("x"), len(form)) for form in on_net)
        self.classify: Callable[[Direction, str | None], tuple[str, str | None]] = lru_cache(_REMEMBERED)(
            self._classify
        )
        """``classify(direction, number)`` returns the class and the carrier prefix that was dialled, if any."""
        self.rest: Callable[[str, str | None], str] = lru_cache(_REMEMBERED)(self._rest)
        """``rest(number, carrier)`` returns a dialled number without access code and the carrier prefix that was found."""

    @classmethod
    def load(cls, spec: str | Path, access: Sequence[str] = (), on_net: Sequence[str] = ()) -> Plan:
        """Load a built-in plan by name, or a CSV file; ``access`` are the digits dialled for an outside line.

        ``on_net`` are the forms of the numbers of other sites, an x for any digit.

        Raises ConfigError with all the faults of the file.
        """
        sheet = Sheet(plan_file(spec), _COLUMNS, needed=("prefix", "class"))
        rules: dict[str, list[_Rule]] = {}
        for row in sheet.rows():
            rule = _rule(sheet, row)
            rules.setdefault(row["prefix"].text.replace("+", "00"), []).append(rule)
        sheet.close()
        return cls(rules, access, on_net)

    def _classify(self, direction: Direction, number: str | None) -> tuple[str, str | None]:
        if direction == "internal":
            return "internal", None
        if not number:
            return UNKNOWN, None
        if any(len(number) == length and number.startswith(prefix) for prefix, length in self._on_net):
            return "internal", None
        number = _international(number)
        if direction == "incoming":
            return self._longest_match(number)[0], None
        number = self._without_access(number)
        class_, prefix = self._longest_match(number)
        if class_ != _CARRIER:
            return class_, None
        rest = number[len(prefix) :]
        # The prefix alone is how a two-stage call begins: the number follows unseen after the carrier has answered.
        return (self._longest_match(rest)[0] if rest else "service"), prefix

    def _rest(self, number: str, carrier: str | None) -> str:
        return self._without_access(_international(number))[len(carrier or "") :]

    def _without_access(self, number: str) -> str:
        code = next((code for code in self._access if number.startswith(code)), "")
        return number[len(code) :]

    def _longest_match(self, number: str) -> tuple[str, str]:
        """Return class and prefix of the rule for a number."""
        for length in range(min(len(number), self._longest_prefix), 0, -1):
            for rule in self._rules.get(number[:length], ()):
                if rule.shortest <= len(number) <= rule.longest:
                    return rule.class_, number[:length]
        return "local" if number.isdigit() else UNKNOWN, ""


def plan_of(site: Site) -> Plan:
    """The plan of a site. Raises ConfigError with all the faults of its file."""
    if site.plan == BY_COUNTRY:
        from collector.accounting.countries import CountryPlan  # noqa: PLC0415  (large tables: only where asked for)

        return CountryPlan(site.country, site.trunk_access, site.area_code, site.on_net)
    return Plan.load(site.plan, site.trunk_access, site.on_net)


def plan_file(spec: str | Path) -> Path:
    """The file of a plan: a site's own, or that of a built-in one."""
    return spec if isinstance(spec, Path) else _BUILT_IN / f"{spec}.csv"


def _international(number: str) -> str:
    return "00" + number[1:] if number.startswith("+") else number


def _rule(sheet: Sheet, row: Row) -> _Rule:
    prefix, class_ = row["prefix"], row["class"]
    if not re.fullmatch(r"\+?[0-9*#]+", prefix.text):
        sheet.fault(prefix, f'"{prefix.text}" cannot be dialled', "use the digits 0 to 9, +, * and #")
    if class_.text not in (*CLASSES, _CARRIER):
        sheet.fault(class_, f'unknown class "{class_.text}"', choices(class_.text, [*CLASSES, _CARRIER]))
    shortest, longest = _lengths(sheet, row["digits"])
    return _Rule(shortest, longest, class_.text)


def _lengths(sheet: Sheet, cell: Cell) -> tuple[int, int]:
    if not cell.text:
        return 1, 99
    match = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", cell.text)
    if match is None:
        sheet.fault(cell, f'"{cell.text}" is not a number of digits', "write 11, or 5-10, or leave it empty")
        return 1, 99
    return int(match[1]), int(match[2] or match[1])
