"""Panasonic KX-TD and KX-TDA/TDE/NCP/NS: printed lines of fixed columns.

Manuals: KX-TD1232 and KX-TD816 installation manuals (SMDR); KX-TDA100D and KX-TDA200 PC programming manuals; KX-NS1000
feature manual p. 353 (condition codes), PC programming manual p. 222.

Port: speed, word length, parity and stop bits are all programmable; 9600 8N1 and 9600 7E2 are common. The line end is
CR or CR LF ("New Line Code"). On the network, TCP port 2300 of a KX-TDE/NCP/NS asks for a login first.

KX-TD (dial 30 wide, or 25 with a ring time behind it)::

    10/08/03 12:50PM   117 09 <INCOMING> 00005550            00:00'08
    date     time     ext co dial                       ring duration  account    code

KX-TDA pattern A (80 columns, ring time), B (80 columns, charge, no ring time, no blank before the extension),
C (120 columns, both)::

    01/02/07 20:13     109 04 <I>05550120               0'07 00:00'12               TR
    27/11/06 09:24     104 01 <I>                  00:00'23   00000.00
    04/01/07 09:34     137 0005 <I>                       ...         0'00 00:02'25    00000.00            TR

The stamp is the END of the leg (manual, and the captures agree). One line is one leg: a call that rings a group first,
or is transferred, prints several. A group's line carries the ring time and a zero duration; the line with the talk
follows on the same trunk.

Not certain: whether an outgoing call was answered. On lines without answer signalling the timer starts by itself, so
an outgoing duration is reported as talk with the outcome ``unknown``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, arranged
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from parsers.formats import Line, Planned
    from parsers.layout import Cells
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_DATE = Column("date", 1, 8, r"\d\d/\d\d/\d\d")
_TIME = Column("time", 10, 16, r"\d\d:\d\d(?:[AP]M|  )")
_EXTENSION = r"[ *A-Z\d]{5}"
_TRUNK = r"[ \d]{2}"
_RING = r"\d'\d\d| {4}"
_DURATION = r"\d\d:\d\d'\d\d| {8}"
_CODE = r"[A-Z][A-Z\d] |   "

KX_TD = Columns(
    _DATE,
    _TIME,
    Column("extension", 18, 22, _EXTENSION, ">"),
    Column("trunk", 24, 25, _TRUNK),
    Column("dial", 27, 56, r"(?!.{26}\d'\d\d).{30}"),
    Column("duration", 58, 65, _DURATION),
    Column("account", 67, 76),
    Column("code", 78, 80, _CODE),
)
KX_TD_RING = Columns(
    _DATE,
    _TIME,
    Column("extension", 18, 22, _EXTENSION, ">"),
    Column("trunk", 24, 25, _TRUNK),
    Column("dial", 27, 51),
    Column("ring", 53, 56, r"\d'\d\d"),
    Column("duration", 58, 65, _DURATION),
    Column("account", 67, 76),
    Column("code", 78, 80, _CODE),
)
PATTERN_A = Columns(
    _DATE,
    _TIME,
    Column("extension", 18, 22, _EXTENSION, ">"),
    Column("trunk", 24, 25, _TRUNK),
    Column("dial", 27, 51),
    Column("ring", 53, 56, _RING, ">"),
    Column("duration", 58, 65, _DURATION),
    Column("account", 67, 76),
    Column("code", 78, 80, _CODE),
)
PATTERN_B = Columns(
    _DATE,
    _TIME,
    Column("extension", 17, 21, _EXTENSION, ">"),
    Column("trunk", 23, 24, _TRUNK),
    Column("dial", 26, 45),
    Column("duration", 47, 54, _DURATION),
    Column("cost", 56, 65, r"[ A-Z\d.]{10}", ">"),
    Column("account", 67, 76),
    Column("code", 78, 80, _CODE),
)
PATTERN_C = Columns(
    _DATE,
    _TIME,
    Column("extension", 18, 22, _EXTENSION, ">"),
    Column("trunk", 24, 27, r"[ \d]{4}"),
    Column("dial", 29, 78),
    Column("ring", 80, 83, _RING, ">"),
    Column("duration", 85, 92, _DURATION),
    Column("cost", 94, 104, r"[ A-Z\d.]{11}", ">"),
    Column("account", 106, 115),
    Column("code", 117, 119, _CODE),
)

_INCOMING = re.compile(r"<(?:INCOMING|I)>")
_NUMBER = re.compile(r"[\d*#.XPF=-]+")
_COST = re.compile(r"([A-Z]*)([\d.]+)([A-Z]*)")
_EVENTS = re.compile(r"LOG (?:IN|OUT)|In the office|Check (?:in|out)|Timed Reminder", re.IGNORECASE)
_INTERCOM = "EXT"
_ANSWERED = {"AN", "VA"}
_REMEMBERED = 4096  # durations and ring times that were read before
_JOIN_SLACK_S = 65
"""A leg's stamps are whole minutes: neighbours of one call may seem this far apart."""


