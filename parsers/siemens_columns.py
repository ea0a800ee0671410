"""Siemens Hicom 100 E, 118 and 150 E, HiPath 2000 and 3000: call data in columns.

Manuals: Hicom 150 E service manual, "Output Formats for Call Detail Recording" (both forms, information element);
HiPath 2000 and HiPath 3000 V1.2 to V3.0 administrator documentation (compressed form); the columns of the 100 E and 118
are from a PBX.

Port: V.24 at a programmable speed, or the LAN as with the form separated by ``|``. DLE STX DLE ETX XOFF XON may stand
before a record on V.24.

Compressed, 112 columns or fewer, blanks at the end cut on some sites; no heading::

    18.06.0312:23:34  1    1200:3400:02:340445550199                        12 1
    18.06.0308:23:23  4    16     00:05:235550142                           12 2                813364  841
    date    time    tr  ext  ring   talk number                        charge i account           MSN code route

On the Hicom 100 E and 112, 80 columns: line and extension are one column narrower, the number five::

    18.06.0312:23:34 1   1200:3400:02:34044555019                  1.20 14711
    date    time    tr ext  ring   talk number                   charge iaccount

Uncompressed, a page's heading in the system's language, 62 lines and a form feed; the 150 E and HiPath 3000 have line
and extension one column wider::

    16.10.02 18:34:56  2    27 00:02 00:00:15                                   1
    16.10.02 18:36:20  3    38       00:00:24 5550142                    0.48   2
    date     time     line ext ring  duration number                   amount info

The stamp is the END of the segment. The information element, and what blank and zero durations mean, are those of the
form separated by ``|``. A station that rings gets a notice of its own (0); several stations, one after the other or at
once, are one call.

Not certain: the columns behind the information element of an incoming record. The manuals have the account code there,
some PBXs print four or five digits that nobody keyed in (perhaps the number dialled): they are kept as ``behind_info``.
Hicom 100 E and 112, compressed: the columns are from the manual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers import siemens
from parsers.formats import Format
from parsers.layout import Column, Columns
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line
    from parsers.records import Record
    from parsers.stamps import Stamps

_DATE = r"\d\d\.\d\d\.\d\d"
_TIME = r"\d\d:\d\d:\d\d"
_RING = r"\d\d:\d\d| {5}"
_DURATION = r"\d\d:\d\d:\d\d| {8}"
_INFO = r"[ \d]\d"
_CHARGE = r"[ \d.,A-Z]{11}"

COMPRESSED = Columns(
    Column("date", 1, 8, _DATE),
    Column("time", 9, 16, _TIME),
    Column("trunk", 17, 19, r"[ \d]{3}", ">"),
    Column("extension", 20, 25, r"[ *#\w]{6}", ">"),
    Column("ring", 26, 30, _RING),
    Column("duration", 31, 38, _DURATION),
    Column("number", 39, 63, r"[ \w*#?+.@:-]{25}"),
    Column("charge", 64, 74, _CHARGE, ">"),
    Column("info", 75, 76, _INFO, ">"),
    Column("account", 77, 87),
    Column("msn", 88, 98, r"[ \d]{11}", ">"),
    Column("access_code", 99, 103, r"[ \d*#]{5}", ">"),
    Column("route", 104, 105, r"[ \d]{2}", ">"),
    Column("service", 106, 112),
)
COMPRESSED_100 = Columns(
    Column("date", 1, 8, _DATE),
    Column("time", 9, 16, _TIME),
    Column("trunk", 17, 18, r"[ \d]{2}", ">"),
    Column("extension", 19, 23, r"[ *#\w]{5}", ">"),
    Column("ring", 24, 28, _RING),
    Column("duration", 29, 36, _DURATION),
    Column("number", 37, 56, r"[ \w*#?+.@:-]{20}"),
    Column("charge", 57, 67, _CHARGE, ">"),
    Column("info", 68, 69, _INFO, ">"),
    Column("account", 70, 80),
    Column("msn", 81, 91, r"[ \d]{11}", ">"),
)


def _long(trunk: int, extension: int) -> Columns:
    """The uncompressed form; line and extension are as wide as given, all else is the same."""
    at = 18 + trunk
    ring = at + 2 + extension + 1
    return Columns(
        Column("date", 1, 8, _DATE),
        Column("time", 10, 17, _TIME),
        Column("trunk", 19, at, rf"[ \d]{{{trunk}}}", ">"),
        Column("extension", at + 2, ring - 2, rf"[ *#\w]{{{extension}}}", ">"),
        Column("ring", ring, ring + 4, _RING),
        Column("duration", ring + 6, ring + 13, _DURATION),
        Column("number", ring + 15, ring + 34, r"[ \w*#?+.@:-]{20}"),
        Column("charge", ring + 36, ring + 46, _CHARGE, ">"),
        Column("info", ring + 48, ring + 49, _INFO, ">"),
    )


LONG = _long(trunk=2, extension=5)
LONG_150 = _long(trunk=3, extension=6)

_COMPRESSED_NAME = "siemens/hipath-compressed"
_LONG_NAME = "siemens/hicom-118"
_read_compressed = siemens.reader(_COMPRESSED_NAME, COMPRESSED, COMPRESSED_100)
_read_long = siemens.reader(_LONG_NAME, LONG, LONG_150)


def _compressed(line: Line, stamps: Stamps) -> Record:
    """A compressed record; what follows the information element of an incoming one is no account code."""
    leg = _read_compressed(line, stamps)
    if isinstance(leg, Leg) and leg.account_code and leg.direction == "incoming":
        leg.extra = {**(leg.extra or {}), "behind_info": leg.account_code}
        leg.account_code = None
    return leg


def _uncompressed(line: Line, stamps: Stamps) -> Record:
    return _read_long(line, stamps)


FORMATS = (
    Format(
        name=_COMPRESSED_NAME,
        title="Siemens Hicom 150 E, HiPath 2000/3000, compressed",
        status="verified",
        layouts=(COMPRESSED, COMPRESSED_100),
        read=_compressed,
        noise=(),
        begins=_DATE + _TIME,
        stamp="end",
        transport="serial, TCP, file",
        cells=siemens.cells,
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        joining=siemens.JOINING,
        samples=(
            b"18.06.0312:23:34  1    1200:3400:02:340445550199                        12 1",
            b"18.06.0312:20:26  1    12             0445550199                           0",
            b"18.06.0312:24:10  1    14     00:00:36                                    35",
            b"18.06.0312:25:02  2    15     00:02:12555????                           23 2",
            b"18.06.0308:23:23  4    16     00:05:235550142                           12 2                813364  841",
            b"18.06.0309:12:45  3    18     00:01:235550123                           36 24711                        2",
            b"17.05.2214:07:40  1   10000:0900:00:005550144                              2",
            b"17.05.2220:16:50  1   10000:0100:00:065550145                              1 7308",
            b"18.06.0312:23:34 1   1200:3400:02:34044555019                  1.20 14711",
        ),
    ),
    Format(
        name=_LONG_NAME,
        title="Siemens Hicom 100 E/118/150 E, uncompressed",
        status="verified",
        layouts=(LONG, LONG_150),
        read=_uncompressed,
        noise=((r"(?=\D{40,}$)\s*\S+(?:\s+\S+){5,}", "heading"),),
        begins=f"{_DATE} {_TIME} ",
        stamp="end",
        transport="serial",
        cells=siemens.cells,
        ring_time=True,
        answered=True,
        internal=False,
        joining=siemens.JOINING,
        heading=b"\f\r\nDatum    Uhrzeit  Lt Tln   Ruf   Dauer    Rufnummer            Betrag      I \r\n",
        samples=(
            b"16.10.02 18:34:38  2    27                                                  0 ",
            b"16.10.02 18:34:56  2    27 00:02 00:00:15                                   1 ",
            b"16.10.02 18:36:20  3    38       00:00:24 5550142                    0.48   2 ",
            b"16.10.02 18:37:41  4    22 00:36          0445550199                        1 ",
            b"16.10.02 18:38:10   3     38       00:00:24 5550142                    0.48   2 ",
        ),
    ),
)
