"""Asterisk, FreePBX, Issabel: call detail records (CDR) and channel events (CEL), comma-separated values in quotes.

Manuals: Asterisk documentation, "CDR specification" and "CEL specification"; the sources of cdr_csv, cdr_custom and
cel_custom with their sample configurations.

Port: none. Asterisk appends to ``cdr-csv/Master.csv``, ``cdr-custom/Master.csv`` or ``cel-custom/Master.csv`` of its log
folder. With cdr-csv every record stands in a file of its account code, too: read the first only.

CDR of cdr_csv (16 fields; unique id, user field and three more as configured), and of the sample of cdr_custom::

    "4711","100","5550123","from-internal","Jo <100>","SIP/100-0289","SIP/trunk-028a","Dial","SIP/trunk/5550123",...
    account,source,destination,context,caller id,channel,other channel,application,its data,start,answer,end,duration,
    billed,disposition,flags,unique id,user field,peer account,linked id,sequence
    caller id,source,destination,context,channel,other channel,application,its data,start,answer,end,duration,billed,
    disposition,flags,account,unique id,user field,sequence

The stamp is the START; whether it is local time or UTC is configured (``usegmtime``; set the source's time zone
accordingly). Billed seconds are talk; duration less billed is the ring time of an answered call, duration that of one
nobody answered. Records with one linked id (where it is printed, else unique id) are one call: one record for every
station that rang, or for each half of a call through a queue. Their times overlap; only what is new counts. Ids are known
by their shape, as fields that are not configured are not printed. An export of the database is read by its heading.

CEL, every event a line of 17 fields or more::

    "CHAN_START","1335410195.523813","Jo","100","100","","","5550123","from-internal","SIP/100-0289","","","3","",...
    event,time,caller's name,caller,ANI,RDNIS,DNID,extension,context,channel,application,its data,flags,account,
    unique id,linked id,peer,user field,user's event,extra

The events of one linked id are one call. Of them the beginning of a channel, its answer, transfers, and the end of the
call are legs, all others are told as events. A call rings until its first ANSWER, talk lasts from there to its end.

Not certain: the direction, which is not printed. A channel named after digits (at most six) or after the party that uses it is
a station, on SIP, PJSIP, IAX2, SCCP, Skinny, Local and Agent, and so is what calls from a context ``from-internal`` with
such a number; another channel is a line. A call from and to stations is internal, one with a line goes out or comes in.
Without a second channel it is told from what ``Dial`` was to call, else from how long the number is that a station dialled;
what comes from a line is incoming. Events tell the direction when both ends are known. A menu, queue or announcement that
answers counts as an answer, as it does for Asterisk. Templates of another order are not read.
"""

from __future__ import annotations

import csv
import re
from datetime import UTC, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from parsers.formats import Format, Joining
from parsers.layout import Csv, Field, arranged
from parsers.records import Leg, Noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_CDR, _CEL = "asterisk/cdr", "asterisk/cel"

_STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_MOMENTS = (
    Field("start", _STAMP),
    Field("answer", f"(?:{_STAMP})?"),
    Field("end", f"(?:{_STAMP})?"),
    Field("duration", r"\d{1,7}(?:\.\d{1,9})?"),
    Field("billed", r"\d{1,7}(?:\.\d{1,9})?"),
    Field("disposition", r"[A-Z ]+"),
    Field("flags", r"(?i:OMIT|BILLING|DOCUMENTATION|DEFAULT|UNKNOWN)|\d?"),
)
_APPLICATION = (Field("context"), Field("channel"), Field("other_channel"), Field("application"), Field("data"))
CDR = Csv(
    Field("account"),
    Field("source"),
    Field("destination"),
    _APPLICATION[0],
    Field("caller_id"),
    *_APPLICATION[1:],
    *_MOMENTS,
    Field("unique_id"),
    Field("user_field"),
    Field("peer_account"),
    Field("linked_id"),
    Field("sequence"),
    at_least=16,
    bare=("answer", "end", "duration", "billed", "sequence"),
)
CUSTOM_CDR = Csv(
    Field("caller_id"),
    Field("source"),
    Field("destination"),
    *_APPLICATION,
    *_MOMENTS,
    Field("account"),
    Field("unique_id"),
    Field("user_field"),
    Field("sequence"),
    Field("linked_id"),
    Field("peer_account"),
    at_least=16,
    bare=("sequence",),
)
_READ = (
    "account", "source", "destination", "context", "caller_id", "channel", "other_channel", "application", "data",
    "start", "duration", "billed", "disposition",
    "unique_id", "user_field", "peer_account", "linked_id", "sequence",
)  # fmt: skip
_ARRANGED = (arranged(CDR, _READ), arranged(CUSTOM_CDR, (*_READ[:13], *CUSTOM_CDR.names[16:])))
_NAMES = {
    "accountcode": "account", "src": "source", "dst": "destination", "dcontext": "context", "clid": "caller_id",
    "channel": "channel", "dstchannel": "other_channel", "lastapp": "application", "lastdata": "data",
    "calldate": "start", "start": "start", "answer": "answer", "end": "end", "duration": "duration",
    "billsec": "billed", "disposition": "disposition", "amaflags": "flags", "uniqueid": "unique_id",
    "userfield": "user_field", "peeraccount": "peer_account", "linkedid": "linked_id", "sequence": "sequence",
}  # fmt: skip
"""The columns of the database, and of what is exported from it, as a heading names them."""
_CELLS = {field.name: field.cell for field in CDR.fields if field.cell}
_NEEDED = frozenset({"source", "destination", "start", "duration", "billed", "disposition"})
_HEADING = re.compile(r'"?(?:calldate|accountcode|clid|start|src|uniqueid|acctid)"?,', re.IGNORECASE)

CEL = Csv(
    Field("event", r"[A-Z_\d]{3,}"),
    Field("time", rf"\d{{9,10}}\.\d+|{_STAMP}(?:\.\d+)?"),
    Field("caller_name"),
    Field("caller"),
    Field("ani"),
    Field("rdnis"),
    Field("dnid"),
    Field("extension"),
    Field("context"),
    Field("channel"),
    Field("application"),
    Field("data"),
    Field("flags", r"\d*|[A-Z]*"),
    Field("account"),
    Field("unique_id"),
    Field("linked_id"),
    Field("peer"),
    Field("user_field"),
    Field("user_event"),
    Field("extra"),
    at_least=17,
)

_OUTCOMES: dict[str, Outcome] = {
    "ANSWERED": "answered",
    "NO ANSWER": "unanswered",
    "CANCEL": "unanswered",
    "BUSY": "busy",
    "FAILED": "failed",
    "CONGESTION": "failed",
}
_DEVICE = re.compile(r"([A-Za-z\d]+)/(.+?)(?:-[\da-fA-F]+)?(?:;[12])?")
_STATION_TECHNOLOGIES = frozenset({"SIP", "PJSIP", "IAX2", "SCCP", "Skinny", "Local", "Agent"})
_LOCAL, _INSIDE = "Local/", "from-internal"
_NOBODYS = frozenset({"Local", "Console"})
"""Channels within Asterisk itself, neither a station's nor a line's."""
_LONGEST_EXTENSION = 6
_ID = re.compile(r"(?:[\w.-]+-)?\d{9,11}\.\d+")
_TARGET = re.compile(r"([A-Za-z\d]+)/([^,|&/]+)(?:/([^,|&]*))?")
_ENDS = frozenset({"HANGUP", "LINKEDID_END"})
_TRANSFERS = frozenset({"BLINDTRANSFER", "ATTENDEDTRANSFER"})
_TOLD_OF_OTHERS = frozenset({"CHAN_START", "ANSWER", "LINKEDID_END"}) | _TRANSFERS
_TOLD = _TOLD_OF_OTHERS | _ENDS
"""The events that are legs: of a call's first channel, and of the others."""
_CAUSE = re.compile(r"(?:\{.*?\"hangupcause\":\s*)?(\d+)")
_CAUSES: dict[str, Outcome] = {"17": "busy", "16": "unknown", "0": "unknown"}
_UNANSWERED_CAUSES = frozenset({"18", "19", "21", "26", "31", "102", "127"})


def _named(heading: str) -> Csv | None:
    """The layout of the records behind a heading that names their columns; None if it is no such heading."""
    if not _HEADING.match(heading):
        return None
    try:
        words = next(csv.reader((heading.lower(),), strict=True))
    except csv.Error:
        return None
    names = [_NAMES.get(word.strip(), word) for word in words]
    if not set(names) >= _NEEDED or len(set(names)) < len(names):
        return None
    return Csv(*(Field(name, _CELLS.get(name, "")) for name in names), at_least=len(names))


