"""Avaya (Lucent) Definity: call detail recording in a customized layout.

Manual: Definity R8 and Communication Manager administrator's guides, "Call Detail Recording" (fields, condition codes).
A customized record has the fields a site chose, in its order (``display system-parameters cdr``): these columns are from
a PBX. Of another choice that screen, pasted into a file, makes a format: docs/site-formats.md.

Port: EIA port or data module; CR LF after a record. Blanks at the end may be cut::

    7 111003 1029 0155   2314          5550142        119
    9 111003 1021 0038   2350      05550142933    8017431                   211
    condition date time duration calling dialled code+circuit out       circuit in

The stamp is the END of the call, in minutes. Duration is hours, minutes, tenths of a minute (``0155``: 15 minutes 30);
9999 means that the clock was set during the call.

Condition: 0 between stations; 7, A, B outgoing; 8 outgoing after a wait for a trunk; 9 incoming, or tandem where a circuit
out is printed too; 1 by way of the attendant; 4 ten hours of a very long call, whose parts are joined; C conference; E, F no
trunk or not allowed; G, H, I a call that rang and was answered, abandoned or found the station busy, in a record of its own
whose duration is the ring time.

Not certain: an outgoing call that was not supervised has a duration too, so its outcome is ``unknown``. On an incoming
call the caller is taken to stand in the calling column and the station in the dialled one, as the manual has it; codes
other than 7 and 9 are from the manual; T (redirected) says nothing of the direction. The order of day and month is a
setting of the PBX.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.avaya_cdr import A_DATE, JOINING, printed, reader
from parsers.formats import Format
from parsers.layout import Column, Columns

if TYPE_CHECKING:
    from parsers.formats import Planned

_NAME = "avaya/definity"

CUSTOMIZED = Columns(
    Column("cond-code", 1, 1, r"[0-9A-N]"),
    Column("date", 3, 8, r"\d{6}"),
    Column("time", 10, 13, r"\d{4}"),
    Column("duration", 15, 18, r"\d{4}"),
    Column("calling-num", 20, 25, r"[ \d]{6}", ">"),
    Column("dialed-num", 26, 42, r"[ \d*#]{17}", ">"),
    Column("code-used", 46, 50, r"[ \d*#]{5}", ">"),
    Column("out-crt-id", 51, 53, r"[ \d]{3}", ">"),
    Column("between", 54, 71),
    Column("in-crt-id", 72, 76, r"[ \d]{5}"),
)


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg."""
    cells = printed(leg, "dmy")
    return cells | {"in-crt-id": f" {cells['in-crt-id']}"}


FORMATS = (
    Format(
        name=_NAME,
        title="Avaya Definity, a site's customized layout",
        status="verified",
        layouts=(CUSTOMIZED,),
        read=reader(_NAME, (CUSTOMIZED,)),
        noise=(A_DATE,),
        stamp="end",
        transport="serial",
        cells=_cells,
        begins=r"[0-9A-N] \d{6} \d{4} \d{4} ",
        answered=True,
        step_s=6,
        joining=JOINING,
        samples=(
            b"7 111003 1029 0155   2314          5550142        119                       ",
            b"9 111003 1021 0038   2350      05550142933    8017431                   211 ",
            b"9 111003 1041 0012                    2350                              211",
            b"7 111003 1033 0001   2314              100        045                     ",
        ),
    ),
)
