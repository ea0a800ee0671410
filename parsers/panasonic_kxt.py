"""Panasonic KX-T, KX-TA, KX-TES/TEA/TEM and KX-T336: printed lines of fixed columns, stamped at the start.

Manuals: KX-TA616, KX-TEA308, KX-TES824 and KX-TEB308 feature guides, "SMDR" (meanings and widths of the fields). The
columns are those of captures of a KX-T1232, KX-TA308, KX-TA616, KX-TEM824 and KX-T336.

Port: speed, word length, parity and stop bits are programmable; 9600 8N1 is usual. Line ends are CR LF or LF. A heading
of three lines begins every page. Captures that lost the leading blank of one-digit months occur.

KX-T1232, KX-TA308/616, KX-TES/TEA/TEM824 (month first; hours and months without a leading zero)::

      Date      Time  Ext. CO      Dial number                      Duration  Code
    11/21/07   3:12PM  12  03 5550136                               00:01'02" ....
    11/21/07   3:17PM      01   <    incoming    >5550153                     ....
    11/21/07   3:17PM  16  01   <    incoming    >5550153           00:00'22" ....
     3/18/05 * 3:22PM 106  01   < DISA  incoming >                  00:00'10" .... 0

``*`` marks a transferred leg. A caller's number that is printed before the answer has neither extension nor duration;
the line with the talk follows when the call has ended. ``<`` and ``>`` hold how the call came: incoming, DISA, DIL.
An extension ``103B`` was answered by the built-in voice message; ``C-05`` is a call from trunk 05 by DISA to the outside.
``F/`` in front of a number is a flash. The code is the account code, dots fill it up; durations may lack the ``"``.

KX-T336 (month first; T is the tenant, E stands before an extension, T before a trunk, DN is the extension's number)::

    Date     Time    T CD Sour  Dest  DN        Dial Number      Duration Acc code
    07/15/03 09:36AM 1    E321  T1033 321       5550153          00:00'22
    07/15/03 09:31AM 1 TR T1026 E326  326       <INCOMING>       00:00'11

The stamp is the START of the leg; lines come when a leg ends. A transferred leg begins where the one before it on the
same trunk ended.

Not certain: whether an outgoing call was answered (the timer starts by itself on lines without answer signalling); the
digit in column 80 behind the code, seen as 0 on calls by DISA; 99:59'59" is taken for a timer that ran to its end. What
a KX-T336 prints for calls between extensions or from trunk to trunk was not seen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parsers.formats import Format, Joining
from parsers.layout import Column, Columns
from parsers.panasonic_cells import HEADINGS, as_duration, dialled, handed_on, party, seconds
from parsers.records import Leg, Rejected

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps


KX_TA = Columns(
    Column("date", 1, 8, r"[ \d]\d/[ \d]\d/\d\d"),
    Column("transfer", 10, 10, "[* ]"),
    Column("time", 11, 17, r"[ \d]\d:\d\d(?:[AP]M|  )|  [ \d]\d:\d\d"),
    Column("extension", 18, 22, r"[ C\d-]{4}[ B\d]"),
    Column("trunk", 24, 25, r"[ \d]{2}"),
    Column("dial", 27, 62),
    Column("duration", 65, 73, r"\d\d:\d\d'\d\d[\" ]| {9}"),
    Column("account", 75, 78, r"[ .*#\d]{4}"),
    Column("mark", 80, 80, r"[ \d]"),
)
KX_T336 = Columns(
    Column("date", 1, 8, r"\d\d/\d\d/\d\d"),
    Column("time", 10, 16, r"\d\d:\d\d(?:[AP]M|  )"),
    Column("tenant", 18, 18, r"[ \d]"),
    Column("code", 20, 21, r"[A-Z][A-Z\d]|  "),
    Column("source", 23, 27, r"[A-Z\d][ *#\d]{4}"),
    Column("destination", 29, 33, r"[A-Z\d][ *#\d]{4}"),
    Column("dn", 35, 43, r"[ *#\d]{9}"),
    Column("dial", 45, 61),
    Column("duration", 62, 69, r"\d\d:\d\d'\d\d| {8}"),
    Column("account", 71, 80),
)

_TA = "panasonic/kx-ta"
_T336 = "panasonic/kx-t336"

_MARK = re.compile(r"<([^<>]*)>")
_WAITING = "waiting"
_PLAIN = re.compile(r" ?incoming$", re.IGNORECASE)
_TIMER_ENDED = "99:59'59"
_DOUBTFUL_TALK = "the duration is the longest the PBX can print"
_TRUNK = "T"
_ANSWERED = "AN"
_USUAL_TENANT = "1"
_RINGING_S = 300
"""The longest an announced caller is expected to ring before the leg that answers begins."""
_ANNOUNCED_S = 3600
"""How long an announced call waits for the line with the talk, which comes when the call has ended."""


def _read_ta(line: Line, stamps: Stamps) -> Record:
    date, transfer, time, extension, trunk, dial, duration, account, mark = line.cells
    dial, extension = dial.strip(), extension.strip()
    talk_s = seconds(duration)
    if talk_s is None and not account.strip():
        return Rejected(line.offset, _TA, "too-short", "the line ends before the duration", line.text)
    start, doubt = stamps.date_and_time(date, time, line.received)
    direction: Direction = "outgoing"
    outcome: Outcome = "unanswered" if talk_s == 0 else "unknown"
    extra: dict[str, str] = {}
    if dial[:1] == "<" and (marked := _MARK.match(dial)):
        number, name = party(dial[marked.end() :].strip())
        came_by = _PLAIN.sub("", " ".join(marked[1].split()))
        direction = "incoming"
        outcome = "unknown" if _WAITING in came_by else "answered" if talk_s else "unanswered"
        if came_by:
            extra["came_by"] = came_by
    else:
        number, name = dialled(dial)
    if name:
        extra["name"] = name
    if doubt or duration[:8] == _TIMER_ENDED:
        extra["doubt"] = doubt or _DOUBTFUL_TALK
    if mark != " ":
        extra["mark"] = mark
    if extension and not extension.isdecimal():
        direction, extension = _special(extension, direction, extra)
    return Leg(  # by position: by name costs a fifth of the whole decoding
        line.offset,
        _TA,
        start,
        60,
        direction,
        outcome,
        extension or None,
        None,  # peer_extension
        trunk.strip() or None,
        number,
        None,  # did
        None,  # ring_s
        talk_s,
        None,  # hold_s
        transfer == "*",
        False,  # noqa: FBT003  (conference)
        account.strip(" .") or None,
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra or None,
        line.text,
    )


def _special(extension: str, direction: Direction, extra: dict[str, str]) -> tuple[Direction, str]:
    """What a letter in the extension's column tells: a voice message answered, or trunk to trunk."""
    if extension.startswith("C"):
        extra["incoming_trunk"] = extension.lstrip("C-")
        return "tandem", ""
    extra["answered_by"] = "voice message"
    return direction, extension.rstrip("B")


