"""Siemens Hicom 250 and 350 H: call data as the print mask of the site has it.

Hicom 300, HiPath 4000 and OpenScape 4000 have no fixed layout: the installer writes a mask (AMO FTBL) of elements and
literal text, and chooses it (AMO SELG, GEZAB). The two masks here are those two PBXs were delivered with or given;
there is no public page for either, the columns are from the PBXs. Another mask needs columns of its own.

Port: a V.24 or TCP device named in AMO GEZU.

Hicom 250, 64 columns, LF; the stamp is the END of the connection::

    14/06/06  18:07:17  00:00:25   123    03  5550142
    date      time      duration   ext    trunk number

Hicom 350 H, CR CR LF, the record, LF; the stamp is the START, the records come when the connections end::

    $21/03/0211:02:1100:00:00111 5550142              1216VCEBAUD 0
     date    time    duration trunk number           ext  service

Neither mask has incoming calls, ring time or an account code.

Not certain: whether an outgoing call was answered: the duration may have been started by the PBX, so the outcome is
``unknown``. Minutes and seconds beyond 59 have been seen from a 350 H, in times and durations: such a leg is given with
a doubt, its duration added up as printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.durations import clock, doubted
from parsers.formats import Format
from parsers.layout import Column, Columns, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.formats import Line, Planned
    from parsers.records import Record
    from parsers.stamps import Stamps

_DATE = r"\d\d/\d\d/\d\d"
_TIME = r"\d\d:\d\d:\d\d"
_NUMBER = r"[ \d*#A-D?]{20}"

MASK_250 = Columns(
    Column("date", 1, 8, _DATE),
    Column("time", 11, 18, _TIME),
    Column("duration", 21, 28, _TIME),
    Column("extension", 30, 35, r"[ \d]{6}"),
    Column("trunk", 38, 40, r"[ \d]{3}", ">"),
    Column("number", 43, 62, _NUMBER),
)
MASK_350H = Columns(
    Column("mark", 1, 1, r"\$"),
    Column("date", 2, 9, _DATE),
    Column("time", 10, 17, _TIME),
    Column("duration", 18, 25, _TIME),
    Column("trunk", 26, 28, r"[ \d]{3}"),
    Column("number", 30, 49, _NUMBER),
    Column("extension", 51, 54, r"[ \d]{4}", ">"),
    Column("service", 55, 61, r"[A-Z][A-Z\d ]{6}"),
    Column("last", 63, 67),
)

_ORDER = ("date", "time", "duration", "extension", "trunk", "number", "service")


def _reader(name: str, layout: Columns) -> Callable[[Line, Stamps], Record]:
    in_order = arranged(layout, _ORDER)

    def read(line: Line, stamps: Stamps) -> Record:
        date, time, duration, extension, trunk, number, service = in_order(line.cells)
        talk_s, talk_doubt = doubted(duration)
        start, doubt = stamps.date_and_second(date, time, line.received)
        if start is not None and stamps.printed == "end":
            start -= talk_s
        doubt = doubt or talk_doubt
        service = service.strip()
        return Leg(  # by position: by name takes as long as all the rest
            line.offset,
            name,
            start,
            1,
            "outgoing",
            "unknown" if talk_s else "unanswered",
            extension.strip() or None,
            None,  # peer_extension
            trunk.strip() or None,
            number.strip() or None,
            None,  # did
            None,  # ring_s
            talk_s,
            None,  # hold_s
            False,  # noqa: FBT003  (transferred)
            False,  # noqa: FBT003  (conference)
            None,  # account_code
            None,  # auth_code
            None,  # pbx_call_id
            None,  # meter_pulses
            None,  # pbx_cost
            None,  # currency
            {key: value for key, value in (("service", service), ("doubt", doubt)) if value} or None,
            line.text,
        )

    return read


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg: these masks print outgoing calls only."""
    stamp, talk = leg.end, leg.talk_s
    return {
        "date": f"{stamp:%d/%m/%y}",
        "time": f"{stamp:%H:%M:%S}",
        "duration": clock(talk),
        "extension": f"  {leg.extension}",
        "trunk": leg.trunk or "",
        "number": leg.number or "",
    }


def _cells_at_start(leg: Planned) -> dict[str, str]:
    stamp = {"date": f"{leg.start:%d/%m/%y}", "time": f"{leg.start:%H:%M:%S}"}
    return _cells(leg) | stamp | {"extension": leg.extension, "mark": "$", "service": "VCEBAUD", "last": "0"}


FORMATS = (
    Format(
        name="siemens/hicom-250",
        title="Siemens Hicom 250, a site's print mask",
        status="verified",
        layouts=(MASK_250,),
        read=_reader("siemens/hicom-250", MASK_250),
        noise=(),
        begins=rf"{_DATE}  {_TIME}  {_TIME} ",
        stamp="end",
        transport="serial, TCP",
        cells=_cells,
        internal=False,
        incoming=False,
        line_end=b"  \n",
        samples=(
            b"14/06/06  18:06:49  00:00:19   123    03  555014                ",
            b"14/06/06  18:16:47  00:01:40   145    03  05550142319           ",
            b"15/06/06  08:33:20  00:00:07   127    05                        ",
        ),
    ),
    Format(
        name="siemens/hicom-350h",
        title="Siemens Hicom 350 H, a site's print mask",
        status="verified",
        layouts=(MASK_350H,),
        read=_reader("siemens/hicom-350h", MASK_350H),
        noise=((r"#{20,}\s*$", "heading"),),
        begins=rf"\${_DATE}{_TIME}{_TIME}",
        stamp="start",
        transport="serial, TCP",
        cells=_cells_at_start,
        internal=False,
        incoming=False,
        line_end=b"\n\r\r\n",
        samples=(
            b"$21/03/0211:02:1100:00:00111 5550142              1216VCEBAUD 0    ",
            b"$21/03/0211:02:4100:01:25101 05550142             1604VCEBAUD 0    ",
            b"$21/03/0211:04:1200:03:03415 204                  1350VCEBAUD 0    ",
        ),
    ),
)
