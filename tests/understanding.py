"""What a planned leg is understood as, once it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from collector.joining import Joiner
from parsers.records import Leg

if TYPE_CHECKING:
    from collector.calls import Call
    from parsers.formats import Decoder, Format, Planned

SHORT_NUMBERS_ARE_OURS = frozenset({"cisco/cme"})
"""Formats that tell an outside number from an extension by nothing but its length."""


def read_back(declared: Format, decode: Decoder, plan: Planned, received: float) -> Call:
    """The call that the line, or the lines of several events, of one planned leg tell of."""
    printed = declared.line(plan)
    several = not isinstance(declared.cells(plan), Mapping)
    lines = [line for line in printed.splitlines(keepends=True) if line.strip()] if several else [printed]
    joiner, calls = Joiner("test", declared.joining), []
    for number, line in enumerate(lines):
        leg = decode(line, number, received)
        assert isinstance(leg, Leg), (line, leg)
        earlier = joiner.earlier(leg, received)
        calls.append(joiner.add(leg, received, earlier).call)
    assert all(call is calls[0] for call in calls), printed
    return calls[0]
