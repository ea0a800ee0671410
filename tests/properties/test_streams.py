"""What holds for the stream of every format, wherever it is damaged: nothing is unaccounted for, nothing else is lost."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.commands.parse import CaptureReader
from parsers import formats
from parsers.records import Leg, Record

if TYPE_CHECKING:
    from parsers.formats import Format

ALL = [pytest.param(formats.get(name), id=name) for name in formats.names()]
_RECEIVED = 1_735_700_000.0


class Damage(NamedTuple):
    """Bytes from ``first`` up to ``end`` that became ``new``."""

    first: int
    end: int
    new: bytes


@st.composite
def damages(draw: st.DrawFn, stream: bytes) -> Damage:
    """One flip, cut, insertion, repetition, or NULs."""
    first = draw(st.integers(0, len(stream) - 1))
    end = min(len(stream), first + draw(st.integers(1, 40)))
    match draw(st.integers(0, 4)):
        case 0:
            return Damage(first, first + 1, bytes([stream[first] ^ draw(st.sampled_from((1, 2, 16, 64, 128)))]))
        case 1:
            return Damage(first, end, b"")
        case 2:
            return Damage(first, first, draw(st.binary(min_size=1, max_size=20)))
        case 3:
            return Damage(first, end, stream[first:end] * 2)
        case _:
            return Damage(first, first, b"\0" * (end - first))


def read(declared: Format, stream: bytes) -> list[Record]:
    """The records of a stream, once all of its bytes are accounted for."""
    reader = CaptureReader(declared.name, None, _RECEIVED, "pbx", declared.order)
    records = list(reader.records(io.BytesIO(stream)))
    summary = reader.summary
    assert summary.bytes == len(stream) == summary.record_bytes + summary.rejected_bytes + summary.noise_bytes
    assert len(records) == summary.legs + summary.rejected + summary.noise
    return records


def said(leg: Leg) -> Leg:
    """What a leg says, wherever it stands."""
    return msgspec.structs.replace(leg, offset=0)


@pytest.mark.parametrize("declared", ALL)
@given(data=st.data())
def test_damage_costs_at_most_the_records_it_touches(declared: Format, data: st.DataObject) -> None:
    records = [sample + declared.line_end for sample in data.draw(st.permutations(declared.samples * 2))]
    stream = b"".join(records)
    damage = data.draw(damages(stream))
    found = read(declared, stream[: damage.first] + damage.new + stream[damage.end :])
    starts = [sum(map(len, records[:number])) for number in range(len(records))]
    # what damages a line end touches the record behind it; a piece of a record may look like more of the one before
    reach = max(map(len, records)) if declared.continued else len(declared.line_end)
    touched = {
        number
        for number, start in enumerate(starts)
        if start - reach <= damage.end and damage.first < start + len(records[number]) + reach
    }
    whole = [record for record in read(declared, stream) if isinstance(record, Leg)]
    if any(not _has_leg(whole, starts[number], records[number]) for number in touched):
        return  # a heading may tell what the records behind it mean
    left = iter([said(record) for record in found if isinstance(record, Leg)])
    for number, start in enumerate(starts):
        for leg in whole:
            if number not in touched and _is_in(leg, start, records[number]):
                assert said(leg) in left, leg.raw


def _has_leg(legs: list[Leg], start: int, record: bytes) -> bool:
    return any(_is_in(leg, start, record) for leg in legs)


def _is_in(leg: Leg, start: int, record: bytes) -> bool:
    """Whether a leg is that of the record at ``start``; what ends one line may be counted to the next."""
    return start <= leg.offset + len(leg.raw) // 2 < start + len(record)
