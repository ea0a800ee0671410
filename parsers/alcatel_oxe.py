"""Alcatel-Lucent OmniPCX Enterprise (4400): real-time accounting tickets, version ED5.2.

Source: the field table of ticket ED5.2, as a collector in use has it; no capture of the bytes.

Transport: TCP port 2533 of the PBX, one client, licences 51 and 83, Accounting > Real Time Tickets Output = Ethernet. A
handshake comes first (`conversation = "oxe"`); then every ticket is 03 04, the flag 01 00 02 00, the 525 characters
below, and NULs up to 772 bytes. Where another program passes the tickets on, each as a line, the flag and the NULs may
be there or not; the keep-alive and tickets of administration are events then.

Exports of the stored tickets (``TAXA``) hold the same fields, separated by commas and as long as they are.

Ticket, the first columns of it::

    ED5.290055501440                   138                           ...         0020260302 09:08:32    0 ...
    verscalled                         charged                       ...  caller ty end               units

Call types: 0 and 1 to, 4 and 5 from the public network, 2 within the private one, 3 and 14 local, 7 to 10 and 15 in
transit, 11 out and 12 in through the private network, 13 from it. The ticket has START and end; the start is used.
Waiting: the ring time of an incoming call. The time of effective communication is the talk time, none means not
answered: waiting callers make the duration itself longer. Access code: the account code.

Not certain: which of called and initially dialled number an incoming caller dialled; whether the call reference is one
for all tickets of a transferred call, so that each stands alone. Tickets of other versions have another length and are
refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parsers.formats import Format
from parsers.layout import Column, Columns, Delimited, Field, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "alcatel/oxe"
_LENGTHS = (
    ("version", 5), ("called", 30), ("charged", 30), ("name", 20), ("cost_centre", 10), ("company", 16), ("node", 5),
    ("subaddress", 20), ("caller", 30), ("type", 2), ("cost_type", 1), ("end", 17), ("units", 5), ("cost", 10),
    ("duration", 10), ("trunk", 5), ("group", 5), ("trunk_node", 5), ("business", 1), ("access", 16), ("charging", 7),
    ("bearer", 1), ("compatibility", 2), ("volume", 10), ("user_volume", 5), ("external", 40), ("internal", 40),
    ("reference", 10), ("rate_1", 10), ("rate_2", 10), ("rate_3", 10), ("communication", 1), ("flow_in", 2),
    ("flow_out", 2), ("carrier", 2), ("dialled", 30), ("waiting", 5), ("effective", 10), ("redirected", 1),
    ("start", 17), ("acting", 30), ("called_node", 5), ("caller_node", 5), ("dialled_node", 5), ("acting_node", 5),
    ("transit_group", 5), ("offset", 6), ("delta", 6),
)  # fmt: skip
_STAMP = r"\d{8} \d\d:\d\d:\d\d"


def _whole(width: int) -> str:
    """A whole number to the right of its column."""
    return rf"(?!.{{0,{width - 2}}}\d )[ \d]{{{width - 1}}}\d"


_CELLS = {
    "version": r"ED5\.2",
    "type": r"[ \d]\d",
    "end": _STAMP,
    "units": _whole(5),
    "duration": _whole(10),
    "trunk": r"[ \d]{5}",
    "waiting": _whole(5),
    "effective": _whole(10),
    "start": _STAMP,
}
_RIGHT = frozenset({
    "node", "type", "units", "cost", "duration", "trunk", "group", "trunk_node", "compatibility", "volume",
    "user_volume", "reference", "rate_1", "rate_2", "rate_3", "flow_in", "flow_out", "carrier", "waiting", "effective",
    "called_node", "caller_node", "dialled_node", "acting_node", "transit_group", "offset", "delta",
})  # fmt: skip


def _columns() -> Columns:
    columns, first = [], 1
    for name, width in _LENGTHS:
        columns.append(Column(name, first, first + width - 1, _CELLS.get(name, ""), ">" if name in _RIGHT else "<"))
        first += width
    return Columns(*columns)


TICKET = _columns()
_SEPARATED = {
    "version": " *ED5[.]2 *",
    "type": r" *\d{1,2} *",
    "end": rf" *{_STAMP} *",
    "units": r" *\d+ *",
    "duration": r" *\d+ *",
    "waiting": r" *\d+ *",
    "effective": r" *\d+ *",
    "start": rf" *{_STAMP} *",
}
EXPORTED = Delimited(
    ",", *(Field(name, _SEPARATED.get(name, "")) for name, _ in _LENGTHS), at_least=len(_LENGTHS), ended=True
)

_DIRECTIONS: tuple[Direction, ...] = (
    "outgoing", "outgoing", "internal", "internal", "incoming", "incoming", "unknown", "tandem", "tandem", "tandem",
    "tandem", "outgoing", "incoming", "incoming", "internal", "tandem",
)  # fmt: skip
_INWARD = frozenset({4, 5, 9, 10, 12, 13, 15})
_TOLD = ("name", "cost_centre", "company", "subaddress", "acting")
_READ = (
    *("type", "start", "called", "charged", "caller", "dialled", "effective", "waiting", "group", "trunk"),
    *("access", "reference", "units", "cost", "redirected", *_TOLD),
)
_IN_ORDER = (arranged(TICKET, _READ), arranged(EXPORTED, _READ))
_ZERO = " 0"


def _read(line: Line, stamps: Stamps) -> Record:
    kind, stamp, called, charged, caller, dialled, effective, waiting, group, trunk, *more = _IN_ORDER[line.layout](
        line.cells
    )
    access, reference, units, cost, redirected, *told = more
    number = int(kind)
    direction: Direction = _DIRECTIONS[number] if number < len(_DIRECTIONS) else "unknown"
    called, charged, caller, dialled = called.strip(), charged.strip(), caller.strip(), dialled.strip()
    stamp = stamp.strip()
    start, doubt = stamps.date_and_second(f"{stamp[2:4]}/{stamp[4:6]}/{stamp[6:8]}", stamp[9:], line.received)
    talk_s, group, inward = int(effective), group.lstrip(_ZERO), number in _INWARD
    extra: dict[str, Any] = {"type": number}
    extra |= {name: cell for name, padded in zip(_TOLD, told, strict=True) if (cell := padded.strip())}
    if group:
        extra["group"] = group
    if extra.get("acting") == charged:
        del extra["acting"]
    if direction == "tandem" and not inward and caller:
        extra["caller"] = caller
    if redirected.strip(_ZERO):
        extra["redirected"] = redirected
    if doubt:
        extra["doubt"] = doubt
    did = dialled or (called if called != charged else "")
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1,
        direction,
        _outcome(talk_s),
        charged or None,
        (called or None) if direction == "internal" else None,
        trunk.strip() if group else None,
        (caller if inward else called if direction != "internal" else "") or None,
        (did or None) if inward else None,
        int(waiting) if direction == "incoming" else None,
        talk_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        access.strip() or None,
        None,  # auth_code
        reference.strip() or None,
        int(units),
        cost.strip() or None,
        None,  # currency
        extra,
        line.text,
    )


def _outcome(talk_s: int) -> Outcome:
    return "answered" if talk_s else "unanswered"


def _cells(leg: Planned) -> dict[str, str]:
    incoming, internal = leg.direction == "incoming", leg.direction == "internal"
    zeros = dict.fromkeys(_RIGHT, "0")
    return zeros | {
        "version": "ED5.2",
        "called": leg.extension if incoming else (leg.peer_extension if internal else leg.number) or "",
        "charged": leg.extension,
        "node": "1",
        "caller": (leg.number or "") if incoming else leg.extension if internal else "",
        "type": "3" if internal else "4" if incoming else "0",
        "cost_type": "0",
        "end": f"{leg.end:%Y%m%d %H:%M:%S}",
        "duration": str(leg.talk_s),
        "trunk": leg.trunk or "0",
        "group": "0" if internal else "55",
        "trunk_node": "1",
        "business": "2",
        "access": leg.account_code or "",
        "charging": "0000000",
        "bearer": "0",
        "external": "0" * 40,
        "internal": "0" * 40,
        "reference": str(leg.serial),
        "communication": "1",
        "waiting": str(leg.ring_s if incoming else 0),
        "effective": str(leg.talk_s),
        "redirected": "0",
        "start": f"{leg.start:%Y%m%d %H:%M:%S}",
        "acting": leg.extension,
    }


def _sample(**cells: str) -> bytes:
    told = dict.fromkeys(_RIGHT, "0") | {"version": "ED5.2", "external": "0" * 40, "internal": "0" * 40} | cells
    built: bytes = TICKET.build(told)
    return built


FORMATS = (
    Format(
        name=_NAME,
        title="Alcatel-Lucent OmniPCX Enterprise, ticket ED5.2",
        status="from manual",
        layouts=(TICKET, EXPORTED),
        read=_read,
        noise=((r"TEST_REQ|TEST_RSP", "event"), (r"\w+=[^;]*;", "event")),
        begins=r"ED5\.2",
        stamp="start",
        order="ymd",
        transport="TCP",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        samples=(
            _sample(
                called="5550144", charged="138", type="0", end="20260302 09:08:32", duration="90", trunk="3", group="55",
                reference="18", effective="90", start="20260302 09:07:02", acting="138", access="4711",
            ),
            _sample(
                called="109", charged="109", caller="13900000012", type="4", end="20260302 09:12:20", duration="72",
                trunk="7", group="55", reference="19", waiting="8", effective="72", start="20260302 09:11:00",
                dialled="5550100", acting="109",
            ),
            _sample(
                called="110", charged="110", caller="13900000034", type="4", end="20260302 09:13:25", trunk="7",
                group="55", reference="20", waiting="25", start="20260302 09:13:00", acting="110",
            ),
            _sample(
                called="201", charged="138", caller="138", type="3", end="20260302 09:15:21", duration="16",
                reference="21", effective="16", start="20260302 09:15:05", acting="138",
            ),
        ),
    ),
)  # fmt: skip
