"""Captures of any bytes, read as each format: framed, decoded and joined as `smdr parse` does, and summed up."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, BinaryIO, cast
from zoneinfo import ZoneInfo

from construct import ConstructError
from fixture_cases import CASES
from fuzz_input import Target, distinct, seed

from collector.commands.parse import CaptureReader
from collector.rendering import call_row, line, record_row
from collector.rollups import Rollup
from parsers import formats
from parsers.records import DIRECTIONS, NOISE, OUTCOMES, REASONS, Leg, Noise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fuzz_input import Given

    from parsers.formats import Format
    from parsers.layout import Layout, Matcher
    from parsers.records import Record

_ZONE = ZoneInfo("Europe/Berlin")
_RECEIVED = 1_792_888_200.0
"""25 October 2026, 02:30 in Berlin: the hour that comes twice."""
_LARGEST = 1 << 63
"""What a database does not hold any more."""


def targets() -> dict[str, Target]:
    """One target for all decoders: the fuzzer's number says which."""
    return {"decoding": Target(check, distinct(_seeds()))}


def _seeds() -> Iterator[bytes]:
    for number, name in enumerate(formats.names()):
        declared = formats.get(name)
        for sample in declared.samples:
            yield seed(declared.heading + sample + declared.line_end, number)
        for case in CASES.values():
            if case.format == name:
                yield seed((case.folder / "raw.bin").read_bytes(), number)


def check(given: Given) -> None:
    """Every byte is in a record, a rejected line or noise, whatever the cuts; what comes out can be printed."""
    names = formats.names()
    declared = formats.get(names[given.choice % len(names)])
    reader, records = _read(declared, [given.data])
    summary = reader.summary
    assert summary.bytes == len(given.data)
    assert summary.record_bytes + summary.rejected_bytes + summary.noise_bytes == len(given.data)
    assert (summary.legs, summary.rejected, summary.noise) == _counted(records)
    assert [record.offset for record in records] == sorted({record.offset for record in records})
    for record in records:
        _check_record(declared, record)
        line(record_row(record, "fuzzed", _ZONE))
    sums = Rollup(_ZONE, target_s=15)
    for call in reader.calls:
        line(call_row(call, _ZONE))
        sums.add(call)
    again, cut = _read(declared, given.pieces)
    assert (again.summary, cut, again.calls) == (summary, records, reader.calls)


class _Cut:
    """A stream that gives out one piece after the other."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = iter(pieces)

    def read(self, _most: int) -> bytes:
        return next(self._pieces, b"")


def _read(declared: Format, pieces: Sequence[bytes]) -> tuple[CaptureReader, list[Record]]:
    reader = CaptureReader(declared.name, _ZONE, _RECEIVED, "fuzzed")
    return reader, list(reader.records(cast("BinaryIO", _Cut(pieces))))


def _counted(records: Sequence[Record]) -> tuple[int, int, int]:
    legs = sum(isinstance(record, Leg) for record in records)
    noise = sum(isinstance(record, Noise) for record in records)
    return legs, len(records) - legs - noise, noise


def _check_record(declared: Format, record: Record) -> None:
    assert record.format == declared.name
    if isinstance(record, Leg):
        assert record.direction in DIRECTIONS
        assert record.outcome in OUTCOMES
        counted = (record.ring_s, record.talk_s, record.hold_s, record.meter_pulses)
        assert all(count is None or 0 <= count < _LARGEST for count in counted)
    elif isinstance(record, Noise):
        assert record.reason in NOISE
    else:
        assert record.reason in REASONS
        assert record.hint
    for layout in declared.layouts:
        try:
            cells = layout.parse(record.raw.encode("latin-1"))
        except ConstructError:
            assert _matcher(layout)(record.raw) is None
        else:
            assert _matcher(layout)(record.raw) == tuple(cells[name] for name in layout.names)


@cache
def _matcher(layout: Layout) -> Matcher:
    return layout.matcher()
