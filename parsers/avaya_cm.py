"""Avaya Communication Manager, MultiVantage and Definity: the standard call records.

Manuals: administrator's guides of MultiVantage 1.2, Definity R8.2 and Communication Manager (2003), "Call Detail Recording".

Port: TCP, the switch calls the collector (``change ip-services``, CDR1; ports 9000, 5101 and 5001 are in use), or
waits for it where a local port above 1024 is set. Set the Reliable Protocol to ``n`` on page 3: what it wraps around
records is not read. Or an EIA port or data module. CR LF and three NULs after a record, LF and three NULs in ISDN TELESEER.

TELESEER; in ISDN TELESEER the carrier stands in the place of the code dialled, and INS in columns 70, 71 and 54::

       091500327  9802        5550144 1138               4    0410   4711
       hhmmhmmtcdiacoddialled........callgaccount........fiin.outfauthori

Printer, a blank between the items::

    0915 0032 7   9 802         5550144  1138                    4711    4
    hhmm hmmt c dia cod dialled........ callg account........ authori    f i in.

LSU and ISDN LSU, without a time of day; the calling number's first digit and the circuit's hundreds stand apart::

    00327  9802        55501441138     4711     4   0041
    hmmtcdiacoddialled........callaccouauthori..fcinfoutni

Expanded and Int-ISDN: the record goes on behind a LF in column 74::

    0915 0032 7    9  802         5550144       1138                 4711
     4     041 0
    hhmm hmmt c dial code dialled........ calling... account........ authori
     f in. out f at tac. no ins ixc. b m r reservpulse

A line with the date alone, without a year, comes when the link comes up and at midnight: ``03 02`` (printer, expanded),
``0302`` (the others). The records behind it are of that day and those that follow. Month or day first is a setting of
the PBX (CDR Date Format).

The stamp is the END in minutes. Duration is hours, minutes, tenths of a minute; 9999: the clock was set during the
call. Condition: as in customized records of Definity; of a call of more than 10 hours a record of condition 4 comes
every 10 hours, and they are one call. The record of a ringing (G, H, I; where the trunk group's CDR Reports is ``r``)
is joined to its call by trunk and time. Conditions 6 without parties tell that records were lost: events. On an
incoming call the calling number is the access code of the trunk group, except in the expanded format.

Not certain: circuits are printed tens, units, hundreds (231 is 123) unless Modified Circuit ID Display is on, and are
kept as printed. Printer: what stands behind column 77 (out circuit and flag, it seems) is kept as ``tail``, so outgoing
calls have no trunk there. LSU: an account code of 5 digits may go on where the authorisation code stands; such ones are
kept as ``account_or_auth``. A caller in the expanded format that is no more than the trunk's access code is none. An
expanded record on one line is read to column 64, the rest is its ``tail``. Not read: unformatted, 59 characters,
Int-Process, Int-Direct and the enhanced formats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.avaya_cdr import A_DATE, CONDITION, DATE, DATE_APART, JOINING, printed, reader
from parsers.continuing import Continued
from parsers.formats import Format
from parsers.layout import Column, Columns, Stacked
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.formats import Line, Planned
    from parsers.records import Record
    from parsers.stamps import Stamps

_CLOCK = r"(?:[01]\d|2[0-3])[0-5]\d"
_LASTED = r"(?:\d[0-5]\d\d|9999)"
_NULS = b"\0\0\0"
_LSU_ACCOUNT, _LSU_AUTH = 5, 7


def _digits(item: str, first: int, last: int, align: str = ">") -> Column:
    return Column(item, first, last, rf"[ \d*#]{{{last - first + 1}}}", align)


def _mark(item: str, place: int) -> Column:
    """One character, such as the facility restriction level or the carrier's number."""
    return Column(item, place, place, r"[ \dA-F]")