def _read_t336(line: Line, stamps: Stamps) -> Record:
    date, time, tenant, code, source, destination, dn, dial, duration, account = line.cells
    dial, code, tenant = dial.strip(), code.strip(), tenant.strip(f" {_USUAL_TENANT}")
    talk_s = seconds(duration)
    if talk_s is None and not code:
        return Rejected(line.offset, _T336, "too-short", "the line ends before the duration", line.text)
    start, doubt = stamps.date_and_time(date, time, line.received)
    from_trunk, to_trunk = source[0] == _TRUNK, destination[0] == _TRUNK
    ours = destination if from_trunk else source
    direction = _DIRECTIONS[from_trunk, to_trunk]
    marked = _MARK.match(dial)
    number = dial[marked.end() :].strip() if marked else dial
    extra = {}
    if code or doubt or tenant or direction == "tandem":
        outgoing_trunk = destination.strip(" T") if direction == "tandem" else ""
        told = (("code", code), ("doubt", doubt), ("tenant", tenant), ("outgoing_trunk", outgoing_trunk))
        extra = {key: value for key, value in told if value}
    return Leg(  # by position: by name costs a fifth of the whole decoding
        line.offset,
        _T336,
        start,
        60,
        direction,
        _outcome(direction, talk_s, code),
        None if direction == "tandem" else dn.strip() or ours[1:].strip() or None,
        destination[1:].strip() if direction == "internal" else None,
        (source if from_trunk else destination).strip(" T") if from_trunk or to_trunk else None,
        number or None,
        None,  # did
        None,  # ring_s
        talk_s,
        None,  # hold_s
        code == "TR",
        False,  # noqa: FBT003  (conference)
        account.strip() or None,
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra or None,
        line.text,
    )


_DIRECTIONS: dict[tuple[bool, bool], Direction] = {
    (True, True): "tandem",
    (True, False): "incoming",
    (False, True): "outgoing",
    (False, False): "internal",
}


def _outcome(direction: Direction, talk_s: int | None, code: str) -> Outcome:
    if code == _ANSWERED:
        return "answered"
    if not talk_s:
        return "unanswered"
    return "answered" if direction == "incoming" else "unknown"


