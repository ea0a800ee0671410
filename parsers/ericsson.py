"""Ericsson BusinessPhone BP50, BP128, BP250: lines of fixed columns (CIL2, CIL3, CIL4).

Manual: 4/155 19-11/ASB 150 02 Rev A (call information logging, CIL4).

Port: V.24 of the main board, ASCII, CR LF. 170 characters in CIL4; CIL3 ends with the caller's number, CIL2 before it::

    00 715 060412 1215 255  00013 0000 0    5550147 ... a ... 0018 a        0.00 I 711  0    5550147
    00 701 060412 1211 700  00019 0000      201     ... A ... 0006 A        0.00 I
    00 702 060412 1211 244        0000      247     ... Q ... 0028 Q        0.00 I

Message code (00 a call, others are hotel messages), sequence, date ``YYMMDD`` and time of the END to the minute, who
called (the trunk on incoming lines), duration ``HMMSS``, pulses, access code, dialled digits (the extension that was
called on incoming lines), status, account code, extension whose authorisation was used, time to the answer ``MMSS``,
status, cost and its source, trunk directory number, access code and digits as sent, caller's number, facility, transfer.

A call that another extension takes over has a record for each: a group that rang and then the extension that answered, or
two who talked. The second has a time to the answer of 0 and begins when the first ended, on the same trunk.

A blank duration: there was no conversation. Status: a-l outgoing, m outgoing by least cost, n outgoing, A-L incoming, Q-X
internal; of each four the second is a conference, the third a very long call (a part of it), the fourth both.

Not certain: whether an outgoing call with a duration was answered: on lines without answer signalling the duration counts
from a fixed time after dialling. Ends are whole minutes, so that a call answered at once, less than a minute after
another on its trunk, would seem to go on with it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, padded_digits
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "ericsson/bp250"
_PLACE = r"[ *#\w]{4}"

CIL4 = Columns(
    Column("code", 1, 2, "00"),
    Column("sequence", 4, 6, r"\d\d\d"),
    Column("date", 8, 13, r"\d{6}"),
    Column("time", 15, 18, r"\d{4}"),
    Column("caller", 20, 23, _PLACE),
    Column("duration", 25, 29, r"\d{5}| {5}"),
    Column("pulses", 31, 34, padded_digits(4), ">"),
    Column("access", 36, 39, _PLACE),
    Column("dialled", 41, 64, r"[ *#\dA-F]{24}"),
    Column("status", 66, 66, "[ A-Za-z1-8]"),
    Column("account", 68, 82, r"[ *#\w]{15}"),
    Column("authority", 84, 87, _PLACE),
    Column("ring", 89, 92, r"\d{4}| {4}"),
    Column("kind", 94, 94, "[A-Za-z]"),
    Column("cost", 96, 106, r"[ \d.,]{11}", ">"),
    Column("cost_state", 108, 108, "[ A-Z]"),
    Column("trunk", 110, 113, _PLACE),
    Column("sent_access", 115, 118, _PLACE),
    Column("sent", 120, 143, r"[ *#\dA-F]{24}"),
    Column("number", 145, 164, r"[ *#+\w]{20}"),
    Column("facility", 166, 166, "[ A-Z]"),
    Column("transfer", 168, 169, r"[ \d]{2}"),
)

_INTERNAL_COST = "I"
_JOIN_SLACK_S = 60
"""Ends are printed to the minute."""
_CONFERENCES = frozenset("bdfhjlBDFHJLRTVX")
_VERY_LONG = frozenset("cdghklCDGHKLSTWX")


def _read(line: Line, stamps: Stamps) -> Record:
    (
        _, sequence, date, time, caller, duration, pulses, access, dialled, status, account, authority, ring, kind,
        cost, cost_state, trunk, sent_access, sent, number, facility, transfer,
    ) = line.cells  # fmt: skip
    direction = _direction(kind)
    caller, dialled = caller.rstrip(), dialled.rstrip()
    talk_s, odd = _hmmss(duration)
    ring_s, odd_ring = _mmss(ring)
    ended, doubt = _ended(stamps, date, time, line.received)
    extra: dict[str, Any] = {"sequence": sequence, "status": status + kind}
    if access[0] != " ":
        extra["access_code"] = access.rstrip()
    if doubt or odd or odd_ring or facility + transfer != "   " or access != sent_access or cost_state not in " I":
        extra |= _rest(
            doubt=doubt or odd or odd_ring or "",
            cost_state=cost_state.replace(_INTERNAL_COST, ""),
            facility=facility,
            transfer=transfer,
            sent_access_code=sent_access if sent_access != access else "",
        )
    incoming, outgoing = direction == "incoming", direction == "outgoing"
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        None if ended is None else ended - (talk_s or 0) - (ring_s or 0) if stamps.printed == "end" else ended,
        60,
        direction,
        _outcome(direction, talk_s),
        (dialled if incoming else caller) or None,
        (dialled or None) if direction == "internal" else None,
        (caller if incoming else trunk.rstrip()) or None,
        (dialled if outgoing else number.rstrip()) or None,
        (sent.rstrip() or None) if incoming else None,
        ring_s,
        talk_s,
        None,  # hold_s
        not transfer.isspace(),
        status in _CONFERENCES,
        account.strip() or None,
        authority.rstrip() or None,
        None,  # pbx_call_id
        int(pulses) if pulses.strip() else None,
        cost.strip() or None,
        None,  # currency
        extra,
        line.text,
    )


def _direction(kind: str) -> Direction:
    if "a" <= kind <= "p":
        return "outgoing"
    if "A" <= kind <= "P":
        return "incoming"
    return "internal" if "Q" <= kind <= "X" else "unknown"


def _outcome(direction: Direction, talk_s: int | None) -> Outcome:
    if not talk_s:
        return "unanswered"
    return "answered" if direction in {"incoming", "internal"} else "unknown"


def _ended(stamps: Stamps, date: str, time: str, received: float) -> tuple[int | None, str | None]:
    return stamps.date_and_time(f"{date[:2]}-{date[2:4]}-{date[4:]}", f"{time[:2]}:{time[2:]}", received)


@lru_cache(4096)
def _hmmss(cell: str) -> tuple[int, str | None]:
    """``HMMSS`` and what is doubtful about it; blank: no conversation."""
    if cell.isspace():
        return 0, None
    minutes, seconds = int(cell[1:3]), int(cell[3:5])
    odd = minutes > 59 or seconds > 59
    return int(cell[0]) * 3600 + minutes * 60 + seconds, f"no such duration: {cell}" if odd else None


@lru_cache(4096)
def _mmss(cell: str) -> tuple[int | None, str | None]:
    """``MMSS`` and what is doubtful about it."""
    if cell.isspace():
        return None, None
    seconds = int(cell[2:4])
    return int(cell[0:2]) * 60 + seconds, f"no such time to the answer: {cell}" if seconds > 59 else None


def _rest(**cells: str) -> dict[str, str]:
    return {name: cell.strip() for name, cell in cells.items() if cell.strip()}


def _key(leg: Leg) -> str:
    return leg.trunk or f"{leg.extension} {leg.peer_extension}"


def _continues(last: Leg, leg: Leg) -> bool:
    """A very long call is printed in parts; a call goes on elsewhere at the moment at which it ended, with no ring of its own."""
    if last.direction != leg.direction or last.number != leg.number:
        return False
    if (last.extra or {})["status"][0] in _VERY_LONG:
        return last.extension == leg.extension
    if leg.trunk is None or leg.ring_s != 0 or last.start is None or leg.start is None:
        return False
    return abs(leg.start - last.start - (last.ring_s or 0) - (last.talk_s or 0)) <= _JOIN_SLACK_S


def _adds(call: SoFar, leg: Leg) -> Leg:
    """What is talked on at another extension was transferred."""
    if call.talk_s and leg.talk_s and leg.extension != call.extension:
        return msgspec.structs.replace(leg, transferred=True)
    return leg


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg."""
    incoming, outgoing = leg.direction == "incoming", leg.direction == "outgoing"
    kind = "A" if incoming else "a" if outgoing else "Q"
    talk = f"{leg.talk_s // 3600}{leg.talk_s // 60 % 60:02}{leg.talk_s % 60:02}"
    return {
        "code": "00",
        "sequence": f"{leg.serial % 999 + 1:03}",
        "date": f"{leg.end:%y%m%d}",
        "time": f"{leg.end:%H%M}",
        "caller": (leg.trunk or "") if incoming else leg.extension,
        "duration": talk if leg.talk_s else "",
        "pulses": "0000",
        "access": "0" if outgoing else "",
        "dialled": leg.extension if incoming else (leg.number if outgoing else leg.peer_extension) or "",
        "status": kind,
        "account": leg.account_code or "",
        "ring": f"{leg.ring_s // 60:02}{leg.ring_s % 60:02}",
        "kind": kind,
        "cost": "0.00",
        "cost_state": "I",
        "trunk": (leg.trunk or "") if outgoing else "",
        "sent_access": "0" if outgoing else "",
        "sent": (leg.number or "") if outgoing else "",
        "number": (leg.number or "") if incoming else "",
    }


