"""NEC NEAX 2400 and SV7000 to SV9500: the flexible text of the SMDR (FCCS), made of items.

Manuals: NEAX 2400 IMX and IPX system and programming manuals; SV8500 and SV9300 manuals. A PBX sends this or the fixed
text (`nec/neax`), never both.

Port: as the fixed text, over a serial line between STX and ETX, or in the frames of TCP port 60010
(`conversation = "nec"`). A record is ``0!``, its kind, and items: two digits of kind, two of length, and as many
characters; kinds ascend. KK outgoing, KL incoming, KM between stations::

    0!KL0112000004021010041000011412  063420260302090218350202603020904524800803000161110555550142191720260302090207110
      kind  trunk           called        start            end               conditions calling       came in

Kinds of item: 01 trunk (node, route, trunk, logical route), 02 caller and 04 called (party, tenant, station), 03 and 05
their telephone numbers (node, group, number), 06 start and end to the millisecond, 07 account code, 08 conditions, 09
routes used and chosen first, 10 dialled digits, 11 offices, 12 authorization code, 13 charge (unit, value), 14 notice of
charge, 15 department, 16 calling number (presentation, number), 17 converted number, 18 areas, 19 when the call came in.
Those beyond 19 are kept by their numbers.

Only completed calls are sent. The stamp is the START of the talk; where 19 tells when the call came in, the leg begins
there. The station is the extension; its telephone number stands beside it where it is another one. First condition 1, 3
or 4: a transferred call, which goes on where its first part ended; 2, billing continued, is told and not joined. Party
2: no station but a trunk (tandem). Unit of the charge: 1 cents, 2 tenths of a cent, 3 ten cents, 4 dollars, 5 ten
dollars, 6 metering pulses, F error; the fixed text has 1 and 2 the other way round.

Not certain: all of it is from manuals and a program in use; no record was captured. The length of 07, 10 and 12 is that
of the characters by the manual, one more by the program: the one is taken behind which the record ends or an item of a
larger kind follows, the manual's first. Ring time is inferred: from 19 to the start in 06, on incoming calls that were
not transferred. Dialled digits of KL are taken for those the outside caller dialled. Whether an outgoing call was
answered: without answer signalling its talk starts some ten seconds after the last digit, so its outcome is ``unknown``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from parsers.formats import Format
from parsers.layout import Column, Columns
from parsers.layout_items import Item, Items
from parsers.nec import JOINING
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "nec/neax-flexible"
_DIALLED = r"[ \d*#A-D]"

TEXT = Items(
    Columns(Column("header", 1, 2, "[0-9]!"), Column("kind", 3, 4, "K[KLM]")),
    Item("01", "trunk", 12, 12, r"[ \d]"),
    Item("02", "caller", 10, 10, r"[ \d*#]"),
    Item("03", "caller_telephone", 3, 22, r"[ \d*#]"),
    Item("04", "called", 10, 10, r"[ \d*#]"),
    Item("05", "called_telephone", 3, 22, r"[ \d*#]"),
    Item("06", "times", 34, 34, r"\d", needed=True),
    Item("07", "account", 0, 16, _DIALLED, loose=True),
    Item("08", "conditions", 3, 3, r"[\dA-F]"),
    Item("09", "routes", 18, 18, r"[ \d]"),
    Item("10", "dialled", 0, 32, _DIALLED, loose=True),
    Item("11", "offices", 8, 8, r"[ \d]"),
    Item("12", "authorization", 0, 16, _DIALLED, loose=True),
    Item("13", "charge", 1, 17, r"[ \dF]"),
    Item("14", "notice", 1, 16, r"[ \d]"),
    Item("15", "department", 0, 16, r"[ \d]"),
    Item("16", "calling", 1, 33, _DIALLED),
    Item("17", "converted", 0, 32, _DIALLED),
    Item("18", "areas", 10, 10, r"[ \d]"),
    Item("19", "received", 17, 17, r"\d"),
)

_KINDS: dict[str, Direction] = {"KK": "outgoing", "KL": "incoming", "KM": "internal"}
_TRANSFERRED = frozenset("134")
_STATION, _TRUNK = "0", "2"
_SHOWN = "1"
_PULSES = "6"
_UNITS = {"1": "1 cent", "2": "0.1 cent", "3": "10 cents", "4": "1 dollar", "5": "10 dollars", "F": "error"}
_PRICED = frozenset("12345")
_KEPT = ("conditions", "routes", "offices", "notice", "department", "converted", "areas")
"""Items that are kept as printed, unless they are all zeros."""
_MOMENT = 17


def _read(line: Line, stamps: Stamps) -> Record:
    cells = dict(zip(TEXT.names, line.cells, strict=True))
    direction, charge = _KINDS[cells["kind"]], cells["charge"]
    caller = _party(cells["caller"], cells["caller_telephone"])
    called = _party(cells["called"], cells["called_telephone"])
    ours, peer = (called, None) if direction == "incoming" else (caller, called if direction == "internal" else None)
    tandem, transferred = ours.kind == _TRUNK, cells["conditions"][:1] in _TRANSFERRED
    began, ended = cells["times"][:_MOMENT], cells["times"][_MOMENT:]
    talk_s = _between(began, ended)
    came_in = cells["received"] if not transferred else ""
    ring_s = _between(came_in, began) if came_in else None
    start, doubt = _start(began, stamps, line.received)
    if start is not None and ring_s is not None:
        start -= ring_s
    if talk_s is None:
        doubt = doubt or f"the call ends at no moment behind its start: {ended}"
    elif came_in and ring_s is None:
        doubt = doubt or f"the call came in at no moment before its start: {came_in}"
    number, did = _outside(direction, cells["dialled"].strip(), cells["calling"][1:].strip())
    pulses, cost = _charged(charge[:1], charge[1:].strip())
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1,
        "tandem" if tandem else direction,
        _outcome(direction, began, ended),
        None if tandem else ours.number,
        peer and peer.number,
        cells["trunk"][6:9].strip() or None,
        number,
        did,
        ring_s,
        talk_s,
        None,  # hold_s
        transferred,
        False,  # noqa: FBT003  (conference)
        cells["account"].strip() or None,
        cells["authorization"].strip() or None,
        None,  # pbx_call_id
        pulses,
        cost,
        None,  # currency
        _extra(cells, direction, ours, peer, doubt),
        line.text,
    )


class _Party(NamedTuple):
    """A station, or a trunk in its place. ``telephone``: its number in the network of nodes, where that is another one."""

    kind: str
    tenant: str
    number: str | None
    telephone: str | None


@lru_cache(4096)
def _party(physical: str, network: str) -> _Party:
    station, telephone = physical[4:].strip(), network[6:].strip()
    number = station or telephone
    return _Party(physical[:1], physical[1:4].strip(), number or None, telephone if telephone != number else None)


def _outside(direction: Direction, dialled: str, calling: str) -> tuple[str | None, str | None]:
    """The outside party, and what it dialled where it called."""
    if direction == "incoming":
        return calling or None, dialled or None
    return (dialled or None) if direction == "outgoing" else None, None


def _charged(unit: str, value: str) -> tuple[int | None, str | None]:
    """Metering pulses, or an amount."""
    if unit == _PULSES:
        return int(value) if value.isdecimal() else None, None
    return None, (value or None) if unit in _PRICED else None


def _extra(
    cells: dict[str, str], direction: Direction, ours: _Party, peer: _Party | None, doubt: str | None
) -> dict[str, Any]:
    charge, calling = cells["charge"], cells["calling"]
    extra = _route(cells["trunk"]) | {
        "tenant": ours.tenant,
        "telephone": ours.telephone,
        "charge_unit": _UNITS.get(charge[:1]),
        "presentation": calling[:1].strip(_SHOWN),
        "doubt": doubt,
    }
    if ours.kind != _STATION:
        extra |= {"party": ours.kind, "other_trunk": ours.number if ours.kind == _TRUNK else None}
    if peer:
        dialled = cells["dialled"].strip()
        extra |= {"peer_telephone": peer.telephone, "dialled": dialled if dialled != peer.number else None}
    if direction != "incoming":
        extra["shown_number"] = calling[1:].strip()
    kept = {name: cell.strip() for name in _KEPT if (cell := cells[name]) and cell.strip(" 0")}
    return kept | {name: value for name, value in extra.items() if value} | _others(cells["others"])


@lru_cache(4096)
def _route(trunk: str) -> dict[str, str | None]:
    """What a trunk's item tells beside the trunk."""
    return {
        "node": trunk[:3].strip(" 0") and trunk[:3],
        "route": trunk[3:6].strip(),
        "logical_route": trunk[9:].strip(" 0") and trunk[9:],
    }


