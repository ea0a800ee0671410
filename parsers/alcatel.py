"""Alcatel 4200 and OmniPCX Office: the listing of call metering, one statement a line.

Manuals: Alcatel 4200E call metering (3AC 21232 MBAA); OmniPCX Office installation manual, "Call metering".

Port: V.24, 4200E 1200 7E1, 4200C/D 9600 8N1, XON/XOFF. A form feed may stand in front of the first record of a page, on
the record's own line. The fields printed are chosen by programming, their order is fixed. Called user and mode may be
left out, as by default; so may all that stands behind the number. OmniPCX Office prints taxes one column wider. This is
the full set of a 4200::

     A215  A241  --> P00 14/03/07 14:02 00:00:09    0 ST I      5550142...................   00:07      0.00 4711............ Name
     called user type line date  time  duration taxes serv facilities number          mode ring  cost   business code   name

Called: the set or group an incoming call was for (``A215``, ``G3`` attendants), stars or blank on outgoing ones. User:
who is charged; on an incoming call, who answered, or the group that nobody answered for. Line: L analogue, N basic, P
primary access, V VoIP. Dots fill the number and the code up.

The stamp is the START. A duration of 0 means no conversation. Facilities: X transfer (a statement for each set, each
with its own duration), N or R forwarded, S DISA, I user-user signalling, T advice of charge.

Not certain: an outgoing call over an analogue line has a duration without the network's word, so its outcome is
``unknown``. Which of a transferred call's statements carries the X: the one handed on was seen with it, the manual has
it on the one taken over; either joins them. Other fields left out, and the line of OmniPCX Office: from manual.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from parsers.durations import clock, counted
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, arranged
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "alcatel/4200"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ*"

_FIELDS = (
    ("called", 5, r"[ *A-Z\d]", "<"),
    ("user", 5, r"[ *A-Z\d]", "<"),
    ("type", 3, r"-->|<--|CS[+-]", "<"),
    ("line", 3, r"[A-Z ][\d* ]{2}", "<"),
    ("date", 8, r"\d\d/\d\d/\d\d", "<"),
    ("time", 5, r"\d\d:\d\d", "<"),
    ("duration", 8, r"\d\d:\d\d:\d\d", "<"),
    ("taxes", 4, r"[ \d]", ">"),
    ("service", 2, r"[A-Z ][A-Z+ ]", "<"),
    ("facilities", 6, r"[A-Z ]", "<"),
    ("number", 26, r"[ \d*#.?+]", "<"),
    ("mode", 1, r"[A-Z ]", "<"),
    ("ring", 5, r"\d\d:\d\d| {5}", "<"),
    ("cost", 10, r"[ \d.,]", ">"),
    ("account", 16, r"[ \d*#.A-Z]", "<"),
    ("name", 16, "", "<"),
    ("node", 6, "", "<"),
)
"""What may be printed, in its order: name, width, what it holds (for all of it, or for each character), alignment."""


def _statement(*without: str, indent: int = 1, taxes: int = 4) -> Columns:
    """The columns of a statement ``without`` some fields, a blank between fields; taxes are wider on newer PBXs."""
    columns, at = [], indent + 1
    for name, usual, cell, align in _FIELDS:
        if name in without:
            continue
        width = taxes if name == "taxes" else usual
        each = cell.startswith("[") and cell.endswith("]") and cell.count("[") == 1
        columns.append(Column(name, at, at + width - 1, f"{cell}{{{width}}}" if each else cell, align))
        at += width + 1
    return Columns(*columns)


_LAYOUTS = tuple(
    _statement(*without, indent=indent, taxes=taxes)
    for without in ((), ("called",), ("mode",), ("called", "mode"))
    for indent, taxes in ((1, 4), (1, 5), (0, 4), (0, 5))
)
_ORDER = tuple(name for name, *_ in _FIELDS)
_IN_ORDER = tuple(arranged(layout, _ORDER) for layout in _LAYOUTS)
_SHORTEST = tuple(next(column.last for column in layout.columns if column.name == "number") for layout in _LAYOUTS)
"""Where the dots end that fill the number up."""

_JOIN_SLACK_S = 75
"""Stamps are whole minutes: what follows at once may seem to begin a minute before or after."""


def _read(line: Line, stamps: Stamps) -> Record:
    called, user, kind, access, date, time, duration, taxes, service, facilities, *more = _IN_ORDER[line.layout](
        line.cells
    )
    dialled, mode, ring, cost, account, person, _node = more
    if kind.startswith("CS"):
        return Noise(line.offset, _NAME, "event", line.text)
    if len(line.text) < _SHORTEST[line.layout]:
        return Rejected(line.offset, _NAME, "too-short", "the line ends before the number's dots do", line.text)
    incoming = kind == "<--"
    talk_s, ring_s = _seconds(duration), _seconds(ring)
    start, doubt = stamps.date_and_time(date, time, line.received)
    if start is not None and stamps.printed == "end":
        start -= (talk_s or 0) + (ring_s or 0)
    direction: Direction = "incoming" if incoming else "outgoing"
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        60,
        direction,
        _outcome(talk_s, known=incoming or access[0] != "L"),
        user.strip(_LETTERS + " ") or called.strip(_LETTERS + " ") or None,
        None,  # peer_extension
        access.strip(_LETTERS + " ") or None,
        dialled.strip(" .") or None,
        None,  # did
        ring_s if incoming else None,
        talk_s,
        None,  # hold_s
        "X" in facilities,
        False,  # noqa: FBT003  (conference)
        account.strip(" .") or None,
        None,  # auth_code
        None,  # pbx_call_id
        _number(taxes),
        cost.strip() or None,
        None,  # currency
        _extra(called.strip(" *"), access[0], service.strip(), facilities, mode, person, doubt),
        line.text,
    )


def _extra(
    called: str, access: str, service: str, facilities: str, mode: str, person: str, doubt: str | None
) -> dict[str, str] | None:
    extra = {"access": access, "service": service}
    facilities = facilities.replace(" ", "")
    if facilities:
        extra["facilities"] = facilities
    if called:
        extra["called"] = called
    if doubt:
        extra["doubt"] = doubt
    if mode.strip() or person.strip():
        extra |= {key: value for key, value in (("mode", mode.strip()), ("name", person.strip(" ."))) if value}
    return extra


def _outcome(talk_s: int | None, *, known: bool) -> Outcome:
    """A conversation; ``known`` tells whether the duration comes from the network's word."""
    if not talk_s:
        return "unanswered"
    return "answered" if known else "unknown"


