"""`smdr anonymise`: a capture without the numbers and names of people, which still says the same calls.

Every run of five digits and every word is replaced, byte for byte, unless that would change what a record says beside
its numbers and names: the capture is read again after each step, and what changed is taken back. So this knows no
layout, and holds for every format. Only the numbers of binary records have to be looked up in theirs.
"""

from __future__ import annotations

import hmac
import io
import re
import secrets
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.commands.packed_numbers import numbers_of, replaced_numbers
from collector.commands.parse import CaptureReader, parse
from collector.config.reading import to_toml
from collector.errors import UserError
from parsers import formats
from parsers.layout_binary import Packed
from parsers.records import Leg, Noise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from parsers.records import Record

KEY_BYTES = 32
SCRAMBLED = 5
"""The last digits of a number that are replaced; those before them tell its class (trunk access, area, network)."""
LEAST_DIGITS = 5
"""Shorter numbers are extensions and services such as 112; they stay."""
_LONGEST_EXTENSION = 6
_LEAST_CODE = 3

_ADDRESS = rb"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
_TOKEN = re.compile(rb"%s|\d{%d,}|[A-Za-z\x80-\xff]{3,}" % (_ADDRESS, LEAST_DIGITS))
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[A-Za-z\x80-\xff]")
_BETWEEN = r"[ ().+/-]{0,3}"
"""What stands between the digits of a number, where it is printed in groups or in two cells."""
_TELLING = re.compile(r"\d{5,}|[A-Za-z\x80-\xff]{3,}")


class Anonymised(NamedTuple):
    """A capture with scrambled numbers, of the same length, and what is left for a person to look at."""

    data: bytes
    numbers: int
    """different outside numbers that were scrambled"""
    unchanged: list[str]
    """outside numbers that could not be, because the records would say something else"""
    words: list[str]
    """words that stay, such as those of headings"""


class Change(NamedTuple):
    """Bytes to put in place of as many others; ``start`` is an offset in the capture."""

    start: int
    new: bytes

    def overlaps(self, other: Change) -> bool:
        """Whether both change one byte."""
        return self.start < other.start + len(other.new) and other.start < self.start + len(self.new)