def _others(items: str) -> dict[str, str]:
    """Items of kinds that are not known, by their kinds."""
    found = {}
    while items:
        end = 4 + int(items[2:4])
        found[f"item_{items[:2]}"] = items[4:end]
        items = items[end:]
    return found


def _start(stamp: str, stamps: Stamps, received: float) -> tuple[int | None, str | None]:
    """The moment of YYYYMMDDhhmmss and milliseconds, which are left out."""
    date, time = f"{stamp[2:4]}-{stamp[4:6]}-{stamp[6:8]}", f"{stamp[8:10]}:{stamp[10:12]}:{stamp[12:14]}"
    return stamps.date_and_second(date, time, received)


_LONGEST_CALL_S = 30 * 86_400
"""Whatever is further apart was damaged on the way."""


def _between(earlier: str, later: str) -> int | None:
    """Seconds between two moments as printed, to the nearest; None where they are none of one call, in this order."""
    try:
        seconds = (_moment(later) - _moment(earlier)).total_seconds()
    except ValueError:
        return None
    return round(seconds) if 0 <= seconds < _LONGEST_CALL_S else None


@lru_cache(256)
def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(f"{stamp[:8]}T{stamp[8:14]}.{stamp[14:]}")


def _outcome(direction: Direction, began: str, ended: str) -> Outcome:
    if began == ended:
        return "unanswered"
    return "unknown" if direction == "outgoing" else "answered"


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg. A transferred part begins where the one before ended."""
    internal, incoming = leg.direction == "internal", leg.direction == "incoming"
    start = leg.start + timedelta(seconds=leg.ring_s if incoming and not leg.transferred else 0)
    station = f"0001{leg.extension:6}"
    cells = {
        "header": "0!",
        "kind": "KM" if internal else "KL" if incoming else "KK",
        "trunk": "" if internal else f"000000{leg.trunk or '':3}000",
        "called" if incoming else "caller": station,
        "times": _printed(start) + _printed(start + timedelta(seconds=leg.talk_s)),
        "account": leg.account_code or "",
        "conditions": "100" if leg.transferred else "000",
        "charge": "" if internal else "0",
    }
    if internal:
        return cells | {"called": f"0001{leg.peer_extension or '':6}", "dialled": leg.peer_extension or ""}
    if incoming:
        return cells | {"calling": f"1{leg.number}" if leg.number else "0", "received": _printed(leg.start)}
    return cells | {"dialled": leg.number or ""}


def _printed(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}000"


FORMATS = (
    Format(
        name=_NAME,
        title="NEC NEAX 2400, SV7000 to SV9500, flexible text",
        status="from manual",
        layouts=(TEXT,),
        read=_read,
        noise=(),
        begins=r"[0-9]!K[KLM][0-9]{4}",
        stamp="start",
        order="ymd",
        transport="serial",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        ends=b"\x03",
        joining=JOINING,
        samples=(
            (
                b"0!KL0112000004021010041000011412  0510001001141206342026030209021835020260302090452480"
                b"07000803000091800000000000000000010075550112110800000000120013010161110555550142191720260302090207110"
            ),
            (
                b"0!KK0112000004022010021000011450  06342026030209110402020260302091255960"
                b"0705471108030200918000000000000000000101205550174865120113072000450160815550112"
            ),
            (
                b"0!KK01120000080090200210200100402106342026030209140000020260302091931500"
                b"07000803004091800000802000000701910080555019912040815130560012"
            ),
            (
                b"0!KM021000011450  03130010018111450041010011412  06342026030209200190020260302092016100"
                b"0700080300010041412"
            ),
            (
                b"0!KL0112000004021010041000011475  06342026030209045290020260302090711300"
                b"0803100161110555550142181000001000021917202603020902071102003new"
            ),
        ),
    ),
)
