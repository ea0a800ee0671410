"""Toshiba Strata CTX100, CTX670 and CIX: SMDR records of one or two lines.

Manuals: Strata CTX installation and programming manuals (three agree on the columns).

Port: RS-232 of the BSIS card, or the LAN; TeleVantage prints the same records, always as number 001.

Record of release 1.03 and later, and of 1.02 and before; a second line follows where there is something to say in it::

    N 012 000001 DN1138    T001004   03/02 09:05:41 00:03:22.0 5550144
    N 013 000001 T001003 DN109   03/02 09:02:10 00:01:18.0
     &5550120           DISA 5550120       5550100 DN1090  1090

The stamp is the END of the part, without a year; that of S is its start. N a simple call, S the start of one of several
records or of an emergency call, X a transfer, E the end, B abandoned, A authorisation code, C account code, M account
code of a conference; they stand in the column of the dialled digits. S, X, C and E of a call share the record's number.
I (system started) and T (clock changed) are events. DN is an extension, CF a conference, T a trunk that signals answers
and A one that does not, with its group and channel. The second line: caller's number (C: location of an emergency
call), DISA, ANI, DNIS, two further places.

Not certain: the stamp of N and E is the end by the field's description and the answer by the sample's. Whether the
durations of X and E count from the start of the call; they are taken as those of their own parts. The outcome over a
trunk of letter A is ``unknown``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from parsers.continuing import Continued
from parsers.durations import clock, seconds
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, Stacked
from parsers.records import Leg, Noise

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "toshiba/ctx"


def _stacked(party: int) -> Stacked:
    """The record with parties of so many columns."""
    second, stamp = 15 + party, 16 + 2 * party
    return Stacked(
        Columns(
            Column("type", 1, 1, "[NSXEBACMIT]"),
            Column("no", 3, 5, r"\d{3}"),
            Column("node", 7, 12, r"[ \d]{6}"),
            Column("origin", 14, 13 + party, rf"[A-Z\d ]{{{party}}}"),
            Column("termination", second, second + party - 1, rf"[A-Z\d ]{{{party}}}"),
            Column("date", stamp, stamp + 4, r"\d\d/\d\d"),
            Column("time", stamp + 6, stamp + 13, r"\d\d:\d\d:\d\d"),
            Column("duration", stamp + 15, stamp + 24, r"\d\d:\d\d:\d\d\.\d| {10}"),
            Column("digits", stamp + 26, stamp + 57, r"[ \d*#A-F]{32}"),
        ),
        Columns(
            Column("further", 1, 2, " &"),
            Column("caller", 3, 19),
            Column("disa", 21, 24, r"DISA| {4}"),
            Column("ani", 26, 38),
            Column("dnis", 40, 46),
            Column("place", 48, 54),
            Column("node_place", 56, 62),
        ),
    )


RELEASE_1_03 = _stacked(9)
RELEASE_1_02 = _stacked(7)

_EVENTS = frozenset("IT")
_CODES = frozenset("ACM")
_OPEN = frozenset("SXACM")
_LAST = frozenset("NBE")
_TRUNKS = ("T", "A")
_UNSUPERVISED = "A"
_JOIN_S = 12 * 3600


def _read(line: Line, stamps: Stamps) -> Record:
    kind, no, node, origin, termination, date, time, length, digits, *second = line.cells
    if kind in _EVENTS:
        return Noise(line.offset, _NAME, "event", line.text)
    direction, extension, peer, trunk, onward, conference, signals = _parties(origin, termination)
    duration_s = seconds(length) if kind not in _CODES else None
    talk_s = duration_s if kind != "S" else None
    start, doubt = stamps.day_and_time(int(date[0:2]), int(date[3:5]), time, line.received)
    if start is not None and stamps.printed == "end":
        start -= talk_s or 0
    extra = _extra(kind, node.strip(), onward, doubt)
    caller, ani, dnis = _second_line(second, extra) if second[0] else ("", "", "")
    digits, number, located = digits.strip(), "", caller.startswith("C")
    if located:
        extra |= _told(location=caller[1:])
    elif caller and direction in {"outgoing", "internal"}:
        extra["caller"] = caller
    if direction == "outgoing":
        number = digits if kind not in _CODES else ""
    elif direction != "internal":
        number = ani or ("" if located else caller)
        if digits and kind not in _CODES:
            extra["digits"] = digits
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1,
        direction,
        _outcome(kind, direction, talk_s, signals=signals),
        extension,
        peer,
        trunk,
        number or None,
        dnis or None,
        None,  # ring_s
        talk_s,
        None,  # hold_s
        kind == "X",
        conference or kind == "M",
        digits if kind in {"C", "M"} else None,
        digits if kind == "A" else None,
        no,
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


class _Parties(NamedTuple):
    """What the two parties tell; ``signals``: whether the trunk of an outgoing call tells that it is answered."""

    direction: Direction
    extension: str | None
    peer: str | None
    trunk: str | None
    onward: str | None
    conference: bool
    signals: bool


@lru_cache(4096)
def _parties(origin: str, termination: str) -> _Parties:
    """Which of the parties are trunks tells the direction."""
    origin, termination = origin.rstrip(), termination.rstrip()
    trunk, onward = _trunk(origin), _trunk(termination)
    own, other = origin.removeprefix("DN") or None, termination.removeprefix("DN") or None
    conference, signals = "CF" in {origin[:2], termination[:2]}, not termination.startswith(_UNSUPERVISED)
    if trunk:
        if onward:
            return _Parties("tandem", None, None, trunk, onward, conference, signals=True)
        return _Parties("incoming", other, None, trunk, None, conference, signals=True)
    if onward:
        return _Parties("outgoing", own, None, onward, None, conference, signals)
    return _Parties("internal" if own and other else "unknown", own, other, None, None, conference, signals=True)


def _extra(kind: str, node: str, onward: str | None, doubt: str | None) -> dict[str, Any]:
    """What the first line tells beside the leg."""
    extra = {"type": kind}
    if node:
        extra["node"] = node
    if onward:
        extra["outgoing_trunk"] = onward
    if doubt:
        extra["doubt"] = doubt
    return extra


def _second_line(cells: list[str], extra: dict[str, Any]) -> tuple[str, str, str]:
    """Caller, ANI and DNIS; what else the second line tells goes into ``extra``."""
    _, caller, disa, ani, dnis, place, node_place = map(str.strip, cells)
    if disa or place or node_place:
        extra |= _told(disa=disa, place=place, node_place=node_place)
    return caller, ani, dnis


def _told(**cells: str) -> dict[str, str]:
    """Those of the cells that hold anything."""
    return {name: cell for name, cell in cells.items() if cell}


def _outcome(kind: str, direction: Direction, talk_s: int | None, *, signals: bool) -> Outcome:
    if kind == "B" or talk_s == 0:
        return "unanswered"
    return "answered" if talk_s is not None and signals and direction != "unknown" else "unknown"


def _trunk(party: str) -> str | None:
    """Group, channel and, where there is one, B channel of a trunk, with points between them."""
    digits = party[1:]
    if not party.startswith(_TRUNKS) or not digits.isdecimal():
        return None
    parts = digits[:3], digits[3:6], digits[6:]
    return ".".join(part.lstrip("0") or "0" for part in parts if part)


def _kind(leg: Leg) -> str:
    return str((leg.extra or {}).get("type", ""))


def _continues(last: Leg, leg: Leg) -> bool:
    """Records after an S, up to its E, have its number; numbers come again after 127."""
    if last.start is None or leg.start is None or _kind(leg) in {"S", "N"}:
        return False
    return _kind(last) in _OPEN and abs(leg.start - last.start) <= _JOIN_S


def _cells(leg: Planned) -> dict[str, str]:
    incoming, internal = leg.direction == "incoming", leg.direction == "internal"
    own, trunk = f"DN{leg.extension}", f"T{leg.trunk or '':0>3}001"
    missed = incoming and leg.outcome != "answered"
    heard = (leg.number or "") if incoming else ""
    return {
        "type": "B" if missed else "N",
        "no": f"{leg.serial % 128:03}",
        "node": "000001",
        "origin": trunk if incoming else own,
        "termination": own if incoming else f"DN{leg.peer_extension}" if internal else trunk,
        "date": f"{leg.end:%m/%d}",
        "time": f"{leg.end:%H:%M:%S}",
        "duration": f"{clock(leg.talk_s)}.0",
        "digits": "" if incoming or internal else leg.number or "",
    } | ({"further": " &", "caller": heard} if heard else {})


FORMATS = (
    Format(
        name=_NAME,
        title="Toshiba Strata CTX, CIX",
        status="from manual",
        layouts=(RELEASE_1_03, RELEASE_1_02),
        read=_read,
        noise=((r" &", "event"), (r"[IT] \d{3} ", "event")),
        begins=r"[NSXEBACMIT] \d{3} [ \d]{6} [A-Z]",
        stamp="end",
        order="mdy",
        transport="serial, TCP",
        cells=_cells,
        answered=True,
        account_code=True,
        continued=Continued(first=((r"[NSXEBACM] \d{3} [ \d]{6} [A-Z]", 2),), further=r" &"),
        joining=Joining(
            key=lambda leg: f"{(leg.extra or {}).get('node', '')} {leg.pbx_call_id}",
            continues=_continues,
            more=lambda leg: _kind(leg) in _OPEN,
            done=lambda leg: _kind(leg) in _LAST,
            timeout_s=_JOIN_S,
        ),
        samples=(
            b"N 012 000001 DN1138    T001004   03/02 09:05:41 00:03:22.0 5550144",
            b"N 013 000001 T001003   DN109     03/02 09:02:10 00:01:18.0\r\n &5550120                              5550100",
            b"B 014 000001 T001003   DN109     03/02 09:12:10 00:00:00.0\r\n &13900000012",
            b"S 015 000001 T001003 DN201   03/02 09:20:00 00:00:00.0",
            b"X 015 000001 T001003 DN201   03/02 09:20:30 00:00:30.0",
            b"E 015 000001 T001003 DN109   03/02 09:22:00 00:01:30.0",
            b"C 016 000001 DN1138  A001004 03/02 09:25:00            4711",
        ),
    ),
)
