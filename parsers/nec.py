"""NEC NEAX 2000 IVS2/IPS, NEAX 2400 and 7400, SV7000 to SV9500: the fixed text of the SMDR.

Manuals: NEAX 2400 IMX system manual NDA-24238 (figure of the fixed format); SV8500 programming manual.

Port: serial, 7 bits with parity or 8 bits, or the PBX's own LAN frames. A record is STX ``0`` ``!`` text ETX without a
line end; a buffer box may have stripped STX and ETX and put line ends instead. Bytes as the manual counts them are two
less than these columns (the first is ``0``)::

    0!KE000021001412   03191159500319120000             000000000                                000080445550199       07070
    kind route trunk party tenant station start     end  account  tenant  conditions  number  meter calling number   years charge

KA outgoing, KE incoming, KB between stations; KH, KI and KJ are the same with the calling number added at the end.
KK, KL and KM are the flexible text, a format of its own (`nec/neax-flexible`). Start and end are MMDDhhmmss, years stand
apart (old machines leave them blank). The stamp is the START of the talk: only completed calls are printed, so every
incoming record was answered; an outgoing one without answer signalling starts some ten seconds after the last digit, so
its outcome is ``unknown``.

First condition not 0: a transferred call; its first part ends on the same trunk where this one starts. Party 2: no
station but an incoming trunk called out (tandem). There is no ring time.

Not certain: by system data, the columns of the calling number hold CCIS office codes and the authorization code
instead; on KE they are taken for the calling number when digits stand in them, else for the authorization code. KH, KI,
KJ and KB are from the manual.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from parsers.formats import Format, Joining
from parsers.layout import Column, Columns
from parsers.records import Leg, Rejected

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "nec/neax"
_STAMP = r"[01]\d[0-3]\d[0-2]\d{5}"

TEXT = Columns(
    Column("header", 1, 2, r"[0-9]!"),
    Column("kind", 3, 4, r"K[ABEHIJ]"),
    Column("route", 5, 7, r"[ \d]{3}"),
    Column("trunk", 8, 10, r"[ \d]{3}"),
    Column("party", 11, 11, r"[ \d]"),
    Column("tenant", 12, 13, r"[ \d]{2}"),
    Column("station", 14, 19, r"[ \d*#]{6}"),
    Column("start", 20, 29, _STAMP),
    Column("end", 30, 39, _STAMP),
    Column("account", 40, 49, r"[ \d*#A-D]{10}"),
    Column("long_tenant", 50, 52, r"[ \d]{3}"),
    Column("conditions", 53, 55, r"[ \dA-F]{3}"),
    Column("routes", 56, 61, r"[ \d]{6}"),
    Column("number", 62, 85, r"[ \d*#A-D]{24}"),
    Column("between", 86, 93),
    Column("pulses", 94, 97, r"[ \d]{4}", ">"),
    Column("calling", 98, 115, r"[ \d*#A-D]{18}"),
    Column("years", 116, 119, r"\d{4}| {4}"),
    Column("unit", 120, 120, r"[ \dF]"),
    Column("charge", 121, 126, r"[ \d]{6}", ">"),
    Column("notice", 127, 130),
    Column("extended", 131, 132, r"[ \d]{2}"),
    Column("ani", 133, 164, r"[ \d*#A-D]{32}"),
)

_KINDS: dict[str, Direction] = {
    "KA": "outgoing",
    "KB": "internal",
    "KE": "incoming",
    "KH": "outgoing",
    "KI": "incoming",
    "KJ": "internal",
}
_TANDEM = "2"
_DIRECT = "0"
_SHORTEST = 97
_JOIN_SLACK_S = 3


def _read(line: Line, stamps: Stamps) -> Record:
    _, kind, route, trunk, party, tenant, station, began, ended, account, long_tenant, conditions, *more = line.cells
    routes, dialled, _, pulses, calling, years, unit, charge, _, _, ani = more
    if len(line.text) < _SHORTEST:
        return Rejected(line.offset, _NAME, "too-short", "the line ends before the metering pulses", line.text)
    direction = _KINDS[kind]
    calling, dialled = calling.strip(), dialled.strip()
    peer = number = auth_code = None
    if direction == "internal":
        peer = dialled or None
    elif direction == "incoming":
        number = ani.strip() or calling or None
    else:
        number = dialled or None
        auth_code = calling[8:].strip() or None
    start, doubt = _moment(began, years, stamps, line.received)
    talk_s = _between(began, ended)
    if talk_s is None:
        doubt = doubt or "the call ends before it starts"
    elif start is not None and stamps.printed == "end":
        start -= talk_s
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1,
        "tandem" if party == _TANDEM else direction,
        _outcome(direction, talk_s),
        station.strip() or None,
        peer,
        trunk.strip() or None,
        number,
        None,  # did
        None,  # ring_s
        talk_s,
        None,  # hold_s
        conditions[0] not in " 0",
        False,  # noqa: FBT003  (conference)
        account.strip() or None,
        auth_code,
        None,  # pbx_call_id
        int(pulses) if pulses.isdecimal() else None,
        (charge.strip(" 0") and charge.strip()) or None,
        None,  # currency
        _extra(route, party, tenant, long_tenant, conditions, routes, unit, doubt),
        line.text,
    )


def _extra(
    route: str, party: str, tenant: str, long_tenant: str, conditions: str, routes: str, unit: str, doubt: str | None
) -> dict[str, str]:
    extra = {"route": route.strip(), "tenant": long_tenant.strip() or tenant.strip()}
    if party != _DIRECT:
        extra["party"] = party.strip()
    if conditions.strip(" 0"):
        extra["conditions"] = conditions.strip()
    if routes.strip(" 0"):
        extra["routes"] = routes.strip()
    if unit.strip(" 0"):
        extra["charge_unit"] = unit
    if doubt:
        extra["doubt"] = doubt
    return extra


def _moment(stamp: str, years: str, stamps: Stamps, received: float) -> tuple[int | None, str | None]:
    """The moment of MMDDhhmmss, in the year printed apart, or in the nearest one where none is."""
    clock = f"{stamp[4:6]}:{stamp[6:8]}:{stamp[8:10]}"
    if years.isspace():
        return stamps.day_and_time(int(stamp[0:2]), int(stamp[2:4]), clock, received)
    return stamps.date_and_second(f"{stamp[0:2]}/{stamp[2:4]}/{years[0:2]}", clock, received)


def _between(began: str, ended: str) -> int | None:
    """Seconds from start to end; a call that ends on another day ends on the next."""
    seconds = _second_of_day(ended) - _second_of_day(began) + 86_400 * (began[:4] != ended[:4])
    return seconds if seconds >= 0 else None


def _second_of_day(stamp: str) -> int:
    return int(stamp[4:6]) * 3600 + int(stamp[6:8]) * 60 + int(stamp[8:10])


def _outcome(direction: Direction, talk_s: int | None) -> Outcome:
    if not talk_s:
        return "unanswered"
    return "unknown" if direction == "outgoing" else "answered"


def _continues(last: Leg, leg: Leg) -> bool:
    """A transferred call goes on where its first part ended."""
    if not leg.transferred or last.start is None or leg.start is None or last.direction != leg.direction:
        return False
    return abs(leg.start - last.start - (last.ring_s or 0) - (last.talk_s or 0)) <= _JOIN_SLACK_S


JOINING = Joining(key=lambda leg: leg.trunk and f"{leg.trunk} {(leg.extra or {}).get('route')}", continues=_continues)


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg."""
    internal, incoming = leg.direction == "internal", leg.direction == "incoming"
    end = leg.start + timedelta(seconds=leg.talk_s)
    return {
        "header": "0!",
        "kind": "KB" if internal else "KE" if incoming else "KA",
        "route": "000",
        "trunk": leg.trunk or "",
        "party": "0",
        "tenant": "01",
        "station": leg.extension,
        "start": f"{leg.start:%m%d%H%M%S}",
        "end": f"{end:%m%d%H%M%S}",
        "account": leg.account_code or "",
        "conditions": "100" if leg.transferred else "000",
        "routes": "000000",
        "number": f"  {leg.peer_extension}" if internal else "" if incoming else leg.number or "",
        "pulses": "0000",
        "calling": (leg.number or "") if incoming else "",
        "years": f"{leg.start:%y}{end:%y}",
        "unit": "0",
    }


def _sample(text: str, end: str) -> bytes:
    return (text.ljust(115) + end).ljust(130).encode()


FORMATS = (
    Format(
        name=_NAME,
        title="NEC NEAX 2000/2400/7400, SV7000 to SV9500, fixed text",
        status="verified",
        layouts=(TEXT,),
        read=_read,
        noise=(),
        begins=r"[0-9]!K[ABEHIJ][ \d]{6}",
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_cells,
        answered=True,
        account_code=True,
        ends=b"\x03",
        joining=JOINING,
        samples=(
            _sample(
                "0!KE000021001412   03191159500319120000             000000000".ljust(93) + "000080445550199", "07070"
            ),
            _sample(
                "0!KA000022001450   03191158420319120035             00000000080555014865".ljust(93) + "0000", "07070"
            ),
            _sample("0!KE008009001435   03191203470319120421             100008000".ljust(93) + "0000", "07070"),
            _sample(
                "0!KA000022001450   03191158420319120035   4711      02000000080555014865".ljust(93) + "0003", "07070"
            ),
            _sample("0!KB      001450   03191158420319120035             000000000  1412".ljust(93) + "0000", "07070"),
        ),
    ),
)
