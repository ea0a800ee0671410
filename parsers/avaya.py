"""Avaya IP Office, B5800 and Branch Gateway: SMDR, comma-separated.

Manuals: IP Office Manager and B5800 Branch Gateway Manager 10.0, "SMDR" (fields 1-30); fields 31-35 from the web
manager's field list; 36 and 37 by name only.

Port: TCP. With an address set under System|SMDR the PBX connects to it; with 0.0.0.0 it waits for the collector. There
is no vendor default port. No login, no heading. Up to 3000 records are kept while nobody listens. NULs may stand
before a record.

Fields (17 to 37 of them: releases append)::

    2019/01/03 00:08:03,00:00:04,7,5550123,I,203,5550100,,0,1004478,0,E218,Agent4,T9001,Line 1.0,0,0,,,...
    call start,connected,ring,caller,direction,called,dialled,account,internal,call id,continuation,
    party 1 device,name,party 2 device,name,hold,park,auth valid,auth code,user charged,charge,currency,
    amount,units,units at change,unit cost,mark-up,cause,targeter,targeted number,...

The stamp is the START of the whole call, the same on all its segments; a segment is printed when it ends. Connected
time is the segment's talk. Ring time of an incoming call runs from its arrival to the answer. The call id begins at
1000000 again after a restart of the PBX, so a call is known by its id and its start. Continuation 1 promises another
record of the call; some 0.4 % of such calls never get it, so they close by time.

Party devices: E extension, T trunk (its name is ``Line <line>.<channel>``), V95 voicemail, V1 conference, V8000 no
party. The device E that is party 1 or 2 of an answered incoming call is who answered; of an internal call, the one that is
not the caller. Voicemail answers look answered, too, and are told in ``extra``. A call that a second extension talks on is
a transferred one. On SIP lines the caller has a host behind it; the number is what stands before the host, none where that
is a word, and the whole is kept in ``extra``.

Not certain: whether an outgoing call was answered on trunks that do not signal it; these print a ring time of 0 and
the outcome is ``unknown``. What field 35 is (it looks like the UTC time of the record) and fields 36, 37. With "Call
splitting for diverts" the record of the diversion is said to have a later start; it is joined while the call goes on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from parsers.durations import clock, counted
from parsers.formats import Format, Joining
from parsers.layout import Delimited, Field
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Direction, Record
    from parsers.stamps import Stamps

_NAME = "avaya/ip-office"
SMDR = Delimited(
    ",",
    Field("start", r"\d{4}/\d\d/\d\d \d\d:\d\d(?::\d\d)?"),
    Field("connected", r"\d\d:\d\d:\d\d"),
    Field("ring", r"\d{1,6}"),
    Field("caller"),
    Field("direction", r"[IO]"),
    Field("called"),
    Field("dialled"),
    Field("account"),
    Field("internal", r"[01IO]"),
    Field("call_id", r"\d+"),
    Field("continuation", r"[01]"),
    Field("party_1", r"[A-Za-z]*+-?[\w.]*+"),
    Field("party_1_name"),
    Field("party_2", r"[A-Za-z]*+-?[\w.]*+"),
    Field("party_2_name"),
    Field("hold", r"\d{0,9}"),
    Field("park", r"\d{0,9}"),
    Field("auth_valid"),
    Field("auth_code"),
    Field("user_charged"),
    Field("charge"),
    Field("currency"),
    Field("amount_at_change"),
    Field("units"),
    Field("units_at_change"),
    Field("unit_cost"),
    Field("mark_up"),
    Field("cause"),
    Field("targeter"),
    Field("targeted_number"),
    Field("calling_server"),
    Field("calling_id"),
    Field("called_server"),
    Field("called_id"),
    Field("recorded"),
    Field("consent"),
    Field("verification"),
    at_least=17,
)

_VOICEMAIL = "V95"
_OWN_TARGET = "?"
"""begins the name of a mailbox or a module of the voicemail"""
_CONFERENCE_NAME = "CO Channel"
_LINE = re.compile("^line ", re.IGNORECASE)
_DIGITS = re.compile(r"\+?[\d*#]+")


def _read(line: Line, stamps: Stamps) -> Record:
    cells = line.cells
    start, connected, ring, caller, way, called, dialled, account, internal, call_id, continuation = cells[:11]
    party_1, party_1_name, party_2, party_2_name, hold, park, _, auth_code = cells[11:19]
    charge, currency, _, units, _, _, _, cause = cells[20:28]
    direction: Direction = "internal" if internal == "1" else "incoming" if way == "I" else "outgoing"
    talk_s = counted(connected)
    ring_s = int(ring)
    began, doubt, resolution_s = _began(start, stamps, line.received)
    stations = [party[1:] for party in (party_1, party_2) if party[:1] == "E"]
    station = stations[0] if stations else ""
    trunk = party_1_name if party_1[:1] == "T" else party_2_name if party_2[:1] == "T" else ""
    extra: dict[str, Any] = {"called": called} if called else {}
    target = called if called.isdecimal() else ""
    if direction == "incoming":
        extension = station or target
        number, did, peer = caller, dialled, ""
    elif direction == "outgoing":
        extension = caller or station
        number, did, peer = (dialled or called) if called[:1] != _OWN_TARGET else "", "", ""
    else:
        extension, number, did = caller or station, "", ""
        peer = next((other for other in stations if other != extension), target)
    if "@" in number:
        extra["address"] = number
        number = _user(number)
    if station not in {"", extension, peer}:
        extra["station"] = station
    if continuation == "1":
        extra["continues"] = True
    if doubt:
        extra["doubt"] = doubt
    if park not in {"", "0"}:
        extra["park_s"] = int(park)
    if cause:
        extra |= _targeting(cells)
    if party_1.startswith(_VOICEMAIL) or party_2.startswith(_VOICEMAIL):
        extra["voicemail"] = True
    unsignalled = direction == "outgoing" and ring_s == 0 and (trunk or not talk_s)
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        began,
        resolution_s,
        direction,
        "unanswered" if not talk_s else "unknown" if unsignalled else "answered",
        extension or None,
        peer or None,
        _LINE.sub("", trunk) or None,
        number or None,
        did or None,
        None if unsignalled else ring_s,
        talk_s,
        int(hold) if hold else None,
        "Xf" in cause,
        _CONFERENCE_NAME in party_1_name or _CONFERENCE_NAME in party_2_name,
        account or None,
        auth_code if auth_code and auth_code != "n/a" else None,
        call_id,
        int(units) if units.isdecimal() else None,
        charge.strip() or None,
        currency or None,
        extra or None,
        line.text,
    )


def _began(start: str, stamps: Stamps, received: float) -> tuple[int | None, str | None, int]:
    """The moment of ``YYYY/MM/DD HH:MM[:SS]``, what is doubtful about it, and its precision."""
    date, time = start[2:10], start[11:]
    if len(time) > len("HH:MM"):
        return (*stamps.date_and_second(date, time, received), 1)
    return (*stamps.date_and_time(date, time, received), 60)


def _targeting(cells: tuple[str, ...]) -> dict[str, str]:
    """Why the call was sent on: who and how, by whom, and where to."""
    targeting = zip(("cause", "targeter", "targeted_number"), cells[27:30], strict=True)
    return {key: value for key, value in targeting if value}


def _user(address: str) -> str:
    """The digits in front of the host; none where a word stands there (``anonymous``)."""
    user = address.partition("@")[0]
    return user if _DIGITS.fullmatch(user) else ""


def _more(leg: Leg) -> bool:
    return "continues" in (leg.extra or {})


def _continues(last: Leg, leg: Leg) -> bool:
    """The record that was promised: with the start of the call, or one while the record before lasted."""
    if not _more(last) or leg.start == last.start or last.start is None or leg.start is None:
        return _more(last) and leg.start == last.start
    lasted_s = (last.ring_s or 0) + (last.talk_s or 0) + (last.hold_s or 0) + int((last.extra or {}).get("park_s", 0))
    return 0 < leg.start - last.start <= lasted_s + leg.resolution_s


def _adds(call: SoFar, leg: Leg) -> Leg:
    """A call talked on, and then on another extension, was transferred; where it was sent on to is not who called."""
    holder = (leg.extra or {}).get("station") or leg.extension
    others = {holder, leg.peer_extension} - {call.extension, call.peer_extension, None}
    moved = call.talk_s and call.extension and leg.talk_s and others
    changes: dict[str, Any] = {}
    if moved and not leg.conference and "voicemail" not in (leg.extra or {}):
        changes["transferred"] = True
    if leg.direction != call.direction:
        changes["number"] = None
    return msgspec.structs.replace(leg, **changes) if changes else leg


def _cells(leg: Planned) -> dict[str, str]:
    incoming, internal = leg.direction == "incoming", leg.direction == "internal"
    line = int(leg.trunk or 1)
    trunk = ("", "") if internal else (f"T{9000 + line}", f"Line {line}.0")
    station = (f"E{leg.extension}", f"Extn{leg.extension}")
    if internal:
        parties = (*station, f"E{leg.peer_extension}", f"Extn{leg.peer_extension}")
    elif incoming and leg.talk_s == 0:
        parties = (*trunk, "V8000", "U1 0.0")
    else:
        parties = (*station, *trunk)
    called = leg.extension if incoming else leg.peer_extension if internal else leg.number
    fields = {
        "start": f"{leg.call_start or leg.start:%Y/%m/%d %H:%M:%S}",
        "connected": clock(leg.talk_s),
        "ring": str(leg.ring_s),
        "caller": (leg.number or "") if incoming else leg.extension,
        "direction": "I" if incoming else "O",
        "called": called or "",
        "dialled": "" if incoming else called or "",
        "account": leg.account_code or "",
        "internal": "1" if internal else "0",
        "call_id": str(1_000_000 + leg.serial),
        "continuation": "0" if leg.last else "1",
        "hold": "0",
        "park": "0",
        "cause": "" if incoming or internal else "U",
        "targeted_number": "",
    }
    return fields | dict(zip(("party_1", "party_1_name", "party_2", "party_2_name"), parties, strict=True))


FORMATS = (
    Format(
        name=_NAME,
        title="Avaya IP Office, B5800, SMDR",
        status="verified",
        layouts=(SMDR,),
        read=_read,
        noise=((r'(?:"? *+[A-Za-z][A-Za-z \d_]*+"?+ *+,){8,}', "heading"),),
        begins=r"\d{4}/\d\d/\d\d \d\d:\d\d(?::\d\d)?,\d\d:\d\d:\d\d,\d{1,6},",
        stamp="start",
        transport="TCP",
        order="ymd",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        joining=Joining(
            key=lambda leg: leg.pbx_call_id,
            continues=_continues,
            more=_more,
            done=lambda leg: not _more(leg),
            adds=_adds,
        ),
        samples=(
            b"2019/01/03 00:08:03,00:00:04,7,5550123,I,203,5550100,,0,1004478,0,E218,Agent4,T9001,Line 1.0,0,0,,,,,,,,,,,,,,192.0.2.21,2,192.0.2.21,103117",
            b"2015/01/01 02:37:02,00:00:12,0,241,O,5550173,5550173,,0,1050504,0,E241,Agent2,T9002,Line 2.0,0,0,,,,,,,,,,,U,Agent2,",
            b"2019/11/09 00:09:30,00:00:00,7,anonymous@example.com,I,203,5550100,,0,1008143,1,E203,Support,T9018,Line 18.1,0,0,,,,,,,,,,,,,,192.0.2.21,28863,0.0.0.0,0,2019/11/09 08:09:35",
            b"2019/11/09 00:09:30,00:00:51,1,anonymous@example.com,I,203,5550100,,0,1008143,0,E219,Agent10,T9018,Line 18.1,0,0,,,,,,,,,,,,,,192.0.2.21,28863,192.0.2.21,28874,2019/11/09 08:10:27",
            b"2023/05/02 09:41,00:03:05,4,203,O,219,219,4711,1,1000017,0,E203,Desk,E219,Agent10,5,0",
        ),
    ),
)
