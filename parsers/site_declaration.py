"""A format a site declares: its columns or fields by the names of a leg's keys, and what their words mean."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from parsers.formats import Format
from parsers.layout import Column, Columns, Delimited, Field
from parsers.pictures import NUMERAL, Picture, numeral, resolved
from parsers.records import Leg
from parsers.site_file import CHOICES, COUNTS, DURATIONS, FLAGS, STAMPS, TEXTS
from parsers.site_places import PlacesFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from parsers.formats import Line, Planned
    from parsers.layout import Layout
    from parsers.records import Direction, Outcome, Record
    from parsers.site_file import Place
    from parsers.stamps import Stamps

_COLUMNS = (*STAMPS, *CHOICES, *TEXTS, *DURATIONS, *COUNTS, *FLAGS)
_KEYS = ("name", "title", "delimiter", "columns", "fields", "stamp", *CHOICES, *FLAGS, "noise", "sample")
_PREFIX = re.compile(r"[^\d#]+")


class Declaration(PlacesFile):
    """A file that declares a format of its own."""

    keys = _KEYS

    def known(self, name: str) -> bool:
        """Whether a column may have this name."""
        return name in _COLUMNS or name.startswith("extra.")

    def names(self) -> str:
        """The names of columns, for a hint."""
        return ", ".join((*_COLUMNS, "extra.…"))

    def picture(self, name: str, text: str) -> Picture:
        """The picture of a column; ValueError where it has none, or not this one."""
        picture = Picture(text)
        allowed = {"start": "YMDhmsA", "date": "YMD", "time": "hmsA"}.get(name, "hms" if name in DURATIONS else "")
        if not allowed:
            raise ValueError(f'"{name}" is no time: it has a place alone')
        other = set(picture.parts) - set(allowed)
        needed = set(allowed) & set("MDhm" if name in STAMPS else "")
        if other or not picture.parts or needed - set(picture.parts):
            raise ValueError(f'"{text}" does not show a {name}')
        if "D" in allowed and picture.order is None:
            raise ValueError(f'"{text}" has day, month and year in an order no PBX prints')
        return picture

    def check(self) -> None:
        """Note what is wrong with the words and the stamp."""
        self.maps = {key: self._map(key) for key in CHOICES}
        self.flags = {key: self._words(key) for key in FLAGS}
        if self.places:
            self._check_stamp()

    def make(self) -> Format:
        """The format, its samples not tried yet; what is wrong with its parts is noted."""
        layout = self._columns() if not self.delimited else self._fields()
        self.stop()
        assert layout is not None  # noqa: S101  (its faults have stopped)
        named = set(self.places)
        return Format(
            name=self.name,
            title=self.title,
            status="site",
            layouts=(layout,),
            read=self._reader(layout),
            noise=self.noise,
            stamp=self.stamp,
            transport="",
            samples=tuple(sample["line"].encode("latin-1") for sample in self.data["sample"]),
            cells=self._cells,
            order=self._dated().order or "dmy",
            ring_time="ring_s" in named,
            answered="outcome" in named or "talk_s" in named,
            account_code="account_code" in named,
            internal="internal" in self.maps["direction"].values() or self.data.get("direction") == "internal",
        )

    def printed(self, name: str, expected: object) -> str:
        """How an expected value would be printed in a column."""
        picture = self.places[name].picture
        if name in STAMPS and isinstance(expected, int):
            return picture.moment(datetime.fromtimestamp(expected, UTC)) if picture else ""
        if isinstance(expected, int) and not isinstance(expected, bool):
            return picture.shown(expected) if picture else str(expected)
        if name in CHOICES:
            return next((word for word, meant in self.maps[name].items() if meant == expected), "")
        return super().printed(name, expected)

    def _dated(self) -> Picture:
        picture = (self.places.get("start") or self.places["date"]).picture
        assert picture  # noqa: S101  (checked by `_check_stamp`)
        return picture

    def _check_stamp(self) -> None:
        if "start" not in self.places and not {"date", "time"} <= self.places.keys():
            hint = 'add start = "1-16 YYYY-MM-DD hh:mm", or date and time'
            self.fault((self.table,), "the columns do not say when a call was", hint, on_key=True)
        for name in STAMPS:
            if name in self.places and not self.places[name].picture:
                example = {"start": "DD/MM/YY hh:mm", "date": "DD/MM/YY", "time": "hh:mm"}[name]
                message = f"{name} needs a picture of how it is printed"
                self.fault(self.path(name), message, f'write "{self.data[self.table][name]} {example}"')

    def _map(self, key: str) -> dict[str, str]:
        """The printed words of a choice and what they mean; empty where it is constant or not told."""
        value, known = self.data.get(key, {}), CHOICES[key]
        listed = "one of " + ", ".join(known)
        if isinstance(value, str):
            if value not in known:
                self.fault((key,), f'"{value}" is not a valid "{key}"', listed)
            if key in self.places:
                hint = f'a column needs a table: [{key}] with lines such as "I" = "{known[0]}"'
                self.fault((key,), f'"{key}" is one word and a column', hint)
            return {}
        if not isinstance(value, dict):
            self.fault((key,), "expected a word or a table", listed)
            return {}
        for word, meant in value.items():
            if meant not in known:
                self.fault((key, word), f'"{meant}" is not a valid "{key}"', listed)
        if key in self.places and not value:
            hint = f'add [{key}] with lines such as: I = "{known[0]}"'
            self.fault(self.path(key), "nothing says what the words of this column mean", hint)
        return {word.strip(): meant for word, meant in value.items()}

    def _words(self, key: str) -> tuple[str, ...]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            self.fault((key,), "expected a list of words", f'write: {key} = ["TR"]')
            return ()
        if value and key not in self.places:
            self.fault((key,), f'there is no column "{key}"', f"add it to [{self.table}]", on_key=True)
        return tuple(value)

    def _columns(self) -> Columns | None:
        ordered = sorted(self.places.items(), key=lambda item: item[1].first)
        for (before, one), (name, other) in pairwise(ordered):
            if other.first <= one.last:
                message = f"columns {other.first}-{other.last} are {before}'s, too: {one.first}-{one.last}"
                self.fault(self.path(name), message, "columns do not overlap")
        for key, words in self.maps.items():
            place = self.places.get(key)
            long = [word for word in words if place and len(word) > place.width]
            for word in long:
                self.fault((key, word), f'"{word}" does not fit into columns {place.first}-{place.last}', on_key=True)  # type: ignore[union-attr]
        if self.faults:
            return None
        return Columns(*(Column(name, at.first, at.last, self._cell(name, at)) for name, at in ordered))

    def _cell(self, name: str, at: Place) -> str:
        """The expression of a column, exactly as wide as it is."""
        if at.picture:
            cell = at.picture.columns(at.width)
            return cell if name in STAMPS else f"{cell}| {{{at.width}}}"
        if name in (*DURATIONS, *COUNTS):
            digits = range(1, at.width + 1)
            ways = [f" {{{at.width - n}}}{numeral(n)}|{numeral(n)} {{{at.width - n}}}" for n in digits]
            return "|".join([*ways, f" {{{at.width}}}"])
        if name in self.places and self.maps.get(name):
            return "|".join(
                f"{re.escape(word)} {{{at.width - len(word)}}}| {{{at.width - len(word)}}}{re.escape(word)}"
                for word in self.maps[name]
            )
        words = self._number_words(name)
        if words:
            return "|".join(f"{re.escape(word)}.{{{at.width - len(word)}}}" for word in words)
        return ""

    def _number_words(self, name: str) -> list[str]:
        """What a number begins with, where that tells the direction; longest first, none where any beginning will do."""
        words = self.maps["direction"] if name == "number" and "direction" not in self.places else {}
        return [] if "" in words else sorted(words, key=len, reverse=True)

    def _fields(self) -> Delimited | None:
        delimiter = self.data["delimiter"]
        if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in "\r\n\f":
            self.fault(("delimiter",), f"{delimiter!r} is not one character", 'write: delimiter = ";"')
            return None
        by_number: dict[int, str] = {}
        for name, at in self.places.items():
            if at.first in by_number:
                message = f"field {at.first} is {by_number[at.first]}, too"
                self.fault(self.path(name), message, "a field has one name")
            if at.picture and delimiter in at.picture.text:
                hint = "give each part between delimiters a field: date and time"
                self.fault(self.path(name), f'"{at.picture.text}" holds the delimiter', hint)
            by_number[at.first] = name
        count = max(by_number)
        fields = [Field(by_number.get(n, f"field {n}"), self._field(by_number.get(n, ""))) for n in range(1, count + 1)]
        return Delimited(delimiter, *fields, at_least=count)

    def _field(self, name: str) -> str:
        """The expression of a field of any width, with blanks on both sides; empty means any text."""
        at, delimiter = self.places.get(name), str(self.data["delimiter"])
        blank = "" if delimiter == " " else " *"
        if at and at.picture:
            ways = [at.picture.field(), *([] if name in STAMPS else [""])]
        elif name in (*DURATIONS, *COUNTS):
            ways = [NUMERAL, ""]
        elif words := list(self.maps.get(name, {})):
            ways = list(map(re.escape, words))
        elif words := self._number_words(name):
            ways = [re.escape(word) + f"[^{re.escape(delimiter)}]*+" for word in words]
        else:
            return ""
        return "(?:" + "|".join(f"{blank}{way}{blank}" if way else blank for way in ways) + ")"

    def _reader(self, layout: Layout) -> Callable[[Line, Stamps], Record]:
        """Return what makes a leg of cells: one conversion for each column."""
        name, kept = self.name, [column for column in layout.names if column in self.places]
        places = [layout.names.index(column) for column in kept]
        values = [(column, at, self._value(column)) for column, at in zip(kept, places, strict=True)]
        values = [(column, at, value) for column, at, value in values if value is not None]
        stamps_at = [
            (at, self.places[column].picture) for column, at in zip(kept, places, strict=True) if column in STAMPS
        ]
        resolution_s = 1 if any(picture and "s" in picture.parts for _, picture in stamps_at) else 60
        constant = {key: self.data[key] for key in CHOICES if isinstance(self.data.get(key), str)}
        by_number = self.maps["direction"] if "direction" not in self.places else {}
        beginnings = sorted(by_number, key=len, reverse=True)

        def read(line: Line, stamps: Stamps) -> Record:
            cells = line.cells
            said: dict[str, Any] = constant | {column: value(cells[at]) for column, at, value in values if value}
            extra = {column[6:]: said.pop(column) for column in list(said) if column.startswith("extra.")}
            parts: dict[str, str] = {}
            for at, picture in stamps_at:
                parts |= picture.read(cells[at]) if picture else {}
            start, doubt = resolved(parts, stamps, line.received)
            number = said.get("number")
            if beginnings:
                begun = next((word for word in beginnings if (number or "").startswith(word)), None)
                said["direction"] = by_number.get(begun or "", "unknown")
                said["number"] = (number or "")[len(begun or "") :].strip() or None
            direction = said.setdefault("direction", "unknown")
            if direction == "internal" and "peer_extension" not in said:
                said["peer_extension"] = said.pop("number", None)
            said.setdefault("outcome", _outcome(direction, said.get("talk_s")))
            if start is not None and stamps.printed == "end":
                start -= sum(said.get(key) or 0 for key in DURATIONS)
            if doubt:
                extra["doubt"] = doubt
            extra = {key: value for key, value in extra.items() if value}
            return Leg(
                offset=line.offset,
                format=name,
                start=start,
                resolution_s=resolution_s,
                extra=extra or None,
                raw=line.text,
                **said,
            )

        return read

    def _value(self, column: str) -> Callable[[str], Any] | None:
        """What turns a column's cell into its value; None for the parts of the stamp."""
        picture = self.places[column].picture
        if column in STAMPS:
            return None
        if picture:
            return picture.seconds
        if column in (*DURATIONS, *COUNTS):
            return _whole
        if column in CHOICES:
            return partial(_meant, self.maps[column])
        if column in FLAGS:
            return partial(_flagged, self.flags[column])
        return _party if column in {"extension", "peer_extension", "trunk"} else _stripped

    def _cells(self, leg: Planned) -> dict[str, str]:
        """Print a planned leg: the way back, for the simulator."""
        moment = leg.end if self.stamp == "end" else leg.start
        said: dict[str, Any] = {name: getattr(leg, name, None) for name in (*TEXTS, *DURATIONS)}
        if leg.direction == "internal" and "peer_extension" not in self.places:
            said["number"] = leg.peer_extension
        said["pbx_call_id"] = leg.serial
        number_begins = ""
        if "direction" not in self.places and self.maps["direction"]:
            number_begins = _word(self.maps["direction"], leg.direction)
        said["number"] = number_begins + (said["number"] or "")
        outcome = leg.outcome if leg.outcome in self.maps["outcome"].values() else "unanswered"
        cells = {}
        for name, at in self.places.items():
            if name in STAMPS and at.picture:
                cells[name] = at.picture.moment(moment)
            elif name in CHOICES:
                cells[name] = _word(self.maps[name], leg.direction if name == "direction" else outcome)
            elif name in FLAGS:
                cells[name] = next(iter(self.flags[name]), "T") if name == "transferred" and leg.transferred else ""
            elif said.get(name) is not None:
                cells[name] = at.picture.shown(said[name]) if at.picture else str(said[name])
        return {
            name: cell.rjust(self.places[name].width) if self._right(name) else cell for name, cell in cells.items()
        }

    def _right(self, name: str) -> bool:
        return name in (*DURATIONS, *COUNTS) and not self.delimited


def _outcome(direction: Direction, talk_s: int | None) -> Outcome:
    """What the talk time tells where no column does: of an outgoing call not whether it was answered."""
    if talk_s is None:
        return "unknown"
    if talk_s == 0:
        return "unanswered"
    return "answered" if direction in {"incoming", "internal"} else "unknown"


def _whole(cell: str) -> int | None:
    return int(cell) if cell.strip() else None


def _stripped(cell: str) -> str | None:
    return cell.strip() or None


def _party(cell: str) -> str | None:
    """Digits as printed, letters and stars in front removed."""
    text = cell.strip()
    letters = _PREFIX.match(text)
    return text[letters.end() :] or None if letters else text or None


def _meant(words: Mapping[str, str], cell: str) -> str:
    return words[cell.strip()]


def _flagged(words: tuple[str, ...], cell: str) -> bool:
    text = cell.strip()
    return text in words if words else bool(text)


def _word(words: Mapping[str, str], meant: str) -> str:
    """The printed word for a meaning; the first word where there is none for it."""
    return next((word for word, meaning in words.items() if meaning == meant), next(iter(words), ""))
