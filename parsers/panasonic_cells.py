"""What the printed lines of all Panasonic families have in common: durations, numbers, headings, condition codes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsers.records import Leg

NUMBER = re.compile(r"[\d*#.XPF=-]+")
"""Digits as a Panasonic prints them: P pause, F flash, = host access code, X and . hidden digits."""

HEADINGS = (
    (r"(?=[\f ]*+[A-Za-z\x80-\xff. /-]+$)[\f ]*+\S++(?: \S++)*+(?:  ++\S++(?: \S++)*+){4,} *$", "heading"),
    (r"[-*]{20,}\s*$", "heading"),
)
"""A row of titles in any language, known by its gaps, and the rule above or below it."""

_REMEMBERED = 4096
_JOIN_SLACK_S = 65
"""Stamps are whole minutes: neighbours of one call may seem this far apart."""


@lru_cache(_REMEMBERED)
def seconds(cell: str) -> int | None:
    """``HH:MM'SS``, whatever stands behind it; blank is None."""
    if cell.isspace():
        return None
    return int(cell[0:2]) * 3600 + int(cell[3:5]) * 60 + int(cell[6:8])


@lru_cache(_REMEMBERED)
def minutes_and_seconds(cell: str) -> int | None:
    """``M'SS`` or ``MM'SS``; blank, or no such column, is None."""
    minutes, _, rest = cell.strip().partition("'")
    return int(minutes) * 60 + int(rest) if rest else None


def as_duration(whole: int) -> str:
    """``HH:MM'SS``."""
    return f"{whole // 3600:02}:{whole // 60 % 60:02}'{whole % 60:02}"


def handed_on(last: Leg, leg: Leg) -> bool:
    """Whether ``leg``, marked as transferred and stamped with its start, goes on with the call ``last`` was of.

    It begins on the same trunk while that call lasts: not before ``last`` began, not after it ended.
    """
    if not leg.transferred or leg.start is None or last.start is None or leg.direction != last.direction:
        return False
    return -_JOIN_SLACK_S <= leg.start - last.start <= (last.talk_s or 0) + _JOIN_SLACK_S
