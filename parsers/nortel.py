"""Nortel Meridian 1, SL-1, Succession and CS 1000: call detail recording on a TTY.

Manuals: CDR description and formats, 553-2631-100 (record types); the columns of the further lines are from PBXs.

Port: serial TTY programmed in LD 17, or a terminal server. NULs may stand anywhere in a line and are passed over. Other
TTY messages come in between.

FCDR=OLD, two lines; the second may be missing::

    N 066 00 T047012 3721    08/14 05:41 00:00:10 A 5550142
     &       0000    0001
    type no customer originator terminator date time duration digits

FCDR=NEW, three lines: time with seconds, duration with tenths, the caller's number filled up with X, from column 40 the
number called (DNIS), the time to answer. Any line but the first may be missing; FCDR=OLD may have the caller's number, too::

    N 067 00 A001003 2136    05/23 13:16:07 00:02:26.0 A199555014
     &80445550199XXXXX                                                003.0.00.03
     &00:04                                000 00 0 02

A party is a station (``3721``, ``DN3721``), a trunk (``T`` with, ``A`` without answer supervision, three digits of the
route, three of the member: ``T001020`` is given as 1.20), an attendant (``ATTN01``) or a conference (``CF``). ``A`` in
front of the digits: dialled through the access code of ARS.

Types: N a whole call, B an incoming call that was abandoned, S the start of a call that is handed on, X its transfer,
E its end, L between stations. All others (A and C codes, I and T of the clock, D, F, G, H, M, P, Q, R) are counted as
events. No year is printed. The stamp is the START of the call: records come in the order in which the calls end.

Not certain: whether every release stamps the start (configure it, where it is the end); whether the start is that of
ringing or of talk; what the figures at the end of the further lines mean. The number called and the caller of FCDR=OLD are
from manuals of PBXs that print the like. S, X, E and L are from the manual. An outgoing
call over a trunk without answer supervision has the outcome ``unknown``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from parsers.continuing import Continued
from parsers.durations import clock, counted
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, Stacked, arranged
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "nortel/meridian-1"
_PARTY = r"[A-Z\d][A-Z\d ]{6}"


def beginning(kind: str, party: str) -> tuple[Column, ...]:
    """The first columns of a record, to its date; expressions of its type and of a party."""
    return (
        Column("type", 1, 1, kind),
        Column("no", 3, 5, r"\d{3}"),
        Column("customer", 7, 8, r"\d\d"),
        Column("originator", 10, 16, party),
        Column("terminator", 18, 24, party),
        Column("date", 26, 30, r"\d\d/\d\d"),
    )


_BEGINNING = beginning("[A-Z]", _PARTY)
_DIGITS = r"[ \dA-Z*#]{34}"

OLD = Stacked(
    Columns(
        *_BEGINNING,
        Column("time", 32, 36, r"\d\d:\d\d"),
        Column("duration", 38, 45, r"\d\d:\d\d:\d\d| {8}"),
        Column("digits", 47, 80, _DIGITS),
    ),
    Columns(
        Column("further", 1, 2, " &"),
        Column("caller", 3, 18),
        Column("rest", 19, 132),
    ),
)
NEW = Stacked(
    Columns(
        *_BEGINNING,
        Column("time", 32, 39, r"\d\d:\d\d:\d\d"),
        Column("duration", 41, 50, r"\d\d:\d\d:\d\d\.\d| {10}"),
        Column("digits", 52, 85, _DIGITS),
    ),
    Columns(
        Column("further", 1, 2, " &"),
        Column("caller", 3, 18),
        Column("between", 19, 39),
        Column("called", 40, 46),
        Column("aux", 47, 54),
        Column("originator_place", 55, 66),
        Column("terminator_place", 67, 78),
        Column("rest", 79, 132),
    ),
    Columns(
        Column("last", 1, 2, " &"),
        Column("ring", 3, 7),
        Column("features", 8, 132),
    ),
)
_TORN = Columns(Column("further", 1, 2, " &"), Column("rest", 3, 132))

_CALLS = frozenset("NBSXEL")
_WITH_DURATION = frozenset("NL")
_OPEN = frozenset("SX")
_CLOSING = frozenset("XE")
_RING = re.compile(r"\d\d:\d\d")
_NUMBER = re.compile(r"[\d*#]+")
_PREFIXES = " ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORDER = (
    *("type", "no", "customer", "originator", "terminator", "date", "time", "duration", "digits"),
    *("caller", "called", "ring", "originator_place", "terminator_place"),
)


class Party(NamedTuple):
    """Who is at one end: a station or attendant, or a trunk; ``supervised`` tells whether it signals answers."""

    extension: str | None = None
    trunk: str | None = None
    supervised: bool = False


class _Ends(NamedTuple):
    """Both ends of a call. ``trunk_out``: the one on which a tandem call leaves; ``supervised``: the called end."""

    direction: Direction
    extension: str | None
    peer_extension: str | None
    trunk: str | None
    trunk_out: str | None
    supervised: bool


def _read(line: Line, stamps: Stamps) -> Record:
    if line.layout == len(_IN_ORDER):
        return Rejected(line.offset, _NAME, "cut-off", "the first line of the record is missing", line.text)
    kind, no, customer, origin, terminal, date, time, duration, digits, caller, dnis, ring, *places = _IN_ORDER[
        line.layout
    ](line.cells)
    if kind not in _CALLS:
        return Noise(line.offset, _NAME, "event", line.text)
    direction, extension, peer_extension, trunk, trunk_out, supervised = _ends(origin, terminal)
    dialled = digits.strip(_PREFIXES) or None
    talk_s, ring_s = _seconds(duration), _ring(ring)
    if talk_s is None and kind in _WITH_DURATION:
        return Rejected(line.offset, _NAME, "too-short", "the line ends before the duration", line.text)
    start, doubt = stamps.day_and_time(int(date[0:2]), int(date[3:5]), time, line.received)
    if start is not None and stamps.printed == "end":
        start -= (talk_s or 0) + (ring_s or 0)
    incoming = direction in {"incoming", "tandem"}
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1 if line.layout == 0 else 60,
        direction,
        _outcome(kind, direction, talk_s, supervised=supervised),
        extension,
        peer_extension,
        trunk,
        _number(caller) if direction == "incoming" else None if direction == "internal" else dialled,
        (_number(dnis) or dialled) if direction == "incoming" else None,
        ring_s if incoming else None,
        talk_s,
        None,  # hold_s
        kind in _CLOSING or kind in _OPEN,
        False,  # noqa: FBT003  (conference)
        None,  # account_code
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        _extra(kind, no, customer, digits, trunk_out, places, doubt),
        line.text,
    )


def _extra(
    kind: str, no: str, customer: str, digits: str, trunk_out: str | None, places: list[str], doubt: str | None
) -> dict[str, str]:
    extra = {"type": kind, "no": no, "customer": customer}
    if digits.startswith("A"):
        extra["ars"] = "A"
    if trunk_out:
        extra["trunk_out"] = trunk_out
    if doubt:
        extra["doubt"] = doubt
    if any(places) and not "".join(places).isspace():
        names = ("originator_place", "terminator_place")
        extra |= {name: place.strip() for name, place in zip(names, places, strict=True) if place.strip()}
    return extra


@lru_cache(4096)
def _ends(originator: str, terminator: str) -> _Ends:
    """Who calls whom."""
    calling, called = _party(originator), _party(terminator)
    direction = direction_of(calling, called)
    ours, other = (called, calling) if direction == "incoming" else (calling, called)
    trunk_out = called.trunk if direction == "tandem" else None
    trunk = calling.trunk or called.trunk
    return _Ends(direction, ours.extension, other.extension, trunk, trunk_out, called.supervised)


def _party(cell: str) -> Party:
    """Who a party's cell names."""
    name = cell.strip()
    if len(name) == len("T001020") and name[0] in "AT" and name[1:].isdecimal():
        return Party(None, f"{name[1:4].lstrip('0') or '0'}.{name[4:].lstrip('0') or '0'}", name[0] == "T")
    return Party(name.removeprefix("DN") or None)


