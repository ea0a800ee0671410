"""What a frame means: its record, or, where the link was interrupted inside it, the torn line and what came after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.framing import LIMIT
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from collector.framing import Frame
    from parsers.formats import Decoder
    from parsers.records import Record


Reading = tuple["Record", int]
"""A record with the number of bytes it accounts for."""


def interpret(frame: Frame, decode: Decoder, format_name: str, received: float) -> tuple[Reading, ...]:
    """The record or records of one frame (not a tail). A frame with a seam that is no line is two pieces."""
    size = len(frame.data)
    if frame.heading:
        return ((Noise(frame.offset, format_name, "heading", frame.data.decode("latin-1")), size),)
    if frame.too_long:
        hint = f"no line end within {LIMIT} bytes"
        text = frame.data.decode("latin-1")
        return ((Rejected(frame.offset, format_name, "line-too-long", hint, text), size),)
    record = decode(frame.data, frame.offset, received)
    if frame.seam is None or not (isinstance(record, Rejected) or _is_glued(record)):
        return ((record, size),)
    place, offset = frame.seam
    torn, whole = frame.data[:place], frame.data[place:]
    hint = "the link was closed here and opened again"
    cut = Rejected(frame.offset, format_name, "cut-off", hint, torn.decode("latin-1"))
    return (cut, place), (decode(whole, offset, received), size - place)


def _is_glued(record: Record) -> bool:
    """Whether the decoder found the record behind other text, here the torn line."""
    return isinstance(record, Leg) and "glued" in (record.extra or {})


def tail_class(record: Record) -> str:
    """The class bytes that arrive after a frame are counted in."""
    return "record" if isinstance(record, Leg) else "noise" if isinstance(record, Noise) else "rejected"