def _seconds(cell: str) -> int | None:
    """``HH:MM:SS`` or ``MM:SS``; blank is None."""
    return None if cell.isspace() or not cell else counted(cell)


@lru_cache(1024)
def _number(cell: str) -> int | None:
    cell = cell.strip().replace(" ", "")
    return int(cell) if cell else None


def _key(leg: Leg) -> str | None:
    return f"{leg.trunk} {leg.number}" if leg.number else None


def _continues(last: Leg, leg: Leg) -> bool:
    """The other set's statement of a transferred call begins where the one before ended."""
    if last.start is None or leg.start is None or last.direction != leg.direction:
        return False
    adjacent = abs(leg.start - last.start - (last.talk_s or 0)) <= _JOIN_SLACK_S
    return adjacent and (last.transferred or leg.transferred)


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg; calls between extensions are not metered."""
    incoming = leg.direction == "incoming"
    talk = leg.talk_s
    return {
        "called": f"A{leg.extension}" if incoming else "",
        "user": f"A{leg.extension}",
        "type": "<--" if incoming else "-->",
        "line": f"P{leg.trunk or ''}",
        "date": f"{leg.start:%d/%m/%y}",
        "time": f"{leg.start:%H:%M}",
        "duration": clock(talk),
        "taxes": "0",
        "service": "ST",
        "facilities": "     X" if leg.transferred else "",
        "number": (leg.number or "").ljust(26, "."),
        "ring": f"{leg.ring_s // 60:02}:{leg.ring_s % 60:02}" if incoming else "",
        "account": (leg.account_code or "").ljust(16, "."),
    }


FORMATS = (
    Format(
        name=_NAME,
        title="Alcatel 4200, OmniPCX Office",
        status="verified",
        layouts=_LAYOUTS,
        read=_read,
        noise=((r"(?=\D{60,}$)(?:\s*+[A-Z.]++(?=\s|$)){8,}", "heading"),),
        stamp="start",
        transport="serial",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        joining=Joining(key=_key, continues=_continues, timeout_s=3600),
        samples=(
            b"A241  --> V01 14/03/07 14:01 00:00:09     0 ST I      5550142...................",
            b"       A241  --> P00 14/03/07 14:02 00:00:09    0 ST I      5550142...................                    ................                        ",
            b"       A238  --> P00 14/03/07 14:17 00:00:00    0 ST I      05550142493...............                    6120............                        ",
            b"       A215  <-- P00 14/03/07 14:20 00:00:10    0 ST        445550199.................                    ................                        ",
            b"       A215  <-- P00 14/03/07 15:50 00:00:24    0 ST X      445550199.................                    ................                        ",
            b" A215  A216  <-- L03 14/03/07 15:50 00:00:24    2 ST        445550199.................   00:07       0.16 ................                        ",
        ),
    ),
)
