"""Numbers as different parties write them: the PBX, the carrier, those who call and those who are called."""

from __future__ import annotations

import re
from functools import lru_cache

_COUNTRY = re.compile(r"^(?:\+|00)86|^86(?=1\d{10}$)")
_SHORTEST = 5
"""No number without its area code is shorter than six digits: what is so short is not one behind an area code."""


@lru_cache(8192)
def comparable(number: str, area_code: str) -> str:
    """A number without the own country and area, and without leading zeros: the same however it was dialled."""
    number = _COUNTRY.sub("", number).lstrip("+0")
    area = area_code.lstrip("0")
    return number.removeprefix(area) if area and len(number) > len(area) + _SHORTEST else number
