"""Shenou (SOC, JSY) exchanges: call records of the operator's console software.

Layout: the maker's description of the records which the software USO passes on and files; two copies of it agree.

Port: serial 2400 8N2; or one file a day, ``yyyymmdd.txt``, of the same lines.

Record, 82 columns, every field to the left::

    T20260302090210 000118 13900000012     1090    5550100                 12 0.00
    Tstart          length calling         inside  called                  ty fee

The stamp is the START. Type: 00 international, 01 Hong Kong, Macao and Taiwan, 02 national, 03 national mobile, 04
service, 05 local network, 06 paging, 07 local mobile, 08 local, 09 internal, 10 and 11 international and national over
IP, 12 incoming. The line prints neither trunk nor ring time. ``Q10*P*...#`` and its answer ``R10*P*...`` on the same
port set the class of an extension: events.

Not certain: whether calls that nobody answered are printed, and how; a length of zero is taken for one. Whether an
outgoing call was answered. Which of calling and inside number a call between extensions fills; the inside one is
taken where both stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.formats import Format
from parsers.layout import Column, Columns
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "shenou/jsy"
LAYOUT = Columns(
    Column("mark", 1, 1, "T"),
    Column("start", 2, 15, r"\d{14}"),
    Column("duration", 17, 22, r"\d{6}"),
    Column("calling", 24, 39, r"[ \d*#+A-D]{16}"),
    Column("inside", 40, 47, r"[ \d*#+A-D]{8}"),
    Column("called", 48, 71, r"[ \d*#+A-D]{24}"),
    Column("type", 72, 73, r"\d\d"),
    Column("fee", 75, 82, r"[ \d.]{8}"),
)
_INCOMING, _INTERNAL = "12", "09"
_LOCAL = "08"


def _read(line: Line, stamps: Stamps) -> Record:
    _, stamp, length, calling, inside, called, kind, fee = line.cells
    calling, inside, called = calling.rstrip(), inside.rstrip(), called.rstrip()
    direction: Direction = "incoming" if kind == _INCOMING else "internal" if kind == _INTERNAL else "outgoing"
    talk_s = int(length[0:2]) * 3600 + int(length[2:4]) * 60 + int(length[4:6])
    start, doubt = stamps.date_and_second(
        f"{stamp[2:4]}/{stamp[4:6]}/{stamp[6:8]}", f"{stamp[8:10]}:{stamp[10:12]}:{stamp[12:14]}", line.received
    )
    extra = {"type": kind}
    if doubt:
        extra["doubt"] = doubt
    extension, peer, number, did = inside, None, None, None
    if direction == "incoming":
        number, did = calling, called if called != inside else None
    elif direction == "internal":
        extension, peer = inside or calling, called
    else:
        number = called
        if calling and calling != inside:
            extra["calling"] = calling
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1,
        direction,
        _outcome(direction, talk_s),
        extension or None,
        peer or None,
        None,  # trunk
        number or None,
        did or None,
        None,  # ring_s
        talk_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        None,  # account_code
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        fee.strip() or None,
        None,  # currency
        extra,
        line.text,
    )


def _outcome(direction: Direction, talk_s: int) -> Outcome:
    if talk_s == 0:
        return "unanswered"
    return "unknown" if direction == "outgoing" else "answered"


def _cells(leg: Planned) -> dict[str, str]:
    incoming, internal = leg.direction == "incoming", leg.direction == "internal"
    talk = f"{leg.talk_s // 3600:02}{leg.talk_s // 60 % 60:02}{leg.talk_s % 60:02}"
    return {
        "mark": "T",
        "start": f"{leg.start:%Y%m%d%H%M%S}",
        "duration": talk,
        "calling": (leg.number or "") if incoming else leg.extension,
        "inside": leg.extension,
        "called": leg.extension if incoming else (leg.peer_extension if internal else leg.number) or "",
        "type": _INCOMING if incoming else _INTERNAL if internal else _LOCAL,
        "fee": "0.00",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="Shenou SOC and JSY, console software USO",
        status="from manual",
        layouts=(LAYOUT,),
        read=_read,
        noise=((r"[QR]10\*", "event"),),
        begins=r"T\d{14} \d{6} ",
        stamp="start",
        order="ymd",
        transport="serial, file",
        cells=_cells,
        answered=False,
        samples=(
            b"T20260302090210 000118 13900000012     1090    5550100                 12 0.00    ",
            b"T20260302091455 000042 1102            1102    13900000034             07 0.22    ",
            b"T20260302092003 001204 1090            1090    1102                    09 0.00    ",
            b"T20260302093127 000000 1102            1102    0105550120              02 0.00    ",
        ),
    ),
)
