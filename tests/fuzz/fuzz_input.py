"""What a target is, and how one string of bytes from the fuzzer says what is fed and how it is cut."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CUTS = 4
_HEAD = struct.Struct(f"<B{CUTS}H")


class Given(NamedTuple):
    """Bytes to feed, the places to cut them at, in order, and a number for what else there is to choose."""

    choice: int
    cuts: list[int]
    data: bytes

    @property
    def pieces(self) -> list[bytes]:
        """The bytes, cut; no piece is empty."""
        return [self.data[start:end] for start, end in pairwise([0, *self.cuts, len(self.data)]) if start < end]


class Target(NamedTuple):
    """One thing that is fuzzed: ``check`` raises where an invariant does not hold for what the fuzzer says."""

    check: Callable[[Given], None]
    seeds: tuple[bytes, ...]


def given(fuzzed: bytes) -> Given:
    """What the fuzzer's bytes say: a head of fixed size, then the bytes to feed. Any bytes say something."""
    choice, *cuts = _HEAD.unpack(fuzzed[: _HEAD.size].ljust(_HEAD.size, b"\0"))
    data = fuzzed[_HEAD.size :]
    return Given(choice, sorted(cut % (len(data) + 1) for cut in cuts), data)


def seed(data: bytes, choice: int = 0) -> bytes:
    """What the fuzzer begins with: ``data``, cut in the middle of its parts."""
    cuts = [len(data) * number // (CUTS + 1) for number in range(1, CUTS + 1)]
    return _HEAD.pack(choice, *cuts) + data


def distinct(seeds: Iterable[bytes]) -> tuple[bytes, ...]:
    """Each seed once, in order."""
    return tuple(dict.fromkeys(seeds))