def _sample(**cells: str) -> bytes:
    given = {"code": "00", "date": "060412", "pulses": "0000", "cost": "0.00", "cost_state": "I"} | cells
    built: bytes = CIL4.build(given)
    return built


FORMATS = (
    Format(
        name=_NAME,
        title="Ericsson BusinessPhone BP50, BP128, BP250",
        status="verified",
        layouts=(CIL4,),
        read=_read,
        noise=((r"(?!00)\d\d \d{3} \d{6} \d{4} ", "event"),),
        begins=r"00 \d{3} \d{6} \d{4} ",
        stamp="end",
        order="ymd",
        transport="serial",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        joining=Joining(key=_key, continues=_continues, adds=_adds),
        samples=(
            _sample(
                sequence="701",
                time="1211",
                caller="700",
                duration="00019",
                dialled="201",
                status="A",
                ring="0006",
                kind="A",
            ),
            _sample(sequence="702", time="1211", caller="244", dialled="247", status="Q", ring="0028", kind="Q"),
            _sample(
                sequence="715",
                time="1215",
                caller="255",
                duration="00013",
                access="0",
                dialled="5550147",
                status="a",
                ring="0018",
                kind="a",
                trunk="711",
                sent_access="0",
                sent="5550147",
            ),
            _sample(
                sequence="716",
                time="1216",
                caller="710",
                duration="00113",
                dialled="253",
                status="B",
                ring="0004",
                kind="A",
                sent="5550100",
                number="05550177",
                facility="D",
                transfer="11",
            ),
            b"00 849 060412 1243 252        0000 0                             a                      0006 a        0.00 E 711  0",
        ),
    ),
)
