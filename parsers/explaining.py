"""A line taken apart: which part of it is which field, what each field tells, and where a line stops fitting.

A binary record is a line whose characters are its bytes.

What a field tells is found by trying: the field is given other contents (those of the format's samples, other digits,
blanks), and what changes in the leg is what it tells. So it holds for every format, also for one that is declared
in a file.
"""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from parsers.layout import Columns, Delimited
from parsers.layout_binary import Packed
from parsers.layout_items import Items
from parsers.records import Leg
from parsers.stamps import Stamps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parsers.formats import Decoder, Format
    from parsers.layout import Cells, Layout, Misfit
    from parsers.records import Record

_OTHER_DIGITS = str.maketrans("0123456789", "1234567890")
_ZEROS = str.maketrans("123456789", "000000000")
_NOT_TOLD = frozenset({"offset", "format", "raw", "resolution_s", "extra.doubt", "extra.glued"})


class Range(NamedTuple):
    """A range of a line's characters: ``first`` counts from 0, ``end`` is behind the last."""

    first: int
    end: int


class Part(NamedTuple):
    """One field of a line. ``said`` are the keys of the leg it tells, with their values; None is not told here.

    ``text`` is what stands at ``place``; of a binary record, what the bytes there hold.
    """

    name: str
    place: Range | None
    text: str
    said: dict[str, Any]


class Explanation(NamedTuple):
    """A line and what it is: ``layout`` counts from 0, None where none fits; ``wrong`` is where it stops fitting."""

    text: str
    record: Record
    layout: int | None
    parts: tuple[Part, ...]
    wrong: Range | None


def explain(declared: Format, line: bytes, stamps: Stamps, received: float) -> Explanation:
    """Take one line apart; never raises, whatever the bytes."""
    record = declared.decoder(stamps)(line, 0, received)
    text = record.raw
    if isinstance(record, Leg):
        return _of_leg(declared, record, text, received)
    number = _fitting(declared, text)
    if number is not None:  # the shape is right, and what it says is refused, or is no call
        parts = tuple(_parts(declared.layouts[number], text, 0))
        too_short = getattr(record, "reason", "") == "too-short"
        return Explanation(text, record, number, parts, _behind(text) if too_short else None)
    if not hasattr(record, "hint"):
        return Explanation(text, record, None, (), None)
    number, misfit = _nearest(declared, text)
    layout = declared.layouts[number]
    if getattr(record, "reason", "") == "control-bytes" and not isinstance(layout, Packed):
        at = next(at for at, one in enumerate(text) if not one.isprintable() and one != "\t")
        return Explanation(text, record, None, (), Range(at, at + 1))
    parts = tuple(part for part, _ in zip(_parts(layout, text, 0), range(misfit.fitted), strict=False))
    return Explanation(text, record, number, parts, _wrong(layout, misfit, text))


def told_by(declared: Format, text: str, key: str, received: float = 0.0) -> list[str]:
    """The names of the fields of a line, one that is a leg, on which ``key`` of the leg depends."""
    number = _fitting(declared, text)
    if number is None:
        return []
    told = _told(declared, number, text, received)
    return [name for name, keys in told.items() if key in keys]


def wrong_field(declared: Format, text: str) -> str:
    """The name of the field at which a line that fits no layout stops fitting; empty where it is none.

    Text between two columns is the end of the one before, where it begins right behind it.
    """
    number, misfit = _nearest(declared, text)
    layout, at = declared.layouts[number], misfit.fitted
    if misfit.reason == "field-count":
        return ""
    if isinstance(layout, Columns) and at:
        behind = layout.columns[at - 1].last
        ends_later = text[behind : behind + 1].strip(" ")
        if ends_later and (at == len(layout.columns) or layout.columns[at].first > behind + 1):
            return layout.names[at - 1]
    return layout.names[at] if at < len(layout.names) else ""


def _of_leg(declared: Format, leg: Leg, text: str, received: float) -> Explanation:
    shift, body, number = _placed(declared, leg, text)
    if number is None:
        return Explanation(text, leg, None, (), None)
    told, values = _told(declared, number, body, received), _values(leg)
    parts = list(_parts(declared.layouts[number], body, shift))
    shown = []
    for part in parts:
        others = [other.text for other in parts if other is not part]
        said = {key: values.get(key) for key in sorted(told[part.name], key=_in_order(values))}
        # a field that only decides what another one's text is does not tell that text
        said = {key: value for key, value in said.items() if not _is_of_another(value, part.text, others)}
        shown.append(part._replace(said=said))
    return Explanation(text, leg, number, tuple(shown), None)


def _placed(declared: Format, leg: Leg, text: str) -> tuple[int, str, int | None]:
    """Where a leg's record begins in its line, below 0 where its first columns were cut off; the record; its layout."""
    glued = len((leg.extra or {}).get("glued", ""))
    blanks = len(text) - len(text.lstrip(" "))
    for begin in (glued,) if glued else (*range(blanks + 1), *(-cut for cut in declared.cuts)):
        body = " " * -begin + text[max(begin, 0) :]
        number = _fitting(declared, body)
        if number is not None:
            return begin, body, number
    return glued, text, None


def _in_order(values: dict[str, Any]) -> Callable[[str], int]:
    order = list(values)
    return lambda key: order.index(key) if key in values else len(order)


def _is_of_another(value: object, text: str, others: list[str]) -> bool:
    return isinstance(value, str) and value not in text and any(value in other for other in others)


def _fitting(declared: Format, text: str) -> int | None:
    fits = (number for number, layout in enumerate(declared.layouts) if layout.misfit(text) is None)
    return next(fits, None)


