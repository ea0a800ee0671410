"""Legs as calls.db keeps them: only what their call does not tell, and without their text, which the journal has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from collector.calls import Call
from collector.frames import FrameReader
from collector.joining import ReceivedLeg
from parsers.formats import text_of
from parsers.records import Leg

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

_SHARED = Leg.__struct_fields__[1 : Leg.__struct_fields__.index("currency") + 1]
"""The fields that a call has as well, beside the offset."""
_OF_LEG = slice(1, len(_SHARED) + 1)
_OF_CALL = slice(Call.__struct_fields__.index(_SHARED[0]), Call.__struct_fields__.index(_SHARED[-1]) + 1)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Kept(NamedTuple):
    """What is kept of a leg: columns of `stored_legs`."""

    call: int | None
    received: float | None
    extra: str | None
    leg: str | None


def kept(call: Call, heard: ReceivedLeg) -> Kept:
    """What ``call`` as it is now does not tell of one of its legs."""
    received, leg = heard
    own, told = astuple(leg)[_OF_LEG], astuple(call)[_OF_CALL]
    rest = {} if own == told else {n: o for n, o, t in zip(_SHARED, own, told, strict=True) if o != t}
    if leg.raw:
        rest["raw"] = leg.raw
    return Kept(
        None if leg.offset == call.offset else call.offset,
        None if received == call.received else received,
        _encode(leg.extra).decode() if leg.extra else None,
        _encode(rest).decode() if rest else None,
    )


def legs_of(db: sqlite3.Connection, call: Call) -> Iterator[ReceivedLeg]:
    """The legs of a stored call, without the texts that the journal has."""
    return (heard for heard, _ in _stored(db, call))


class LegReader:
    """Reads the legs of calls with their texts: calls.db through an open connection, the journal from its folder."""

    def __init__(self, db: sqlite3.Connection, journal: Path) -> None:
        self._db = db
        self._frames = FrameReader(journal)

    def of(self, call: Call) -> list[ReceivedLeg]:
        """The legs of a call; the text of one is empty where its month of the journal is not there any more."""
        legs = []
        for heard, size in _stored(self._db, call):
            if size is not None and not heard.leg.raw:
                heard.leg.raw = text_of(self._frames.frame(call.source, heard.leg.offset, size))
            legs.append(heard)
        return legs

    def close(self) -> None:
        """Close the journal's files."""
        self._frames.close()


def _stored(db: sqlite3.Connection, call: Call) -> Iterator[tuple[ReceivedLeg, int | None]]:
    """Each leg of a call, with the size of its frame where the journal has its text."""
    select = "SELECT size, received, extra, leg FROM legs WHERE source = ? AND offset = ?"
    for offset in call.legs:
        size, received, extra, rest = db.execute(select, (call.source, offset)).fetchone()
        yield ReceivedLeg(received, _restored(call, offset, extra, rest)), size


def _restored(call: Call, offset: int, extra: str | None, rest: str | None) -> Leg:
    fields = _decode(rest) if rest else {}
    if "offset" in fields:  # kept in full, by a release before this
        return msgspec.convert(fields, Leg)
    leg = Leg(offset, *astuple(call)[_OF_CALL])
    leg.extra = _decode(extra) if extra else None
    for name, value in fields.items():
        setattr(leg, name, value)
    return leg
