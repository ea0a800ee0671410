"""What call detail records of Avaya Communication Manager, MultiVantage and Definity say, in whatever layout.

The columns of a layout are named as the switch names the items of a record on its screen ``system-parameters cdr``. An
item that is printed in pieces has a number behind its name, ``in-crt-id.1``, which tells the order of its digits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from parsers.formats import Joining
from parsers.layout import Column, Columns, Stacked
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from parsers.formats import Line, Planned
    from parsers.layout import Cells
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import DateOrder, Moment, Stamps

CONDITION = r"[0-9A-NT]"

_MONTH_OR_DAY = r"(?:[ 0][1-9]|[12]\d|3[01])"
DATE = Columns(Column("first", 1, 2, _MONTH_OR_DAY), Column("second", 3, 4, _MONTH_OR_DAY))
DATE_APART = Columns(Column("first", 1, 2, _MONTH_OR_DAY), Column("second", 4, 5, _MONTH_OR_DAY))
"""Lines with a date are printed when the link comes up and at midnight; records behind them have the time alone."""

A_DATE = (r"\d\d ?\d\d$", "heading")
"""The same lines as noise, where records do without them."""

_READ = (
    "cond-code", "date", "time", "duration", "sec-dur", "calling-num", "clg-num/in-tac", "dialed-num", "code-dial",
    "code-used", "in-crt-id", "out-crt-id", "in-trk-code", "acct-code", "auth-code", "ucid", "ppm",
)  # fmt: skip
"""Items that are given a meaning; what the others hold is kept under their names."""
_CALLERS = frozenset({"calling-num", "clg-num/in-tac"})
_PARTIES = _CALLERS | {"dialed-num"}
_CIRCUITS = frozenset({"in-crt-id", "out-crt-id"})

_LETTERS_OF_59 = {"D": "4", "L": "C", "N": "E"}
"""Letters of the 59-character format, as far as they do not stand for something else in the other formats."""
_NOT_RECORDED, _VERY_LONG, _RANG, _CONFERENCE = "6", "4", "G", "C"
_FAILED = frozenset({"E", "F", _NOT_RECORDED})
_WITHOUT_TRUNK = frozenset({"0", *_FAILED})
_OUTCOME_OF_RINGING: dict[str, Outcome] = {_RANG: "answered", "H": "unanswered", "I": "busy"}
_DIRECTION: dict[str, Direction] = {
    **dict.fromkeys("0", "internal"),
    **dict.fromkeys("78ABEFKM", "outgoing"),
    **dict.fromkeys("9GHIJ", "incoming"),
}
_CLOCK_SET = frozenset({"9999", "99999"})
_CLOCK_WAS_SET = "the clock of the PBX was set during the call"
_LONGEST_ACCESS_CODE = 4
_JOIN_SLACK_S = 120
_LONGEST_PART_S = 10 * 3600


def reader(
    name: str, layouts: Sequence[Columns | Stacked], *, standard: bool = False
) -> Callable[[Line, Stamps], Record]:
    """Return what gives the cells of ``layouts`` their meaning; among them may be `DATE` and `DATE_APART`.

    ``standard``: an incoming call has the access code of its trunk group in the calling number's place.
    """
    reads = [
        _date(name, layout)
        if isinstance(layout, Columns) and layout in {DATE, DATE_APART}
        else _record(name, layout, standard=standard)
        for layout in layouts
    ]
    return lambda line, stamps: reads[line.layout](line, stamps)


def _date(name: str, layout: Columns) -> Callable[[Line, Stamps], Record]:
    def read(line: Line, stamps: Stamps) -> Record:
        first, second = line.cells
        if len(line.text) > layout.width:  # the end of a torn record: it must not move the records behind it to its day
            return Rejected(line.offset, name, "not-this-format", "a date has nothing behind it", line.text)
        stamps.day_is(int(first), int(second), None, line.received)
        return Noise(line.offset, name, "heading", line.text)

    return read


def _record(name: str, layout: Columns | Stacked, *, standard: bool) -> Callable[[Line, Stamps], Record]:
    items = tuple(dict.fromkeys(map(_item, layout.names)))
    known = _READ if "time" in items else tuple("start-time" if item == "time" else item for item in _READ)
    others = [item for item in items if item not in known]
    kept = [item.replace("-", "_").replace("/", "_") for item in others]
    texts_of, torn = _texts(layout.names, (*known, *others)), _torn(layout)
    has_caller = not _CALLERS.isdisjoint(items)

    def read(line: Line, stamps: Stamps) -> Record:
        (
            condition, date, time, tenths, seconds, calling, caller_or_code, dialled, code_dialled, code, circuit_in,
            circuit_out, code_in, account, authorised, call_id, pulses, *rest,
        ) = texts_of(line.cells)  # fmt: skip
        meant = _LETTERS_OF_59.get(condition, condition)
        missing = torn(line, meant)
        if missing:
            return Rejected(line.offset, name, "too-short", missing, line.text)
        calling = calling or caller_or_code
        if meant == _NOT_RECORDED and not calling and not dialled:
            return Noise(line.offset, name, "event", line.text)
        direction = _direction(meant, circuit_out, circuit_in, code or code_dialled)
        incoming, internal = direction == "incoming", direction == "internal"
        if internal and not calling and has_caller:
            return Rejected(line.offset, name, "bad-field", "a call between stations names none that called", line.text)
        if (incoming or direction == "tandem") and calling:
            is_code = standard or calling == code_in
            if is_code or (caller_or_code and len(calling) <= _LONGEST_ACCESS_CODE):
                calling, code_in = "", calling
        clock_set = tenths in _CLOCK_SET or seconds in _CLOCK_SET
        lasted_s = None if clock_set else _of_tenths(tenths) if tenths else int(seconds) if seconds else None
        ringing = meant in _OUTCOME_OF_RINGING
        start, doubt = _moment(date, time, stamps, line.received)
        if start is not None and stamps.printed == "end":
            start -= lasted_s or 0
        if clock_set:
            doubt = doubt or _CLOCK_WAS_SET
        extra = {
            "condition": condition,
            "code_dialled": code_dialled,
            "access_code": code,
            "access_code_in": code_in,
            "trunk_in": circuit_in if direction == "tandem" else "",
            **dict(zip(kept, rest, strict=True)),
            "doubt": doubt or "",
        }
        return Leg(  # by position: by name takes as long as all the rest
            line.offset,
            name,
            start,
            60,
            direction,
            _outcome(meant, direction, lasted_s),
            (dialled if incoming else calling) or None,
            (dialled or None) if internal else None,
            (circuit_in if incoming else circuit_out or circuit_in) or None,
            None if internal else (calling if incoming else dialled) or None,
            None,  # did
            lasted_s if ringing else None,
            None if ringing else lasted_s,
            None,  # hold_s
            False,  # noqa: FBT003  (transferred)
            meant == _CONFERENCE,
            account or None,
            authorised or None,
            call_id or None,
            int(pulses) if pulses.isdecimal() else None,
            None,  # pbx_cost
            None,  # currency
            {key: value for key, value in extra.items() if value},
            line.text,
        )

    return read


def _item(column: str) -> str:
    """The item a column belongs to."""
    return column.partition(".")[0]


def _texts(names: Sequence[str], items: Sequence[str]) -> Callable[[Cells], list[str]]:
    """The texts of ``items`` from cells of these names, without the blanks around; of items that are not there, nothing."""
    places = [
        tuple(sorted((at for at, name in enumerate(names) if _item(name) == item), key=names.__getitem__))
        for item in items
    ]
    whole = [(index, found[0]) for index, found in enumerate(places) if len(found) == 1]
    pieces = [(index, found) for index, found in enumerate(places) if len(found) > 1]

    def texts(cells: Cells) -> list[str]:
        found = [""] * len(items)
        for index, place in whole:
            found[index] = cells[place].strip()
        for index, several in pieces:
            found[index] = "".join([cells[place] for place in several]).strip()
        return found

    return texts


def _torn(layout: Columns | Stacked) -> Callable[[Line, str], str]:
    """What a line lacks that every record of its condition has, empty if nothing: it was cut there."""
    first = layout.lines[0] if isinstance(layout, Stacked) else layout
    parties = max((column.first for column in first.columns if _item(column.name) in _PARTIES), default=0)
    circuits = min((column.last for column in first.columns if _item(column.name) in _CIRCUITS), default=0)
    second_line = len(first.names) if isinstance(layout, Stacked) else 0

    def torn(line: Line, condition: str) -> str:
        if len(line.text) < parties:
            return "the line ends before the parties"
        if condition in _WITHOUT_TRUNK:
            return ""
        if second_line and not line.cells[second_line]:
            return "the second line of the record is missing"
        return "the line ends before the circuits" if len(line.text) < circuits else ""

    return torn


def _moment(date: str, time: str, stamps: Stamps, received: float) -> Moment | tuple[None, None]:
    """``HHMM`` on the day that is printed in the record, or before it; nothing where no time is printed."""
    if not time:
        return None, None
    clock = f"{time[:2]}:{time[2:]}"
    if date:
        return stamps.date_and_time(f"{date[:2]}/{date[2:4]}/{date[4:]}", clock, received)
    return stamps.on_that_day(clock, received)


def _direction(condition: str, circuit_out: str, circuit_in: str, code: str) -> Direction:
    """By the circuits where they say more than the condition does, and by an access code where neither says anything."""
    if condition == "0":
        return "internal"
    if circuit_in and circuit_out:
        return "tandem"
    if circuit_out or circuit_in:
        return "outgoing" if circuit_out else "incoming"
    return _DIRECTION.get(condition) or ("outgoing" if code else "unknown")


def _outcome(condition: str, direction: Direction, lasted_s: int | None) -> Outcome:
    if condition in _FAILED:
        return "failed"
    if condition in _OUTCOME_OF_RINGING:
        return _OUTCOME_OF_RINGING[condition]
    if lasted_s == 0:
        return "unanswered"
    return "answered" if lasted_s and direction in {"incoming", "internal"} else "unknown"


@lru_cache(4096)
def _of_tenths(cell: str) -> int:
    """Seconds of hours, minutes and tenths of a minute, ``HMMT``."""
    return int(cell[0]) * 3600 + int(cell[1:3]) * 60 + int(cell[3]) * 6


def _condition(leg: Leg) -> str:
    printed = str((leg.extra or {}).get("condition", ""))
    return _LETTERS_OF_59.get(printed, printed)


def _goes_on(leg: Leg) -> bool:
    """Whether it is the ringing of a call, or ten hours of one, and another record is to come."""
    return _condition(leg) in {_RANG, _VERY_LONG}


def _key(leg: Leg) -> str | None:
    """The circuit, of which every trunk group has its own, or else the extension."""
    extra = leg.extra or {}
    if leg.trunk is None:
        return leg.extension
    return f"{extra.get('access_code_in' if leg.direction == 'incoming' else 'access_code', '')}/{leg.trunk}"


def _continues(last: Leg, leg: Leg) -> bool:
    """The record of a call follows the record of its ringing, or of its ten hours before, without a gap."""
    if not _goes_on(last) or _condition(leg) in _OUTCOME_OF_RINGING or leg.extension != last.extension:
        return False
    if leg.start is None or last.start is None:
        return True
    return abs(leg.start - last.start - (last.ring_s or 0) - (last.talk_s or 0)) <= _JOIN_SLACK_S


JOINING = Joining(key=_key, continues=_continues, more=_goes_on, timeout_s=_LONGEST_PART_S + 3600)


def printed(leg: Planned, order: DateOrder = "mdy", *, callers: bool = False) -> dict[str, str]:
    """Return the items of a planned leg's record; outside callers among them where the PBX prints ``callers``."""
    outgoing, incoming, internal = (leg.direction == one for one in ("outgoing", "incoming", "internal"))
    tenths = max(1, leg.talk_s // 6) if leg.talk_s else 0
    dialled = leg.peer_extension if internal else leg.extension if incoming else leg.number
    return {
        "cond-code": "7" if outgoing else "9" if incoming else "0",
        "date": f"{leg.end:%d%m%y}" if order == "dmy" else f"{leg.end:%m%d%y}",
        "time": f"{leg.end:%H%M}",
        "start-time": f"{leg.start:%H%M}",
        "duration": f"{tenths // 600}{tenths // 10 % 60:02}{tenths % 10}",
        "sec-dur": f"{leg.talk_s:05}",
        "calling-num": leg.extension if not incoming else (leg.number or "") if callers else "",
        "dialed-num": dialled or "",
        "out-crt-id": (leg.trunk or "") if outgoing else "",
        "in-crt-id": (leg.trunk or "") if incoming else "",
        "acct-code": leg.account_code or "",
    }