def _continues(last: Leg, leg: Leg) -> bool:
    """A transferred leg, or the talk with a caller who was announced before."""
    if last.number and leg.number and last.number != leg.number:
        return False
    if leg.transferred:
        return handed_on(last, leg)
    if not _announced(last) or leg.talk_s is None or leg.start is None or last.start is None:
        return False
    return leg.direction == last.direction and 0 <= leg.start - last.start <= _RINGING_S


def _announced(leg: Leg) -> bool:
    """A caller's number printed before the answer: only this line has no duration."""
    return leg.direction == "incoming" and leg.talk_s is None


def _cells_ta(leg: Planned) -> dict[str, str]:
    incoming = leg.direction == "incoming"
    return {
        "date": f"{leg.start.month:2}/{leg.start.day:2}/{leg.start:%y}",
        "transfer": "*" if leg.transferred else "",
        "time": f"{leg.start.hour % 12 or 12:2}:{leg.start:%M}{'PM' if leg.start.hour >= 12 else 'AM'}",
        "extension": f"{leg.extension:>4}",
        "trunk": leg.trunk or "",
        "dial": f"  <    incoming    >{leg.number or ''}" if incoming else leg.number or "",
        "duration": as_duration(leg.talk_s) + '"',
        "account": f"{leg.account_code or '':.>4}",
    }


def _cells_t336(leg: Planned) -> dict[str, str]:
    incoming = leg.direction == "incoming"
    ends = (f"T{leg.trunk}", f"E{leg.extension}") if incoming else (f"E{leg.extension}", f"T{leg.trunk}")
    return {
        "date": f"{leg.start:%m/%d/%y}",
        "time": f"{leg.start:%I:%M}{'PM' if leg.start.hour >= 12 else 'AM'}",
        "tenant": _USUAL_TENANT,
        "code": "TR" if leg.transferred else "",
        "source": ends[0],
        "destination": ends[1],
        "dn": leg.extension,
        "dial": "<INCOMING>" if incoming else leg.number or "",
        "duration": as_duration(leg.talk_s),
        "account": leg.account_code or "",
    }


_JOINING = Joining(key=lambda leg: leg.trunk, continues=_continues, more=_announced, open_s=_ANNOUNCED_S)
_STARS = b"*" * 80 + b"\r\n"

FORMATS = (
    Format(
        name=_TA,
        title="Panasonic KX-T1232, KX-TA308/616, KX-TES/TEA/TEM824",
        status="verified",
        layouts=(KX_TA,),
        read=_read_ta,
        noise=HEADINGS,
        begins=r"[ \d]\d/[ \d]\d/\d\d [ *][ \d]\d:\d\d(?:[AP]M|  ) ",
        cuts=(1,),
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_cells_ta,
        answered=True,
        account_code=True,
        internal=False,
        joining=_JOINING,
        heading=(
            b"\r\n  Date      Time  Ext. CO      Dial number                      Duration  Code  \r\n"
            + b"-" * 80
            + b"\r\n"
        ),
        samples=(
            b"11/21/07   3:12PM  12  03 5550136                               00:01'02\" ....  ",
            b"11/21/07   3:17PM      01   <    incoming    >5550153                     ....  ",
            b"11/21/07   3:17PM  16  01   <    incoming    >5550153           00:00'22\" ....  ",
            b"10/ 8/03 * 2:01PM 126  07   <    incoming    >                  00:01'49\" ....  ",
            b" 3/18/05   3:15PM 107  01   < DISA  incoming >                  00:00'30\" .... 0",
            b"11/21/07   3:01PM  24  01 5550164                               00:00'01\" ..13",
        ),
    ),
    Format(
        name=_T336,
        title="Panasonic KX-T336",
        status="verified",
        layouts=(KX_T336,),
        read=_read_t336,
        noise=HEADINGS,
        begins=r"\d\d/\d\d/\d\d \d\d:\d\d(?:[AP]M|  ) \d ",
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_cells_t336,
        answered=True,
        account_code=True,
        internal=False,
        joining=_JOINING,
        heading=_STARS
        + b"Date     Time    T CD Sour  Dest  DN        Dial Number      Duration Acc code  \r\n"
        + _STARS,
        samples=(
            b"07/14/03 06:20PM 1    E324  T1016 324       5550195          00:00'08           ",
            b"07/15/03 09:31AM 1    T1026 E346  346       <INCOMING>       00:00'15           ",
            b"07/15/03 09:31AM 1 TR T1026 E326  326       <INCOMING>       00:00'11           ",
        ),
    ),
)
