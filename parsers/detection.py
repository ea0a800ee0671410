"""Which format a capture's lines are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from parsers import formats
from parsers.records import Leg, Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence


class Candidate(NamedTuple):
    """A format that reads at least one of the lines. ``score`` is the share of lines it does not reject."""

    name: str
    score: float
    legs: int
    rejected: int
    noise: int
    reasons: tuple[str, ...]


def rank(lines: Sequence[bytes]) -> list[Candidate]:
    """The formats that read at least one line as a leg, best first."""
    candidates = [candidate for name in formats.names() if (candidate := _candidate(name, lines)).legs]
    return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.name))


def _candidate(name: str, lines: Sequence[bytes]) -> Candidate:
    decode = formats.get(name).decoder()
    records = [decode(line, 0, 0.0) for line in lines]
    legs = sum(isinstance(record, Leg) for record in records)
    rejected = [record for record in records if isinstance(record, Rejected)]
    noise = len(records) - legs - len(rejected)
    score = legs / (legs + len(rejected)) if legs else 0.0
    reasons = (f"{legs} of {len(lines)} lines are calls", *(record.hint for record in rejected[:1]))
    return Candidate(name, score, legs, len(rejected), noise, reasons)