def _read_cdr(line: Line, stamps: Stamps) -> Record:
    cells = _ARRANGED[line.layout](line.cells)
    account, source, destination, context, caller_id, channel, other_channel, application, data, start, *more = cells
    duration, billed, disposition, *tail = more
    unique_id, user_field, linked_id = _identified(*tail)
    outcome = _OUTCOMES.get(disposition, "unknown")
    total_s, talk_s = int(duration.partition(".")[0]), int(billed.partition(".")[0])
    ring_s = total_s - talk_s if outcome in {"answered", "unanswered"} else None
    began, doubt = stamps.date_and_second(start[2:10], start[11:], line.received)
    if ring_s is not None and ring_s < 0:
        ring_s, doubt = None, doubt or "the talk is longer than the call"
    extra: dict[str, Any] = {"context": context, "channel": channel}
    if other_channel:
        extra["other_channel"] = other_channel
    if application:
        extra["application"] = application
    if caller_id:
        extra["caller_id"] = caller_id
    if user_field:
        extra["user_field"] = user_field
    if doubt:
        extra["doubt"] = doubt
    target = "" if other_channel or application != "Dial" else data
    inside = context.startswith(_INSIDE)
    direction, extension, peer, trunk, number, did = _ways(
        source, destination, channel, other_channel, target, inside=inside
    )
    if direction == "internal" and destination != peer:
        extra["destination"] = destination
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _CDR,
        began,
        1,
        direction,
        outcome,
        extension,
        peer,
        trunk,
        number,
        did,
        ring_s,
        talk_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        account or None,
        None,  # auth_code
        linked_id or unique_id or None,
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


def _identified(*tail: str) -> tuple[str, str, str]:
    """Unique id, user field and linked id: what is not configured is not printed, so that the others move up."""
    ids = [place for place, cell in enumerate(tail) if "." in cell and _ID.fullmatch(cell)]
    linked = ids[1] if len(ids) > 1 else len(tail)
    others = (cell for place, cell in enumerate(tail) if place not in ids and place < linked - 1 and cell)
    return (tail[ids[0]] if ids else ""), next(others, ""), (tail[linked] if len(ids) > 1 else "")


Ways = tuple["Direction", str | None, str | None, str | None, str | None, str | None]
"""Direction, our extension, the other one, trunk, outside number, digits dialled by an outside caller."""


@lru_cache(4096)
def _ways(source: str, destination: str, channel: str, other_channel: str, target: str, *, inside: bool) -> Ways:
    """Which way a call went, told from its two channels.

    ``target`` is what was to be called where there is no second; ``inside``: the context is that of our stations.
    """
    caller, line_in = _origin(channel, source, inside=inside)
    called, line_out = _target(target) if target else _device(other_channel, destination)
    number, dialled = source or None, _dialled(destination)
    short = dialled if dialled and _is_short(dialled) else None
    if caller:
        return _from_station(caller, called or (None if line_out else short), line_out, dialled)
    if line_in is None:
        return "unknown", None, None, None, number, dialled
    if line_out:
        return "tandem", None, None, line_in or line_out, number, dialled
    if not (called or line_in):
        return "unknown", None, None, None, number, dialled
    extension = called or short
    return "incoming", extension, None, line_in or None, number, dialled if dialled != extension else None


def _from_station(caller: str, called: str | None, line: str | None, dialled: str | None) -> Ways:
    """A call of a station: without a line, and without another station, the length of what was dialled tells."""
    if called:
        return "internal", caller, called, None, None, None
    if line or (dialled and dialled.lstrip("+").isdecimal()):
        return "outgoing", caller, None, line, dialled, None
    return "internal" if dialled else "unknown", caller, None, None, None, None


def _dialled(digits: str) -> str | None:
    """What was dialled; the dial plan's own names for a start, a hang-up and so on are letters."""
    return None if not digits or digits.isalpha() else digits


def _is_short(digits: str) -> bool:
    return digits.isdecimal() and len(digits) <= _LONGEST_EXTENSION


