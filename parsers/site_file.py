"""What all files of a site's formats have in common: a name, columns, noise, and samples that are tried."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import msgspec

from parsers import formats
from parsers.explaining import told_by, wrong_field
from parsers.records import DIRECTIONS, NOISE, OUTCOMES, Leg, Noise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parsers.formats import Format
    from parsers.pictures import Picture
    from parsers.records import Record

TEXTS = (
    "extension",
    "peer_extension",
    "trunk",
    "number",
    "did",
    "account_code",
    "auth_code",
    "pbx_call_id",
    "pbx_cost",
    "currency",
)
STAMPS = ("start", "date", "time")
DURATIONS = ("ring_s", "talk_s", "hold_s")
COUNTS = ("meter_pulses",)
CHOICES: dict[str, tuple[str, ...]] = {"direction": DIRECTIONS, "outcome": OUTCOMES}
FLAGS = ("transferred", "conference")
_EXPECTED = ("start", *CHOICES, *TEXTS, *DURATIONS, *COUNTS, *FLAGS, "extra")


_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*")

Path = tuple[str | int, ...]


class Within(NamedTuple):
    """A part of a text that stands in the file: its first character, from 0, and how many it has."""

    start: int
    length: int


class Fault(NamedTuple):
    """What is wrong at a path of the file: of its value, or ``on_key`` of its key, or of what is ``within`` its text."""

    path: Path
    message: str
    hint: str = ""
    on_key: bool = False
    within: Within | None = None


class FaultyFormatError(Exception):
    """A file that is no format; ``faults`` holds all that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


class Place(NamedTuple):
    """Where a value stands: columns ``first`` to ``last`` counted from 1, or field ``first``; and how it is printed."""

    first: int
    last: int
    picture: Picture | None

    @property
    def width(self) -> int:
        """How many columns."""
        return self.last - self.first + 1


