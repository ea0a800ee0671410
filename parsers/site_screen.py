"""A customised record of an Avaya switch, declared by the switch's own screen ``system-parameters cdr``, pasted as it is."""

from __future__ import annotations

import re
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from parsers.avaya_cdr import A_DATE, CONDITION, DATE, DATE_APART, JOINING, printed, reader
from parsers.formats import Format
from parsers.layout import Column, Columns
from parsers.site_file import Fault, Place, SiteFile, Within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parsers.site_file import Path
    from parsers.stamps import DateOrder

SCREEN = "cdr_screen"

_ITEM = re.compile(r"(?P<number>\d{1,2}):[ \t]*(?P<name>[A-Za-z][\w/-]*)?[ \t]*-[ \t]*(?:(?P<length>\d+)(?![\d:]))?")
_RECORD_LENGTH = re.compile(r"record +length *[=:] *(\d+)", re.IGNORECASE)
_DATE_FORMAT = re.compile(r"CDR +Date +Format: *(month/day|day/month)", re.IGNORECASE)
_LONGEST_RECORD = 500

_FRAME = {"return": b"\r", "line-feed": b"\n", "null": b"\0"}
_SPACE = "space"
_FIXED = {
    "date": 6,
    "time": 4,
    "start-time": 4,
    "duration": 4,
    "sec-dur": 5,
    "cond-code": 1,
    "return": 1,
    "line-feed": 1,
}
_TIMES = frozenset({"date", "time", "start-time", "duration", "sec-dur"})
_CELLS = {"cond-code": CONDITION, "sec-dur": r"\d{5}| \d{4}|  \d{3}|   \d{2}|    \d"}
_DIGITS = (
    "calling-num", "clg-num/in-tac", "code-dial", "code-used", "dialed-num", "in-crt-id", "in-trk-code", "out-crt-id",
)  # fmt: skip
_KEPT = (
    "acct-code", "attd-console", "auth-code", "bandwidth", "bcc", "clg-pty-cat", "country-from", "feat-flag", "frl",
    "ins", "isdn-cc", "ixc-code", "ma-uui", "node-num", "ppm", "res_flag", "seq-num", "timezone-from", "tsc_ct",
    "tsc_flag", "ucid", "vdn",
)  # fmt: skip
_KNOWN = tuple(sorted({*_FIXED, *_FRAME, *_DIGITS, *_KEPT, _SPACE}))
"""What a screen may name, as far as manuals and screens of real switches show."""


class Item(NamedTuple):
    """An item of the screen: its number there, its name, how many characters it takes, and its place in the text."""

    number: int
    name: str
    length: int
    within: Within


