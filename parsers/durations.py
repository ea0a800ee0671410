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


@lru_cache(_REMEMBERED)
def counted(cell: str) -> int:
    """``HH:MM:SS`` or ``MM:SS``, with digits missing or blanks in front."""
    seconds = 0
    for part in cell.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds


@lru_cache(_REMEMBERED)
def doubted(cell: str) -> tuple[int, str | None]:
    """``HH:MM:SS``, and what is doubtful about it where its minutes or seconds are more than 59."""
    hours, minutes, seconds = map(int, cell.split(":"))
    doubt = f"no such duration: {cell}" if minutes > 59 or seconds > 59 else None
    return hours * 3600 + minutes * 60 + seconds, doubt


def clock(seconds: int) -> str:
    """``HH:MM:SS``."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