def _origin(channel: str, source: str, *, inside: bool) -> tuple[str | None, str | None]:
    """The station or line that a call comes from. A call that the dial plan goes on with comes from its caller."""
    if channel.startswith(_LOCAL):
        return (source, None) if _is_short(source) else (None, "")
    station, line = _device(channel, source)
    return (source, None) if inside and line and _is_short(source) else (station, line)


@lru_cache(4096)
def _device(channel: str, party: str) -> tuple[str | None, str | None]:
    """The station a channel belongs to, or else the line; neither for the halves of a call within the dial plan."""
    found = _DEVICE.fullmatch(channel)
    if not found:
        return None, None
    technology, name = found.group(1), found.group(2).partition("@")[0]
    if technology in _STATION_TECHNOLOGIES and (_is_short(name) or (name == party and technology not in _NOBODYS)):
        return name, None
    return None, None if technology in _NOBODYS else name


def _target(data: str) -> tuple[str | None, str | None]:
    """The station or line that ``Dial`` was to call: a number behind a name, or in front of one, goes out on a line."""
    found = _TARGET.match(data)
    if not found:
        return None, None
    technology, name, number = found.groups()
    user, at, host = name.partition("@")
    if technology == "Local":
        return (user, None) if _is_short(user) else (None, None)
    if at or (number and not number.startswith("sip")):
        return None, host or name
    return _device(f"{technology}/{name}", "")


def _adds_cdr(call: SoFar, leg: Leg) -> Leg:
    """Stations ring, and halves of a call are talked on, at the same time: only what the call does not have yet counts."""
    if leg.start is None:
        return leg
    changes: dict[str, Any] = {}
    if leg.ring_s is not None and call.ring_s is not None:
        beyond_s = leg.start + leg.ring_s - call.start - call.ring_s
        changes["ring_s"] = max(0, min(leg.ring_s, beyond_s))
    if leg.talk_s and call.talk_s:
        begun, answered = leg.start + (leg.ring_s or 0), call.start + (call.ring_s or 0)
        shared_s = min(begun + leg.talk_s, answered + call.talk_s) - max(begun, answered)
        changes["talk_s"] = leg.talk_s - max(0, shared_s)
        if leg.start < call.start:
            call.ring_s = min(begun, answered) - leg.start
    return msgspec.structs.replace(leg, **changes)


def _read_cel(line: Line, stamps: Stamps) -> Record:
    event, time, caller_name, caller, _, _, _, extension, context, channel, application, *more = line.cells
    account, unique_id, linked_id = more[2:5]
    own = unique_id == linked_id
    if event not in (_TOLD if own else _TOLD_OF_OTHERS):
        return Noise(line.offset, _CEL, "event", line.text)
    start, doubt = _moment(time, stamps, line.received)
    extra: dict[str, Any] = {"event": event, "channel": channel, "context": context}
    if not own:
        extra["called"] = True
    if caller_name:
        extra["caller_name"] = caller_name
    if application:
        extra["application"] = application
    if doubt:
        extra["doubt"] = doubt
    station, trunk = _device(channel, caller if own else extension)
    dialled = _dialled(extension) if event == "CHAN_START" and own else None
    outcome: Outcome = "answered" if event == "ANSWER" else _cause(more[8]) if event == "HANGUP" else "unknown"
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _CEL,
        start,
        1,
        "unknown",
        outcome,
        station,
        None,  # peer_extension
        trunk,
        (dialled if station else caller or None) if own else None,
        None if station else dialled,
        None,  # ring_s
        None,  # talk_s
        None,  # hold_s
        event in _TRANSFERS,
        False,  # noqa: FBT003  (conference)
        account or None,
        None,  # auth_code
        linked_id,
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


def _moment(time: str, stamps: Stamps, received: float) -> tuple[int | None, str | None]:
    if time[4] == "-":
        return stamps.date_and_second(time[2:10], time[11:19], received)
    return int(time.partition(".")[0]), None


@lru_cache(4096)
def _cause(extra: str) -> Outcome:
    """How a channel ended, by its cause: a code of ISDN."""
    found = _CAUSE.match(extra)
    cause = found.group(1) if found else "0"
    return "unanswered" if cause in _UNANSWERED_CAUSES else _CAUSES.get(cause, "failed")


def _event_of(leg: Leg) -> str:
    return str((leg.extra or {}).get("event"))