def direction_of(calling: Party, called: Party) -> Direction:
    """Which of the parties are trunks tells the direction."""
    if calling.trunk:
        return "tandem" if called.trunk else "incoming"
    return "outgoing" if called.trunk else "internal"


def _outcome(kind: str, direction: Direction, talk_s: int | None, *, supervised: bool) -> Outcome:
    """B is abandoned; S, without a duration, says nothing yet; a trunk without supervision does not tell of answers."""
    if kind == "B" or talk_s == 0:
        return "unanswered"
    if talk_s is None or (direction in {"outgoing", "tandem"} and not supervised):
        return "unknown"
    return "answered"


def _seconds(cell: str) -> int | None:
    """``HH:MM:SS``, with tenths or without, or ``MM:SS``; blank is None."""
    return None if cell.isspace() else counted(cell[:8])


@lru_cache(4096)
def _ring(cell: str) -> int | None:
    """The time to answer, ``MM:SS``; None where the further line holds something else."""
    return _seconds(cell) if _RING.fullmatch(cell) else None


@lru_cache(4096)
def _number(cell: str) -> str | None:
    """A number at the beginning of its column, without what fills it up; None where the further line holds something else."""
    number = cell.rstrip(" X")
    return number if _NUMBER.fullmatch(number) else None


def _kind(leg: Leg) -> str:
    return str((leg.extra or {}).get("type", ""))


