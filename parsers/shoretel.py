"""ShoreTel, ShoreWare 6 and 7: the daily file of call detail records.

Manuals: ShoreTel 7.5 administration guide, appendix C; 6.1 administration guide.

Transport: a file a day on the server, ``CDR-MMDDYY.log``, from midnight to midnight, in the order in which calls end.
The server keeps the files until somebody deletes them.

Record of 7.5, and of 6.1, whose extension takes seven columns; one blank between fields::

           731 03/02/2026 09:02:10 109              00:01:18 0                  5550120            12   3
           731 03/02/2026 09:02:10 109     00:01:18 0                  5550120            12   3
        call id date       start    extension        duration d dialled          caller           port grp account

The stamp is the START. D: 0 incoming, 1 outgoing, 2 and 3 tandem in and out. The extension is the last party, neither
voice mail nor an attendant: a call that was transferred is one record. Calls between extensions are not in the file.
The account code stands in the last 20 columns.

Not certain: whether and when an incoming call was answered: its duration begins when the line is taken, so calls that
only rang have one, too. It is shown as ``duration_s`` beside the record, the talk time is unknown. Whether an outgoing
call was answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parsers.durations import clock, seconds
from parsers.formats import Format
from parsers.layout import Column, Columns
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "shoretel/shoreware"


def _columns(extension: int) -> Columns:
    """The record with an extension of so many columns."""
    shift = extension - 16
    return Columns(
        Column("call_id", 1, 10, r"[ \d]{9}\d", ">"),
        Column("date", 12, 21, r"\d\d/\d\d/\d{4}"),
        Column("time", 23, 30, r"\d\d:\d\d:\d\d"),
        Column("extension", 32, 47 + shift),
        Column("duration", 49 + shift, 56 + shift, r"\d\d:\d\d:\d\d"),
        Column("direction", 58 + shift, 58 + shift, "[0-3]"),
        Column("dialled", 60 + shift, 75 + shift),
        Column("caller", 77 + shift, 92 + shift),
        Column("trunk", 94 + shift, 97 + shift, r"[ \d]{3}\d", ">"),
        Column("group", 99 + shift, 101 + shift, r"[ \d]{3}", ">"),
        Column("account", 103 + shift, 122 + shift),
    )


SHOREWARE_7 = _columns(16)
SHOREWARE_6 = _columns(7)

_DIRECTIONS: tuple[Direction, ...] = ("incoming", "outgoing", "tandem", "tandem")
_DIGITS = frozenset("0123456789*#+")


def _read(line: Line, stamps: Stamps) -> Record:
    call_id, date, time, extension, length, code, dialled, caller, trunk, group, account = line.cells
    direction, duration_s = _DIRECTIONS[int(code)], seconds(length)
    dialled, caller = dialled.strip(), caller.strip()
    start, doubt = stamps.date_and_second(date[:6] + date[8:], time, line.received)
    extra: dict[str, Any] = {"group": group.strip()} if group.strip() else {}
    if direction != "outgoing" and duration_s:
        extra["duration_s"] = duration_s
    number = dialled
    if direction != "outgoing":
        number = caller if _DIGITS.issuperset(caller) else ""
        if caller and not number:
            extra["caller"] = caller
        if dialled:
            extra["digits"] = dialled
    if code == "3":
        extra["leg"] = "out"
    if doubt:
        extra["doubt"] = doubt
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1,
        direction,
        _outcome(duration_s),
        extension.strip() or None,
        None,  # peer_extension
        trunk.strip() or None,
        number or None,
        None,  # did
        None,  # ring_s
        duration_s if direction == "outgoing" or not duration_s else None,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        account.strip() or None,
        None,  # auth_code
        call_id.strip(),
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra or None,
        line.text,
    )


def _outcome(duration_s: int | None) -> Outcome:
    return "unknown" if duration_s else "unanswered"


def _cells(leg: Planned) -> dict[str, str]:
    incoming = leg.direction == "incoming"
    return {
        "call_id": str(leg.serial),
        "date": f"{leg.start:%m/%d/%Y}",
        "time": f"{leg.start:%H:%M:%S}",
        "extension": leg.extension,
        "duration": clock(leg.talk_s + leg.ring_s if incoming else leg.talk_s),
        "direction": "0" if incoming else "1",
        "dialled": "" if incoming else leg.number or "",
        "caller": (leg.number or "unavailable") if incoming else "",
        "trunk": leg.trunk or "",
        "group": "1",
        "account": leg.account_code or "",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="ShoreTel, ShoreWare 6 and 7, daily file",
        status="from manual",
        layouts=(SHOREWARE_7, SHOREWARE_6),
        read=_read,
        noise=(),
        begins=r"[ \d]{9}\d \d\d/\d\d/\d{4} \d\d:\d\d:\d\d .{7}",
        stamp="start",
        order="mdy",
        transport="file",
        cells=_cells,
        account_code=True,
        internal=False,
        samples=(
            b"       731 03/02/2026 09:02:10 109              00:01:18 0                  5550120            12   3",
            b"       732 03/02/2026 09:05:41 1138             00:03:22 1 5550144                              4   1 0815",
            b"       733 03/02/2026 09:06:00                  00:00:19 0                  blocked            12   3",
            b"       118 03/02/2026 09:07:03 109     00:00:48 1 5550161                              4   1 0815",
            b"       119 03/02/2026 09:08:30 1138    00:02:07 0                  5550120            12   3",
        ),
    ),
)
