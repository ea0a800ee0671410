"""AVM FRITZ!Box: call monitor, events separated by semicolons.

Manual: none by AVM was found; the layout is what many independent readers agree on, and a capture.

Port: TCP 1012, the box waits for the collector. Off by default: dial ``#96*5*`` on a telephone (off: ``#96*4*``). No
login. Nothing is kept: events while nobody listens are lost, and the first lines after that may belong to calls whose
beginning was not seen. The link may go dead after hours of silence.

Events; the last semicolon is missing on old firmware, and on older still the line::

    04.11.16 13:17:08;RING;0;01510000047;5550114;SIP1;
    04.11.16 13:17:16;CONNECT;0;1;01510000047;
    04.11.16 13:20:37;DISCONNECT;0;201;
    21.11.16 22:51:49;CALL;0;1;5550114;01760000032;SIP1;
    date time;RING;connection;caller, empty when withheld;called own number;line
    date time;CALL;connection;extension;own number;dialled;line
    date time;CONNECT;connection;extension;other party
    date time;DISCONNECT;connection;seconds talked, 0 when never connected

The stamp is the moment of the event. Every event is a leg; those of one connection, from RING or CALL to DISCONNECT,
are one call. It rang from its first event to CONNECT, or to DISCONNECT; talk is what DISCONNECT says. The number of
a connection is used again for the next call.

Extensions are the box's own numbers: 0-2 FON 1-3, 3 call-through, 4 ISDN, 5 fax, 6 and 40-44 answering machines, 10-15
DECT, 20-29 IP telephones. A call that an answering machine took looks answered; ``extra`` of its CONNECT tells so.

Not certain: a call inside the house (``**`` is dialled) is a CALL on one connection and a RING on another, so it counts twice; transfer and
call waiting are not marked. Nobody is named on a call that was not answered: the box tells the number called alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from parsers.formats import Format, Joining
from parsers.layout import Delimited, Field
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Record
    from parsers.stamps import Stamps

_NAME = "fritzbox/callmonitor"
_DIGITS = "[^;]*+"
_INSIDE = "**"
"""begins what is dialled for another telephone of the box"""


def _event(word: str, *fields: Field, optional: int = 0) -> Delimited:
    common = (Field("stamp", r"\d\d\.\d\d\.\d\d \d\d:\d\d:\d\d"), Field("event", word), Field("connection", r"\d+"))
    return Delimited(";", *common, *fields, at_least=len(common) + len(fields) - optional, ended=True)


RING = _event("RING", Field("caller", _DIGITS), Field("called", _DIGITS), Field("line"), optional=1)
CALL = _event(
    "CALL",
    Field("extension", r"\d*"),
    Field("own", _DIGITS),
    Field("dialled", _DIGITS),
    Field("line"),
    optional=1,
)
CONNECT = _event("CONNECT", Field("extension", r"\d*"), Field("number", _DIGITS), optional=1)
DISCONNECT = _event("DISCONNECT", Field("duration", r"\d{1,6}"))

_RING, _CALL, _CONNECT, _DISCONNECT = range(4)
_EVENTS = ("RING", "CALL", "CONNECT", "DISCONNECT")
_ANSWERING_MACHINES = frozenset({"6", "40", "41", "42", "43", "44"})
_LONGEST_S = 12 * 3600
_SET_BACK_S = 3600
"""By so much the clock may be set back between two events."""


def _read(line: Line, stamps: Stamps) -> Record:
    stamp, event, connection, *told = line.cells
    start, doubt = stamps.date_and_second(stamp[:8], stamp[9:], line.received)
    extra: dict[str, Any] = {"event": event}
    if doubt:
        extra["doubt"] = doubt
    leg = Leg(line.offset, _NAME, start, 1, "unknown", "unknown", pbx_call_id=connection, extra=extra, raw=line.text)
    if line.layout == _RING:
        caller, called, trunk = told
        leg.direction, leg.number, leg.did, leg.trunk = "incoming", caller or None, called or None, _line(trunk, extra)
        if caller.startswith(_INSIDE):
            leg.direction, leg.number, leg.extension = "internal", None, caller.removeprefix(_INSIDE)
    elif line.layout == _CALL:
        extension, own, dialled, trunk = told
        leg.direction, leg.extension, leg.number = "outgoing", extension or None, dialled or None
        leg.trunk = _line(trunk, extra)
        extra["own_number"] = own
        if dialled.startswith(_INSIDE):
            leg.direction, leg.number, leg.peer_extension = "internal", None, dialled.removeprefix(_INSIDE)
    elif line.layout == _CONNECT:
        extension, number = told
        leg.outcome, leg.extension = "answered", extension or None
        leg.number = None if number.startswith(_INSIDE) else number or None
        if extension in _ANSWERING_MACHINES:
            extra["answering_machine"] = True
    else:
        leg.talk_s = int(told[0])
        leg.outcome = "answered" if leg.talk_s else "unanswered"
        leg.start = start and start - leg.talk_s
    return leg


def _line(name: str, extra: dict[str, Any]) -> str | None:
    """The line's number, without the letters in front of it; POTS and the like have none."""
    if not name:
        return None
    extra["line"] = name
    return name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz: ") or name


