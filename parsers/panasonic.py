"""Panasonic KX-TD, KX-TD500 and KX-TDA/TDE/NCP/NS: printed lines of fixed columns, stamped at the end.

Manuals: KX-TD1232 and KX-TD816 installation manuals (SMDR); KX-TDA100D and KX-TDA200 PC programming manuals; KX-NS1000
feature manual p. 353 (condition codes), PC programming manual p. 222.

Port: speed, word length, parity and stop bits are all programmable; 9600 8N1 and 9600 7E2 are common. The line end is
CR or CR LF ("New Line Code"). On the network, TCP port 2300 of a KX-TDE/NCP/NS asks for a login first.

KX-TD (dial 30 wide, or 25 with a ring time behind it)::

    12/08/03 12:50PM   117 09 <INCOMING> 00005550            00:00'08
    date     time     ext co dial                       ring duration  account    code

A KX-T1232 or KX-TD with Russian firmware prints this line in code page 866, month first: the halves of the day, the
mark of incoming calls and the condition codes are Russian words. A message for an extension (a timed reminder) looks
like a call that has nothing but an extension.

KX-TD500, types A (ring time), B (long dial), C (charge), 80 columns, and D (120 columns, all of it). T is the tenant;
E stands before an extension, F before a floating number (a group), T before a trunk::

    Date     Time    T Ext    CO     Dial Number         Ring Duration Acct code  CC
    20/01/03 15:05   1 E301   T10101 <INCOMING>          0'06 00:00'13
    Date     Time    T Ext    CO     Dial Number              Duration Acct code  CC
    20/01/03 15:15   1 E341   T10203 5550121                  00:03'32            TR
    Date     Time    T Ext    CO     Dial Number    Duration Cost      Acct code  CC
    20/01/03 15:22   1 E330   T10107 5550122        00:02'41 00000

KX-TDA pattern A (80 columns, ring time), B (80 columns, charge, no ring time, no blank before the extension),
C (120 columns, both)::

    02/02/08 20:13     109 04 <I>05550120               0'07 00:00'12               TR
    28/11/06 09:24     104 01 <I>                  00:00'23   00000.00
    05/01/07 09:34     137 0005 <I>                       ...         0'00 00:02'25    00000.00            TR

Dates stand in the order the PBX is set to; date, time, ring time and duration are stars when its clock was changed more
than three times during the call. In the column of
the extension ``*123`` is a verified code, D a doorphone, T a group of tie lines. An incoming call, ``<I>``, may have a
number, a name, both (``number/name``, ``number name``, ``namenumber``), and before it ``<D>`` with what the caller
dialled. Of an outgoing call, P is a pause, F a flash, ``=`` an access code, X and ``.`` are digits that are not shown;
behind ``-`` stands what was dialled when the call was passed on. Pauses and flashes in front of a number are left out
of it. EXT is a call to an extension, told when it begins.

The stamp is the END of the leg (manual, and the captures agree). One line is one leg: a call that rings a group first,
or is transferred, prints several. A group's line carries the ring time and a zero duration; the line with the talk
follows on the same trunk. RC (received) and AN (answered) are lines of their own, without a duration, in front of the
line with the talk; a call that was not answered ends with NA, and may have no extension. An emergency call may be told
when it was dialled, without a duration, and again when it has ended.

Not certain: whether an outgoing call was answered. On lines without answer signalling the timer starts by itself, so
an outgoing duration is reported as talk with the outcome ``unknown``. The DN of the KX-TD500's type D was blank on every
line seen. Of the Russian codes two were seen, a transfer and a forwarding; the letters for AM are those of the manuals.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, arranged
from parsers.panasonic_cells import HEADINGS, NUMBER, as_duration, dialled, minutes_and_seconds, party, seconds, told
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from parsers.formats import Line, Planned
    from parsers.layout import Cells
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_DATE = Column("date", 1, 8, r"[ \d]\d/[ \d]\d/\d\d|\*\*/\*\*/\*\*")
_TIME = Column("time", 10, 16, r"[ \d]\d:\d\d(?:[AP]M|  )|\*\*:\*\*(?:\*\*|  )")
_EXTENSION = r"[ *A-Z\d]{5}"
_TRUNK = r"[ \d]{2}"
_RING = r"\d'\d\d| {4}|\*'\*\*"
_DURATION = r"\d\d:\d\d'\d\d| {8}|\*\*:\*\*'\*\*"
_CODE = r"[A-Z][A-Z\d] | [A-Z][A-Z\d]|   "
_CODE_500 = r"[A-Z][A-Z\d]|  "
_COST_CELL = r"[ \w.,$\xa3-]"

KX_TD = Columns(
    _DATE,
    _TIME,
    Column("extension", 18, 22, _EXTENSION, ">"),
    Column("trunk", 24, 25, _TRUNK),
    Column("dial", 27, 56, r"[^']{30}|(?:(?!\d'\d\d).){30}"),
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
KX_TD_RU = Columns(
    _DATE,
    Column("time", 10, 16, r"\d\d:\d\d[\x84\x8f]\x8f"),
    Column("extension", 18, 22, _EXTENSION, ">"),
    Column("trunk", 24, 25, _TRUNK),
    Column("dial", 27, 56),
    Column("duration", 58, 65, _DURATION),
    Column("account", 67, 76),
    Column("code", 78, 80, r"[A-Z\x80-\xff][A-Z\d\x80-\xff] |   "),
)
TD500_START = (
    _DATE,
    _TIME,
    Column("tenant", 18, 18, r"[ \d]"),
    Column("extension", 20, 25, r"[ *A-Z\d][ *#\d]{5}"),
    Column("trunk", 27, 32, r"[ A-Z\d][ \d]{5}"),
)
TYPE_A = Columns(
    *TD500_START,
    Column("dial", 34, 52),
    Column("ring", 54, 57, _RING, ">"),
    Column("duration", 59, 66, _DURATION),
    Column("account", 68, 77),
    Column("code", 79, 80, _CODE_500),
)
TYPE_B = Columns(
    *TD500_START,
    Column("dial", 34, 57, "[^']{24}"),
    Column("duration", 59, 66, _DURATION),
    Column("account", 68, 77),
    Column("code", 79, 80, _CODE_500),
)
TYPE_C = Columns(
    *TD500_START,
    Column("dial", 34, 47),
    Column("duration", 49, 56, _DURATION),
    Column("cost", 58, 66, rf"{_COST_CELL}{{9}}"),
    Column("account", 68, 77),
    Column("code", 79, 80, _CODE_500),
)
TYPE_D = Columns(
    *TD500_START,
    Column("dn", 34, 37, r"[ *#\d]{4}"),
    Column("dial", 39, 83),
    Column("ring", 85, 88, _RING, ">"),
    Column("duration", 90, 97, _DURATION),
    Column("cost", 99, 106, rf"{_COST_CELL}{{8}}"),
    Column("account", 108, 117),
    Column("code", 119, 120, _CODE_500),
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
    Column("cost", 56, 65, rf"{_COST_CELL}{{10}}", ">"),
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
    Column("cost", 94, 104, rf"{_COST_CELL}{{11}}", ">"),
    Column("account", 106, 115),
    Column("code", 117, 119, _CODE),
)

_INCOMING = re.compile(r"<(?!D>)[^<>\d]+>")
_DID = "<D>"
_COST = re.compile(r"([^\d.,]*)([\d.,]+)([^\d.,]*)")
_EVENTS = re.compile(r"LOG (?:IN|OUT)|In the office|Check (?:in|out)|Timed Reminder", re.IGNORECASE)
_INTERCOM = "EXT"
_STAR = "*"
"""Stands in place of digits where the clock was changed too often during the call."""
_CLOCK_CHANGED = (None, "the PBX's clock was changed during the call")
_RECEIVED = {"RC", "VR"}
_ANSWERED = {"AN", "VA"}
_INCOMING_RU = "<BXO\x84\x9f\x99\x88\x89>"
_HALVES = {"\x84\x8f": "AM", "\x8f\x8f": "PM"}
_CODES = {"\x8fP": "TR", "\x8fA": "FW"}
_PREFIXES = "DEFT "
"""What may stand before the digits of an extension: doorphone, extension, floating number, group of tie lines."""
_OTHER_STATIONS = {"D": "doorphone", "F": "floating", "T": "tie_lines"}
_USUAL_TENANT = "1"
_JOIN_SLACK_S = 65
"""A leg's stamps are whole minutes: neighbours of one call may seem this far apart."""
_RINGING_S = 300
"""The longest a received call is expected to ring before the line that says what became of it."""


