"""Counts and moments in a sentence."""

from __future__ import annotations

from datetime import datetime


def counted(number: int, one: str, more: str = "") -> str:
    """The number, with commas between thousands, and what is counted: ``more`` of them is ``one`` with an s if not given."""
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def to_the_second(iso: str) -> str:
    """A moment in ISO 8601 as a person reads it: 2026-10-02 00:00:00+08:00."""
    return datetime.fromisoformat(iso).isoformat(" ", "seconds")
