"""A link that breaks inside a line: what was torn is refused, what comes after the break is read, in every format."""

from __future__ import annotations

import pytest

from collector.gathering import framer_of
from collector.interpreting import interpret
from parsers import formats
from parsers.records import Leg, Rejected


@pytest.mark.parametrize("name", formats.names())
def test_a_line_torn_by_a_break_of_the_link_does_not_take_the_next_one_with_it(name: str) -> None:
    declared = formats.get(name)
    torn, whole = declared.samples[0][:20], declared.samples[0] + (b"" if declared.blocks else b"\r\n")
    framer, decode = framer_of(declared), declared.decoder()
    assert framer.feed(0, torn) == []
    frames = [*framer.feed(20, whole, opened=True), *framer.finish()]
    (cut, cut_size), (leg, leg_size) = (
        reading for frame in frames for reading in interpret(frame, decode, name, 1_735_700_000.0)
    )
    assert isinstance(cut, Rejected)
    assert (cut.reason, cut.offset, cut_size) == ("cut-off", 0, 20)
    assert isinstance(leg, Leg)
    assert (leg.offset, leg_size) == (20, len(whole))
    assert "glued" not in (leg.extra or {})
