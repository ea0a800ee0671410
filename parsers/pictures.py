"""Pictures of times: ``DD/MM/YY hh:mm`` shows how a PBX prints a moment, ``m'ss`` how it prints a duration.

``YYYY YY`` year, ``MM`` month, ``MMM`` its name in English, ``DD`` day, ``hh mm ss`` hour, minute, second, ``AM`` stands for AM or PM;
every other character stands for itself. A letter twice is two places, the first of which may be blank; a letter once
is as many digits as are printed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from parsers.stamps import DateOrder, Stamps

_TOKEN = re.compile(r"(?P<token>YYYY|YY|MMM|MM|M|DD|D|hh|h|mm|m|ss|s|AM)|(?P<other>.)", re.DOTALL)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ORDERS: dict[str, DateOrder] = {"DMY": "dmy", "MDY": "mdy", "YMD": "ymd", "DM": "dmy", "MD": "mdy"}
_NAMES = {"YYYY": "Y", "YY": "Y", "MMM": "M", "MM": "M", "M": "M", "DD": "D", "D": "D"} | {
    token: token[0] for token in ("hh", "h", "mm", "m", "ss", "s", "AM")
}
_UNITS_S = {"h": 3600, "m": 60, "s": 1}
_MOST_DIGITS = 9
NUMERAL = rf"0*\d{{1,{_MOST_DIGITS}}}"
"""A whole number, as a database can hold it: more digits are damage."""


def numeral(digits: int) -> str:
    """An expression of a `NUMERAL` of so many digits."""
    zeros = max(0, digits - _MOST_DIGITS)
    return (f"0{{{zeros}}}" if zeros else "") + rf"\d{{{digits - zeros}}}"


class Piece(NamedTuple):
    """One token of a picture, or one character that stands for itself; ``part`` is one of Y M D h m s A, or empty."""

    text: str
    part: str

    @property
    def grows(self) -> bool:
        """Whether it takes as many digits as there are."""
        return bool(self.part) and len(self.text) == 1

    def expression(self, digits: int = 1) -> str:
        """How it is printed; ``digits`` of a piece that grows."""
        match self.text:
            case "YYYY":
                return r"\d{4}"
            case "MMM":
                return r"[A-Za-z]{3}"
            case "AM":
                return r"(?:[AaPp][Mm]| {2})"
        if not self.part:
            return re.escape(self.text)
        return numeral(digits) if self.grows else r"[ \d]\d"

    @property
    def value(self) -> str:
        """The expression that reads it, blanks at both ends of the whole taken away."""
        if not self.part:
            return re.escape(self.text)
        digits = r"\d+" if self.grows else r" ?\d?\d"
        inner = {"YYYY": r"\d{4}", "MMM": r"[A-Za-z]{3}", "AM": r"(?:[AaPp][Mm])?"}.get(self.text, digits)
        return f"(?P<{self.part}>{inner})"


class Picture:
    """A picture, taken apart. ``parts`` are the parts it has, in order, of Y M D h m s A."""

    def __init__(self, text: str) -> None:
        """Take ``text`` apart; raise ValueError with the reason where one part stands in it twice."""
        self.text = text
        self._pieces = [
            Piece(found[0], _NAMES[found["token"]] if found["token"] else "") for found in _TOKEN.finditer(text)
        ]
        self.parts = "".join(piece.part for piece in self._pieces)
        twice = next((part for part in self.parts if self.parts.count(part) > 1), None)
        if twice:
            raise ValueError(f'"{text}" has {twice} twice')
        self._read = re.compile("".join(piece.value for piece in self._pieces)).fullmatch

    @property
    def order(self) -> DateOrder | None:
        """The order of day, month and year; None where it is none that PBXs print."""
        return _ORDERS.get("".join(part for part in self.parts if part in "YMD"))

    @property
    def least(self) -> int:
        """The fewest characters it takes."""
        return sum(len(piece.text) for piece in self._pieces)

    def columns(self, width: int) -> str:
        """An expression of exactly ``width`` characters: the picture with blanks on one side."""
        room = width - self.least
        growing = next((piece for piece in self._pieces if piece.grows), None)
        ways = []
        for digits in range(1, room + 2) if growing else (1,):
            whole = "".join(piece.expression(digits if piece is growing else 1) for piece in self._pieces)
            blank = room - digits + 1
            ways += [whole] if blank == 0 else [f" {{{blank}}}{whole}", f"{whole} {{{blank}}}"]
        return "|".join(ways)

    def field(self) -> str:
        """An expression of a field of any width, without blanks around it."""
        return "".join(NUMERAL if piece.grows else piece.expression() for piece in self._pieces)

    def seconds(self, cell: str) -> int | None:
        """The duration a cell shows; None if it is blank. Blanks within count as zeros."""
        found = self._read(cell.strip())
        return sum(int(found[part]) * _UNITS_S[part] for part in self.parts) if found else None

    def shown(self, seconds: int) -> str:
        """A duration as it is printed."""
        left, shown = seconds, {}
        for part, unit in _UNITS_S.items():
            if part in self.parts:
                shown[part], left = divmod(left, unit)
        return "".join(
            str(shown[piece.part]).rjust(len(piece.text), "0") if piece.part else piece.text for piece in self._pieces
        )

    def moment(self, moment: datetime) -> str:
        """A moment as it is printed."""
        codes = {"YYYY": "%Y", "YY": "%y", "MMM": "%b", "AM": "%p"} | {"Y": "%Y", "M": "%m", "D": "%d"}
        codes |= {"h": "%I" if "A" in self.parts else "%H", "m": "%M", "s": "%S"}
        shown = ""
        for piece in self._pieces:
            code = codes.get(piece.text) or codes.get(piece.part)
            text = moment.strftime(code) if code else piece.text
            shown += text.lstrip("0") or "0" if piece.grows else text
        return shown

    def read(self, cell: str) -> dict[str, str]:
        """The parts a cell shows; empty where it is blank."""
        found = self._read(cell.strip())
        return {part: found[part].strip() for part in self.parts} if found else {}


def resolved(parts: dict[str, str], stamps: Stamps, received: float) -> tuple[int | None, str | None]:
    """Seconds since 1970 UTC and the doubt, of the parts of date and time in the order in which they are printed.

    Day and month are read in the order of ``stamps``, which a site may have set; the year is found where none is printed.
    """
    printed = {part: parts[part].rjust(2, "0")[-2:] for part in parts if part in "DMY"}
    if not parts["M"].isdecimal():
        if parts["M"].lower() not in _MONTHS:
            return None, f"no such month: {parts['M']}"
        printed["M"] = f"{_MONTHS.index(parts['M'].lower()) + 1:02}"
        printed = {part: printed[part] for part in stamps.order.upper() if part in printed}
    time = ":".join(parts[part].rjust(2, "0") for part in "hms" if part in parts)
    time += f"{parts['A'][0].upper()}M" if parts.get("A") else ""
    if "Y" not in parts:
        first, second = map(int, printed.values())
        return stamps.day_and_time(first, second, time, received)
    date = "/".join(printed.values())
    return stamps.date_and_second(date, time, received) if "s" in parts else stamps.date_and_time(date, time, received)