def _continues(last: Leg, leg: Leg) -> bool:
    """The end of a call that was handed on follows its start on the same trunk."""
    return _kind(last) in _OPEN and _kind(leg) in _CLOSING


_IN_ORDER = (arranged(NEW, _ORDER), arranged(OLD, _ORDER))


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg."""
    trunk = f"T{(leg.trunk or '').rjust(3, '0')}001"
    caller, called = leg.extension, trunk
    if leg.direction == "incoming":
        caller, called = trunk, leg.extension
    elif leg.direction == "internal":
        called = leg.peer_extension or ""
    abandoned = leg.direction == "incoming" and leg.talk_s == 0
    talk, ring = leg.talk_s, leg.ring_s
    return {
        "type": "B" if abandoned else "L" if leg.direction == "internal" else "N",
        "no": f"{leg.serial % 128:03}",
        "customer": "00",
        "originator": caller,
        "terminator": called,
        "date": f"{leg.start:%m/%d}",
        "time": f"{leg.start:%H:%M:%S}",
        "duration": "" if abandoned else f"{clock(talk)}.0",
        "digits": f"A{leg.number}" if leg.direction == "outgoing" and leg.number else "",
        "further": " &",
        "caller": (leg.number or "").ljust(16, "X") if leg.direction == "incoming" and leg.number else "",
        "last": " &",
        "ring": f"{ring // 60:02}:{ring % 60:02}" if leg.direction == "incoming" else "",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="Nortel Meridian 1, SL-1, Succession, CS 1000",
        status="verified",
        layouts=(NEW, OLD, _TORN),
        read=_read,
        noise=((r"[ACDF-KMO-RT-WYZ] \d{3}(?: |$)", "event"), (r"[A-Z]{3,4}\d{3,4}(?: |$)", "event")),
        begins=r"[A-Z] \d{3} \d\d [A-Z\d][A-Z\d ]{6} [A-Z\d][A-Z\d ]{6} \d\d/\d\d ",
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_cells,
        ring_time=True,
        answered=True,
        continued=Continued(
            first=((r"[A-Z] \d{3} \d\d .* \d\d:\d\d (?: {8}|\d\d:\d\d:\d\d)(?!\.)", 2), (r"[A-Z] \d{3} \d\d ", 3)),
            further=r" &",
        ),
        joining=Joining(key=lambda leg: leg.trunk, continues=_continues, more=lambda leg: _kind(leg) in _OPEN),
        samples=(
            b"N 061 00 2145    A001022 05/23 13:02:44 00:06:14.0 A55514207                          ",
            (
                b"N 067 00 A001003 2136    05/23 13:16:07 00:02:26.0                                     \r\n"
                b" &80445550199XXXXX                                                                    \r\n"
                b" &00:04                                000 00 0 02                                   "
            ),
            (
                b"B 062 00 T001020 2127    05/23 13:10:23                                                \r\n"
                b" &80445550199XXXXX                                                003.0.00.03         \r\n"
                b" &00:12                                    00 0 02                                   "
            ),
            b"N 066 00 T047\x00012 3721    08/14 05:41 00:00:10 ",
            (
                b"N 074 00 3721    T047\x00016 08/14 06:01 00:00:12 A 5550144\r\n"
                b" &       0001    0000                                      "
            ),
        ),
    ),
)
