"""Durations as hours, minutes and seconds: how many seconds a printed one is, and how seconds are printed."""

from __future__ import annotations

from functools import lru_cache

_REMEMBERED = 4096


@lru_cache(_REMEMBERED)
def seconds(cell: str) -> int | None:
    """``HH:MM:SS``; blank is None."""
    if cell.isspace():
        return None
    return int(cell[0:2]) * 3600 + int(cell[3:5]) * 60 + int(cell[6:8])


def clock(seconds: int) -> str:
    """``HH:MM:SS``."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
