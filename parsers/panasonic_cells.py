"""What the printed lines of all Panasonic families have in common: durations, numbers, headings, condition codes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsers.records import Leg

NUMBER = re.compile(r"[\d*#.XPF=<>-]+")
"""Digits as a Panasonic prints them: P pause, F flash, = host access code, X and . hidden digits, < # and > * at DBS."""

_NUMBER_AND_NAME = re.compile(r"([\d*#X-]{3,}) +(.*)")
_NAME_AND_NUMBER = re.compile(r"(.*[^\d\s])(\d{3,})")

HEADINGS = (
    (r"(?=[\f ]*+[A-Za-z\x80-\xff. /-]+$)[\f ]*+\S++(?: \S++)*+(?:  ++\S++(?: \S++)*+){4,} *$", "heading"),
    (r"[-*]{20,}\s*$", "heading"),
)
"""A row of titles in any language, known by its gaps, and the rule above or below it."""

_BEFORE_DIGITS = "PF/ "
_REMEMBERED = 4096
_JOIN_SLACK_S = 65
"""Stamps are whole minutes: neighbours of one call may seem this far apart."""


@lru_cache(_REMEMBERED)
def seconds(cell: str) -> int | None:
    """``HH:MM'SS``, whatever stands behind it; blanks and stars are None."""
    if cell[0] in " *":
        return None
    return int(cell[0:2]) * 3600 + int(cell[3:5]) * 60 + int(cell[6:8])


@lru_cache(_REMEMBERED)
def minutes_and_seconds(cell: str) -> int | None:
    """``M'SS`` or ``MM'SS``; blanks, stars, or no such column, are None."""
    minutes, _, rest = cell.strip(" *'").partition("'")
    return int(minutes) * 60 + int(rest) if rest else None


@lru_cache(_REMEMBERED)
def party(text: str) -> tuple[str | None, str | None]:
    """Number and name of an outside party, each of them or both: ``number/name``, ``number name``, ``namenumber``."""
    if not text or _is_number(text):
        return text or None, None
    one, stroke, other = (part.strip() for part in text.partition("/"))
    if stroke and _is_number(one):
        return one, other or None
    if stroke and _is_number(other):
        return other, one or None
    if found := _NUMBER_AND_NAME.fullmatch(text):
        return found[1], found[2]
    if found := _NAME_AND_NUMBER.fullmatch(text):
        return found[2], found[1]
    return None, text


@lru_cache(_REMEMBERED)
def dialled(text: str) -> tuple[str | None, str | None]:
    """The digits of an outgoing call, and the name where one was dialled by its name.

    Pauses and flashes before the digits are no part of the number; behind ``-`` stands what was dialled in a transfer.
    """
    number, name = party(text.lstrip(_BEFORE_DIGITS))
    return (number.partition("-")[0] or None) if number else None, name


def _is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text.replace(" ", "")))


def as_duration(whole: int) -> str:
    """``HH:MM'SS``."""
    return f"{whole // 3600:02}:{whole // 60 % 60:02}'{whole % 60:02}"


def told(leg: Leg) -> tuple[object, ...]:
    """What two lines of one call do not have alike, and a line that is printed twice has."""
    return leg.start, leg.extension, leg.trunk, leg.ring_s, leg.talk_s, leg.account_code, leg.extra


def handed_on(last: Leg, leg: Leg) -> bool:
    """Whether ``leg``, marked as transferred and stamped with its start, goes on with the call ``last`` was of.

    It begins on the same trunk while that call lasts: not before ``last`` began, not after it ended. A line that is
    printed twice is not handed on to itself.
    """
    if (
        told(leg) == told(last)
        or not leg.transferred
        or leg.start is None
        or last.start is None
        or leg.direction != last.direction
    ):
        return False
    return -_JOIN_SLACK_S <= leg.start - last.start <= (last.talk_s or 0) + _JOIN_SLACK_S
