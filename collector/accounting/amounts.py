"""Amounts of money: exact decimals, written as people write them."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Literal

Rounding = Literal["half-up", "half-even", "up", "down"]
_MODES = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "up": ROUND_CEILING, "down": ROUND_FLOOR}
ZERO = Decimal(0)
_AMOUNT = re.compile(r"[+-]?\d{1,12}(\.\d{1,6})?")
_CENT = Decimal("0.01")


def amount_of(text: str) -> Decimal:
    """The amount a person wrote: up to twelve digits, a point, up to six more. Raises ValueError with message and hint."""
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f'"{text}" is not an amount', "write it as 30 or 30.50")
    return Decimal(text)


def written(amount: Decimal) -> str:
    """An amount with two digits behind the point, or as many more as it has."""
    exact = amount.normalize()
    return f"{exact.quantize(_CENT):f}" if exact == exact.quantize(_CENT) else f"{exact:f}"


def rounded(amount: Decimal, places: int, rounding: Rounding) -> Decimal:
    """``amount`` with so many decimal places."""
    return amount.quantize(Decimal(1).scaleb(-places), _MODES[rounding])