TELESEER = Columns(
    Column("time", 4, 7, _CLOCK),
    Column("duration", 8, 11, _LASTED),
    Column("cond-code", 12, 12, CONDITION),
    _digits("code-dial", 13, 15),
    _digits("code-used", 16, 18),
    _digits("dialed-num", 19, 33),
    _digits("calling-num", 34, 38),
    _digits("acct-code", 39, 53),
    _mark("frl", 54),
    _mark("ixc-code", 55),
    _digits("in-crt-id", 56, 58),
    _digits("out-crt-id", 59, 61),
    _mark("feat-flag", 62),
    _digits("auth-code", 63, 69),
)
ISDN_TELESEER = Columns(
    *TELESEER.columns[:3],
    _digits("ixc-code", 13, 15),
    *TELESEER.columns[4:8],
    _mark("ins.2", 54),
    _mark("frl", 55),
    *TELESEER.columns[10:],
    _digits("ins.1", 70, 71),
)
PRINTER = Columns(
    Column("time", 1, 4, _CLOCK),
    Column("duration", 6, 9, _LASTED),
    Column("cond-code", 11, 11, CONDITION),
    _digits("code-dial", 13, 15),
    _digits("code-used", 17, 19),
    _digits("dialed-num", 21, 35),
    _digits("calling-num", 37, 41),
    _digits("acct-code", 43, 57),
    _digits("auth-code", 59, 65),
    _mark("frl", 70),
    _mark("ixc-code", 72),
    _digits("in-crt-id", 74, 76),
    Column("tail", 78, 99),
)
LSU = Columns(
    Column("duration", 1, 4, _LASTED),
    Column("cond-code", 5, 5, CONDITION),
    _digits("code-dial", 6, 8),
    _digits("code-used", 9, 11),
    _digits("dialed-num", 12, 26),
    _digits("calling-num.2", 27, 30),
    _digits("acct-code", 31, 35, "<"),
    Column("auth-code", 36, 44, r"[ \d]{7}  |\d{8}[ \d]"),
    _mark("frl", 45),
    _digits("calling-num.1", 46, 46),
    _digits("in-crt-id.1", 47, 48),
    _mark("feat-flag", 49),
    _digits("out-crt-id", 50, 52),
    _digits("in-crt-id.2", 53, 53),
    _mark("ixc-code", 54),
)
ISDN_LSU = Columns(
    *LSU.columns[:7],
    _digits("auth-code", 36, 42, "<"),
    _digits("ins", 43, 44),
    _mark("ins-or-frl", 45),
    *LSU.columns[9:],
)
_TO_ACCOUNT = (
    Column("time", 1, 4, _CLOCK),
    Column("duration", 6, 9, _LASTED),
    Column("cond-code", 11, 11, CONDITION),
    _digits("code-dial", 13, 16),
    _digits("code-used", 18, 21),
    _digits("dialed-num", 23, 37),
    _digits("calling-num", 39, 48),
    _digits("acct-code", 50, 64),
)
EXPANDED = Stacked(
    Columns(*_TO_ACCOUNT, Column("auth-code", 66, 73, r"[ \d*#]{7} ")),
    Columns(
        _mark("frl", 2),
        _digits("in-crt-id", 4, 6),
        _digits("out-crt-id", 8, 10),
        _mark("feat-flag", 12),
        _digits("attd-console", 14, 15),
        _digits("in-trk-code", 17, 20),
        _digits("node-num", 22, 23),
        _digits("ins", 25, 27),
        _digits("ixc-code", 29, 32),
        _mark("bcc", 34),
        _mark("ma-uui", 36),
        _mark("res_flag", 38),
        Column("reserved", 40, 45),
        _digits("ppm", 46, 50),
    ),
    broken=b"\n",
)
EXPANDED_ON_ONE_LINE = Columns(*_TO_ACCOUNT, Column("tail", 66, 131))


def _read_lsu(name: str, layout: Columns) -> Callable[[Line, Stamps], Record]:
    read = reader(name, (layout,), standard=True)

    def read_lsu(line: Line, stamps: Stamps) -> Record:
        record = read(line, stamps)
        if isinstance(record, Leg) and record.auth_code and len(record.account_code or "") == _LSU_ACCOUNT:
            both = f"{record.account_code}{record.auth_code}"
            is_account = len(record.auth_code) > _LSU_AUTH
            record.account_code, record.auth_code = both if is_account else None, None
            if not is_account:
                record.extra = (record.extra or {}) | {"account_or_auth": both}
        return record

    return read_lsu


def _lsu_cells(leg: Planned) -> dict[str, str]:
    cells = printed(leg)
    calling, circuit = cells["calling-num"].rjust(5), cells["in-crt-id"].rjust(3)
    return cells | {
        "calling-num.1": calling[:1],
        "calling-num.2": calling[1:],
        "in-crt-id.1": circuit[:2],
        "in-crt-id.2": circuit[2:],
    }


def _isdn_teleseer_cells(leg: Planned) -> dict[str, str]:
    return printed(leg) | {"ins.1": "00", "ins.2": "5"}


def _isdn_lsu_cells(leg: Planned) -> dict[str, str]:
    return _lsu_cells(leg) | {"ins": "00", "ins-or-frl": "5"}


def _expanded_cells(leg: Planned) -> dict[str, str]:
    return printed(leg, callers=True) | {"feat-flag": "0"}


def _format(
    name: str,
    kind: str,
    layouts: tuple[Columns | Stacked, ...],
    samples: tuple[bytes, ...],
    *,
    read: Callable[[Line, Stamps], Record] | None = None,
    cells: Callable[[Planned], dict[str, str]] = printed,
    noise: tuple[tuple[str, str], ...] = (),
    begins: str = "(?!)",
    line_end: bytes = b"\r\n" + _NULS,
    heading: bytes = b"",
    continued: Continued | None = None,
) -> Format:
    return Format(
        name=name,
        title=f"Avaya Communication Manager, Definity: {kind}",
        status="from manual",
        layouts=layouts,
        read=read or reader(name, layouts, standard=True),
        noise=noise,
        stamp="end",
        order="mdy",
        transport="TCP, serial",
        cells=cells,
        begins=begins,
        line_end=line_end,
        heading=heading,
        continued=continued,
        answered=True,
        account_code=True,
        step_s=6,
        joining=JOINING,
        samples=samples,
    )


