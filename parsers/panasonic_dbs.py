"""Panasonic DBS, European versions 3 and 4: call logging lines of fixed columns.

Manual: DBS operating instructions of March 1997, "call logging output" of version 3 (fields and condition codes). The
columns are those of a capture of a DBS 90.

Port: serial port of the cabinet, speed programmable. Line end CR LF. No heading.

Extension, line, day, month, start, duration, condition code, digits, account, cost::

      267  11  22 05 14:51  0:00.50 O 5550121                              000000
      262  18  22 05 14:41  0:10.30 I 00'02                                000000

The stamp is the START, without a year; the line comes when the call ends. Codes: O outgoing, I incoming (the ring time
before the answer stands among the digits), D by DISA, L lost: an incoming call that ended before the answer, whose
duration is that of the ring. B, all lines busy for a minute and more, is no call.

Not certain: whether an outgoing call was answered. The cost is always 0 unless meter pulses are detected. Transfers are
not marked: a call that was passed on prints a line for each extension, with the same ring time, and these stay apart.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from parsers.formats import Format
from parsers.layout import Column, Columns
from parsers.panasonic_cells import minutes_and_seconds
from parsers.records import Leg, Noise

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Outcome, Record
    from parsers.stamps import Stamps

_NAME = "panasonic/dbs"

DBS = Columns(
    Column("extension", 2, 5, r"[ \d]{4}", ">"),
    Column("trunk", 8, 9, r"[ \d]{2}"),
    Column("day", 12, 13, r"[ \d]\d"),
    Column("month", 15, 16, r"[ \d]\d"),
    Column("time", 18, 22, r"\d\d:\d\d"),
    Column("duration", 25, 31, r"\d:\d\d\.\d\d"),
    Column("code", 33, 33, "[A-Z]"),
    Column("dial", 35, 58),
    Column("account", 60, 69),
    Column("cost", 72, 77, r"[ .\d]{6}"),
)

_OUTGOING = "O"
_LOST = "L"
_ALL_BUSY = "B"
_INCOMING = frozenset("IDL")
_RING = re.compile(r"\d\d'\d\d")


def _read(line: Line, stamps: Stamps) -> Record:
    extension, trunk, day, month, time, duration, code, dial, account, cost = line.cells
    if code == _ALL_BUSY:
        return Noise(line.offset, _NAME, "event", line.text)
    dial = dial.strip()
    incoming, rung = code in _INCOMING, bool(_RING.fullmatch(dial))
    lasted_s = _seconds(duration)
    talk_s = 0 if code == _LOST else lasted_s
    ring_s = lasted_s if code == _LOST else minutes_and_seconds(dial) if rung else None
    start, doubt = stamps.day_and_time(int(day), int(month), time, line.received)
    extra = {"code": code}
    if doubt:
        extra["doubt"] = doubt
    return Leg(  # by position: by name costs a fifth of the whole decoding
        line.offset,
        _NAME,
        start,
        60,
        "incoming" if incoming else "outgoing" if code == _OUTGOING else "unknown",
        _outcome(talk_s, incoming=incoming),
        extension.strip() or None,
        None,  # peer_extension
        trunk.strip() or None,
        None if rung else dial or None,
        None,  # did
        ring_s,
        talk_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        account.strip() or None,
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        cost.strip() or None,
        None,  # currency
        extra,
        line.text,
    )


def _outcome(talk_s: int, *, incoming: bool) -> Outcome:
    if not talk_s:
        return "unanswered"
    return "answered" if incoming else "unknown"


@lru_cache(4096)
def _seconds(cell: str) -> int:
    """``H:MM.SS``."""
    return int(cell[0]) * 3600 + int(cell[2:4]) * 60 + int(cell[5:7])


def _cells(leg: Planned) -> dict[str, str]:
    incoming = leg.direction == "incoming"
    lost = incoming and leg.outcome != "answered"
    seconds = leg.ring_s if lost else leg.talk_s
    rung = f"{leg.ring_s // 60:02}'{leg.ring_s % 60:02}"
    return {
        "extension": leg.extension,
        "trunk": leg.trunk or "",
        "day": f"{leg.start:%d}",
        "month": f"{leg.start:%m}",
        "time": f"{leg.start:%H:%M}",
        "duration": f"{seconds // 3600}:{seconds // 60 % 60:02}.{seconds % 60:02}",
        "code": _LOST if lost else "I" if incoming else _OUTGOING,
        "dial": "" if lost else rung if incoming else leg.number or "",
        "account": leg.account_code or "",
        "cost": "000000",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="Panasonic DBS, European versions",
        status="verified",
        layouts=(DBS,),
        read=_read,
        noise=(),
        begins=r" [ \d]{3}\d  [ \d]\d  \d\d \d\d \d\d:\d\d  \d:\d\d\.\d\d ",
        stamp="start",
        order="dmy",
        transport="serial",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        samples=(
            b"  267  11  22 05 14:51  0:00.50 O 5550121                              000000",
            b"  262  18  22 05 14:41  0:10.30 I 00'02                                000000",
            b"  221  17  22 05 14:43  0:00.25 L                                      000000",
        ),
    ),
)
