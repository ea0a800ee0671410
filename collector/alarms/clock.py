"""The clock of a PBX against ours: how far it is off, whether it jumped, and whether it missed summer time."""

from __future__ import annotations

JUMP_S = 120
"""A change of the drift that no clock makes by itself between two looks."""

_HOUR_S = 3600
_SLACK_S = 150


class DriftWatch:
    """Follows the drift of one source: seconds its clock is ahead of ours, as the records tell it."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._before: float | None = None
        self._jump = ""

    def look(self, drift_s: float | None) -> str | None:
        """A sentence while the clock is off by more than the limit; None while it is right or not known."""
        if drift_s is None:
            return None
        step = 0.0 if self._before is None else drift_s - self._before
        self._before = drift_s
        if abs(step) >= JUMP_S:
            self._jump = f" It jumped by {_seconds(step)}."
        if abs(drift_s) <= self._limit_s:
            self._jump = ""
            return None
        ahead = "ahead of" if drift_s > 0 else "behind"
        return (
            f"The PBX clock is {_seconds(abs(drift_s))} {ahead} ours.{self._jump}{_summer_time(drift_s)} Set it right."
        )


def _summer_time(drift_s: float) -> str:
    if abs(abs(drift_s) - _HOUR_S) > _SLACK_S:
        return ""
    return " That is an hour: it missed the change of summer time, or its zone is set otherwise than here."


def _seconds(seconds: float) -> str:
    """Seconds in words, coarser the more they are."""
    if abs(seconds) < _HOUR_S / 30:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if abs(seconds) < 2 * _HOUR_S else f"{seconds / _HOUR_S:.1f} h"
