"""Ascom and Aastra Ascotel IntelliGate 2025, 2045, 2065 and A150, Aastra 400, Mitel 400: call logging, format PC5.

Manuals: IntelliGate A150, 2025 and 2065 system manuals; Aastra 400 system manual (three editions agree).

Port: serial, or the network: the PBX waits for the collector. Output format PC5, which is the same for incoming and
outgoing calls; a record is printed whenever somebody hangs up.

Record of 211 bytes: a tabulator, then columns with one blank between them::

    HT         138      4711 160 260302 09:05 00h03m22       0.40 00004 00203 ...  5550144 ... 000 012 0412
       user        cost c.   SC  date   start duration    charges pulse exch  id1 id2 dest1 dest2 TTA seq serial

The stamp is the START, in whole minutes. SC, three digits. First: 0 out and 3 in by the public network, 1 out and 4 in
by the private one. Second: 0, 6, 8 outgoing and transferred, 1, 7, 9 dialled by oneself; 2 incoming, 3 incoming to a
distribution group, 4 in transit. Third of an incoming call: 0 transferred, 1 answered, 2 not answered, 3 answered in
transit, 4 transferred to the public network, 9 rejected. TTA: seconds until the answer. ID1 and ID2: the number a
caller showed, and the verified one; DEST1: the dialled number; DEST2: direct dialling in. Privacy blanks the last four
digits. A transferred call prints a record for each party.

Not certain: the order of the date's parts, ``yymmdd`` in the manuals' text and ``ddmmyy`` in their tables: a date far
from the receive time is turned round, with a doubt, if that brings it near (``date_order = "dmy"`` ends the doubts);
what TTA means where nobody answered, so the ring time of such a call is unknown; whether an outgoing call was answered.
PC1 to PC4 and the printer's protocol are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parsers.durations import seconds
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns
from parsers.records import Leg
from parsers.stamps import Moment

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "ascotel/pc5"
_NUMBER = r"[ \d*#+A-Z-]"
LAYOUT = Columns(
    Column("tabulator", 1, 1, "\t"),
    Column("user", 2, 13, rf"{_NUMBER}{{12}}", ">"),
    Column("cost_centre", 15, 23, rf"{_NUMBER}{{9}}", ">"),
    Column("sort", 25, 27, r"[0134]\d\d"),
    Column("date", 29, 34, r"\d{6}"),
    Column("time", 36, 40, r"\d\d:\d\d"),
    Column("duration", 42, 49, r"\d\d[hH]\d\d[mM]\d\d"),
    Column("charges", 51, 60, r"[ \d.,]{10}", ">"),
    Column("pulses", 62, 66, r"\d{5}"),
    Column("exchange", 68, 72, r"\d{5}"),
    Column("id1", 74, 93, rf"{_NUMBER}{{20}}", ">"),
    Column("id2", 95, 114, rf"{_NUMBER}{{20}}", ">"),
    Column("dest1", 116, 155, rf"{_NUMBER}{{40}}", ">"),
    Column("dest2", 157, 196, rf"{_NUMBER}{{40}}", ">"),
    Column("answer", 198, 200, r"\d{3}"),
    Column("sequence", 202, 204, r"\d{3}"),
    Column("serial", 206, 209, r"\d{4}"),
)
_ARRIVING = "34"
_TRANSIT = "4"
_TRANSFERRED_IN, _TRANSFERRED_OUT = "04", "068"
_FAR_S = 183 * 86_400
_JOIN_SLACK_S = 65
"""Starts are whole minutes: neighbours of one call may seem this far apart."""


def _read(line: Line, stamps: Stamps) -> Record:
    _, user, cost_centre, sort, date, time, duration, *more = line.cells
    charges, pulses, exchange, id1, id2, dest1, dest2, answer, sequence, serial = more
    arriving, talk_s = sort[0] in _ARRIVING, seconds(duration) or 0
    direction: Direction = "tandem" if sort[1] == _TRANSIT else "incoming" if arriving else "outgoing"
    outcome = _arrived(sort[2]) if arriving else "unknown" if talk_s else "unanswered"
    shown, verified, dialled, did = id1.strip(), id2.strip(), dest1.strip(), dest2.strip()
    start, doubt = _start(date, time, stamps, line.received)
    extra: dict[str, Any] = {"sort": sort, "sequence": sequence, "serial": serial}
    if verified and verified != shown:
        extra["verified"] = verified
    ring_s = None
    if arriving and outcome == "answered":
        ring_s = int(answer)
    elif answer != "000":
        extra["answer_s"] = int(answer)
    if arriving and dialled:
        extra["dialled"] = dialled
    if doubt:
        extra["doubt"] = doubt
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        60,
        direction,
        outcome,
        user.strip() or None,
        None,  # peer_extension
        exchange.lstrip("0") or None,
        (shown or verified if arriving else dialled) or None,
        (did or None) if arriving else None,
        ring_s,
        talk_s,
        None,  # hold_s
        sort[2] in _TRANSFERRED_IN if arriving else sort[1] in _TRANSFERRED_OUT,
        False,  # noqa: FBT003  (conference)
        cost_centre.strip() or None,
        None,  # auth_code
        None,  # pbx_call_id
        int(pulses),
        charges.strip() or None,
        None,  # currency
        extra,
        line.text,
    )


def _arrived(sort: str) -> Outcome:
    """What the last digit of the sort character says of a call that came in."""
    return "unanswered" if sort == "2" else "failed" if sort == "9" else "answered"


def _start(date: str, time: str, stamps: Stamps, received: float) -> Moment:
    """The start; a date far from the receive time that is near to it in the other of the two orders is read in this."""
    first, second, third = date[0:2], date[2:4], date[4:6]
    moment = stamps.date_and_time(f"{first}/{second}/{third}", time, received)
    if moment.seconds is not None and abs(moment.seconds - received) > _FAR_S and first != third:
        turned = stamps.date_and_time(f"{third}/{second}/{first}", time, received)
        if turned.seconds is not None and turned.doubt is None and abs(turned.seconds - received) <= _FAR_S:
            return Moment(turned.seconds, f"the date is far off as {stamps.order}, read the other way round")
    return moment


def _continues(last: Leg, leg: Leg) -> bool:
    """A transferred call goes on where the part before it ended."""
    if not leg.transferred or leg.direction != last.direction or leg.number != last.number:
        return False
    if last.start is None or leg.start is None:
        return False
    return abs(leg.start - last.start - (last.ring_s or 0) - (last.talk_s or 0)) <= _JOIN_SLACK_S


def _cells(leg: Planned) -> dict[str, str]:
    incoming, answered = leg.direction == "incoming", leg.outcome == "answered"
    taken = "0" if leg.transferred else "1"
    talk = leg.talk_s
    return {
        "tabulator": "\t",
        "user": leg.extension,
        "cost_centre": leg.account_code or "",
        "sort": f"32{taken if answered else '2'}" if incoming else "010",
        "date": f"{leg.start:%y%m%d}",
        "time": f"{leg.start:%H:%M}",
        "duration": f"{talk // 3600:02}h{talk // 60 % 60:02}m{talk % 60:02}",
        "charges": "0.00",
        "pulses": "00000",
        "exchange": f"{leg.trunk or '':0>5}",
        "id1": (leg.number or "") if incoming else "",
        "dest1": "" if incoming else leg.number or "",
        "answer": f"{leg.ring_s if incoming and answered else 0:03}"[-3:],
        "sequence": "000",
        "serial": f"{leg.serial % 10_000:04}",
    }


def _sample(head: str, id1: str, dest1: str, dest2: str, tail: str) -> bytes:
    return f"\t{head:71} {id1:>20} {'':20} {dest1:>40} {dest2:>40} {tail}".encode()


FORMATS = (
    Format(
        name=_NAME,
        title="Ascotel IntelliGate, Aastra 400, Mitel 400, PC5",
        status="from manual",
        layouts=(LAYOUT,),
        read=_read,
        noise=((r"\f?-{20,}", "heading"),),
        begins=r"\t[ \d*#+A-Z-]{12} [ \d*#+A-Z-]{9} \d{3} \d{6} \d\d:\d\d ",
        stamp="start",
        order="ymd",
        transport="serial, TCP",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        joining=Joining(key=lambda leg: leg.trunk, continues=_continues),
        samples=(
            _sample(
                "         138      4711 170 260302 09:05 00h03m22       0.40 00004 00203",
                "",
                "5550144",
                "",
                "000 000 0412",
            ),
            _sample(
                "         109           321 260302 09:07 00h01m18       0.00 00000 00201",
                "13900000012",
                "",
                "5550100",
                "008 000 0413",
            ),
            _sample(
                "         110           320 260302 09:09 00h00m41       0.00 00000 00201",
                "13900000012",
                "",
                "5550100",
                "000 001 0414",
            ),
            _sample(
                "         109           322 260302 09:12 00h00m00       0.00 00000 00202",
                "",
                "",
                "5550100",
                "021 000 0415",
            ),
        ),
    ),
)
