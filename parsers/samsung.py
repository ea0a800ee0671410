"""Samsung DCS, DCS Compact II, iDCS and OfficeServ: SMDR report lines.

Manuals: DCS and iDCS programming manuals, MMC 725 (which columns are printed); OfficeServ 7200 installation manual;
the LAN record is known from working collectors only.

Port: V.24 of an SIM, SIO or MCP card, speed programmable; on OfficeServ TCP, the PBX waits for the collector (5100 at
one site), every record ended by NUL.

Report, with a caller's number (DCS), with a cost alone (OfficeServ 7200), short (iDCS); on Compact II and iDCS all of
it one column to the right::

      T EXT  AUTH TRK  MM/DD STT.TIME DURATION FG DIALED DIGIT       ACCOUNT CODE   CARR    COST  CLIP NUMBER  CLIP NAME
      1 209       705  02/19 11:17:27 00:00:16 IA
      1 450       #702 12/18 17:06:12 00:00:05 O  5550199#                            0.00
       1 281  5777 706  04/09 08:46:03 00:00:00 O  80005550129            0.00

LAN, 154 characters (122 without name, group and ring)::

    000421 3001   8501      12/18 17:06:12 00:00:18 IT 5550199 ... account cost CLI name group 00:00:02

The stamp is the START, without a year. FG: I in, O out, IA ringing, not answered (the duration is that of the ring),
A abandoned, IT, OT in, out, then transferred, T, TT what a transferred call went on with, FI, FO forwarded, DI, DO, DE by
DISA. T says no direction unless the caller's number is printed. The digits of an incoming call are those the caller
dialled. GROUP IN, GROUP OUT, DND ON and DND OFF (IN GROUP, OUT GROUP, IN DND, OUT DND on other releases) are no calls.
The first column, T for the tenant, may be blank or missing.

Not certain: which columns stand behind the dialled digits, since MMC 725 chooses them; IR, C and SU of the LAN record;
whether an outgoing call was answered.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from parsers.durations import clock
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "samsung/officeserv"
_DURATION = r"\d\d:\d\d:\d\d|[$ \d.]{8}"
_COST = r"[ $\d.,]"
_WORD = "|".join(rf"[*#\dA-Z]{{{letters}}} {{{4 - letters}}}" for letters in range(4, -1, -1))
"""Up to four letters and digits, on the left."""


def _report(shift: int, *behind: tuple[str, int, int, str]) -> Columns:
    """The report line with what stands ``behind`` the dialled digits; ``shift`` moves all of it to the right."""
    columns = (
        ("tenant", 3, 3, r"[ \d]"),
        ("extension", 5, 8, _WORD),
        ("auth", 10, 13, r"[ *#\d]{4}"),
        ("trunk", 15, 18, _WORD),
        ("date", 20, 24, r"\d\d/\d\d"),
        ("time", 26, 33, r"\d\d:\d\d:\d\d"),
        ("duration", 35, 42, _DURATION),
        ("flag", 44, 45, r"[A-Z][A-Z ]"),
        ("dialled", 47, 64, ""),
        *behind,
    )
    return Columns(*(Column(name, first + shift, last + shift, cell) for name, first, last, cell in columns))


_CALLER = (
    ("account", 66, 77, r"[ *#\w]{12}"),
    ("carrier", 81, 84, r"[ \w]{4}"),
    ("cost", 85, 93, rf"{_COST}{{9}}"),
    ("caller", 95, 108, r"[ *#+\w-]{14}"),
    ("name", 109, 126, ""),
)
_COST_ONLY = (
    ("account", 66, 77, r"[ *#\w]{12}"),
    ("cost", 78, 86, rf"{_COST}{{9}}"),
    ("caller", 88, 103, r"[ *#+\w-]{16}"),
    ("name", 105, 122, ""),
)
_OTHER = (("rest", 66, 160, ""),)
_SHORT = (("cost", 65, 73, rf"{_COST}{{9}}"), ("account", 75, 80, r"[ *#\w]{6}"))


def _lan(shift: int) -> Columns:
    columns = (
        ("call_id", 1, 6, r"[ \w]{5}\w"),
        ("extension", 8, 13, r"[ *#\w]{6}"),
        ("trunk", 15, 23, r"[ *#\w]{9}"),
        ("date", 25, 29, r"\d\d/\d\d"),
        ("time", 31, 38, r"\d\d:\d\d:\d\d"),
        ("duration", 40, 47, _DURATION),
        ("flag", 49, 50, r"[A-Z][A-Z ]"),
        ("dialled", 52, 69, ""),
        ("account", 71, 87, ""),
        ("cost", 89, 98, rf"{_COST}{{10}}"),
        ("caller", 100, 115, ""),
        ("name", 117, 134, ""),
        ("group", 136, 141, ""),
        ("ring", 142, 149, r"\d\d:\d\d:\d\d| {8}"),
    )
    return Columns(*(Column(name, first + shift, last + shift, cell) for name, first, last, cell in columns))


REPORTS = tuple(_report(shift, *behind) for behind in (_CALLER, _COST_ONLY, _SHORT, _OTHER) for shift in (0, 1))
LANS = (_lan(0), _lan(2))
_LAYOUTS = (*REPORTS, *LANS)


_NAMES = (
    "extension", "trunk", "date", "time", "duration", "flag", "dialled", "account", "cost", "caller", "name",
    "auth", "tenant", "carrier", "group", "rest", "ring", "call_id",
)  # fmt: skip
_ARRANGED = tuple(arranged(layout, _NAMES) for layout in _LAYOUTS)

_INCOMING = frozenset({"I", "IT", "IA", "IR", "A", "DI", "DE", "FI"})
_OUTGOING = frozenset({"O", "OT", "DO", "FO"})
_RINGING = frozenset({"IA", "IR", "A"})
_PASSED_ON = frozenset({"IT", "OT"})
_FOLLOWED = frozenset({"IA", "IR", "IT", "OT", "T", "TT"})
_FOLLOWING = frozenset({"I", "IT", "OT", "T", "TT"})
_NO_NAME = "no CLIP name"
_USUAL_TENANT = "1"
_JOIN_SLACK_S = 2


def _read(line: Line, stamps: Stamps) -> Record:
    cells = _ARRANGED[line.layout](line.cells)
    extension, trunk, date, time, duration, flag, dialled, account, cost, caller, name, auth, *more = cells
    flag, dialled, account, cost, caller = (
        flag.rstrip(),
        dialled.strip(),
        account.strip(),
        cost.strip(),
        caller.strip(),
    )
    tenant, carrier, group, rest, ring, call_id = more
    direction = _direction(flag, caller)
    duration_s = _seconds(duration)
    ringing = flag in _RINGING
    talk_s = 0 if ringing else duration_s
    start, doubt = stamps.day_and_time(int(date[0:2]), int(date[3:5]), time, line.received)
    extra = {"flag": flag}
    if doubt or direction == "unknown" or (tenant + carrier + group + name + rest).strip(" 1"):
        extra |= _rest(
            carrier=carrier,
            group=group,
            rest=rest,
            name=name.replace(_NO_NAME, ""),
            tenant=tenant.replace(_USUAL_TENANT, ""),
            digits=dialled if direction == "unknown" else "",
            doubt=doubt or "",
        )
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1,
        direction,
        _outcome(flag, direction, talk_s),
        extension.strip(" *") or None,
        None,  # peer_extension
        trunk.strip(" *#") or None,
        (dialled if direction == "outgoing" else caller) or None,
        (dialled or None) if direction == "incoming" else None,
        _seconds(ring) if ring.strip() else duration_s if ringing else None,
        talk_s,
        None,  # hold_s
        "T" in flag,
        False,  # noqa: FBT003  (conference)
        account or None,
        auth.strip() or None,
        call_id.strip() or None,
        None,  # meter_pulses
        (cost if duration_s is not None else duration.strip(" $")) or None,
        None,  # currency
        extra,
        line.text,
    )


def _direction(flag: str, caller: str) -> Direction:
    if flag in _INCOMING:
        return "incoming"
    if flag in _OUTGOING:
        return "outgoing"
    if flag == "IC":
        return "internal"
    return "incoming" if caller else "unknown"


def _outcome(flag: str, direction: Direction, talk_s: int | None) -> Outcome:
    if flag == "DE":
        return "failed"
    if talk_s == 0:
        return "unanswered"
    return "answered" if talk_s and direction in {"incoming", "internal"} else "unknown"


@lru_cache(4096)
def _seconds(cell: str) -> int | None:
    """``HH:MM:SS``; None where a cost stands in the duration's column."""
    if cell[2] != ":":
        return None
    return int(cell[0:2]) * 3600 + int(cell[3:5]) * 60 + int(cell[6:8])