def _nearest(declared: Format, text: str) -> tuple[int, Misfit]:
    """The layout that fits longest, and where it stops."""
    misfits = ((number, misfit) for number, layout in enumerate(declared.layouts) if (misfit := layout.misfit(text)))
    return max(misfits, key=lambda found: found[1].fitted)


def _parts(layout: Layout, text: str, shift: int) -> Iterator[Part]:
    """The fields of a text, of which the first may stop fitting anywhere."""
    if isinstance(layout, Packed):
        for span in layout.spans:
            held = text[span.first : span.last + 1].encode("latin-1")
            yield Part(span.name, Range(span.first, span.last + 1), span.conversion.read(held), {})
        return
    if isinstance(layout, Columns):
        for column in layout.columns:
            place = Range(max(column.first - 1, -shift), max(column.last, -shift))
            cell = text[place.first : place.end].ljust(place.end - place.first)
            yield Part(column.name, Range(place.first + shift, place.end + shift), cell, {})
        return
    if isinstance(layout, Items):
        places = layout.places(text)
        for name in layout.names:
            first, end = places.get(name, (0, 0))
            yield Part(name, Range(first + shift, end + shift) if name in places else None, text[first:end], {})
        return
    split = text.split(layout.separator) if isinstance(layout, Delimited) else []
    cells = layout.matcher()(text) or tuple(split)
    start = 0
    for name, cell in zip(layout.names, cells, strict=False):
        at = text.find(cell, start)
        if at < 0:
            yield Part(name, None, cell, {})
            continue
        start = at + len(cell)
        yield Part(name, Range(at + shift, start + shift), cell, {})
        start += len(layout.separator) if type(layout) is Delimited else 0


def _behind(text: str) -> Range:
    end = len(text.rstrip())
    return Range(end, end + 1)


def _wrong(layout: Layout, misfit: Misfit, text: str) -> Range | None:
    """Where a text stops fitting a layout."""
    if isinstance(layout, Packed):
        span = layout.spans[misfit.fitted]
        return {
            "cut-off": Range(len(text), len(text) + 1),
            "control-bytes": Range(layout.size, len(text)),
        }.get(misfit.reason, Range(span.first, span.last + 1))
    if misfit.reason in {"too-short", "field-count"}:
        return _behind(text)
    if not isinstance(layout, Columns):
        parts = list(_parts(layout, text, 0))
        place = parts[misfit.fitted].place if misfit.fitted < len(parts) else None
        return Range(place.first, max(place.end, place.first + 1)) if place else None
    before = layout.columns[misfit.fitted - 1].last if misfit.fitted else 0
    if misfit.fitted == len(layout.columns):
        return Range(before, len(text.rstrip()))
    column = layout.columns[misfit.fitted]
    if text[before : column.first - 1].strip(" "):
        return Range(before, column.first - 1)
    return Range(column.first - 1, column.last)


def _told(declared: Format, number: int, text: str, received: float) -> dict[str, set[str]]:
    """The keys of a leg that each field of its line tells, by the field's name."""
    layout = declared.layouts[number]
    # Were the stamp the end, every duration would seem to tell the start.
    decode = declared.decoder(Stamps(None, declared.order, "start"))
    record = decode(text.encode("latin-1"), 0, received)
    parts = list(_parts(layout, text, 0))
    if not isinstance(record, Leg):
        return {part.name: set() for part in parts}
    values = _values(record)
    samples = [found for sample in declared.samples if (found := _contents(layout, sample.decode("latin-1")))]
    padded = text.ljust(layout.width) if isinstance(layout, Columns) else text
    told: dict[str, set[str]] = {}
    for index, part in enumerate(parts):
        told[part.name] = set()
        if part.place is None:
            continue
        stands = padded[part.place.first : part.place.end]
        others = {contents[index] for contents in samples} | _altered(layout, stands)
        for other in others - {stands}:
            changed = padded[: part.place.first] + other + padded[part.place.end :]
            told[part.name] |= _changes(declared, decode, number, changed, values, received)
    return told


def _contents(layout: Layout, text: str) -> Cells | None:
    """What stands in each field of a text; None where it does not fit."""
    if isinstance(layout, Packed):
        return tuple(text[span.first : span.last + 1] for span in layout.spans)
    return layout.matcher()(text)


def _changes(
    declared: Format, decode: Decoder, number: int, text: str, values: dict[str, Any], received: float
) -> set[str]:
    if _fitting(declared, text) != number:
        return set()
    record = decode(text.encode("latin-1"), 0, received)
    if not isinstance(record, Leg):
        return set()
    other = _values(record)
    return {key for key in values | other if values.get(key) != other.get(key)} - _NOT_TOLD


def _altered(layout: Layout, text: str) -> set[str]:
    """Contents a field might have instead: other digits, nothing, and another letter where it is one letter."""
    if isinstance(layout, Packed):
        return _altered_bytes(text)
    letter = text.strip()
    letters = ascii_letters if len(letter) == 1 and letter.isalpha() else ""
    return {
        text.translate(_OTHER_DIGITS),
        text.translate(_ZEROS),
        " " * len(text) if isinstance(layout, Columns | Items) else "",
        *(text.replace(letter, other) for other in letters),
    }


def _altered_bytes(held: str) -> set[str]:
    """Bytes that might stand there instead: empty ones, another first one, and every other where it is one."""
    every = map(chr, range(256)) if len(held) == 1 else ()
    return {"\0" * len(held), "\xff" * len(held), chr(ord(held[0]) ^ 1) + held[1:], *every}


def _values(leg: Leg) -> dict[str, Any]:
    """A leg's keys and values, those of ``extra`` among them as ``extra.…``."""
    values = msgspec.structs.asdict(leg)
    extra = values.pop("extra") or {}
    return values | {f"extra.{key}": value for key, value in extra.items()}
