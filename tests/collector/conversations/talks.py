"""Feeding a conversation in pieces, and what it made of them."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from collector.conversations import RECORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collector.conversations import Conversation


class Told(NamedTuple):
    pieces: list[tuple[int, bytes]]
    """neighbours of one lane put together"""
    ends: list[int]
    """bytes of records before each end that was told"""
    sent: bytes
    failure: str | None

    def on(self, lane: int) -> bytes:
        return b"".join(data for of, data in self.pieces if of == lane)


def told(conversation: Conversation, chunks: Iterable[bytes]) -> Told:
    pieces, sent = [], bytes(conversation.outgoing)
    conversation.outgoing.clear()
    for chunk in chunks:
        pieces += conversation.feed(chunk)
        sent += conversation.outgoing
        conversation.outgoing.clear()
    pieces += conversation.finish()
    assert b"".join(piece.data for piece in pieces) == b"".join(chunks)
    assert all(piece.data or piece.ended for piece in pieces)
    ends = [
        sum(len(before.data) for before in pieces[: number + 1] if before.lane == RECORDS)
        for number, piece in enumerate(pieces)
        if piece.ended
    ]
    joined = [(lane, b"".join(piece.data for piece in of)) for lane, of in groupby(pieces, lambda piece: piece.lane)]
    return Told(joined, ends, sent, conversation.failure)


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def told_however_split(begin: Callable[[], Conversation], data: bytes) -> Told:
    """What is told of ``data`` at once, after checking that every cut into two, and single bytes, make no difference."""
    at_once = told(begin(), [data])
    assert told(begin(), bytewise(data)) == at_once
    for cut in range(1, len(data)):
        assert told(begin(), [data[:cut], data[cut:]]) == at_once, cut
    return at_once


def told_however_cut(begin: Callable[[], Conversation], data: bytes, cuts: Iterable[int]) -> Told:
    """What is told of ``data`` at once, after checking that these cuts, and single bytes, make no difference."""
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    at_once = told(begin(), [data] if data else [])
    assert told(begin(), [data[start:end] for start, end in pairwise(bounds) if end > start]) == at_once
    assert told(begin(), bytewise(data)) == at_once
    return at_once