_ORDER = (
    "date", "time", "extension", "trunk", "dial", "ring", "duration", "cost", "account", "code", "tenant", "dn",
)  # fmt: skip
"""The cells any of the layouts may have, in the order `_read` takes them."""


def _reader(name: str, *layouts: Columns, when_dialled: bool = False) -> Callable[[Line, Stamps], Record]:
    """``when_dialled``: an outgoing call may be told without a duration, which is no sign of a torn line."""
    in_order = [arranged(layout, _ORDER) for layout in layouts]
    ends = [next(column.last for column in layout.columns if column.name == "duration") for layout in layouts]
    whole = ends if when_dialled else [sys.maxsize] * len(layouts)

    def read(line: Line, stamps: Stamps) -> Record:
        return _read(in_order[line.layout](line.cells), line, stamps, name, whole[line.layout])

    return read


def _read(cells: Cells, line: Line, stamps: Stamps, name: str, whole: int) -> Record:
    """``whole``: a line of so many characters may tell of an outgoing call without a duration."""
    date, time, extension, trunk, dial_cell, ring, duration, cost, account, code, tenant, dn = cells
    dial, code, trunk = dial_cell.strip(), code.strip(), trunk.strip(" T")
    talk_s, ring_s = seconds(duration), minutes_and_seconds(ring)
    digits = dial.isdigit()
    if not digits and (_EVENTS.match(dial) or not (trunk or talk_s or ring_s or code or _is_call(dial))):
        return Noise(line.offset, name, "event", line.text)
    if time[6] == "\x8f":
        time, code = time[:5] + _HALVES[time[5:]], _latin(code)
    meaning: _Meaning = (_OUTGOING, dial, None, None, None) if digits else _meaning(dial)
    direction, number, did, peer, names = meaning
    outcome = _outcome(direction, talk_s, code)
    if talk_s is None and direction != "internal":
        if duration[0] == _STAR:
            outcome = "unknown"
        elif not code and (direction == "incoming" or not trunk or cost.strip() or len(line.text) < whole):
            return Rejected(line.offset, name, "too-short", "the line ends before the duration", line.text)
    start, doubt = _CLOCK_CHANGED if _STAR in (date[0], time[0]) else stamps.date_and_time(date, time, line.received)
    if start is not None and stamps.printed == "end":
        start -= (talk_s or 0) + (ring_s or 0)
    own, verified, station = _station(extension)
    amount, currency = _cost(cost) if cost else (None, None)
    extra = _extra(code, doubt, station, *(names or ())) if code or doubt or names or station else None
    if tenant:
        extra = _of_td500(extra, tenant, dn)
    return Leg(  # by position: by name costs a fifth of the whole decoding
        line.offset,
        name,
        start,
        60,
        direction,
        outcome,
        own,
        peer,
        trunk or None,
        number,
        did,
        ring_s,
        talk_s,
        None,  # hold_s
        code == "TR",
        False,  # noqa: FBT003  (conference)
        account.strip() or None,
        verified,
        None,  # pbx_call_id
        None,  # meter_pulses
        amount,
        currency,
        extra,
        line.text,
    )