class Screen(SiteFile):
    """A file that shows the screen on which an Avaya switch lists the items of its records."""

    keys = ("name", "title", SCREEN, "noise", "sample")

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.order: DateOrder = "mdy"
        self.items: list[Item] = []
        self._record: list[Item] = []
        self._ends: set[str] = set()

    def path(self, name: str) -> Path:
        """Where an item is declared; `fault` finds it on the screen."""
        return (SCREEN, name)

    def fault(self, path: Path, message: str, hint: str = "", *, on_key: bool = False) -> None:
        """Note what is wrong, at its item where it is one's."""
        items = (item.within for item in self.items if path == (SCREEN, item.name))
        self.faults.append(Fault(path, message, hint, on_key, next(items, None)))

    def find_places(self) -> None:
        """Take the screen apart, and note what no record can be made of."""
        text = self.data[SCREEN]
        if not isinstance(text, str):
            self.fault(
                (SCREEN,), "expected the text of a screen", f"write: {SCREEN} = ''' and the screen below it, then '''"
            )
            return
        self.items = sorted(self._items(text), key=lambda item: item.number)
        if not self.items:
            hint = "paste page 2 of `display system-parameters cdr`, which lists items as `1: date - 6`"
            self.fault((SCREEN,), "there is no item on this screen", hint)
            return
        around = [len(list(takewhile(_is_frame, items))) for items in (self.items, reversed(self.items))]
        self._record = self.items[around[0] : len(self.items) - around[1]]
        self._ends = {item.name for item in self.items[len(self.items) - around[1] :]}
        self._check_numbers()
        self._check_length(text)
        self._check_frame()
        told = _DATE_FORMAT.search(text)
        self.order = "dmy" if told and told[1].lower() == "day/month" else "mdy"
        at = 1
        for item in self._record:
            if item.name != _SPACE:
                self.places[item.name] = Place(at, at + item.length - 1, None)
            at += item.length
        if _TIMES.isdisjoint(self.places) and not self.faults:
            hint = "paste all of it; a record needs time, duration or sec-dur"
            self.fault((SCREEN,), "no item on this screen says when a call was, or how long", hint)

    def make(self) -> Format:
        """The format, its samples not tried yet."""
        columns = [Column(name, at.first, at.last, _cell(name, at), ">") for name, at in self.places.items()]
        record = Columns(*columns)
        named = self.places.keys()
        layouts = (record,) if "date" in named else (record, DATE, DATE_APART)
        return Format(
            name=self.name,
            title=self.title,
            status="site",
            layouts=layouts,
            read=reader(self.name, layouts),
            noise=(*self.noise, A_DATE),
            stamp="start" if "start-time" in named and "time" not in named else "end",
            order=self.order,
            transport="",
            samples=tuple(sample["line"].encode("latin-1") for sample in self.data["sample"]),
            cells=partial(printed, order=self.order, callers=True),
            line_end=b"".join(_FRAME[item.name] * item.length for item in self.items if item.name in _FRAME),
            answered=bool(named & {"duration", "sec-dur"}),
            account_code="acct-code" in named,
            internal="cond-code" in named,
            step_s=1 if "sec-dur" in named else 6,
            joining=JOINING,
        )

    def _items(self, text: str) -> Iterator[Item]:
        """The items that are filled in; what is wrong with one of them is noted."""
        for found in _ITEM.finditer(text):
            number, name, length = int(found["number"]), (found["name"] or "").lower(), int(found["length"] or 0)
            within = Within(found.start(), len(found[0].rstrip()))
            if not name:
                continue
            if name not in _KNOWN:
                self._fault_at(within, f'unknown item "{name}"', "one of " + ", ".join(_KNOWN))
            elif not 1 <= length <= _LONGEST_RECORD:
                self._fault_at(
                    within, f"{name} has no length", f"write it as the switch shows it: {number}: {name} - 4"
                )
            elif name in _FIXED and length != _FIXED[name]:
                self._fault_at(within, f"{name} is always {_FIXED[name]} long, not {length}")
            else:
                yield Item(number, name, length, within)

    def _check_numbers(self) -> None:
        """Every number stands once, every item but blanks too, and none is missing."""
        numbers: set[int] = set()
        names: set[str] = set()
        for item in self.items:
            if item.number in numbers:
                self._fault_at(item.within, f"item {item.number} stands twice", "paste the screen once")
            if item.name in names and item.name != _SPACE and item.name not in _FRAME:
                self._fault_at(item.within, f"there are two items {item.name}")
            numbers.add(item.number)
            names.add(item.name)
        missing = next((number for number in range(1, max(numbers)) if number not in numbers), None)
        if missing and not self.faults:
            after = next(item for item in self.items if item.number > missing)
            hint = "paste all columns of the screen, as they stand side by side"
            self._fault_at(after.within, f"there is no item {missing} before item {after.number}", hint)

    def _check_length(self, text: str) -> None:
        """The lengths add up to what the switch says below them."""
        told, length = _RECORD_LENGTH.search(text), sum(item.length for item in self.items)
        if told and int(told[1]) != length and not self.faults:
            message = f"the lengths of the items add up to {length}, not to {told[1]}"
            self._fault_at(Within(told.start(), len(told[0])), message, "an item is missing, or a length is wrong")

    def _check_frame(self) -> None:
        """A record ends with a return or a line-feed, and holds neither of them, nor NULs."""
        if not self._ends & {"return", "line-feed"}:
            hint = "have the switch print `return` and `line-feed` as the last items"
            self._fault_at(self.items[-1].within, "nothing ends a record", hint)
        inside = next((item for item in self._record if item.name in _FRAME), None)
        if inside:
            self._fault_at(inside.within, f"{inside.name} stands inside the record", "only the last items end a record")

    def _fault_at(self, within: Within, message: str, hint: str = "") -> None:
        self.faults.append(Fault((SCREEN,), message, hint, within=within))


def _is_frame(item: Item) -> bool:
    """Whether it ends a line, or pads it."""
    return item.name in _FRAME


def _cell(name: str, at: Place) -> str:
    """The expression of an item's column; of one that may hold anything, none."""
    if name in _FIXED:
        return _CELLS.get(name) or rf"\d{{{at.width}}}"
    return rf"[ \d*#+]{{{at.width}}}" if name in _DIGITS else ""