_EXPANDED_LAYOUTS = (EXPANDED, EXPANDED_ON_ONE_LINE, DATE, DATE_APART)
_EXPANDED_BEGINS = rf"{_CLOCK} {_LASTED} {CONDITION} [ \d*#]{{4}} [ \d*#]{{4}} "
_TELESEER_BEGINS = rf"   {_CLOCK}{_LASTED}{CONDITION}[ \d*#]{{6}}"

FORMATS = (
    _format(
        "avaya/cm-teleseer",
        "TELESEER",
        (TELESEER, DATE, DATE_APART),
        begins=_TELESEER_BEGINS,
        heading=b"%m%d\r\n" + _NULS,
        samples=(
            b"   091500327  9802        5550144 1138               4    0410   4711       ",
            b"   091800129                 1109  801           4711  021   0              ",
            b"   092000030                 1110 1138                       0              ",
            b"   09310002G                 1109  801                 022   0              ",
            b"   09360047A802       1390000001211382           081541   0410              ",
        ),
    ),
    _format(
        "avaya/cm-isdn-teleseer",
        "ISDN TELESEER",
        (ISDN_TELESEER, DATE, DATE_APART),
        cells=_isdn_teleseer_cells,
        begins=_TELESEER_BEGINS,
        line_end=b"\n" + _NULS,
        heading=b"%m%d\r\n" + _NULS,
        samples=(
            b"   091500327288802        5550144 1138               14   0410       04     ",
            b"   091800129                 1109  801           47115 021   0       00     ",
            b"   09310002G                 1109  801               5 022   0       00     ",
        ),
    ),
    _format(
        "avaya/cm-printer",
        "printer",
        (PRINTER, DATE, DATE_APART),
        begins=rf"{_CLOCK} {_LASTED} {CONDITION} [ \d*#]{{3}} [ \d*#]{{3}} ",
        heading=b"%m %d\r\n" + _NULS,
        samples=(
            b"0915 0032 7   9 802         5550144  1138                    4711    4            ",
            b"0918 0012 9                    1109   801            4711                021",
            b"0920 0003 0                    1110  1138                                  ",
            b"0931 0002 G                    1109   801                                022",
            b"0936 0047 A 802         13900000012 11382            0815            4 1          ",
            b"0940 0011 7   9             5550144   201                            4       041 0",
        ),
    ),
    _format(
        "avaya/cm-lsu",
        "LSU",
        (LSU,),
        read=_read_lsu("avaya/cm-lsu", LSU),
        cells=_lsu_cells,
        noise=(A_DATE,),
        samples=(
            b"00327  9802        55501441138     4711     4   0041  ",
            b"00129                 1109 8014711          0 020   1 ",
            b"00030                 11101382               1  0     ",
            b"0047A802       1390000001211380815          4   0042 1",
            b"0047A802       13900000012113808150123      4   0042 1",
            b"0047A802       1390000001211380815012345678 4   0042 1",
        ),
    ),
    _format(
        "avaya/cm-isdn-lsu",
        "ISDN LSU",
        (ISDN_LSU,),
        read=_read_lsu("avaya/cm-isdn-lsu", ISDN_LSU),
        cells=_isdn_lsu_cells,
        noise=(A_DATE,),
        samples=(
            b"00327  9802        55501441138     4711   041   0041  ",
            b"00129                 1109 8014711        041 020   1 ",
            b"00030                 11101382            0411  0     ",
            b"0047A802       1390000001211380815        041   0042 1",
        ),
    ),
    _format(
        "avaya/cm-expanded",
        "expanded, Int-ISDN",
        _EXPANDED_LAYOUTS,
        read=reader("avaya/cm-expanded", _EXPANDED_LAYOUTS),
        cells=_expanded_cells,
        begins=_EXPANDED_BEGINS,
        heading=b"%m %d\r\n" + _NULS,
        continued=Continued(
            first=((_EXPANDED_BEGINS + r".{51}.*\S", 1), (_EXPANDED_BEGINS, 2)),
            further=r" [ \dA-F] [ \d]{3} [ \d]{3} [ \dA-F]",
        ),
        samples=(
            b"0940 0011 7    9  802         5550144       1138                            4 041 0",
            b"0915 0032 7    9  802         5550144       1138                 4711    \n 4     041 0           ",
            b"0918 0012 9                      1109   05550120            4711         \n   021     0     801   ",
            b"0920 0003 0                      1110       1138                         \n           0           ",
            b"0931 0002 G                      1109   05550121                         \n   022     0     801   ",
        ),
    ),
)
