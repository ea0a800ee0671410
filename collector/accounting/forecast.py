"""What a month will have cost, if it goes on as it has."""

from __future__ import annotations

_DAY_S = 86_400


def forecast(spent: int, month: tuple[int, int], now: int) -> int | None:
    """An amount up to ``now`` spread over the month [first, end), UTC seconds; None on its first day: nothing follows of it."""
    first, end = month
    past = now - first
    return round(spent * (end - first) / past) if past >= _DAY_S else None
