"""Avaya (Lucent) Definity: call detail recording in a customized layout.

Manual: Definity R8 and Communication Manager administrator's guides, "Call Detail Recording" (fields, condition codes).
A customized record has the fields a site chose, in its order (``display system-parameters cdr``): these columns are from
a PBX, another choice needs columns of its own.

Port: EIA port or data module; CR LF after a record. Blanks at the end may be cut::

    7 111003 1029 0155   2314          5550142        119
    9 111003 1021 0038   2350      05550142933    8017431                   211
    condition date time duration calling dialled code+circuit out       circuit in

The stamp is the END of the call, in minutes. Duration is hours, minutes, tenths of a minute (``0155``: 15 minutes 30);
9999 means that the clock was set during the call.

Condition: 0 between stations; 7, A, B outgoing; 9 incoming, or tandem where a circuit out is printed too; 1 by way of the
attendant; 4 a part of a very long call; C conference; E, F no trunk or not allowed; G, H, I a call that rang and was
answered, abandoned or found the station busy, in a record of its own whose duration is the ring time.

Not certain: an outgoing call that was not supervised has a duration too, so its outcome is ``unknown``. On an incoming
call the caller is taken to stand in the calling column and the station in the dialled one, as the manual has it; codes
other than 7 and 9 are from the manual. The order of day and month is a setting of the PBX.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from parsers.formats import Format, Joining
from parsers.layout import Column, Columns
from parsers.records import Leg, Rejected

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "avaya/definity"

CUSTOMIZED = Columns(
    Column("condition", 1, 1, r"[0-9A-N]"),
    Column("date", 3, 8, r"\d{6}"),
    Column("time", 10, 13, r"\d{4}"),
    Column("duration", 15, 18, r"\d{4}"),
    Column("calling", 20, 25, r"[ \d]{6}", ">"),
    Column("dialled", 26, 42, r"[ \d*#]{17}", ">"),
    Column("code", 46, 50, r"[ \d*#]{5}", ">"),
    Column("circuit_out", 51, 53, r"[ \d]{3}", ">"),
    Column("between", 54, 71),
    Column("circuit_in", 72, 76, r"[ \d]{5}"),
)

_FAILED = frozenset("EF")
_WITHOUT_TRUNK = frozenset("0EF")
_SHORTEST = 53
_OUTCOME_OF_RINGING: dict[str, Outcome] = {"G": "answered", "H": "unanswered", "I": "busy"}
_DIRECTION: dict[str, Direction] = {
    **dict.fromkeys("0", "internal"),
    **dict.fromkeys("7ABEF", "outgoing"),
    **dict.fromkeys("9GHI", "incoming"),
}
_CLOCK_SET = "9999"
_JOIN_SLACK_S = 120


def _read(line: Line, stamps: Stamps) -> Record:
    condition, date, time, duration, calling, dialled, code, circuit_out, between, circuit_in = line.cells
    calling, dialled, trunk_out, trunk_in = calling.strip(), dialled.strip(), circuit_out.strip(), circuit_in.strip()
    direction = _direction(condition, trunk_out, trunk_in)
    if len(line.text) < _SHORTEST and condition not in _WITHOUT_TRUNK:
        return Rejected(line.offset, _NAME, "too-short", "the line ends before the circuits", line.text)
    incoming, internal = direction == "incoming", direction == "internal"
    lasted_s = _seconds(duration)
    ringing = condition in _OUTCOME_OF_RINGING
    start, doubt = stamps.date_and_time(f"{date[:2]}/{date[2:4]}/{date[4:]}", f"{time[:2]}:{time[2:]}", line.received)
    if start is not None and stamps.printed == "end":
        start -= lasted_s or 0
    if lasted_s is None:
        doubt = doubt or "the clock of the PBX was set during the call" if duration == _CLOCK_SET else doubt
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        60,
        direction,
        _outcome(condition, direction, lasted_s),
        (dialled if incoming else calling) or None,
        (dialled or None) if internal else None,
        (trunk_in if incoming else trunk_out or trunk_in) or None,
        None if internal else (calling if incoming else dialled) or None,
        None,  # did
        lasted_s if ringing else None,
        None if ringing else lasted_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        condition == "C",
        None,  # account_code
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        _extra(condition, code.strip(), trunk_in if direction == "tandem" else "", between.strip(), doubt),
        line.text,
    )


def _extra(condition: str, code: str, trunk_in: str, between: str, doubt: str | None) -> dict[str, str]:
    extra = {
        "condition": condition,
        "access_code": code,
        "trunk_in": trunk_in,
        "between": between,
        "doubt": doubt or "",
    }
    return {key: value for key, value in extra.items() if value}


def _direction(condition: str, trunk_out: str, trunk_in: str) -> Direction:
    """By the circuits where they say more than the condition does."""
    if condition == "0":
        return "internal"
    if trunk_in and trunk_out:
        return "tandem"
    if trunk_out or trunk_in:
        return "outgoing" if trunk_out else "incoming"
    return _DIRECTION.get(condition, "unknown")


def _outcome(condition: str, direction: Direction, lasted_s: int | None) -> Outcome:
    if condition in _FAILED:
        return "failed"
    if condition in _OUTCOME_OF_RINGING:
        return _OUTCOME_OF_RINGING[condition]
    if lasted_s == 0:
        return "unanswered"
    return "answered" if lasted_s and direction in {"incoming", "internal"} else "unknown"


@lru_cache(4096)
def _seconds(cell: str) -> int | None:
    """Hours, minutes, tenths of a minute; None where they are no duration."""
    if cell == _CLOCK_SET:
        return None
    return int(cell[0]) * 3600 + int(cell[1:3]) * 60 + int(cell[3]) * 6


def _is_ringing(leg: Leg) -> bool:
    return (leg.extra or {}).get("condition") == "G"


def _continues(last: Leg, leg: Leg) -> bool:
    """The record of a call follows the record of its ringing."""
    if not _is_ringing(last) or leg.extension != last.extension or leg.start is None or last.start is None:
        return False
    return abs(leg.start - last.start - (last.ring_s or 0)) <= _JOIN_SLACK_S


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg."""
    outgoing, incoming, internal = (leg.direction == one for one in ("outgoing", "incoming", "internal"))
    tenths = max(1, leg.talk_s // 6) if leg.talk_s else 0
    return {
        "condition": "7" if outgoing else "9" if incoming else "0",
        "date": f"{leg.end:%d%m%y}",
        "time": f"{leg.end:%H%M}",
        "duration": f"{tenths // 600}{tenths // 10 % 60:02}{tenths % 10}",
        "calling": "" if incoming else leg.extension,
        "dialled": (leg.peer_extension if internal else leg.extension if incoming else leg.number) or "",
        "circuit_out": (leg.trunk or "") if outgoing else "",
        "circuit_in": f" {leg.trunk or ''}" if incoming else "",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="Avaya Definity, a site's customized layout",
        status="verified",
        layouts=(CUSTOMIZED,),
        read=_read,
        noise=((r"\d\d ?\d\d$", "heading"),),
        stamp="end",
        transport="serial",
        cells=_cells,
        begins=r"[0-9A-N] \d{6} \d{4} \d{4} ",
        answered=True,
        step_s=6,
        joining=Joining(key=lambda leg: leg.trunk, continues=_continues, more=_is_ringing, timeout_s=4 * 3600),
        samples=(
            b"7 111003 1029 0155   2314          5550142        119                       ",
            b"9 111003 1021 0038   2350      05550142933    8017431                   211 ",
            b"9 111003 1041 0012                    2350                              211",
            b"7 111003 1033 0001   2314              100        045                     ",
        ),
    ),
)