def _adds_cel(call: SoFar, leg: Leg) -> Leg:
    """The leg with what its moment says of the call: until when it rang, until when it was talked."""
    spent_s = None if leg.start is None else leg.start - call.start - (call.ring_s or 0) - (call.talk_s or 0)
    beyond_s = None if spent_s is None else max(0, spent_s)
    changes: dict[str, Any] = {"start": call.start}
    answered, event = call.outcome == "answered", _event_of(leg)
    if answered and event in _ENDS:
        changes["talk_s"] = beyond_s
    elif not answered and (event in _ENDS or leg.outcome == "answered"):
        known = next((outcome for outcome in (leg.outcome, call.outcome) if outcome != "unknown"), "unanswered")
        changes |= {"outcome": known, "ring_s": beyond_s if known in {"answered", "unanswered"} else None}
    if leg.extra and "called" in leg.extra:
        changes |= _called(call, leg.extension, leg.trunk)
    elif event != "CHAN_START":
        changes |= {"extension": None, "trunk": None, "number": None}
    return msgspec.structs.replace(leg, **changes)


def _called(call: SoFar, station: str | None, line: str | None) -> dict[str, Any]:
    """What the station or line that is called makes of the call, by where the call came from."""
    from_station = call.direction in {"internal", "outgoing"} or (call.direction == "unknown" and call.extension)
    if not (station or line):
        return {}
    if from_station:
        way: Direction = "internal" if station else "outgoing"
        if station:
            call.number = None  # what was dialled is that station
        return {"direction": way, "extension": None, "peer_extension": station, "trunk": line}
    return {"direction": "incoming" if station else "tandem", "extension": station, "trunk": None}


def _common(leg: Planned) -> tuple[str, str, str, str, str]:
    """Context, source, destination, channel and other channel."""
    incoming = leg.direction == "incoming"
    station, line = f"SIP/{leg.extension}-{leg.serial:08x}", f"DAHDI/{leg.trunk}-{leg.serial:x}"
    if incoming:
        return "from-trunk", leg.number or "", leg.extension, line, station
    if leg.direction == "internal":
        return (
            "from-internal",
            leg.extension,
            leg.peer_extension or "",
            station,
            f"SIP/{leg.peer_extension}-{leg.serial:08x}",
        )
    return "from-internal", leg.extension, leg.number or "", station, line


def _cdr_cells(leg: Planned) -> dict[str, str]:
    context, source, destination, channel, other_channel = _common(leg)
    dispositions = {"busy": "BUSY", "failed": "FAILED", "unanswered": "NO ANSWER"}
    unique_id = f"{leg.start.replace(tzinfo=UTC).timestamp():.0f}.{leg.serial}"
    return {
        "account": leg.account_code or "",
        "source": source,
        "destination": destination,
        "context": context,
        "caller_id": source,
        "channel": channel,
        "other_channel": other_channel,
        "application": "Dial",
        "start": f"{leg.start:%Y-%m-%d %H:%M:%S}",
        "answer": f"{leg.start + timedelta(seconds=leg.ring_s):%Y-%m-%d %H:%M:%S}" if leg.talk_s else "",
        "end": f"{leg.end:%Y-%m-%d %H:%M:%S}",
        "duration": str(leg.ring_s + leg.talk_s),
        "billed": str(leg.talk_s),
        "disposition": dispositions.get(leg.outcome, "ANSWERED"),
        "flags": "DOCUMENTATION",
        "unique_id": unique_id,
        "user_field": "",
    }


def _cel_cells(leg: Planned) -> Sequence[tuple[int, dict[str, str]]]:
    """The events of a leg: two channels begin, the second answers, the call ends."""
    context, source, destination, channel, other_channel = _common(leg)
    began = f"{leg.start.replace(tzinfo=UTC).timestamp():.0f}.{leg.serial}"
    causes = {"busy": "17,,BUSY", "failed": "1,,CHANUNAVAIL"}
    first = {"caller": source, "extension": destination, "channel": channel, "unique_id": began}
    second = {"channel": other_channel, "unique_id": f"{began}1"}
    common = {"context": context, "flags": "3", "account": leg.account_code or "", "linked_id": began, "extra": ""}

    def event(name: str, after_s: int, told: dict[str, str], extra: str = "") -> tuple[int, dict[str, str]]:
        moment = leg.start.replace(tzinfo=UTC).timestamp() + after_s
        return 0, common | told | {"event": name, "time": f"{moment:.6f}", "extra": extra}

    end_s = leg.ring_s + leg.talk_s
    events = [event("CHAN_START", 0, first), event("CHAN_START", 0, second)]
    if leg.talk_s:
        events += [event("ANSWER", leg.ring_s, second | {"application": "AppDial"}), event("ANSWER", leg.ring_s, first)]
    return [
        *events,
        event("HANGUP", end_s, first, causes.get(leg.outcome, "16,,")),
        event("LINKEDID_END", end_s, first),
    ]