class Scrambler:
    """Replaces numbers and words: equal ones by equal ones, different numbers by different ones of the same length.

    The last digits of a number do not depend on those in front, so that it stays the same with and without a prefix.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._chance = cache(self._uncached_chance)

    def replaced(self, text: bytes) -> bytes:
        """Replace a number, a network address or a word."""
        if re.fullmatch(_ADDRESS, text):
            return self._address(text)
        return self.number(text) if re.search(rb"\d", text) else self.word(text)

    def number(self, text: bytes) -> bytes:
        """Replace the last digits; whatever stands between digits stays, and at least the first digit does."""
        places = [place for place, byte in enumerate(text) if byte in b"0123456789"]
        digits = bytes(text[place] for place in places)
        result = bytearray(text)
        for back in range(1, min(SCRAMBLED, len(digits) - 1) + 1):
            behind = digits[len(digits) - back + 1 :]
            shift = self._chance(b"digit" + behind)
            turned = (
                digits[-back] - ord("0") + (1 + shift % 9 if back == 1 else shift % 10)
            )  # the last one always changes
            result[places[-back]] = ord("0") + turned % 10
        return bytes(result)

    def word(self, text: bytes) -> bytes:
        """Replace every letter by another of the same case; bytes that are not ASCII by letters."""
        seed = text.lower()
        letters = bytearray()
        for place, byte in enumerate(text):
            first = ord("A") if byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ" else ord("a")
            letters.append(first + self._chance(b"letter%d" % place + seed) % 26)
        return bytes(letters)

    def _address(self, text: bytes) -> bytes:
        """Replace an IPv4 address by one of the same length."""
        octets = []
        for octet in text.split(b"."):
            least = 10 ** (len(octet) - 1)
            octets.append(b"%d" % (least + self._chance(b"octet" + octet) % (9 * least if least < 100 else 100)))
        return b".".join(octets)

    def _uncached_chance(self, of: bytes) -> int:
        return int.from_bytes(hmac.digest(self._key, of, "sha256")[:8], "big")


def anonymise(
    data: bytes, format_name: str, zone: ZoneInfo | None, received: float, key: bytes, names: Sequence[str] = ()
) -> Anonymised:
    """Scramble a capture of a known format; ``names`` are replaced wherever they stand, in headings too."""
    work = _Work(data, format_name, zone, received, Scrambler(key), names)
    work.try_at_once()
    work.try_one_by_one()
    work.try_within_runs()
    work.keep_calls_together()
    return work.result()


def key_from(file: Path | None) -> bytes:
    """The key kept in ``file``, made there if there is none yet; without a file a new one that is kept nowhere."""
    if file is None:
        return secrets.token_bytes(KEY_BYTES)
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(secrets.token_bytes(KEY_BYTES))
    key = file.read_bytes()
    if len(key) < KEY_BYTES:
        raise UserError(f"{file} is too short for a key; name a file that does not exist yet, and it is made.")
    return key


def write_case(folder: Path, data: bytes, format_name: str, zone: ZoneInfo, received: float) -> None:
    """Write a folder as in ``fixtures/``: the capture, how to read it, and what it says."""
    if (folder / "case.toml").exists():
        raise UserError(f"{folder} holds a case already; name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "raw.bin").write_bytes(data)
    told = {
        "description": f"A capture of {format_name}, numbers and names replaced.",
        "format": format_name,
        "tz": zone.key,
        "received": datetime.fromtimestamp(int(received), zone).isoformat(),
    }
    case = "".join(f"{key} = {to_toml(value)}\n" for key, value in told.items())
    (folder / "case.toml").write_text(case, encoding="utf-8")
    with (folder / "expected.jsonl").open("w", encoding="utf-8") as expected:
        parse(folder / "raw.bin", format_name, zone, int(received), calls=False, out=expected)


class _Reading:
    """A capture as read: its records by offset, and the calls they join to."""

    def __init__(self, data: bytes, format_name: str, zone: ZoneInfo | None, received: float) -> None:
        reader = CaptureReader(format_name, zone, received, "")
        self.records: dict[int, Record] = {}
        for record in reader.records(io.BytesIO(data)):
            self.records[record.offset] = record
        self.said = {offset: _said(record) for offset, record in self.records.items()}
        self.calls = {leg: tuple(call.legs) for call in reader.calls for leg in call.legs}


class _Work:
    """One capture being scrambled: the changes made so far, by the offset of their record."""

    def __init__(
        self,
        data: bytes,
        format_name: str,
        zone: ZoneInfo | None,
        received: float,
        scrambler: Scrambler,
        names: Sequence[str],
    ) -> None:
        self._data, self._scrambler, self._names = data, scrambler, names
        self._read = partial(_Reading, format_name=format_name, zone=zone, received=received)
        self._before = self._read(data)
        self._known = _vocabulary(format_name)
        self._layout = formats.get(format_name).layouts[0]
        offsets = sorted(self._before.records)
        self._ends = dict(zip(offsets, [*offsets[1:], len(data)], strict=True))
        self._wanted = {offset: list(self._changes(offset, record)) for offset, record in self._before.records.items()}
        self._made: dict[int, list[Change]] = {}

    def try_at_once(self) -> None:
        """Make every change; take back all changes of the records that say something else then."""
        self._made = {offset: list(changes) for offset, changes in self._wanted.items()}
        while bad := self._differing():
            for offset in bad:
                self._made[offset] = []

    def try_one_by_one(self) -> None:
        """Make again what was taken back, one number or word of each record at a time; keep what does no harm."""
        again = {
            offset: [*self._alike(changes), *([inside] for inside in self._inside(offset))]
            for offset, changes in self._wanted.items()
            if changes and not self._made[offset]
        }
        for turn in range(max(map(len, again.values()), default=0)):
            tried = {offset: steps[turn] for offset, steps in again.items() if turn < len(steps)}
            tried = {offset: step for offset, step in tried.items() if not self._overlaps(offset, step)}
            for offset, step in tried.items():
                self._made[offset] += step
            while bad := self._differing() & tried.keys():
                for offset in bad:
                    step = tried.pop(offset)
                    self._made[offset] = [change for change in self._made[offset] if change not in step]

    def try_within_runs(self) -> None:
        """Change the numbers that are left by themselves, in place of the runs of digits in which they stand.

        In a record that is no leg these are the numbers of all legs.
        """
        data = self._scrambled()
        known = set[str]().union(*map(_numbers, self._before.records.values()))
        left: dict[int, list[Change]] = {}
        numbers: dict[int, set[str]] = {}
        for offset, record in self._before.records.items():
            numbers[offset] = _numbers(record) if isinstance(record, Leg) else known
            left[offset] = [change for number in sorted(numbers[offset]) for change in self._at(offset, number, data)]
        for turn in range(max(map(len, left.values()), default=0)):
            before = {offset: self._made[offset] for offset, changes in left.items() if turn < len(changes)}
            for offset, made in before.items():
                change = left[offset][turn]
                shown = self._shown(offset, numbers[offset])
                self._made[offset] = [change, *(other for other in made if not change.overlaps(other))]
                if self._shown(offset, numbers[offset]) >= shown:  # it brought back as much as it hid
                    self._made[offset] = made
            while bad := self._differing() & before.keys():
                for offset in bad:
                    self._made[offset] = before.pop(offset)

    def _shown(self, offset: int, numbers: set[str]) -> int:
        """How many of these numbers can still be read in a record."""
        raw = self._scrambled()[offset : self._ends[offset]]
        return sum(number.encode() in raw for number in numbers)

    def keep_calls_together(self) -> None:
        """Take back the changes of legs that would belong to other calls."""
        while moved := self._moved():
            for offset in moved:
                self._made[offset] = []

    def result(self) -> Anonymised:
        """What was reached."""
        scrambled = self._scrambled()
        after = self._read(scrambled)
        numbers: set[str] = set()
        unchanged: set[str] = set()
        for offset, record in self._before.records.items():
            other = after.records[offset]
            if isinstance(record, Leg) and isinstance(other, Leg):
                for old, new in ((record.number, other.number), (record.did, other.did)):
                    if old and _count(old) >= LEAST_DIGITS:
                        (unchanged if old == new else numbers).add(old)
                unchanged.update(self._same_packed(offset, scrambled))
        return Anonymised(scrambled, len(numbers), sorted(unchanged), self._left(scrambled))

    def _same_packed(self, offset: int, scrambled: bytes) -> Iterator[str]:
        """Numbers of a binary record that are too long for an extension and still what they were."""
        if isinstance(self._layout, Packed):
            end = offset + self._layout.size
            before, after = (numbers_of(self._layout, data[offset:end]) for data in (self._data, scrambled))
            yield from (
                old for old, new in zip(before, after, strict=True) if old == new and len(old) > _LONGEST_EXTENSION
            )

    def _changes(self, offset: int, record: Record) -> Iterator[Change]:
        raw = self._data[offset : self._ends[offset]]
        taken: list[Change] = []
        for start, new in self._replaced(record, raw):
            change = Change(offset + start, new)
            if not any(map(change.overlaps, taken)):
                taken.append(change)
                yield change

    def _replaced(self, record: Record, raw: bytes) -> Iterator[tuple[int, bytes]]:
        """Places in the bytes of a record, with what to put there; where two overlap, the first counts."""
        named = list(self._named(raw))
        if isinstance(self._layout, Packed):
            yield from ((start, self._scrambler.replaced(raw[start:end])) for start, end in named)
            yield from replaced_numbers(self._layout, record, raw, self._long_number)
            return
        for start, end in (*named, *_told(record, raw), *(found.span() for found in self._tokens(record, raw))):
            yield start, self._scrambler.replaced(raw[start:end])

    def _long_number(self, digits: str) -> str:
        """The number to put in place of one; a short one stays."""
        return digits if len(digits) < LEAST_DIGITS else self._scrambler.number(digits.encode()).decode()

    def _alike(self, changes: Sequence[Change]) -> list[list[Change]]:
        """Changes of the same text are made together: a record may tell something by two cells being equal."""
        alike: dict[bytes, list[Change]] = {}
        for change in changes:
            alike.setdefault(self._data[change.start : change.start + len(change.new)], []).append(change)
        return list(alike.values())

    def _overlaps(self, offset: int, step: Sequence[Change]) -> bool:
        return any(change.overlaps(made) for change in step for made in self._made[offset])

    def _inside(self, offset: int) -> Iterator[Change]:
        """Numbers with more digits around them, such as a date without a separator."""
        record = self._before.records[offset]
        if isinstance(record, Leg):
            for value in filter(None, (record.number, record.did)):
                if value.isdigit() and len(value) >= LEAST_DIGITS:
                    yield from self._at(offset, value, self._data)

    def _at(self, offset: int, value: str, data: bytes) -> Iterator[Change]:
        """The changes of a text at every place in a record at which it stands in ``data``."""
        for start, _ in _places(value, data[offset : self._ends[offset]]):
            yield Change(offset + start, self._scrambler.replaced(value.encode("latin-1")))

    def _named(self, raw: bytes) -> Iterator[tuple[int, int]]:
        for name in self._names:
            for start, end in _places(name, raw):
                yield from (found.span() for found in _WORD.finditer(raw, start, end))

    def _tokens(self, record: Record, raw: bytes) -> Iterator[re.Match[bytes]]:
        heading = isinstance(record, Noise) and record.reason == "heading"
        for found in _TOKEN.finditer(raw):
            word = _WORD.fullmatch(found.group())
            if not (word and (heading or found.group().lower() in self._known)):
                yield found

    def _scrambled(self) -> bytes:
        data = bytearray(self._data)
        for changes in self._made.values():
            for start, new in changes:
                data[start : start + len(new)] = new
        return bytes(data)

    def _differing(self) -> set[int]:
        """The records with changes that say something else now, or whose bytes are cut into records otherwise."""
        said = self._read(self._scrambled()).said
        differing = {offset for offset, before in self._before.said.items() if said.get(offset) != before}
        if differing and not any(self._made[offset] for offset in differing):
            return {offset for offset, changes in self._made.items() if changes}  # one record spoils another
        return {offset for offset in differing if self._made[offset]}

    def _moved(self) -> set[int]:
        calls = self._read(self._scrambled()).calls
        together = self._before.calls
        moved = {leg for leg, legs in together.items() if calls.get(leg) != legs}
        return {leg for moving in moved for leg in together[moving] if self._made[leg]}

    def _left(self, data: bytes) -> list[str]:
        changed = {change.start for changes in self._made.values() for change in changes}
        words = {
            found.group().decode("latin-1")
            for found in self._words(data)
            if found.start() not in changed and found.group().lower() not in self._known
        }
        return sorted(words)

    def _words(self, data: bytes) -> Iterator[re.Match[bytes]]:
        """What reads as a word: anywhere in text, and in what a binary file has in front of its records."""
        if not isinstance(self._layout, Packed):
            yield from re.finditer(rb"[A-Za-z\x80-\xff]{3,}", data)
            return
        for offset, record in self._before.records.items():
            if isinstance(record, Noise):
                yield from re.compile(rb"[A-Za-z]{3,}").finditer(data, offset, self._ends[offset])


def _numbers(record: Record) -> set[str]:
    """What of a record is digits alone and may be a telephone number."""
    if not isinstance(record, Leg):
        return set()
    told = (record.number, record.did, *(record.extra or {}).values())
    return {value for value in told if isinstance(value, str) and value.isdigit() and len(value) >= LEAST_DIGITS}


def _told(record: Record, raw: bytes) -> Iterator[tuple[int, int]]:
    """Where a leg's numbers, codes and names stand in its bytes, as far as they are no run of digits by themselves."""
    if not isinstance(record, Leg):
        return
    numbers = [value for value in (record.number, record.did) if value and _count(value) >= LEAST_DIGITS]
    extra = record.extra or {}
    printed = (record.account_code, record.auth_code, extra.get("account_or_auth"))
    codes = [value for value in printed if value and _count(value) >= _LEAST_CODE]
    for value in numbers:
        if not value.isdigit() or value.encode() not in raw:
            spread = _BETWEEN.join(_DIGIT.findall(value)).encode()
            yield from (found.span() for found in re.finditer(spread, raw))
    for value in codes:
        yield from _places(value, raw)
    for key, value in extra.items():
        if "name" in key and isinstance(value, str):
            for start, end in _places(value, raw):
                yield from (found.span() for found in _WORD.finditer(raw, start, end))


