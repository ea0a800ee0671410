"""Framers under any bytes: one target for every kind of framing that a format asks for."""

from __future__ import annotations

from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from fixture_cases import CASES
from framed import folded
from fuzz_input import Target, distinct, seed

from collector.framing import LIMIT
from collector.gathering import framer_of
from parsers import formats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fuzz_input import Given

    from collector.blocks import BlockFramer
    from collector.framing import Frame, Framer
    from parsers.formats import Format

    Begin = Callable[..., Framer]

LIMITS = (LIMIT, 8, 20, 60)
_GAP = 7
"""Bytes of another lane between two pieces."""


def targets() -> dict[str, Target]:
    """One target for every kind of framing, named by the first format that asks for it; plain lines have no format."""
    kinds: dict[object, list[Format]] = {}
    for name in formats.names():
        declared = formats.get(name)
        kinds.setdefault((declared.ends, declared.continued, declared.blocks), []).append(declared)
    named = {"lines" if _is_plain(kind[0]) else kind[0].name: kind for kind in kinds.values()}
    return {
        f"framing {name}": Target(
            partial(check_blocks if kind[0].blocks else check, partial(framer_of, kind[0])), distinct(_seeds(kind))
        )
        for name, kind in named.items()
    }


def _is_plain(declared: Format) -> bool:
    return declared.continued is None and declared.blocks is None and not declared.ends


def _seeds(kind: Sequence[Format]) -> Iterator[bytes]:
    names = {declared.name for declared in kind}
    for case in CASES.values():
        if case.format in names:
            yield seed((case.folder / "raw.bin").read_bytes())
    for declared in kind:
        for choice in range(len(LIMITS)):
            yield seed(b"".join(sample + declared.line_end for sample in declared.samples), choice)


def check(begin: Begin, given: Given) -> None:
    """Every byte in one frame or pending; no difference by cuts, restarts or other lanes; little is held."""
    limit, data = LIMITS[given.choice % len(LIMITS)], given.data
    at_once = _framed(begin(limit=limit), [data], limit)
    assert b"".join(frame.data for frame in at_once) == data
    assert [frame.offset for frame in at_once] == _starts(frame.data for frame in at_once)
    expected = folded(at_once)

    framer = begin(limit=limit)
    assert folded(_framed(framer, given.pieces, limit)) == expected
    assert framer.position == framer.next_offset == len(data)
    assert folded(_restarted(begin, limit, given)) == expected
    _check_lanes(begin(limit=limit), given, expected)


def check_blocks(begin: Callable[..., BlockFramer], given: Given) -> None:
    """Every byte in one frame or pending; no difference by cuts and restarts; no more is held than two records."""
    at_once = _cut(begin(), [given.data])
    assert b"".join(frame.data for frame in at_once) == given.data
    assert [frame.offset for frame in at_once] == _starts(frame.data for frame in at_once)
    assert folded(_cut(begin(), given.pieces)) == folded(at_once)
    frames: list[Frame] = []
    position, state = 0, ""
    for cut in [*given.cuts, len(given.data)]:
        framer = begin(position, state)
        frames += framer.feed(position, given.data[position:cut])
        position, state = framer.position, framer.state
    assert folded(frames + framer.finish()) == folded(at_once)


def _cut(framer: BlockFramer, pieces: Sequence[bytes]) -> list[Frame]:
    frames: list[Frame] = []
    for piece in pieces:
        frames += framer.feed(framer.next_offset, piece)
        assert framer.position == sum(len(frame.data) for frame in frames)
        assert framer.next_offset - framer.position <= 2 * LIMIT
    return frames + framer.finish()


def _framed(framer: Framer, pieces: Sequence[bytes], limit: int) -> list[Frame]:
    most = 2 * (limit + len(b"\r\n"))  # a record being gathered and a line, each with its end
    frames: list[Frame] = []
    for piece in pieces:
        frames += framer.feed(framer.next_offset, piece)
        assert framer.position == sum(len(frame.data) for frame in frames)
        assert framer.next_offset - framer.position <= most
        assert sum(map(_size, vars(framer).values())) <= most + len(framer._ends)
    return frames + framer.finish()


def _size(held: object) -> int:
    if isinstance(held, list):
        return sum(map(_size, held))
    return len(held) if isinstance(held, bytes | bytearray | str) else 0


def _restarted(begin: Begin, limit: int, given: Given) -> list[Frame]:
    """The frames where a new framer goes on from position and state at every cut."""
    frames: list[Frame] = []
    position, state = 0, ""
    for cut in [*given.cuts, len(given.data)]:
        framer = begin(position, state, limit)
        frames += framer.feed(position, given.data[position:cut])
        position, state = framer.position, framer.state
    return frames + framer.finish()


def _check_lanes(framer: Framer, given: Given, expected: list[Frame]) -> None:
    """Other lanes' bytes and a new link between the pieces change no frame; what is torn there says where."""
    starts = _starts(given.pieces)
    shifted = [start + number * _GAP for number, start in enumerate(starts)]
    frames: list[Frame] = []
    for offset, piece in zip(shifted, given.pieces, strict=True):
        frames += framer.feed(offset, piece, opened=offset > 0)
    frames += framer.finish()
    assert [(frame.data, frame.too_long) for frame in folded(frames)] == [
        (frame.data, frame.too_long) for frame in expected
    ]
    for start, frame in zip(_starts(frame.data for frame in frames), frames, strict=True):
        piece = max((number for number, at in enumerate(starts) if at <= start), default=0)
        assert frame.offset == start + piece * _GAP
        torn = {(at - start, of) for at, of in zip(starts, shifted, strict=True) if 0 < at - start < len(frame.data)}
        assert frame.seam in (torn or {None}) or frame.too_long or frame.tail


def _starts(parts: Sequence[bytes] | Iterator[bytes]) -> list[int]:
    """Where each of some neighbouring parts begins."""
    return [start for start, _ in pairwise(accumulate((len(part) for part in parts), initial=0))]