def _rest(**cells: str) -> dict[str, str]:
    return {name: cell.strip() for name, cell in cells.items() if cell.strip()}


def _flag(leg: Leg) -> str:
    return str((leg.extra or {}).get("flag", ""))


def _continues(last: Leg, leg: Leg) -> bool:
    """Same call id; without one, a ring, transfer or its continuation on the same trunk without a gap."""
    if leg.pbx_call_id:
        return True
    if last.start is None or leg.start is None:
        return False
    if last.number and leg.number and last.number != leg.number:
        return False
    ended = last.start + (last.talk_s or 0) + (last.ring_s or 0)
    return abs(leg.start - ended) <= _JOIN_SLACK_S and _flag(last) in _FOLLOWED and _flag(leg) in _FOLLOWING


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg; calls between extensions are not printed."""
    incoming = leg.direction == "incoming"
    missed = incoming and leg.outcome != "answered"
    duration = leg.ring_s if missed else leg.talk_s
    flag = "IA" if missed else "T" if leg.transferred else "I" if incoming else "O"
    if not leg.last and not leg.transferred and not missed:
        flag += "T"
    return {
        "tenant": "1",
        "extension": leg.extension,
        "trunk": leg.trunk or "",
        "date": f"{leg.start:%m/%d}",
        "time": f"{leg.start:%H:%M:%S}",
        "duration": clock(duration),
        "flag": flag,
        "dialled": "" if incoming else leg.number or "",
        "account": leg.account_code or "",
        "caller": (leg.number or "") if incoming else "",
    }


_RULE = b"=" * 126 + b"\r\n"

FORMATS = (
    Format(
        name=_NAME,
        title="Samsung DCS, DCS Compact II, iDCS, OfficeServ",
        status="verified",
        layouts=_LAYOUTS,
        read=_read,
        noise=(
            (r"[ \f]*(?:={20,}|SMDR REPORT|T? ?EXT )", "heading"),
            (r".*\d\d:\d\d:\d\d +(?:GROUP (?:IN|OUT)|DND (?:ON|OFF)|(?:IN|OUT) (?:GROUP|DND))\b", "event"),
        ),
        begins=r" {2,3}[ \d] [ *#\dA-Z]{4} .{9} \d\d/\d\d \d\d:\d\d:\d\d ",
        cuts=(2, 3, 4),
        stamp="start",
        order="mdy",
        transport="serial, TCP",
        cells=_cells,
        answered=True,
        account_code=True,
        internal=False,
        joining=Joining(
            key=lambda leg: leg.pbx_call_id or leg.trunk,
            continues=_continues,
            more=lambda leg: _flag(leg) in {"IT", "OT"},
        ),
        heading=(
            b"\f\r\n\r\n                 SMDR REPORT FOR [                ]\r\n\r\n"
            + _RULE
            + b"  T EXT  AUTH TRK  MM/DD STT.TIME DURATION FG DIALED DIGIT       ACCOUNT CODE   CARR    COST"
            + b"  CLIP NUMBER  CLIP NAME          \r\n"
            + _RULE
        ),
        samples=(
            b"  1 205       707  02/19 11:16:25 00:01:00 O  5550138",
            b"  1 209       705  02/19 11:17:27 00:00:16 IA",
            b"  1 450       #702 12/18 17:06:12 00:00:05 O  5550199#                            0.00",
            b"  1 420       #703 12/18 17:10:47 00:00:10 IT 5550174                             0.00",
            b"   1 281  5777 706  04/09 08:46:03 00:00:00 O  80005550129            0.00",
            b"     381       701  07/16 09:21:03 00:00:21 IT" + b" " * 49 + b"80005550159   no CLIP name",
            b"     202       701  07/16 09:21:24 00:00:11 T " + b" " * 49 + b"80005550159   no CLIP name",
            b"000421 3001   8501      12/18 17:06:12 00:00:18 IT 5550199" + b" " * 83 + b"00:00:02",
        ),
    ),
)
