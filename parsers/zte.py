"""ZTE ZXJ10 exchanges: binary bill files.

Layout: a published table, "The CDR format of ZXJ10 billing system" (offsets, sizes and values); a program that reads
such files agrees with it.

Transport: a file of records of 123 bytes behind a header of 123 bytes. It grows, or is closed and dropped into a folder.
FTP has to fetch it in binary mode: in text mode a byte is put in wherever one is 10, as in almost every record.

Record, bytes counted from 0, numbers with the least byte first::

    0       type            48      10 ms of start      62-68    services           97       UUS1
    1       part            49      category            69       charged party      98       UUS3
    2       caller nature   50-53   end                 70       link nature        99-103   caller's special number
    3-22    caller          54      ticks of end        71-90    link number        104-108  called special number
    23      called nature   55      release             91-94    fee                109-110  Centrex group
    24-43   called          56      caller type         95       bearer             111      billed nature
    44-47   start           57      flags               96       teleservice        112-122  billed number
                            58-59   trunk group in
                            60-61   trunk group out

Times are seconds since 1994-01-01 of the local clock; both the START and the end stand in the record. Telephone numbers
are packed, two digits a byte, the lower half first: A is 0, F (or 0) fills up. Type: 1 PSTN, 2 DBO, 3 IN, 4 ISDN and
Centrex, 5 tax. Part: 0 a whole call; 1 first, 2 middle and 3 last part of a long one. Nature: 0 subscriber, 2 national,
3 international. Category: 1 within the exchange, 2 local, 3 rural, 4-7 regional, 8-9 international, 10-13 services,
14 supplementary, 15 within and 16 between Centrex groups, 17 IN. Release: 0 by the caller, 1 by the called party,
2 abnormal. Flags: 1 the record is invalid, 2 the clock was not changed during the call, 4 charged, 8 an attempt.

Trunk groups tell the direction: one in is incoming, one out outgoing, both tandem. Without any, a call within the
exchange is internal; else the natures of the two numbers tell, where one of them is of another network. A record stands
for a call that was answered; an attempt without a duration was not. The parts of a long call are joined.

Not certain: what the header holds. If it changes while the file grows, follow the file (``file:``): a folder would take
it for a new one each time. Whether trunk group 0, or 65535, stands for none; both are taken so. Whether the parts of a
long call begin where the one before ended. What an attempt with a duration is, and which way a call went that has neither
trunk groups nor natures; both are unknown. The unit of the fee; one of 0 for a charged call is taken for not rated.
Whether B and C are * and #.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from parsers.blocks import Blocks
from parsers.formats import Format, Joining
from parsers.layout_binary import Packed, Span, packed_digits
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "zte/zxj10"
_HEADER_BYTES = 123
RECORD = Packed(
    Span("type", 0, 0, cell=r"[\x01-\x05]"),
    Span("part", 1, 1, cell=r"[\x00-\x03]"),
    Span("caller_nature", 2, 2),
    Span("caller", 3, 22, "digits", packed_digits(20)),
    Span("called_nature", 23, 23),
    Span("called", 24, 43, "digits", packed_digits(20)),
    Span("start", 44, 47, cell=r".{3}[\x01-\x7f]"),
    Span("start_ticks", 48, 48, cell=r"[\x00-\x63]"),
    Span("category", 49, 49, cell=r"[\x00-\x11]"),
    Span("end", 50, 53),
    Span("end_ticks", 54, 54),
    Span("release", 55, 55),
    Span("caller_type", 56, 56),
    Span("flags", 57, 57),
    Span("trunk_in", 58, 59),
    Span("trunk_out", 60, 61),
    Span("services", 62, 68, "bytes"),
    Span("charged_party", 69, 69),
    Span("link_nature", 70, 70),
    Span("link", 71, 90, "digits"),
    Span("fee", 91, 94, cell=r".{3}[\x00-\x0f]"),
    Span("bearer", 95, 95),
    Span("teleservice", 96, 96),
    Span("uus1", 97, 97),
    Span("uus3", 98, 98),
    Span("caller_special", 99, 103, "digits"),
    Span("called_special", 104, 108, "digits"),
    Span("centrex", 109, 110),
    Span("billed_nature", 111, 111),
    Span("billed", 112, 122, "digits"),
)

_EPOCH = datetime(1994, 1, 1, tzinfo=UTC)
_TYPES = {"1": "pstn", "2": "dbo", "3": "in", "4": "isdn", "5": "tax"}
_PARTS = {"1": "first", "2": "middle", "3": "last"}
_RELEASES = {"0": "caller", "1": "called", "2": "abnormal"}
_FAR = {"2": "national", "3": "international"}
_NO_GROUP = frozenset({"0", "65535"})
_LOCAL = "2"
_WITHIN = "1"
_INSIDE = frozenset({_WITHIN, "10", "11", "15"})
"""Categories of calls that do not leave the exchange or the Centrex group."""
_INVALID, _CLOCK_UNCHANGED, _CHARGED, _ATTEMPT = 1, 2, 4, 8
_LONGEST_S = 30 * 86_400
_BETWEEN_PARTS_S = 5
_DAY_S = 86_400


def _read(line: Line, stamps: Stamps) -> Record:
    kind, part, caller_nature, caller, called_nature, called, began, _, category, ended, _, release, *more = line.cells
    _, flagged, trunk_in, trunk_out, _, _, _, link, fee, _, _, _, _, _, _, centrex, _, billed = more
    flags = int(flagged)
    group_in = "" if trunk_in in _NO_GROUP else trunk_in
    group_out = "" if trunk_out in _NO_GROUP else trunk_out
    direction = _direction(group_in, group_out, category, caller_nature, called_nature)
    start = stamps.counted(_EPOCH, int(began), line.received)
    lasted_s = stamps.counted(_EPOCH, int(ended), line.received) - start
    talk_s = lasted_s if 0 <= lasted_s <= _LONGEST_S else None
    doubt = _doubt(flags, talk_s)
    incoming, internal = direction == "incoming", direction == "internal"
    from_outside = incoming or direction == "tandem"
    extra: dict[str, Any] = {"type": _TYPES[kind], "category": int(category)}
    others = {
        "part": _PARTS.get(part),
        "release": _RELEASES.get(release),
        "nature": _FAR.get(caller_nature if from_outside else called_nature),
        "trunk_out": group_out if direction == "tandem" else None,
        "caller": caller if direction == "unknown" else None,
        "link": link,
        "billed": billed if billed != caller else None,
        "centrex": None if centrex in _NO_GROUP else centrex,
        "invalid": bool(flags & _INVALID),
        "attempt": bool(flags & _ATTEMPT),
        "doubt": doubt,
    }
    extra |= {name: told for name, told in others.items() if told}
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1,
        direction,
        _outcome(flags, talk_s),
        (called if incoming else caller if direction in {"outgoing", "internal"} else None) or None,
        (called if internal else None) or None,
        group_in or group_out or None,
        (None if internal else caller if from_outside else called) or None,
        (called if direction == "tandem" else None) or None,  # did
        None,  # ring_s
        talk_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        None,  # account_code
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        fee if fee != "0" or not flags & _CHARGED else None,
        None,  # currency
        extra,
        line.text,
    )


def _direction(group_in: str, group_out: str, category: str, caller_nature: str, called_nature: str) -> Direction:
    if group_in or group_out:
        return "tandem" if group_in and group_out else "incoming" if group_in else "outgoing"
    if category in _INSIDE:
        return "internal"
    if (caller_nature in _FAR) == (called_nature in _FAR):
        return "unknown"
    return "incoming" if caller_nature in _FAR else "outgoing"


def _doubt(flags: int, talk_s: int | None) -> str | None:
    if talk_s is None:
        return "its end does not belong to its start"
    return None if flags & _CLOCK_UNCHANGED else "the clock of the exchange was changed during the call"


def _outcome(flags: int, talk_s: int | None) -> Outcome:
    if flags & _ATTEMPT and talk_s == 0:
        return "unanswered"
    return "unknown" if flags & (_ATTEMPT | _INVALID) else "answered"


def _part(leg: Leg) -> str | None:
    """Which part of a long call it is; None of a whole one."""
    return (leg.extra or {}).get("part")


def _call(leg: Leg) -> str | None:
    """What the parts of a long call have in common."""
    if _part(leg) is None:
        return None
    return "|".join(str(told) for told in (leg.extension, leg.peer_extension, leg.trunk, leg.number, leg.did))


def _continues(last: Leg, leg: Leg) -> bool:
    if last.start is None or leg.start is None or _part(leg) not in {"middle", "last"}:
        return False
    return abs(leg.start - last.start - (last.talk_s or 0)) <= _BETWEEN_PARTS_S


def _cells(leg: Planned) -> dict[str, str]:
    began = int((leg.start.replace(tzinfo=UTC) - _EPOCH).total_seconds())
    incoming, internal = leg.direction == "incoming", leg.direction == "internal"
    outside = leg.number or ""
    return {
        "type": "1",
        "caller": outside if incoming else leg.extension,
        "called": leg.extension if incoming else (leg.peer_extension or "") if internal else outside,
        "start": str(began),
        "category": _WITHIN if internal else _LOCAL,
        "end": str(began + leg.talk_s),
        "caller_type": "10",
        "flags": str(_CLOCK_UNCHANGED | (_CHARGED if leg.talk_s else _ATTEMPT)),
        "trunk_in": (leg.trunk or "") if incoming else "",
        "trunk_out": "" if incoming else leg.trunk or "",
    }


def _sample(**cells: str) -> bytes:
    built: bytes = RECORD.build({"caller_type": "10", "flags": "6"} | cells)
    return built


FORMATS = (
    Format(
        name=_NAME,
        title="ZTE ZXJ10, binary bill files",
        status="from manual",
        layouts=(RECORD,),
        read=_read,
        noise=(),
        stamp="start",
        order="ymd",
        transport="file",
        cells=_cells,
        line_end=b"",
        blocks=Blocks(
            size=RECORD.size,
            header=_HEADER_BYTES,
            plausible=RECORD.expression,
            begins=(r"[\x01-\x05]", r"[\x00-\x03]", r"[\x00-\x0f]", r"[^\x00]"),
        ),
        heading=bytes(_HEADER_BYTES),
        answered=True,
        joining=Joining(
            key=_call,
            continues=_continues,
            more=lambda leg: _part(leg) in {"first", "middle"},
            done=lambda leg: _part(leg) == "last",
            timeout_s=_DAY_S,
            open_s=_DAY_S,
        ),
        samples=(
            _sample(
                type="1",
                caller="13900000012",
                called="5550100",
                start="1015146130",
                category="2",
                end="1015146208",
                release="1",
                trunk_in="4",
            ),
            _sample(
                type="1",
                caller="5550102",
                called="13900000034",
                start="1015146895",
                category="2",
                end="1015146937",
                trunk_out="7",
                fee="22",
                billed="5550102",
            ),
            _sample(
                type="4", caller="1090", called="1102", start="1015147203", category="1", end="1015147927", centrex="3"
            ),
            _sample(
                type="1",
                part="1",
                caller="5550102",
                called="0105550120",
                start="1015147887",
                category="7",
                end="1015151487",
                trunk_out="7",
                fee="720",
            ),
            _sample(
                type="1",
                caller="5550100",
                called="13900000056",
                start="1015152000",
                category="2",
                end="1015152000",
                flags="10",
                trunk_out="7",
            ),
        ),
    ),
)