_Names = tuple[tuple[str, str], ...]
_Meaning = tuple["Direction", str | None, str | None, str | None, _Names | None]
_OUTGOING: Direction = "outgoing"


def _is_call(dial: str) -> bool:
    """Whether a dial column that came with nothing but an extension is one of a call, not a message."""
    return not dial or dial.startswith(_INTERCOM) or bool(NUMBER.fullmatch(dial))


@lru_cache(4096)
def _station(cell: str) -> tuple[str | None, str | None, tuple[str, str] | None]:
    """Extension, verified code, and what it is if it is no extension."""
    printed = cell.strip()
    if printed[:1] == "*":
        return None, printed[1:] or None, None
    kind = _OTHER_STATIONS.get(printed[:1])
    return printed.lstrip(_PREFIXES) or None, None, (kind, printed) if kind else None


@lru_cache(256)
def _latin(code: str) -> str:
    """A condition code printed in code page 866, as other models print it; an unknown one in its own letters."""
    return _CODES.get(code) or code.encode("latin-1").decode("cp866")


@lru_cache(4096)
def _meaning(dial: str) -> _Meaning:
    """Direction, number, DID, other extension and names from a dial column that is not digits alone."""
    if dial.startswith(_INTERCOM):
        return "internal", None, None, dial.removeprefix(_INTERCOM).strip() or None, None
    incoming = _INCOMING.search(dial)
    if not incoming and not dial.startswith(_DID):
        number, called = dialled(dial)
        return _OUTGOING, number, None, None, _named(name=called)
    before, after = (dial[: incoming.start()], dial[incoming.end() :]) if incoming else (dial, "")
    did, did_name = party(before.removeprefix(_DID).strip())
    number, caller = party(after.strip())
    return "incoming", number, did, None, _named(name=caller, did_name=did_name)


def _named(**names: str | None) -> _Names | None:
    return tuple((key, name) for key, name in names.items() if name) or None


