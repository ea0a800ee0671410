"""Samsung NX-820, NX-1232, SKP-56/120, SKP-36HX and SKP-816: lines of fixed columns, and a table between tabs.

No manual was found: the layouts come from captures and the headings in them.

Port: RS-232 of the main unit; pages of some 55 lines under a heading on SKP-36HX, one after the other on NX. SKP-816 is
known as the table a collecting program has written.

NX, extensions of two digits or three::

        EXT   TRK  MM:DD STT.TIME  DURATION  NUMBER DIALED       ACC.CODE     AUTH
        201   701  03:24 14:50:14  00:00:22  xINCOMING
        210   701  03:24 14:50:36  00:01:01  TRANSFER
        207   702  11:06 15:31:10  00:00:02  5550123             12345

SKP-56/120, the same further apart; one after the other, without a heading::

       220    701    02:03   13:41:12   00:01:11   05550126

SKP-36HX::

       EXT   TRK   MM/DD   STT.TIME   DURATION  DIALED NO           STATUS
       41    61    05/14   15:39:07   00:00:14  60669               OUTGOING
       22    66    05/14   15:39:58   00:00:16                      TRANSFER

SKP-816, separated by tabs::

    ID      stn  co   start_dt             duration  number    acc_code
    2013    027  001  2003-04-16 17:50:16  00:00:50  TRANSFER

The stamp is the START, on NX and SKP-36HX without a year; lines come in the order of their ends. The duration is talk; a
ring time is not printed, calls that nobody answered are not either. ``x`` in front of the dialled column: the call was
then transferred; the line of who took it follows, TRANSFER, on the same trunk. TRANSFER says no direction.

Not certain: an empty dialled column, taken for an outgoing call without digits, as incoming ones say INCOMING; whether
an outgoing call was answered; digits on a TRANSFER line of SKP-36HX, kept apart; AUTH, never seen filled.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parsers.durations import clock, counted
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, Delimited, Field, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_TIME = r"\d\d:\d\d:\d\d"
_EXTENSION = r"[*#\dA-Z][ *#\dA-Z]{3}"
_DATE = r"\d{4}-\d\d-\d\d"

_DIALLED = r"xINCOMING {10}|INCOMING {11}|xTRANSFER {10}|TRANSFER {11}|(?!x?(?:INC|TRA))[x *#\dA-Z][ *#\dA-Z.-]{18}"

NX = Columns(
    Column("extension", 5, 8, _EXTENSION),
    Column("trunk", 11, 14, _EXTENSION),
    Column("date", 16, 20, r"\d\d:\d\d"),
    Column("time", 22, 29, _TIME),
    Column("duration", 32, 39, _TIME),
    Column("dialled", 42, 60, _DIALLED),
    Column("account", 62, 73, r"[ *#\w]{12}"),
    Column("auth", 75, 78, r"[ *#\w]{4}"),
)
SKP_56 = Columns(
    Column("extension", 4, 7, _EXTENSION),
    Column("trunk", 11, 14, _EXTENSION),
    Column("date", 18, 22, r"\d\d:\d\d"),
    Column("time", 26, 33, _TIME),
    Column("duration", 37, 44, _TIME),
    Column("dialled", 48, 66, _DIALLED),
    Column("account", 68, 79, r"[ *#\w]{12}"),
)
_CUT = r"O {7}|OU {6}|OUT|I {7}|IN {6}|INC|T {7}|TR {6}|TRA"
"""The three words as a torn line ends in them."""
SKP = Columns(
    Column("extension", 4, 7, _EXTENSION),
    Column("trunk", 10, 13, _EXTENSION),
    Column("date", 16, 20, r"\d\d/\d\d"),
    Column("time", 24, 31, _TIME),
    Column("duration", 35, 42, _TIME),
    Column("dialled", 45, 64, r"[ *#\dA-F]{20}"),
    Column("status", 65, 72, rf"OUTGOING|INCOMING|TRANSFER|(?!{_CUT})[A-Z][A-Z. -]{{7}}"),
)
TABLE = Delimited(
    "\t",
    Field("id", r"\d+"),
    Field("extension", r"[*#\dA-Z]*"),
    Field("trunk", r"[*#\dA-Z]*"),
    Field("start", f"{_DATE} {_TIME}"),
    Field("duration", _TIME),
    Field("dialled"),
    Field("account"),
    at_least=7,
)

_NX_LAYOUTS = (NX, SKP_56)
_NX_ARRANGED = tuple(arranged(layout, NX.names) for layout in _NX_LAYOUTS)

_INCOMING = "INCOMING"
_TRANSFER = "TRANSFER"
_RINGS_S = 300
"""A transfer may ring this long before the other extension takes the call."""
_JOIN_SLACK_S = 10


def _leg(
    line: Line,
    name: str,
    start: tuple[int | None, str | None],
    places: tuple[str, str],
    duration: str,
    dialled: str,
    status: str,
    *codes: str,
) -> Record:
    """``status`` is INCOMING, TRANSFER or OUTGOING; ``codes`` are account, authorisation, record number."""
    account, auth, number = codes
    extension, trunk = places
    passed_on = dialled[:1] == "x"
    if passed_on:
        dialled = dialled[1:]
    if not status:
        status, dialled = ("OUTGOING", dialled) if _dialled(dialled) else (dialled, "")
    began, doubt = start
    talk_s = counted(duration)
    direction = _DIRECTIONS.get(status, "unknown")
    extra: dict[str, Any] = {"status": status}
    if passed_on:
        extra["passed_on"] = True
    if dialled and direction != "outgoing":
        extra["digits"] = dialled
    if number:
        extra["record"] = number
    if doubt:
        extra["doubt"] = doubt
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        name,
        began,
        1,
        direction,
        _outcome(direction, talk_s),
        extension or None,
        None,  # peer_extension
        trunk or None,
        (dialled or None) if direction == "outgoing" else None,
        None,  # did
        None,  # ring_s
        talk_s,
        None,  # hold_s
        passed_on or status == _TRANSFER,
        False,  # noqa: FBT003  (conference)
        account or None,
        auth or None,
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


@lru_cache(4096)
def _dialled(cell: str) -> bool:
    """Whether these are digits, or nothing, and not a word that stands in their place."""
    return not cell.strip("*#0123456789ABCDEF")


_DIRECTIONS: dict[str, Direction] = {"INCOMING": "incoming", "OUTGOING": "outgoing", "TRANSFER": "unknown"}


def _outcome(direction: Direction, talk_s: int) -> Outcome:
    if talk_s == 0:
        return "unanswered"
    return "answered" if direction == "incoming" else "unknown"


def _read_nx(line: Line, stamps: Stamps) -> Record:
    extension, trunk, date, time, duration, dialled, account, auth = _NX_ARRANGED[line.layout](line.cells)
    start = stamps.day_and_time(int(date[0:2]), int(date[3:5]), time, line.received)
    places = extension.rstrip(), trunk.rstrip()
    return _leg(line, "samsung/nx", start, places, duration, dialled.rstrip(), "", account.strip(), auth.strip(), "")


def _read_skp(line: Line, stamps: Stamps) -> Record:
    extension, trunk, date, time, duration, dialled, status = line.cells
    start = stamps.day_and_time(int(date[0:2]), int(date[3:5]), time, line.received)
    places = extension.rstrip(), trunk.rstrip()
    return _leg(line, "samsung/skp-36hx", start, places, duration, dialled.strip(), status.rstrip(), "", "", "")


def _read_table(line: Line, stamps: Stamps) -> Record:
    number, extension, trunk, stamp, duration, dialled, account = line.cells
    start = stamps.date_and_second(stamp[2:10], stamp[11:19], line.received)
    return _leg(line, "samsung/skp-816", start, (extension, trunk), duration, dialled, "", account.strip(), "", number)


def _continues(last: Leg, leg: Leg) -> bool:
    """TRANSFER goes on with the call on its trunk: at once, or after ringing where the lines tell that it is the same."""
    told, extra = last.extra or {}, leg.extra or {}
    if extra.get("status") != _TRANSFER or last.start is None or leg.start is None:
        return False
    gap_s = leg.start - last.start - (last.talk_s or 0)
    same = "passed_on" in told or (last.number is not None and extra.get("digits") == last.number)
    return -_JOIN_SLACK_S <= gap_s <= (_RINGS_S if same else _JOIN_SLACK_S)


_JOINING = Joining(
    key=lambda leg: leg.trunk,
    continues=_continues,
    more=lambda leg: bool(leg.extra and leg.extra.get("passed_on")),
    timeout_s=3600,
)


def _cells(date: str) -> Callable[[Planned], dict[str, str]]:
    """The cells of a planned leg where the dialled column tells the status; unanswered calls have no talk."""

    def cells(leg: Planned) -> dict[str, str]:
        dialled = _TRANSFER if leg.transferred else _INCOMING if leg.direction == "incoming" else leg.number or ""
        return {
            "id": str(leg.serial),
            "extension": leg.extension,
            "trunk": leg.trunk or "",
            "date": leg.start.strftime(date),
            "time": f"{leg.start:%H:%M:%S}",
            "start": f"{leg.start:%Y-%m-%d %H:%M:%S}",
            "duration": clock(leg.talk_s),
            "dialled": dialled if leg.last else "x" + dialled,
            "account": leg.account_code or "",
        }

    return cells


def _skp_cells(leg: Planned) -> dict[str, str]:
    incoming = leg.direction == "incoming"
    return {
        "extension": leg.extension,
        "trunk": leg.trunk or "",
        "date": f"{leg.start:%m/%d}",
        "time": f"{leg.start:%H:%M:%S}",
        "duration": clock(leg.talk_s),
        "dialled": "" if incoming else leg.number or "",
        "status": _TRANSFER if leg.transferred else _INCOMING if incoming else "OUTGOING",
    }


FORMATS = (
    Format(
        name="samsung/nx",
        title="Samsung NX-820, NX-1232, SKP-56/120",
        status="verified",
        layouts=_NX_LAYOUTS,
        read=_read_nx,
        noise=((r" *(?:[-=]{20,} *$|EXT +TRK |SMDR REPORT )", "heading"),),
        begins=r" {3,4}[*#\dA-Z].{3} {2,3}[*#\dA-Z].{3} {1,3}\d\d:\d\d {1,3}\d\d:\d\d:\d\d {2,3}\d",
        cuts=(3, 4),
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_cells("%m:%d"),
        account_code=True,
        internal=False,
        joining=_JOINING,
        heading=(
            b"\r\n             SMDR REPORT FOR [                ] 11/06/02  15:31\r\n\r\n"
            + b"=" * 79
            + b"\r\n \r\n    EXT   TRK  MM:DD STT.TIME  DURATION  NUMBER DIALED       ACC.CODE     AUTH \r\n \r\n"
            + b"-" * 79
            + b"\r\n \r\n"
        ),
        samples=(
            b"    201   701  03:24 14:50:14  00:00:22  xINCOMING                             ",
            b"    210   701  03:24 14:50:36  00:01:01  TRANSFER                              ",
            b"    201   702  03:24 14:50:43  00:00:11  x825550188                            ",
            b"    208   701  11:06 14:16:46  00:00:13                                        ",
            b"    207   702  11:06 15:31:10  00:00:02  5550123             12345                  ",
            b"    21    92   09:12 12:28:29  00:01:20  5550123",
            b"    21    91   09:12 12:28:29  00:01:20  INCOMING",
            b"   220    701    02:03   13:41:12   00:01:11   055501263534181                 ",
            b"   203    711    02:03   13:50:23   00:01:47   5550123             4711        ",
        ),
    ),
    Format(
        name="samsung/skp-36hx",
        title="Samsung SKP-36HX",
        status="verified",
        layouts=(SKP,),
        read=_read_skp,
        noise=((r" *(?:={20,} *$|EXT +TRK |<< STATION MESSAGE )", "heading"),),
        begins=r" {3}[*#\dA-Z].{3} {2}[*#\dA-Z].{3} {2}\d\d/\d\d {3}\d\d:\d\d:\d\d {3}\d",
        cuts=(3,),
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_skp_cells,
        internal=False,
        joining=_JOINING,
        heading=(
            b"\r\n               << STATION MESSAGE DETAILED RECORDING >> [{ SKP-36HX }]        \r\n"
            + b"=" * 78
            + b"\r\n   EXT   TRK   MM/DD   STT.TIME   DURATION  DIALED NO           STATUS        \r\n"
            + b"=" * 78
            + b"\r\n"
        ),
        samples=(
            b"   41    61    05/14   15:39:07   00:00:14  55512               OUTGOING      ",
            b"   23    66    05/14   15:39:17   00:00:39                      INCOMING      ",
            b"   22    66    05/14   15:39:58   00:00:16                      TRANSFER      ",
            b"   42    63    05/14   15:49:24   00:00:42  415*                OUTGOING      ",
            b"   33    66    05/14   16:00:01   00:00:18  55519               TRANSFER      ",
        ),
    ),
    Format(
        name="samsung/skp-816",
        title="Samsung SKP-816, as a table between tabs",
        status="verified",
        layouts=(TABLE,),
        read=_read_table,
        noise=((r"ID\tstn\t", "heading"),),
        stamp="start",
        order="ymd",
        transport="file",
        cells=_cells("%m:%d"),
        account_code=True,
        internal=False,
        line_end=b"\n",
        joining=_JOINING,
        heading=b"ID\tstn\tco\tstart_dt\tduration\tnumber\tacc_code\n",
        samples=(
            b"2001\t031\t003\t2003-04-16 17:31:17\t00:00:10\tINCOMING\t",
            b"2011\t026\t001\t2003-04-16 17:50:05\t00:00:09\tINCOMING\t",
            b"2013\t027\t001\t2003-04-16 17:50:16\t00:00:50\tTRANSFER\t",
            b"2008\t035\t006\t2003-04-16 17:44:47\t00:03:21\t5550184*#110131\t4711",
            b"2183\t022\t006\t2003-04-17 11:33:29\t00:00:41\t\t",
        ),
    ),
)