def _event_of(leg: Leg) -> str:
    return str((leg.extra or {}).get("event"))


def _continues(last: Leg, leg: Leg) -> bool:
    """CONNECT goes on with RING or CALL, DISCONNECT with each of them, if they are not of another day."""
    before, event = _EVENTS.index(_event_of(last)), _EVENTS.index(_event_of(leg))
    if last.start is None or leg.start is None or event < _CONNECT or before >= event:
        return False
    return last.start - _SET_BACK_S <= leg.start + (leg.talk_s or 0) and leg.start - last.start <= _LONGEST_S


def _adds(call: SoFar, leg: Leg) -> Leg:
    """It rang from the first event to the first that says it was answered, or to the end."""
    answered = call.outcome == "answered"
    ring_s = None if answered or leg.start is None else max(0, leg.start - call.start)
    return msgspec.structs.replace(leg, start=call.start, direction=call.direction, ring_s=ring_s)


def _cells(leg: Planned) -> Sequence[tuple[int, dict[str, str]]]:
    """The two or three events of a leg. Calls inside the house are not simulated."""
    incoming = leg.direction == "incoming"
    connection = {"connection": str(leg.serial % 4)}
    line = {"line": f"SIP{leg.trunk}"}
    if incoming:
        begun = {"event": "RING", "caller": leg.number or "", "called": "5550100"} | line
    else:
        begun = {"event": "CALL", "extension": leg.extension, "own": "5550100", "dialled": leg.number or ""} | line
    connected = {"event": "CONNECT", "extension": leg.extension, "number": leg.number or ""}
    ended = {"event": "DISCONNECT", "duration": str(leg.talk_s)}
    start = {"stamp": f"{leg.start:%d.%m.%y %H:%M:%S}"}
    answer = {"stamp": f"{leg.start + timedelta(seconds=leg.ring_s):%d.%m.%y %H:%M:%S}"}
    end = {"stamp": f"{leg.end:%d.%m.%y %H:%M:%S}"}
    events = [(_RING if incoming else _CALL, start | connection | begun)]
    if leg.talk_s:
        events.append((_CONNECT, answer | connection | connected))
    return [*events, (_DISCONNECT, end | connection | ended)]


FORMATS = (
    Format(
        name=_NAME,
        title="AVM FRITZ!Box, call monitor",
        status="verified",
        layouts=(RING, CALL, CONNECT, DISCONNECT),
        read=_read,
        noise=(),
        stamp="start",
        transport="TCP",
        cells=_cells,
        ring_time=True,
        answered=True,
        internal=False,
        joining=Joining(
            key=lambda leg: leg.pbx_call_id,
            continues=_continues,
            more=lambda leg: _event_of(leg) != "DISCONNECT",
            rings=True,
            done=lambda leg: _event_of(leg) == "DISCONNECT",
            timeout_s=_LONGEST_S,
            adds=_adds,
        ),
        samples=(
            b"04.11.16 13:17:08;RING;0;01510000047;5550114;SIP1;",
            b"04.11.16 13:17:16;CONNECT;0;1;01510000047;",
            b"04.11.16 13:20:37;DISCONNECT;0;201;",
            b"21.11.16 22:51:49;CALL;0;1;5550114;01760000032;SIP1;",
            b"12.10.15 20:24:22;RING;1;;5550171;POTS;",
            b"12.10.15 20:24:24;DISCONNECT;1;0;",
        ),
    ),
)