def _outcome(direction: Direction, talk_s: int | None, code: str) -> Outcome:
    if direction == "incoming":
        return "answered" if talk_s or code in _ANSWERED else "unanswered"
    return "unanswered" if direction == "outgoing" and talk_s == 0 else "unknown"


def _extra(code: str, doubt: str | None, *others: tuple[str, str] | None) -> dict[str, str]:
    told = (("code", code), ("doubt", doubt), *filter(None, others))
    return {key: value for key, value in told if value}


def _of_td500(extra: dict[str, str] | None, tenant: str, dn: str) -> dict[str, str] | None:
    """Add what only a KX-TD500 prints: a tenant, the DN."""
    printed = (("tenant", tenant.strip(f" {_USUAL_TENANT}")), ("dn", dn.strip()))
    more = {key: value for key, value in printed if value}
    return {**(extra or {}), **more} if more else extra


@lru_cache(4096)
def _cost(cell: str) -> tuple[str | None, str | None]:
    """Amount and currency; the currency stands before or behind the amount, as programmed."""
    found = _COST.fullmatch(cell.strip())
    if not found:
        return None, None
    before, amount, behind = (part.strip() for part in found.groups())
    return amount, before or behind or None


def _key(leg: Leg) -> str | None:
    return leg.trunk


def _continues(last: Leg, leg: Leg) -> bool:
    """A transferred leg goes on where the one before ended; what only rang, or was dialled, by the leg that talked.

    A line that is printed twice is not handed on to itself.
    """
    if leg.start is None or last.start is None or leg.direction != last.direction or leg.number != last.number:
        return False
    gap_s = leg.start - last.start - (last.ring_s or 0) - (last.talk_s or 0)
    adjacent = -_JOIN_SLACK_S <= gap_s <= (_RINGING_S if _code(last) in _RECEIVED else _JOIN_SLACK_S)
    rang_only = last.direction == "incoming" and not last.talk_s
    known_missed = _code(last) == "NA" and last.number is None
    begun = last.direction == "outgoing" and last.talk_s is None and leg.extension == last.extension
    handed_on = leg.transferred and told(leg) != told(last)
    return adjacent and (handed_on or begun or (rang_only and not known_missed))


def _more(leg: Leg) -> bool:
    """Received and answered lines, a group's line, and an emergency call's first one are followed by the talk."""
    if leg.direction == "outgoing":
        return leg.talk_s is None
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
            "duration": "" if leg.direction == "internal" else as_duration(leg.talk_s),
            "account": leg.account_code or "",
            "code": "TR" if leg.transferred else "NA" if missed else "",
        }

    return cells


def _as_ring(seconds: int) -> str:
    return f"{seconds // 60}'{seconds % 60:02}"


def _planned_ru(leg: Planned) -> dict[str, str]:
    cells = _planned(_INCOMING_RU)(leg)
    half = "\x8f\x8f" if leg.end.hour >= 12 else "\x84\x8f"
    code = "\x8fP" if leg.transferred else ""
    return {**cells, "date": f"{leg.end:%m/%d/%y}", "time": f"{leg.end:%I:%M}{half}", "code": code}


def _planned_td500(leg: Planned) -> dict[str, str]:
    cells = _planned("<INCOMING>")(leg._replace(number=None) if leg.direction == "incoming" else leg)
    return {**cells, "tenant": _USUAL_TENANT, "extension": f"E{leg.extension}", "trunk": f"T{leg.trunk}"}


_NOISE = (
    (r"\f?\s*Date\s+Time\s", "heading"),
    *HEADINGS,
    (r"AT[A-Z&\d]", "control"),
    (r"[ *\d/]{8} [ *\d:APM]{7} .{,6}\bALM\b", "event"),
    (r"(?i:(?:-? ?enter )?password:|(?:-? ?smdr|-|rejected|goodbye\.?)\s*$)", "banner"),
)
_BEGINS = r"[ \d]\d/[ \d]\d/\d\d [ \d]\d:\d\d(?:[AP]M|  )"
_STARS = b"*" * 80 + b"\r\n"
_JOINING = Joining(key=_key, continues=_continues, more=_more, open_s=600)

