"""Which format a capture is of: every format's decoder is tried on the first lines.

Formats of binary files are tried on the bytes of the same lines, put together again.

A line tells most when it is a record, less when the record is doubtful, little when it is a heading. Of two formats
that read a capture equally well the one is meant whose samples look more like it, then the one that takes fewer lines
of other formats. Both are computed from the formats' samples; nothing is ranked by hand.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from parsers import formats
from parsers.blocks import Cutting
from parsers.continuing import records_of
from parsers.records import Leg, Noise
from parsers.stamps import Stamps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.blocks import Blocks
    from parsers.formats import Decoder, Format
    from parsers.records import Record

MOST_LINES = 20
"""Lines looked at; more do not make the answer surer."""

_RECEIVED = 0.0
_ANY_DAY = "1970-01-01T00:00:00"
"""A time alone is no doubtful record for having lost its date, which the PBX printed before."""
_DIGITS = re.compile(rb"\d+")
_BLANK = frozenset({"blank", "form-feed", "control"})
_WORTH = {"heading": 0.5, "banner": 0.25, "event": 0.25}
_DOUBTFUL = 0.5


class Candidate(NamedTuple):
    """How well one format fits: ``score`` is 1 when every line is one of its records, 0 when none is."""

    name: str
    score: float
    legs: int
    rejected: int
    noise: int
    reasons: tuple[str, ...]
    """plain words, the strongest first"""


def rank(lines: Sequence[bytes], rest: bytes = b"") -> list[Candidate]:
    """Rank all formats for the first lines of a capture, best first; blank lines are passed over.

    A format that reads none of the lines as a record is left out; an empty list means that none does. ``rest`` came
    behind the lines and is none yet: only binary formats are tried on it.
    """
    telling = telling_of(lines)
    head = b"".join(lines) + rest
    candidates = [_tried(formats.get(name), telling, head) for name in formats.names()]
    fitting = [candidate for candidate in candidates if candidate.legs]
    alike = {candidate.name: _likeness(candidate.name, telling) for candidate in fitting}
    return sorted(
        fitting, key=lambda found: (-found.score, -alike[found.name], _taken(_known())[found.name], found.name)
    )


def telling_of(lines: Sequence[bytes]) -> list[bytes]:
    """The lines that are looked at: the first that are not blank."""
    return list(islice((line for line in lines if line.strip()), MOST_LINES))


def _tried(declared: Format, lines: Sequence[bytes], head: bytes) -> Candidate:
    name = declared.name
    decode = declared.decoder(Stamps(order=declared.order, printed=declared.stamp, carried=_ANY_DAY))
    if declared.ends:
        ended = re.compile(b"[^%b]+[%b]?" % (declared.ends, declared.ends)).findall
        lines = [part for line in lines for part in ended(line)]
    whole = _blocks(head, declared.blocks) if declared.blocks else records_of(lines, declared.continued)
    records = [decode(one, 0, _RECEIVED) for one in whole]
    records = [record for record in records if not (isinstance(record, Noise) and record.reason in _BLANK)]
    legs = [record for record in records if isinstance(record, Leg)]
    noise = [record for record in records if isinstance(record, Noise)]
    score = sum(map(_worth, records)) / len(records) if records else 0.0
    return Candidate(
        name,
        round(score, 3),
        len(legs),
        len(records) - len(legs) - len(noise),
        len(noise),
        _reasons(name, records),
    )


def _blocks(head: bytes, rules: Blocks) -> list[bytes]:
    """The first records of a binary file, and what stands in place of one, without the header."""
    records: list[bytes] = []
    start = 0
    for end, kind in Cutting(rules, "header", len(head)).pieces(head, ended=False):
        if kind == "record":
            records.append(head[start:end])
        if len(records) == MOST_LINES:
            break
        start = end
    return records


def _worth(record: Record) -> float:
    if isinstance(record, Leg):
        return _DOUBTFUL if _doubt(record) else 1.0
    return _WORTH.get(record.reason, 0.0) if isinstance(record, Noise) else 0.0


def _reasons(name: str, records: Sequence[Record]) -> tuple[str, ...]:
    legs = [record for record in records if isinstance(record, Leg)]
    doubts = [doubt for leg in legs if (doubt := _doubt(leg))]
    headings = sum(isinstance(record, Noise) for record in records)
    refused = next((record for record in records if not isinstance(record, Leg | Noise)), None)
    others = _taken(_known())[name]
    reasons = [f"{len(legs)} of {len(records)} lines are its records"]
    if doubts:
        reasons.append(f"{len(doubts)} of them with a doubt, such as: {doubts[0]}")
    if headings:
        several = headings > 1
        reasons.append(
            f"{headings} lines are its headings or messages" if several else "1 line is its heading or message"
        )
    if refused:
        reasons.append(f"a line does not fit: {refused.hint}")
    if others:
        reasons.append(f"it also takes sample lines of {others} other format{'s' if others > 1 else ''}")
    return tuple(reasons)


def _likeness(name: str, lines: Sequence[bytes]) -> float:
    """The share of words whose shape occurs in the format's samples."""
    known = _shapes_of_samples(formats.get(name))
    shapes = [shape for line in lines for shape in _shapes(line)]
    return sum(shape in known for shape in shapes) / len(shapes) if shapes else 0.0


@cache
def _shapes_of_samples(declared: Format) -> frozenset[bytes]:
    return frozenset(shape for sample in declared.samples for shape in _shapes(sample))


def _shapes(line: bytes) -> list[bytes]:
    """The words of a line with every run of digits as one 9: what differs between lines of one layout falls away."""
    return _DIGITS.sub(b"9", line).split()


def _doubt(leg: Leg) -> str | None:
    extra = leg.extra or {}
    glued = extra.get("glued")
    return extra.get("doubt") or (f"{glued!r} stands in front of the record" if glued else None)


def _known() -> tuple[Format, ...]:
    return tuple(formats.get(name) for name in formats.names())


@cache
def _taken(known: tuple[Format, ...]) -> dict[str, int]:
    """Of how many other formats each format takes sample lines: few make a format specific."""
    decoders = [(one, one.decoder()) for one in known]

    def takes(decode: Decoder, other: Format) -> bool:
        return any(isinstance(decode(sample, 0, _RECEIVED), Leg) for sample in other.samples)

    return {one.name: sum(takes(decode, other) for other in known if other is not one) for one, decode in decoders}
