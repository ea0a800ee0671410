"""What holds for every format of binary files, whatever happens to a file: only what was touched is lost."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.commands.parse import CaptureReader
from collector.simulator.office import Profile
from collector.simulator.traffic import Traffic
from parsers import formats
from parsers.records import Leg, Noise, Record

if TYPE_CHECKING:
    from parsers.formats import Format

BINARY = [pytest.param(one, id=name) for name in formats.names() if (one := formats.get(name)).blocks]
RECEIVED = datetime(2026, 3, 2, 18, tzinfo=UTC).timestamp()


def records_of(declared: Format) -> list[bytes]:
    """Every sample, with records of an office around each."""
    legs = Traffic(Profile.office(3000), 1).legs(datetime(2026, 3, 2, 9))  # noqa: DTZ001  (a PBX's clock knows no zone)
    printed = [declared.line(leg) for leg in islice(legs, 3 * len(declared.samples))]
    return [one for number, sample in enumerate(declared.samples) for one in (*printed[3 * number :][:3], sample)]


def read(declared: Format, data: bytes) -> list[Record]:
    reader = CaptureReader(declared.name, None, RECEIVED, "test")
    records = list(reader.records(io.BytesIO(data)))
    summary = reader.summary
    assert summary.bytes == len(data) == summary.record_bytes + summary.rejected_bytes + summary.noise_bytes
    return records


@pytest.mark.parametrize("declared", BINARY)
def test_an_undamaged_file_is_its_header_and_its_records(declared: Format) -> None:
    records = records_of(declared)
    heading, *legs = read(declared, declared.heading + b"".join(records))
    assert isinstance(heading, Noise)
    assert all(isinstance(leg, Leg) for leg in legs)
    assert [leg.raw.encode("latin-1") for leg in legs] == records


@pytest.mark.parametrize("declared", BINARY)
@given(data=st.data())
def test_damage_costs_the_records_it_touches_and_no_other(declared: Format, data: st.DataObject) -> None:
    assert declared.blocks
    records, size = records_of(declared), declared.blocks.size
    place = data.draw(st.integers(0, size * len(records) - 1))
    taken = data.draw(st.integers(0, 2 * size))
    put = data.draw(st.one_of(st.binary(max_size=2 * size), st.sampled_from(records).map(lambda one: one[:-1])))
    file = b"".join(records)
    whole = [*records[: place // size], *records[-(-(place + taken) // size) :]]
    found = read(declared, declared.heading + file[:place] + put + file[place + taken :])
    legs = [leg.raw.encode("latin-1") for leg in found if isinstance(leg, Leg)]
    assert [one for one in whole if one not in legs] == []
    assert legs[: place // size] == records[: place // size]
