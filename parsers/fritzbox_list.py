"""AVM FRITZ!Box: the list of calls, saved from the box as a file or sent by it, separated by semicolons.

Manual: none by AVM was found; the layout is what independent readers of the list agree on.

Port: none; a file, in the language of the box, the newest call first. A line ``sep=;`` and a heading stand in front. Boxes of
other releases print the area behind the number, and years of two digits or of four::

    sep=;
    Typ;Datum;Name;Rufnummer;Landes-/Ortsnetzbereich;Nebenstelle;Eigene Rufnummer;Dauer
    1;04.11.16 13:17;Jo Doe;0301234567;Berlin;Desk;Internet: 5550114;0:04
    type;start;name;number;area;device;own number;duration

Type: 1 incoming, 2 missed, 4 outgoing; 3 outgoing on old boxes, rejected by the box on newer ones, told apart by whether it
lasted; 10 rejected, 9 and 11 going on. Durations are hours and minutes, rounded up, so that a call of 0:00 was not answered.
The extension is the device as it is named in the box; that of an answering machine is told in ``extra`` (by its German or
English name). There is no ring time.

Not certain: an outgoing call of an old box that nobody answered is taken for one that was rejected.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parsers.formats import Format
from parsers.layout import Delimited, Field, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "fritzbox/call-list"
_FIRST = (
    Field("type", r"(?:1[01]|[1-49])"),
    Field("stamp", r"\d\d\.\d\d\.(?:\d\d)?\d\d \d\d:\d\d"),
    Field("name"),
    Field("number", r"[^;]*"),
)
_LAST = (Field("device"), Field("own"), Field("duration", r"\d{1,5}:\d\d"))
WITH_AREA = Delimited(";", *_FIRST, Field("area"), *_LAST, at_least=8, ended=True)
LIST = Delimited(";", *_FIRST, *_LAST, at_least=7, ended=True)
_READ = LIST.names
_IN_ORDER = (arranged(WITH_AREA, _READ), arranged(LIST, _READ))

_OUTGOING = frozenset({"4", "11"})
_BLOCKED_OR_OLD = "3"
_GOING_ON = frozenset({"9", "11"})
_MACHINE = re.compile("anrufbeantworter|answering machine", re.IGNORECASE)


def _read(line: Line, stamps: Stamps) -> Record:
    kind, stamp, name, number, device, own, duration = _IN_ORDER[line.layout](line.cells)
    start, doubt = stamps.date_and_time(stamp[:6] + stamp[-8:-6], stamp[-5:], line.received)
    hours, minutes = duration.split(":")
    talk_s = int(hours) * 3600 + int(minutes) * 60
    outgoing = kind in _OUTGOING or (kind == _BLOCKED_OR_OLD and talk_s > 0)
    direction: Direction = "outgoing" if outgoing else "incoming"
    way, _, digits = own.rpartition(": ")
    device = _text(device)
    extra: dict[str, Any] = {"type": int(kind)}
    extra |= {key: value for key, value in (("name", _text(name)), ("line", way), ("doubt", doubt)) if value}
    if outgoing and digits:
        extra["own_number"] = digits
    if _MACHINE.search(device):
        extra["answering_machine"] = True
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        60,
        direction,
        _outcome(kind, talk_s),
        device or None,
        None,  # peer_extension
        None,  # trunk
        number or None,
        (digits or None) if not outgoing else None,
        None,  # ring_s
        None if kind in _GOING_ON else talk_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        None,  # account_code
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


def _outcome(kind: str, talk_s: int) -> Outcome:
    if kind in _GOING_ON:
        return "unknown"
    return "answered" if talk_s else "unanswered"


@lru_cache(1024)
def _text(cell: str) -> str:
    """A name as it is written; newer boxes write UTF-8."""
    try:
        return cell.encode("latin-1").decode()
    except UnicodeDecodeError:
        return cell


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg. Calls inside the house are not in the list."""
    incoming = leg.direction == "incoming"
    minutes = -(-leg.talk_s // 60)
    return {
        "type": ("1" if leg.talk_s else "2") if incoming else "4",
        "stamp": f"{leg.start:%d.%m.%y %H:%M}",
        "number": leg.number or "",
        "device": leg.extension,
        "own": "Internet: 5550100",
        "duration": f"{minutes // 60}:{minutes % 60:02}",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="AVM FRITZ!Box, list of calls",
        status="from manual",
        layouts=(WITH_AREA, LIST),
        read=_read,
        noise=((r"(?:\xef\xbb\xbf)?sep=;?$", "banner"), (r"(?:\xef\xbb\xbf)?(?:[^;\d]+;){6,}[^;\d]+;?$", "heading")),
        stamp="start",
        transport="file",
        cells=_cells,
        answered=True,
        internal=False,
        step_s=60,
        heading=b"sep=;\r\nTyp;Datum;Name;Rufnummer;Landes-/Ortsnetzbereich;Nebenstelle;Eigene Rufnummer;Dauer\r\n",
        samples=(
            b"1;04.11.16 13:17;Jo Doe;0301234567;Berlin;Desk;Internet: 5550114;0:04",
            b"2;04.11.16 12:02;;01510000047;Mobilfunk;;Internet: 5550114;0:00",
            b"4;03.11.2016 22:51;;02155501116;Krefeld;Desk;Internet: 5550114;1:02",
            b"1;18.08.06 10:07;;02155501116;FON S0;5550114;0:01",
        ),
    ),
)