class SiteFile:
    """What all of them have in common: name, places, noise, samples."""

    keys: tuple[str, ...]

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.faults: list[Fault] = []
        self.table = "fields" if self.delimited else "columns"
        self.places: dict[str, Place] = {}

    @property
    def delimited(self) -> bool:
        """Whether fields are counted, not columns."""
        return "delimiter" in self.data

    @property
    def separator(self) -> str:
        """What stands between fields, where they are counted."""
        return str(self.data["delimiter"])

    def format(self) -> Format:
        """The format the file declares; raise FaultyFormatError with everything that is wrong."""
        for key in self.data:
            if key not in self.keys:
                self.fault((key,), f'unknown key "{key}"', "one of " + ", ".join(self.keys), on_key=True)
        self.name = self._text("name", "acme/100")
        self.title = self._text("title", "Acme 100 in the annex", default=self.name)
        if self.name and not _NAME.fullmatch(self.name):
            self.fault(("name",), f'"{self.name}" cannot be a name', 'write maker/model in small letters: "acme/100"')
        elif self.name in formats.built_in():
            self.fault(("name",), f'there is a built-in format "{self.name}"', "give yours a name of its own")
        self.stamp = cast("Literal['start', 'end']", self._choice("stamp", ("start", "end"), self.default_stamp()))
        self.noise = tuple(self._noise())
        self._check_samples()
        self.find_places()
        self.check()
        self.stop()
        made = self.make()
        self.stop()
        for number, sample in enumerate(self.data["sample"]):
            self._try(made, number, sample)
        self.stop()
        return made

    def fault(self, path: Path, message: str, hint: str = "", *, on_key: bool = False) -> None:
        """Note what is wrong."""
        self.faults.append(Fault(path, message, hint, on_key))

    def stop(self) -> None:
        """Go no further with what is wrong."""
        if self.faults:
            raise FaultyFormatError(self.faults)

    def default_stamp(self) -> str:
        """Which moment the PBX prints where the file does not say."""
        return "start"

    def find_places(self) -> None:
        """Find where each column stands, and note what is wrong with that."""
        raise NotImplementedError

    def check(self) -> None:
        """Note what else is wrong with the file."""

    def make(self) -> Format:
        """The format, its samples not tried yet; what is wrong with its parts is noted."""
        raise NotImplementedError

    def printed(self, name: str, expected: object) -> str:  # noqa: ARG002  (a declaration knows its columns' pictures)
        """How an expected value would be printed in a column; empty where that is not known."""
        return expected if isinstance(expected, str) else ""

    def _text(self, key: str, example: str, default: str | None = None) -> str:
        value = self.data.get(key, default)
        if isinstance(value, str) and value.isprintable() and value:
            return value
        if value is None:
            self.fault((), f'there is no "{key}"', f'write: {key} = "{example}"')
        else:
            self.fault((key,), "expected printable text", f'write: {key} = "{example}"')
        return ""

    def _choice(self, key: str, known: tuple[str, ...], default: str) -> str:
        value = self.data.get(key, default)
        if value not in known:
            self.fault((key,), f'"{value}" is not a valid "{key}"', "one of " + ", ".join(known))
        return str(value)

    def _noise(self) -> Iterator[tuple[str, str]]:
        table = self.data.get("noise", {})
        if not isinstance(table, dict):
            self.fault(("noise",), "expected a table", "write: noise = { heading = 'NO +STA' }")
            return
        for kind, expression in table.items():
            if kind not in NOISE:
                self.fault(
                    ("noise", kind), f'unknown kind of noise "{kind}"', "one of " + ", ".join(NOISE), on_key=True
                )
            try:
                re.compile(expression)
            except (re.error, TypeError) as error:
                self.fault(("noise", kind), f"not a regular expression: {error}", "write it in 'single quotes'")
            else:
                yield expression, kind

    def _check_samples(self) -> None:
        samples = self.data.get("sample")
        if not isinstance(samples, list) or not samples or not all(isinstance(one, dict) for one in samples):
            hint = "add [[sample]] with line = '…' as the PBX prints it, and what it says: extension = \"112\""
            self.fault(("sample",) if samples else (), "there is no sample", hint)
            return
        for number, sample in enumerate(samples):
            path: Path = ("sample", number)
            line = sample.get("line")
            if not isinstance(line, str) or not line.strip():
                self.fault(path, 'a sample needs "line"', "write: line = '…', as the PBX prints it", on_key=True)
            elif not line.isascii() and max(line) > "\xff":
                hint = "show bytes from 128 on as `smdr parse` does, one character for each"
                self.fault((*path, "line"), f"{max(line)!r} is not one byte", hint)
            if not sample.keys() - {"line"}:
                self.fault(path, "a sample says what it means", 'add what you expect: extension = "112"', on_key=True)
            for key in sample.keys() - {"line", *_EXPECTED}:
                self.fault((*path, key), f'unknown key "{key}"', "one of line, " + ", ".join(_EXPECTED), on_key=True)

    def path(self, name: str) -> Path:
        """Where a column is declared."""
        return (self.table, *name.split(".", 1)) if name.startswith("extra.") else (self.table, name)

    def _try(self, made: Format, number: int, sample: Mapping[str, Any]) -> None:
        """Compare a sample with what is made of it."""
        path: Path = ("sample", number)
        line = sample["line"].encode("latin-1")
        expected = {key: sample[key] for key in _EXPECTED if key in sample}
        start = _seconds(expected["start"]) if "start" in expected else 0
        if start is None:
            self.fault((*path, "start"), f'"{expected["start"]}" is not a time', "write 2026-03-02T09:02:10")
            return
        record = made.decoder()(line, 0, float(start))
        if not isinstance(record, Leg):
            self._not_a_leg(made, number, record)
            return
        said = msgspec.structs.asdict(record)
        if "start" in expected:
            expected["start"] = start
        for key, value in expected.items():
            if key == "extra" and isinstance(value, dict):
                for other, inner in value.items():
                    self._compare(made, number, f"extra.{other}", (said["extra"] or {}).get(other), inner)
            else:
                self._compare(made, number, key, said[key], value)

    def _not_a_leg(self, made: Format, number: int, record: Record) -> None:
        path: Path = ("sample", number, "line")
        text = record.raw
        if isinstance(record, Noise):
            self.fault(path, f"this sample is {NOISE[record.reason]}", "a sample is the line of a call")
            return
        hint = f"{self.table} are counted from 1; `smdr explain` shows them under a line"
        sample = self.data["sample"][number]
        name = self._misplaced(sample) or wrong_field(made, text)
        if name in self.places:
            expected = _expected(sample, name)
            hint = self._where(name, sample["line"], expected) if expected is not None else hint
            picture = self.places[name].picture
            looks = f", not {picture.text}" if picture else ""
            message = f"sample {number + 1} does not fit: {getattr(record, 'hint', '')}{looks}"
            self.fault(self.path(name), message, hint)
            return
        self.fault(path, f"this sample does not fit: {getattr(record, 'hint', '')}", hint)

    def _misplaced(self, sample: Mapping[str, Any]) -> str | None:
        """The first column in whose place a sample does not hold what is expected of it."""
        line = sample["line"]
        for name in self.places:
            text = self.printed(name, _expected(sample, name))
            if text not in self._held(name, line) and _only(text, line) is not None:
                return name
        return None

    def _held(self, name: str, line: str) -> str:
        """What a line holds in a column's place."""
        place = self.places[name]
        if self.delimited:
            return "".join(line.split(self.separator)[place.first - 1 : place.first])
        return line[place.first - 1 : place.last]

    def _compare(self, made: Format, number: int, key: str, said: object, expected: object) -> None:
        if said == expected:
            return
        path: Path = ("sample", number, *key.split("."))
        line = self.data["sample"][number]["line"]
        told = [key] if key in self.places else told_by(made, line, key)
        told = [one for one in told if one in self.places]
        name = next((one for one in told if self._held(one, line).strip() == said), told[0] if told else None)
        if name is None:
            self.fault(path, f"{key} is {_shown(key, said)} in this sample, not {_shown(key, expected)}")
            return
        where = self._where(name, line, expected) if str(expected) != said else "text stands in quotes"
        message = f"{key} is {_shown(key, said)} in sample {number + 1}, not {_shown(key, expected)}"
        self.fault(self.path(name), message, where)

    def _where(self, name: str, line: str, expected: object) -> str:
        """Say in which columns of a sample the expected text stands, if in one place."""
        text = self.printed(name, expected)
        at = _only(text, line)
        if at is None:
            return f"`smdr explain` shows the {self.table} of a line"
        if self.delimited:
            return f'"{text}" stands in field {line[:at].count(self.separator) + 1}'
        first = at + 1
        last = first + len(text) - 1
        return f'"{text}" stands in ' + (f"columns {first}-{last}" if last > first else f"column {first}")


def _only(text: str, line: str) -> int | None:
    """Where a text stands in a line, if once: as a word, or else within one."""
    if not text:
        return None
    words = [found.start() for found in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", line)]
    places = words or [found.start() for found in re.finditer(re.escape(text), line)]
    return places[0] if len(places) == 1 else None


def _expected(sample: Mapping[str, Any], name: str) -> object:
    """What a sample expects of a column: its key, or the start for the parts of the stamp; None where it does not say."""
    return _seconds(sample.get("start")) if name in STAMPS else sample.get(name)


def _seconds(written: object) -> int | None:
    """The expected start, a time without an offset: seconds of that wall clock read as UTC."""
    if isinstance(written, str):
        try:
            written = datetime.fromisoformat(written)
        except ValueError:
            return None
    return int(written.replace(tzinfo=UTC).timestamp()) if isinstance(written, datetime) else None


def _shown(key: str, value: object) -> str:
    """A value as it is written in the file."""
    if value is None:
        return "not told"
    if key == "start" and isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).replace(tzinfo=None).isoformat()
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
