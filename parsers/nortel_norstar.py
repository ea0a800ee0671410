"""Nortel Norstar (SMDR6), Enterprise Edge and BCM: Norstar reports, several lines a call.

Manuals: SMDR6 System Coordinator Guide, P0907246; Enterprise Edge Call Detail Recording, P0908545; BCM Call Detail
Recording System Administration Guide, P0911648, P0993139 and N0060599 (report types Standard, CLID, All).

Port: the serial printer port of the SMDR6 box, speed programmable (38400 8N1 is common); BCM keeps files that are fetched
from it or sent by it.

Reports, of which Standard ones have no lines about the caller; an empty line behind each::

    -------- 03/02/99 09:02:16 LINE = 0003 STN = 2221
    CALLING NUMBER 5550120
    NAME J DOE
    UNKNOWN
    BC = SPEECH
    00:00:00 INCOMING CALL RINGING 0:06
    00:00:41 HOLD
    00:01:09 UNHOLD
    00:03:02 CALL RELEASED

    -------- 03/02/99 09:08:10 LINE = 0003 STN = 2225
    00:00:00 OUTGOING CALL
    DIGITS DIALED 5550144
    00:00:21 ACCOUNT CODE 4711
    00:08:12 CALL RELEASED

The time in the first line is that of the answer, or of the line's seizure; ringing began RINGING before it. The others are
counted from it: talk lasts until CALL RELEASED or TRANSFERRED, less the times between HOLD and UNHOLD. A call that is
TRANSFERRED goes on with the report on the same line that says FROM TRANSFER. NO ANSWER and BUSY are reports of their own.
A further ``LINE`` is the physical one, where the call came on a target line; two of them in the first line are a call
from line to line. ``!`` in the digits: what follows was dialled when the call was connected. ``/`` before and x behind a
caller's number: it is not all there. The date may be set to MM/DD/YY, DD/MM/YY or YY/MM/DD: ``date_order``.

RECORD RESTART, REPORTS LOST and HOSPITALITY are events. So are the one-line records (``*030299 …``) that report type All
prints beside the reports: they tell the same calls; alone they are ``nortel/norstar-realtime``.

Not certain: blanks, which may be any number; at which moment a report of NO ANSWER is stamped (taken for the end of the
ringing); whether the other side answered an outgoing call, unless there is a ``!``; a report is only read in English.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from parsers.continuing import Continued
from parsers.durations import clock, seconds
from parsers.formats import Format, Joining
from parsers.layout import Field, Stacked, Words
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Outcome, Record
    from parsers.stamps import Stamps

_NAME = "nortel/norstar"
_HEADING = r"-{8} \d\d/\d\d/\d\d "
_PARTIES = r"(?:(?:LINE|STN|EXT) *= *\d{1,7} *){1,2}"
REPORT = Stacked(
    Words(
        "--------",
        Field("date", r"\d\d/\d\d/\d\d"),
        Field("time", r"\d\d:\d\d:\d\d"),
        Field("parties", f"{_PARTIES}|"),
    ),
    rest="lines",
)
_BEGINNINGS = "INCOMING CALL|OUTGOING CALL|NO ANSWER|BUSY|FROM TRANSFER"
EVENT = Words(
    Field("after", r"\d\d:\d\d:\d\d"),
    Field(
        "event",
        f"{_BEGINNINGS}|HOLD|UNHOLD|TRANSFERRED|CONFERENCE|ACCOUNT CODE|RESTRICTION PASSWORD|INVALID PASSWORD|CALL RELEASED",
    ),
    Field("data", r"\S.*|"),
)
FACT = Words(
    Field(
        "fact",
        "CALLING NUMBER|NAME|BC|LINE|DIGITS DIALED|DNIS NUMBER|PRI SERVICE|VOIP CALL|EXT CALL FWD"
        "|RECORD RESTART|REPORTS LOST|HOSPITALITY",
    ),
    Field("data", r"\S.*|"),
)

_BEGINS = frozenset(_BEGINNINGS.split("|"))
_NO_CALL = frozenset({"RECORD RESTART", "REPORTS LOST", "HOSPITALITY"})
_KEPT = {
    "NAME": "name",
    "BC": "bearer",
    "PRI SERVICE": "pri_service",
    "VOIP CALL": "voip",
    "EXT CALL FWD": "forwarded",
    "RECORD RESTART": "record_restart",
    "REPORTS LOST": "reports_lost",
}
"""Facts that are kept apart, and under which name."""
_UNKNOWN = frozenset({"UNKNOWN", "PRIVATE"})
_PARTY = re.compile(r"([A-Z]+) *= *(\d+)")
_RINGING = re.compile(r"RINGING +(\d{1,4}):(\d\d)")
_NO_DIGIT = re.compile(r"[^\d*#]")
_OUTCOMES: dict[str, Outcome] = {
    "INCOMING CALL": "answered",
    "FROM TRANSFER": "answered",
    "NO ANSWER": "unanswered",
    "BUSY": "busy",
}
_LONGEST_CALLER = 11
_MOST_LINES = 100
_REMEMBERED = 1024
_LONGEST_S = 12 * 3600
_SLOWEST_S = 60
"""So much earlier than the report it goes on with may a report seem to begin."""

_event, _fact = EVENT.matcher(), FACT.matcher()


class _Event(NamedTuple):
    """A change of the call, so many seconds after the time in the first line."""

    after: int
    name: str
    data: str


class _Fact(NamedTuple):
    name: str
    data: str


class _Told(NamedTuple):
    """What the lines of a report tell; ``names`` are those of its events."""

    events: list[_Event]
    names: set[str]
    facts: dict[str, str]
    others: list[str]

    def first(self, *names: str) -> _Event | None:
        """The first event of such a name."""
        return next((event for event in self.events if event.name in names), None)

    def data(self, name: str) -> str | None:
        """What the last event of this name tells."""
        if name not in self.names:
            return None
        return next((event.data for event in reversed(self.events) if event.name == name), None) or None


def _told(lines: Sequence[str]) -> _Told:
    events, names, facts, others = told = _Told([], set(), {}, [])
    for line in lines:
        said = _line(line)
        if isinstance(said, _Event):
            events.append(said)
            names.add(said.name)
        elif isinstance(said, _Fact):
            facts.setdefault(*said)
        elif said:
            others.append(said)
    return told


@lru_cache(_REMEMBERED)
def _line(line: str) -> _Event | _Fact | str:
    """What one line tells; empty where that is nothing. Many lines are the same in every report."""
    if event := _event(line):
        after, name, data = event
        return _Event(seconds(after) or 0, name, data)
    if fact := _fact(line):
        return _Fact(fact[0], fact[1].lstrip("= "))
    other = line.strip()
    return "" if other in _UNKNOWN else other


def _read(line: Line, stamps: Stamps) -> Record:
    if line.layout:
        if line.cells[0] in _NO_CALL:
            return Noise(line.offset, _NAME, "event", line.text)
        return Rejected(line.offset, _NAME, "cut-off", "the first line of the report is missing", line.text)
    date, time, parties, lines = line.cells
    told = _told(lines.split("\n"))
    begun = told.first(*_BEGINS)
    if begun is None:
        if _NO_CALL & told.facts.keys():
            return Noise(line.offset, _NAME, "event", line.text)
        first = lines.partition("\n")[0].strip()
        hint = f"none of the lines behind the first says what the call was, such as {first!r}"
        return Rejected(line.offset, _NAME, "bad-field" if lines else "too-short", hint, line.text)
    start, doubt = stamps.date_and_second(date, time, line.received)
    leg = _leg(begun, told, _PARTY.findall(parties))
    leg.offset, leg.raw = line.offset, line.text
    leg.start = start and start - (leg.ring_s or 0)
    if doubt:
        leg.extra = (leg.extra or {}) | {"doubt": doubt}
    return leg


def _leg(begun: _Event, told: _Told, parties: list[tuple[str, str]]) -> Leg:
    """The call of a report, without its start."""
    trunks = [number.lstrip("0") or "0" for kind, number in parties if kind == "LINE"]
    extra = _extra(begun, told)
    leg = Leg(0, _NAME, None, 1, "unknown", _OUTCOMES.get(begun.name, "unknown"), extra=extra)
    leg.extension = next((number for kind, number in parties if kind != "LINE"), None)
    leg.trunk = trunks[0] if trunks else None
    leg.did = told.facts.get("DNIS NUMBER") or None
    leg.ring_s = _rang(begun.data)
    leg.talk_s, leg.hold_s = _spent(begun, told)
    leg.transferred = begun.name == "FROM TRANSFER" or "TRANSFERRED" in told.names
    leg.conference = "CONFERENCE" in told.names
    leg.account_code, leg.auth_code = told.data("ACCOUNT CODE"), told.data("RESTRICTION PASSWORD")
    caller = told.facts.get("CALLING NUMBER", "UNKNOWN")
    if begun.name == "OUTGOING CALL":
        leg.direction = "tandem" if len(trunks) > 1 else "outgoing"
        digits, connected, later = told.facts.get("DIGITS DIALED", "").partition("!")
        leg.number = digits or None
        if connected:
            leg.outcome = "answered"
        if later:
            extra["dialled_later"] = later
        if leg.direction == "tandem":
            extra["trunk_out"] = trunks[1]
    else:
        leg.direction = "unknown" if begun.name == "FROM TRANSFER" else "incoming"
        leg.number = _NO_DIGIT.sub("", caller) or None
    if caller not in {leg.number, *_UNKNOWN}:
        extra["caller"] = caller
    if leg.trunk and told.facts.get("LINE"):
        extra["target_line"], leg.trunk = leg.trunk, told.facts["LINE"].lstrip("0")
    return leg


def _extra(begun: _Event, told: _Told) -> dict[str, Any]:
    """What else a report tells."""
    extra: dict[str, Any] = {"report": begun.name}
    for fact, data in told.facts.items():
        if fact in _KEPT and data not in _UNKNOWN:
            extra[_KEPT[fact]] = data or True
    if "CONFERENCE" in told.names:
        parties = [event.data for event in told.events if event.name == "CONFERENCE" and event.data != "END"]
        if parties:
            extra["conference"] = parties
    if "INVALID PASSWORD" in told.names:
        extra["invalid_password"] = True
    if "TRANSFERRED" in told.names:
        extra["handed_on"] = True
    if told.others:
        extra["other"] = told.others
    return extra


def _rang(data: str) -> int | None:
    found = _RINGING.search(data)
    return int(found[1]) * 60 + int(found[2]) if found else None


def _spent(begun: _Event, told: _Told) -> tuple[int | None, int | None]:
    """Seconds of talk and on hold; who was not taken from hold was held to the end."""
    if begun.name in {"NO ANSWER", "BUSY"}:
        return 0, None
    ended = told.first("TRANSFERRED", "CALL RELEASED")
    if ended is None:
        return None, None
    held, since = 0, None
    for event in told.events:
        if event.name == "HOLD" and since is None:
            since = event.after
        elif since is not None and (event.name == "UNHOLD" or event is ended):
            held, since = held + max(0, event.after - since), None
    return max(0, ended.after - held), held


def _key(leg: Leg) -> str | None:
    """Reports of one call name the same line first."""
    return (leg.extra or {}).get("target_line") or leg.trunk


def _handed_on(leg: Leg) -> bool:
    return "handed_on" in (leg.extra or {})


def _continues(last: Leg, leg: Leg) -> bool:
    """A call that was handed on goes on with the next report that says it comes from there."""
    if not _handed_on(last) or (leg.extra or {}).get("report") != "FROM TRANSFER":
        return False
    return last.start is not None and leg.start is not None and -_SLOWEST_S <= leg.start - last.start <= _LONGEST_S


def _adds(call: SoFar, leg: Leg) -> Leg:
    """The way a call went, and whether it was answered, is told by its first report."""
    return msgspec.structs.replace(leg, direction=call.direction, outcome=call.outcome, ring_s=None)


def _cells(leg: Planned) -> dict[str, str]:
    """The report of a planned leg."""
    at, begun, ringing = leg.start, "OUTGOING CALL", ""
    if leg.direction == "incoming" and leg.outcome == "busy":
        begun = "BUSY"
    elif leg.transferred and leg.outcome == "answered":
        begun = "FROM TRANSFER"
    elif leg.direction == "incoming":
        at += timedelta(seconds=leg.ring_s)
        begun = "INCOMING CALL" if leg.outcome == "answered" else "NO ANSWER"
        ringing = f"RINGING {leg.ring_s // 60}:{leg.ring_s % 60:02}"
    nobody = begun in {"NO ANSWER", "BUSY"}
    lines = [_printed(0, begun, ringing)]
    if leg.number and leg.direction == "incoming":
        lines = [*_about_the_caller(leg.number), *lines]
    elif leg.number:
        lines.append(_said("DIGITS DIALED", leg.number))
    if leg.account_code:
        lines.append(_printed(0, "ACCOUNT CODE", leg.account_code))
    if not nobody:
        lines.append(_printed(leg.talk_s, "CALL RELEASED" if leg.last else "TRANSFERRED"))
    return {
        "date": f"{at:%m/%d/%y}",
        "time": f"{at:%H:%M:%S}",
        "parties": f"LINE = {leg.trunk:0>4}" + ("" if nobody else f" STN = {leg.extension}"),
        "lines": "\n".join(lines),
    }


def _about_the_caller(number: str) -> Sequence[str]:
    digits = number if len(number) <= _LONGEST_CALLER else f"/{number[:_LONGEST_CALLER]}"
    return _said("CALLING NUMBER", digits), _said("NAME", "UNKNOWN"), "UNKNOWN", _said("BC", "= SPEECH")


def _printed(after: int, event: str, data: str = "") -> str:
    line: bytes = EVENT.build({"after": clock(after), "event": event, "data": data})
    return line.decode("latin-1")


def _said(fact: str, data: str) -> str:
    line: bytes = FACT.build({"fact": fact, "data": data})
    return line.decode("latin-1")


FORMATS = (
    Format(
        name=_NAME,
        title="Nortel Norstar, Enterprise Edge, BCM: reports",
        status="from manual",
        layouts=(REPORT, EVENT, FACT),
        read=_read,
        noise=((r"\*\d{6} \d{6} ", "event"),),
        begins=_HEADING,
        stamp="start",
        order="mdy",
        transport="serial, files",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        line_end=b"\r\n\n",
        continued=Continued(
            first=((rf".*?{_HEADING}", _MOST_LINES),),
            further=rf"(?!.*{_HEADING}|\*\d{{6}} \d{{6}} ).*\S",
            last=r" *(?:[\d:]{8} +CALL RELEASED|REPORTS LOST|HOSPITALITY)",
        ),
        joining=Joining(
            key=_key,
            continues=_continues,
            more=_handed_on,
            done=lambda leg: not _handed_on(leg),
            timeout_s=_LONGEST_S,
            adds=_adds,
        ),
        samples=(
            (
                b"-------- 03/02/99 09:02:16 LINE = 0003 STN = 2221\r\n"
                b"CALLING NUMBER 5550120\r\nNAME J DOE\r\nUNKNOWN\r\nDNIS NUMBER 5550100\r\nBC = SPEECH\r\n"
                b"00:00:00 INCOMING CALL RINGING 0:06\r\n00:00:41 HOLD\r\n00:01:09 UNHOLD\r\n"
                b"00:03:02 CALL RELEASED"
            ),
            (
                b"-------- 03/02/99 09:08:10 LINE = 0004 STN = 2225\r\n"
                b"00:00:00 OUTGOING CALL\r\nDIGITS DIALED 5550144!12\r\n00:00:21 ACCOUNT CODE 4711\r\n"
                b"00:08:12 CALL RELEASED"
            ),
            b"-------- 03/02/99 09:24:03 LINE = 0003\r\n00:00:00 NO ANSWER RINGING 0:31",
            b"-------- 03/02/99 09:25:44 LINE = 0101\r\n00:00:00 BUSY\r\nLINE = 0038",
            (
                b"-------- 03/02/99 09:31:20 LINE = 0101 STN = 2221\r\n00:00:00 INCOMING CALL RINGING 0:04\r\n"
                b"LINE = 0038\r\n00:00:12 CONFERENCE STN2 = 2230\r\n00:00:40 CONFERENCE END\r\n00:00:41 TRANSFERRED"
            ),
            (
                b"-------- 03/02/99 09:32:01 LINE = 0101 STN = 2224\r\n00:00:00 FROM TRANSFER\r\n"
                b"LINE = 0038\r\n00:03:05 CALL RELEASED"
            ),
        ),
    ),
)
