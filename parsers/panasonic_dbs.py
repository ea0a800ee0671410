"""Panasonic DBS: European versions 3 and 4, and DBS of other countries (CPC): lines of fixed columns.

Manuals: DBS operating instructions of March 1997, "call logging output" of version 3 (fields and condition codes); DBS
CPC technical manual, SMDR (a figure of the record). The European columns are those of a capture of a DBS 90.

Port: serial port of the cabinet, speed programmable. Line end CR LF. No heading.

European DBS: extension, line, day, month, start, duration, condition code, digits, account, cost::

      267  11  22 05 14:51  0:00.50 O 5550121                              000000
      262  18  22 05 14:41  0:10.30 I 00'02                                000000

The stamp is the START, without a year; the line comes when the call ends. Codes: O outgoing, I incoming (the ring time
before the answer stands among the digits), D by DISA, L lost: an incoming call that ended before the answer, whose
duration is that of the ring. B, all lines busy for a minute and more, is no call.

CPC, also ESI IVX: type, month and day, start and duration to the second, extension, digits, account, V or W with the
number of a code (0000: none), trunk::

    O 03/02 09:01:10 00:01:10 102                     05550121 4711       V0012 05
    I 03/02 09:05:40 00:00:52 104 05550122                                V0000 02

Types: I, N (by DNIS), D (by DID), S (by DISA) incoming; O, s (by DISA) outgoing; T transferred, whose digits stand on the
right of their column if they were dialled and on the left if they are the caller's. ``*`` prints as ``>``, ``#`` as ``<``.
IVX prints the caller's name behind the digits.

Not certain: whether an outgoing call was answered. The European cost is always 0 unless meter pulses are detected.
European transfers are not marked: a call that was passed on prints a line for each extension, with the same ring time,
and these stay apart. Of CPC, what W, w, t, r and R of a CPC-EX tell; a call that was passed on stays apart there too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from parsers.durations import clock
from parsers.formats import Format
from parsers.layout import Column, Columns
from parsers.panasonic_cells import minutes_and_seconds, party
from parsers.records import Leg, Noise

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
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
CPC = Columns(
    Column("type", 1, 1, "[A-Za-z]"),
    Column("date", 3, 7, r"\d\d/\d\d"),
    Column("time", 9, 16, r"\d\d:\d\d:\d\d"),
    Column("duration", 18, 25, r"\d\d:\d\d[:.]\d\d"),
    Column("extension", 27, 29, r"[ \d]{3}", ">"),
    Column("dial", 31, 58, r"[ \w<>.,&'-]{28}"),
    Column("account", 60, 69, r"[ \d<>]{10}"),
    Column("verified", 71, 75, r"[VW\d]\d{4}| {5}"),
    Column("trunk", 77, 78, r"[ \d]{2}"),
)

_CPC_NAME = "panasonic/dbs-cpc"
_CPC_DIRECTIONS: dict[str, Direction] = {
    "I": "incoming",
    "N": "incoming",
    "D": "incoming",
    "S": "incoming",
    "O": "outgoing",
    "s": "outgoing",
}
_TRANSFERRED = "T"
_KEYS = str.maketrans("<>", "#*")
_NO_CODE = "0000"


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


def _read_cpc(line: Line, stamps: Stamps) -> Record:
    kind, date, time, duration, extension, dial, account, verified, trunk = line.cells
    digits, name = party(dial.strip())
    direction = _CPC_DIRECTIONS.get(kind, "unknown")
    if kind == _TRANSFERRED and digits:
        direction = "outgoing" if dial[0] == " " else "incoming"
    talk_s = int(duration[0:2]) * 3600 + int(duration[3:5]) * 60 + int(duration[6:8])
    start, doubt = stamps.day_and_time(int(date[0:2]), int(date[3:5]), time, line.received)
    extra = {"type": kind}
    if name:
        extra["name"] = name
    if doubt:
        extra["doubt"] = doubt
    code = verified.strip()
    return Leg(  # by position: by name costs a fifth of the whole decoding
        line.offset,
        _CPC_NAME,
        start,
        1,
        direction,
        _outcome(talk_s, incoming=direction == "incoming"),
        extension.strip() or None,
        None,  # peer_extension
        trunk.strip() or None,
        digits.translate(_KEYS) if digits else None,
        None,  # did
        None,  # ring_s
        talk_s,
        None,  # hold_s
        kind == _TRANSFERRED,
        False,  # noqa: FBT003  (conference)
        account.strip().translate(_KEYS) or None,
        None if code.endswith(_NO_CODE) else code or None,
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
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


def _cpc_cells(leg: Planned) -> dict[str, str]:
    incoming = leg.direction == "incoming"
    digits = leg.number or ""
    return {
        "type": _TRANSFERRED if leg.transferred else "I" if incoming else _OUTGOING,
        "date": f"{leg.start:%m/%d}",
        "time": f"{leg.start:%H:%M:%S}",
        "duration": clock(leg.talk_s),
        "extension": leg.extension,
        "dial": digits.ljust(28) if incoming else digits.rjust(28),
        "account": leg.account_code or "",
        "verified": "V0000",
        "trunk": leg.trunk or "",
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
    Format(
        name=_CPC_NAME,
        title="Panasonic DBS (CPC), ESI IVX",
        status="from manual",
        layouts=(CPC,),
        read=_read_cpc,
        noise=(),
        begins=r"[A-Za-z] \d\d/\d\d \d\d:\d\d:\d\d \d\d:\d\d[:.]\d\d ",
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_cpc_cells,
        answered=True,
        account_code=True,
        internal=False,
        samples=(
            b"O 03/02 09:01:10 00:01:10 102                     05550121 4711       V0012 05",
            b"I 03/02 09:05:40 00:00:52 104 05550122                                V0000 02",
            b"T 03/02 09:06:32 00:02:10 107 05550122                                V0000 02",
            b"I 03/02 09:15:40 00:00:00 104                                         V0000 03",
        ),
    ),
)