_ORDER = ("date", "time", "extension", "trunk", "dial", "ring", "duration", "cost", "account", "code")
"""The cells any of the layouts may have, in the order `_read` takes them."""


def _reader(name: str, *layouts: Columns) -> Callable[[Line, Stamps], Record]:
    in_order = [arranged(layout, _ORDER) for layout in layouts]

    def read(line: Line, stamps: Stamps) -> Record:
        return _read(in_order[line.layout](line.cells), line, stamps, name)

    return read


def _read(cells: Cells, line: Line, stamps: Stamps, name: str) -> Record:
    date, time, extension, trunk, dialled, ring, duration, cost, account, code = cells
    dial, code = dialled.strip(), code.strip()
    talk_s, ring_s = _seconds(duration), _ring(ring)
    digits = dial.isdigit()
    if not digits and _EVENTS.match(dial):
        return Noise(line.offset, name, "event", line.text)
    meaning: _Meaning = (_OUTGOING, dial, None, None, None) if digits else _meaning(dial)
    direction, number, did, peer, caller_name = meaning
    if talk_s is None and not code and direction != "internal":
        return Rejected(line.offset, name, "too-short", "the line ends before the duration", line.text)
    start, doubt = stamps.date_and_time(date, time, line.received)
    if start is not None and stamps.printed == "end":
        start -= (talk_s or 0) + (ring_s or 0)
    amount, currency = _cost(cost) if cost else (None, None)
    return Leg(  # by position: by name costs a fifth of the whole decoding
        line.offset,
        name,
        start,
        60,
        direction,
        _outcome(direction, talk_s, code),
        extension.strip(" *DT") or None,
        peer,
        trunk.strip() or None,
        number,
        did,
        ring_s,
        talk_s,
        None,  # hold_s
        code == "TR",
        False,  # noqa: FBT003  (conference)
        account.strip() or None,
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        amount,
        currency,
        _extra(code, doubt, caller_name) if code or doubt or caller_name else None,
        line.text,
    )


_Meaning = tuple["Direction", str | None, str | None, str | None, str | None]
_OUTGOING: Direction = "outgoing"


def _meaning(dial: str) -> _Meaning:
    """Direction, number, DID, other extension and caller's name from a dial column that is not digits alone."""
    if dial.startswith(_INTERCOM):
        return "internal", None, None, dial.removeprefix(_INTERCOM).strip() or None, None
    incoming = _INCOMING.search(dial)
    if not incoming:
        return _OUTGOING, dial or None, None, None, None
    did = dial[: incoming.start()].removeprefix("<D>").strip() or None
    caller, _, caller_name = dial[incoming.end() :].strip().partition("/")
    if caller and not _NUMBER.fullmatch(caller.replace(" ", "")):
        return "incoming", None, did, None, caller
    return "incoming", caller or None, did, None, caller_name.strip() or None


def _outcome(direction: Direction, talk_s: int | None, code: str) -> Outcome:
    if direction == "incoming":
        return "answered" if talk_s or code in _ANSWERED else "unanswered"
    return "unanswered" if direction == "outgoing" and talk_s == 0 else "unknown"


def _extra(code: str, doubt: str | None, name: str | None) -> dict[str, str]:
    return {key: value for key, value in (("code", code), ("doubt", doubt), ("name", name)) if value}


@lru_cache(_REMEMBERED)
def _seconds(cell: str) -> int | None:
    """``HH:MM'SS``, blank is None."""
    if cell.isspace():
        return None
    return int(cell[0:2]) * 3600 + int(cell[3:5]) * 60 + int(cell[6:8])


@lru_cache(_REMEMBERED)
def _ring(cell: str) -> int | None:
    """``M'SS``, blank or no such column is None."""
    minutes, _, seconds = cell.strip().partition("'")
    return int(minutes) * 60 + int(seconds) if seconds else None


def _cost(cell: str) -> tuple[str | None, str | None]:
    """Amount and currency; the currency stands before or behind the amount, as programmed."""
    found = _COST.fullmatch(cell.strip())
    if not found:
        return None, None
    before, amount, behind = found.groups()
    return amount, before or behind or None


def _key(leg: Leg) -> str | None:
    return leg.trunk