FORMATS = (
    Format(
        name=_CDR,
        title="Asterisk, FreePBX, Issabel, CDR as CSV",
        status="verified",
        layouts=(CDR, CUSTOM_CDR),
        read=_read_cdr,
        noise=(),
        named=_named,
        stamp="start",
        transport="file",
        order="ymd",
        cells=_cdr_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        line_end=b"\n",
        joining=Joining(key=lambda leg: leg.pbx_call_id, continues=lambda _last, _leg: True, adds=_adds_cdr),
        samples=(
            (
                b'"","","1","default","","Console/dsp","","Hangup","","2010-04-09 00:26:32","2010-04-09 00:26:32",'
                b'"2010-04-09 00:26:39",7,7,"ANSWERED","DOCUMENTATION","1270772792.0",""'
            ),
            (
                b'"4711","100","5550123","from-internal","""Jo"" <100>","SIP/100-02897fd8","SIP/trunk-02897fd9","Dial",'
                b'"SIP/trunk/5550123,60","2009-01-14 23:51:15",,"2009-01-14 23:51:20",5,0,"NO ANSWER","DOCUMENTATION"'
            ),
            (
                b'"","02155501116","100","from-trunk","02155501116","PJSIP/provider-0000001a","PJSIP/100-0000001b","Dial",'
                b'"PJSIP/100,30","2019-01-14 23:51:15","2019-01-14 23:51:20","2019-01-14 23:52:20",65,60,"ANSWERED",'
                b'"DOCUMENTATION","1547506275.26","","","1547506275.26",41'
            ),
            (
                b'"""Jo"" <100>","100","101","from-internal","PJSIP/100-0000001c","PJSIP/101-0000001d","Dial","PJSIP/101",'
                b'"2019-01-14 23:55:15","2019-01-14 23:55:18","2019-01-14 23:55:20","5","2","ANSWERED","DOCUMENTATION","",'
                b'"1547506515.28","",42'
            ),
        ),
    ),
    Format(
        name=_CEL,
        title="Asterisk, FreePBX, channel events (CEL) as CSV",
        status="verified",
        layouts=(CEL,),
        read=_read_cel,
        noise=(),
        stamp="start",
        transport="file",
        order="ymd",
        cells=_cel_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        line_end=b"\n",
        joining=Joining(
            key=lambda leg: leg.pbx_call_id,
            continues=lambda _last, _leg: True,
            more=lambda leg: _event_of(leg) not in _ENDS,
            rings=True,
            done=lambda leg: _event_of(leg) == "LINKEDID_END",
            adds=_adds_cel,
        ),
        samples=(
            (
                b'"CHAN_START","1335410195.523813","","","","","","s","default","TinCan/string","","","3","","1335410195.0",'
                b'"1335410195.0","","","",""'
            ),
            (
                b'"ANSWER","1335410195.526544","","s","","","","s","default","Local/x@default-1545;1","AppDial",'
                b'"(Outgoing Line)","3","","1335410195.1","1335410195.0","","","",""'
            ),
            (
                b'"HANGUP","2021-03-04 10:11:12.624898","Jo","100","100","","","5550123","from-internal","PJSIP/100-0000001b",'
                b'"Dial","PJSIP/provider/5550123","3","","1614852600.4","1614852600.4","","","",'
                b'"{""hangupcause"":17,""hangupsource"":"""",""dialstatus"":""BUSY""}"'
            ),
            (
                b'"LINKEDID_END","1335410213.625295","","","","","s","s","default","TinCan/string","","","3","",'
                b'"1335410195.0","1335410195.0","","","",""'
            ),
        ),
    ),
)