FORMATS = (
    Format(
        name="panasonic/kx-td",
        title="Panasonic KX-TD816/1232",
        status="verified",
        layouts=(KX_TD, KX_TD_RING),
        read=_reader("panasonic/kx-td", KX_TD, KX_TD_RING),
        noise=_NOISE,
        begins=_BEGINS,
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
            b"12/08/03 12:36PM   117 02 0005551                        00:05'00               ",
            b"12/08/03 12:50PM   117 09 <INCOMING> 00005550            00:00'08               ",
            b"12/08/03 12:50PM   115 05 <INCOMING>                     00:01'43            TR ",
            b"12/08/03 12:51PM   115 05 <INCOMING>                0'07 00:01'43               ",
            b"10/09/02 09:12AM   116 05 <I>                            00:02'01               ",
            b"12/08/03 12:52PM       04 <I>                       0'40                     NA ",
            b"12/08/03 12:52AM   104 03 <I> 0555013456 ANNA KING  0'45                     NA ",
        ),
    ),
    Format(
        name="panasonic/kx-td-ru",
        title="Panasonic KX-T1232 and KX-TD with Russian firmware",
        status="verified",
        layouts=(KX_TD_RU,),
        read=_reader("panasonic/kx-td-ru", KX_TD_RU),
        noise=_NOISE,
        begins=r"\d\d/\d\d/\d\d \d\d:\d\d[\x84\x8f]\x8f",
        stamp="end",
        order="mdy",
        transport="serial",
        cells=_planned_ru,
        answered=True,
        account_code=True,
        internal=False,
        line_end=b"\n",
        joining=_JOINING,
        heading=(
            b"\x84ATA       BPEM\x9f  A\x81-T CO        HA\x81PAHH\x9b\x89 HOMEP         "
            b"\x8fPO\x84O\x8b\x86   PAC\x97 KO\x84  KC \n" + b"-" * 80 + b"\n"
        ),
        samples=(
            b"10/17/07 05:56\x8f\x8f   121 36 <BXO\x84\x9f\x99\x88\x89>                     00:01'19               ",
            b"10/17/07 05:57\x84\x8f   171 01 P85550123748                   00:00'46 6666          ",
            b"10/17/07 06:05\x8f\x8f   209 38 <BXO\x84\x9f\x99\x88\x89>                     00:04'53            \x8fP ",
        ),
    ),
    Format(
        name="panasonic/kx-td500",
        title="Panasonic KX-TD500, types A to D",
        status="verified",
        layouts=(TYPE_A, TYPE_B, TYPE_C, TYPE_D),
        read=_reader("panasonic/kx-td500", TYPE_A, TYPE_B, TYPE_C, TYPE_D),
        noise=_NOISE,
        begins=_BEGINS,
        stamp="end",
        transport="serial",
        cells=_planned_td500,
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        joining=_JOINING,
        heading=(
            _STARS + b"Date     Time    T Ext    CO     Dial Number         Ring Duration Acct code  CC\r\n" + _STARS
        ),
        samples=(
            b"20/01/03 15:05   1 E301   T10101 <INCOMING>          0'06 00:00'13              ",
            b"20/01/03 15:05   1 E336   T10101 <INCOMING>          0'00 00:02'52            TR",
            b"20/01/03 15:07   1 E301   T10207 5550133                  00:00'32              ",
            b"19/08/03 13:42   4 F5014  T10902 <INCOMING>                                   RC",
            b"19/08/03 13:42   3 E5125  T20901 XXXXXXX                  00:01'05              ",
            b"20/01/03 15:22   1 E330   T10107 5550124        00:02'41 00000                  ",
            b"17/01/03 18:00   1 E326   T10108      5550133" + b" " * 44 + b"00:00'07 00000                 ",
        ),
    ),
    Format(
        name="panasonic/kx-tda",
        title="Panasonic KX-TDA/TDE/NCP/NS, patterns A, B and C",
        status="verified",
        layouts=(PATTERN_A, PATTERN_B, PATTERN_C),
        read=_reader("panasonic/kx-tda", PATTERN_A, PATTERN_B, PATTERN_C, when_dialled=True),
        noise=_NOISE,
        begins=_BEGINS,
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
            b"02/02/08 20:13     109 04 <I>05550120               0'07 00:00'12               ",
            b"05/01/07 09:28     108    EXT102                                                ",
            b"05/01/07 09:28AM  1108 04 <I>05550120               0'31                     NA ",
            b"05/01/07 01:28PM  1108 04 <I>ACME05550120           0'07 00:00'12 4711          ",
            b"28/11/06 08:56    120 02 5550122              00:02'25   00000.00               ",
            b"08/12/20 11:22    401 05 <I>234               00:00'00 EU00000.00            NA ",
            b"05/01/07 09:34     137 0005 <I>" + b" " * 48 + b"0'00 00:02'25    00000.00            TR  ",
        ),
    ),
)
