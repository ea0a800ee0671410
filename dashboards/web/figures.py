"""Numbers and times as they are printed on the console's pages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from collector.accounting.amounts import written
from dashboards.words import word

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from dashboards.words import Language

NONE = "–"  # noqa: RUF001  (an en dash stands for "nothing to show")


def count(number: int) -> str:
    """``12345`` as ``12,345``."""
    return f"{number:,}"


def decimal(number: float | None) -> str:
    """Three significant digits at least, never an exponent: ``0.042``, ``3.14``, ``128``."""
    if number is None:
        return NONE
    places = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2 if abs(number) >= 1 or not number else 3
    return f"{number:,.{places}f}"


def money(micros: int) -> str:
    """Millionths of a currency as an amount with two places: ``1,234.50``."""
    return f"{Decimal(micros).scaleb(-6):,.2f}"


def amount(sum_: Decimal) -> str:
    """An amount with two places at least: ``1,234.50``, ``0.055``."""
    return f"{Decimal(written(sum_)):,}"


def percent(share: float | None) -> str:
    """``0.8734`` as ``87.3 %``."""
    return NONE if share is None else f"{share * 100:.1f} %"


def share(part: int, whole: int) -> float | None:
    """Return ``part / whole``, None where there is nothing to share."""
    return part / whole if whole else None


def duration(seconds: float | None) -> str:
    """Seconds as ``m:ss`` or ``h:mm:ss``."""
    if seconds is None:
        return NONE
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def short_duration(seconds: float, language: Language) -> str:
    """Seconds as `duration`, or as whole hours where that would not fit a column."""
    return duration(seconds) if seconds < 360_000 else f"{seconds / 3600:,.0f} {word('console.unit.h', language)}"


def seconds(value: float | None, language: Language, form: str = "") -> str:
    """``12`` as ``12 s``; ``form`` is how Python formats the number."""
    return NONE if value is None else f"{value:{form}} {word('console.unit.s', language)}"


def hours(seconds: float) -> float:
    """Seconds as hours, rounded to what a chart can show."""
    return round(seconds / 3600, 3)


def moment(second: float | None, zone: ZoneInfo) -> str:
    """A POSIX second as the site's wall clock: ``2026-11-23 14:05:09``."""
    return NONE if second is None else f"{datetime.fromtimestamp(second, zone):%Y-%m-%d %H:%M:%S}"