def _places(value: str, raw: bytes) -> Iterator[tuple[int, int]]:
    sought = value.encode("latin-1", "ignore")
    place = raw.find(sought)
    while sought and place >= 0:
        yield place, place + len(sought)
        place = raw.find(sought, place + len(sought))


def _said(record: Record) -> tuple[Any, ...]:
    """What must stay of a record: everything but the digits of its numbers and codes, and its names."""
    if not isinstance(record, Leg):
        return type(record).__name__, record.reason
    return (
        record.start,
        record.resolution_s,
        record.direction,
        record.outcome,
        _extension(record.extension),
        _extension(record.peer_extension),
        record.trunk,
        *map(_shape, (record.number, record.did, record.account_code, record.auth_code)),
        *(record.ring_s, record.talk_s, record.hold_s),
        *(record.transferred, record.conference, record.pbx_call_id),
        *(record.meter_pulses, record.pbx_cost, record.currency),
        {key: _loose(value) for key, value in (record.extra or {}).items()},
    )


def _extension(text: str | None) -> str | None:
    """An extension, which stays; one as long as a telephone number is one."""
    return _shape(text) if text and _count(text) > _LONGEST_EXTENSION else text


def _loose(value: Any) -> Any:
    return _shape(value) if isinstance(value, str) and _TELLING.search(value) else value


def _shape(text: str | None) -> str | None:
    return None if text is None else _LETTER.sub("a", _DIGIT.sub("0", text))


def _count(text: str) -> int:
    return len(_DIGIT.findall(text))


def _vocabulary(format_name: str) -> frozenset[bytes]:
    """The words that belong to a format: those of its samples and of its heading."""
    declared = formats.get(format_name)
    texts: Sequence[bytes] = (*declared.samples, declared.heading)
    return frozenset(found.group().lower() for text in texts for found in _WORD.finditer(text))