def _continues(last: Leg, leg: Leg) -> bool:
    """A transferred leg goes on where the one before ended; a leg that only rang is followed by the one that talked."""
    if leg.start is None or last.start is None or leg.direction != last.direction or leg.number != last.number:
        return False
    adjacent = abs(leg.start - last.start - (last.ring_s or 0) - (last.talk_s or 0)) <= _JOIN_SLACK_S
    rang_only = last.direction == "incoming" and not last.talk_s
    known_missed = _code(last) == "NA" and last.number is None
    return adjacent and (leg.transferred or (rang_only and not known_missed))


def _more(leg: Leg) -> bool:
    """Received and answered lines, and a group's line, are followed by the leg that was talked on."""
    return leg.direction == "incoming" and not leg.talk_s and _code(leg) in {"", "RC", "AN", "VR", "VA"}


def _code(leg: Leg) -> str:
    return str((leg.extra or {}).get("code", ""))


def _planned(incoming: str) -> Callable[[Planned], Mapping[str, str]]:
    """The cells of a planned leg; ``incoming`` is how the model marks an incoming call."""

    def cells(leg: Planned) -> dict[str, str]:
        dial = leg.number or ""
        if leg.direction == "internal":
            dial = f"{_INTERCOM}{leg.peer_extension}"
        elif leg.direction == "incoming":
            dial = f"{incoming}{leg.number or ''}"
        missed = leg.direction == "incoming" and leg.outcome != "answered"
        return {
            "date": f"{leg.end:%d/%m/%y}",
            "time": f"{leg.end:%H:%M}  ",
            "extension": leg.extension,
            "trunk": leg.trunk or "",
            "dial": dial,
            "ring": _as_ring(leg.ring_s) if leg.direction == "incoming" else "",
            "duration": "" if leg.direction == "internal" else _as_duration(leg.talk_s),
            "account": leg.account_code or "",
            "code": "TR" if leg.transferred else "NA" if missed else "",
        }

    return cells


def _as_duration(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}'{seconds % 60:02}"


def _as_ring(seconds: int) -> str:
    return f"{seconds // 60}'{seconds % 60:02}"


_NOISE = ((r"\f?\s*Date\s+Time\s", "heading"), (r"[-*]{20,}\s*$", "heading"), (r"AT[A-Z&\d]", "control"))
_JOINING = Joining(key=_key, continues=_continues, more=_more, open_s=600)

FORMATS = (
    Format(
        name="panasonic/kx-td",
        title="Panasonic KX-TD816/1232",
        status="verified",
        layouts=(KX_TD, KX_TD_RING),
        read=_reader("panasonic/kx-td", KX_TD, KX_TD_RING),
        noise=_NOISE,
        begins=r"\d\d/\d\d/\d\d \d\d:\d\d(?:[AP]M|  )",
        stamp="end",
        transport="serial",
        cells=_planned("<INCOMING> "),
        answered=True,
        account_code=True,
        joining=_JOINING,
        heading=(
            b"\r\n  Date     Time    Ext CO          Dial Number           Duration  Acc code  CD \r\n"
            + b"-" * 80
            + b"\r\n"
        ),
        samples=(
            b"10/08/03 12:36PM   117 02 0005551                        00:05'00               ",
            b"10/08/03 12:50PM   117 09 <INCOMING> 00005550            00:00'08               ",
            b"10/08/03 12:50PM   115 05 <INCOMING>                     00:01'43            TR ",
            b"10/08/03 12:51PM   115 05 <INCOMING>                0'07 00:01'43               ",
            b"10/09/02 09:12AM   116 05 <I>                            00:02'01               ",
        ),
    ),
    Format(
        name="panasonic/kx-tda",
        title="Panasonic KX-TDA/TDE/NCP/NS, patterns A, B and C",
        status="verified",
        layouts=(PATTERN_A, PATTERN_B, PATTERN_C),
        read=_reader("panasonic/kx-tda", PATTERN_A, PATTERN_B, PATTERN_C),
        noise=_NOISE,
        begins=r"\d\d/\d\d/\d\d \d\d:\d\d(?:[AP]M|  )",
        stamp="end",
        transport="serial, TCP",
        cells=_planned("<I>"),
        ring_time=True,
        answered=True,
        account_code=True,
        joining=_JOINING,
        heading=(
            b"\f  Date     Time    Ext CO        Dial Number        Ring Duration  Acc code  CD \r\n"
            + b"-" * 80
            + b"\r\n"
        ),
        samples=(
            b"01/02/07 20:13     109 04 <I>05550120               0'07 00:00'12               ",
            b"04/01/07 09:28     108    EXT102                                                ",
            b"27/11/06 08:56    120 02 5550122              00:02'25   00000.00               ",
            b"07/12/20 11:22    401 05 <I>234               00:00'00 EU00000.00            NA ",
            b"04/01/07 09:34     137 0005 <I>" + b" " * 48 + b"0'00 00:02'25    00000.00            TR  ",
        ),
    ),
)
