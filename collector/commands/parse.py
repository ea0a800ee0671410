"""`smdr parse` and `smdr detect`: a capture file read without storing anything."""

from __future__ import annotations

import io
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TextIO

from collector.errors import UserError
from collector.framing import Framer
from collector.gathering import framer_of
from collector.interpreting import interpret, tail_class
from collector.joining import Joiner
from collector.rendering import call_row, line, record_row
from parsers import detection, formats
from parsers.date_order import SURE
from parsers.records import Leg, Noise
from parsers.stamps import Stamps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from collector.calls import Call
    from collector.framing import Frame
    from parsers.date_order import Told
    from parsers.detection import Candidate
    from parsers.records import Record
    from parsers.stamps import DateOrder

_READ = 1 << 18


@dataclass
class Summary:
    """What a capture held: bytes by class, and how many of each kind."""

    bytes: int = 0
    record_bytes: int = 0
    rejected_bytes: int = 0
    noise_bytes: int = 0
    legs: int = 0
    calls: int = 0
    rejected: int = 0
    noise: int = 0


class CaptureReader:
    """Interprets one capture; `summary` is complete when `records` is exhausted."""

    def __init__(
        self, format_name: str, zone: ZoneInfo | None, received: float, source: str, order: DateOrder | None = None
    ) -> None:
        """Read by ``order`` of day and month where it is given, else by what the dates tell as they come."""
        declared = formats.get(format_name)
        self.summary = Summary()
        self.calls: list[Call] = []
        self._declared = declared
        self._format = format_name
        self._received = received
        self._stamps = Stamps(zone, order or declared.order, declared.stamp, settled=order is not None)
        self._decode = declared.decoder(self._stamps)
        self._joiner = Joiner(source, declared.joining)
        self._tail = "noise"

    @property
    def dates(self) -> Told | None:
        """What the dates read so far tell about day and month."""
        return self._stamps.dates.told

    def records(self, stream: BinaryIO) -> Iterator[Record]:
        """Every record of ``stream``, in order."""
        framer, offset = framer_of(self._declared), 0
        while data := stream.read(_READ):
            yield from self._frames(framer.feed(offset, data))
            offset += len(data)
        yield from self._frames(framer.finish())
        self.summary.bytes = offset

    def _frames(self, frames: list[Frame]) -> Iterator[Record]:
        for frame in frames:
            if frame.tail:
                self._count(self._tail, len(frame.data))
                continue
            for record, size in interpret(frame, self._decode, self._format, self._received):
                self._tail = tail_class(record)
                self._count(self._tail, size)
                self._tally(record)
                yield record

    def _count(self, kind: str, size: int) -> None:
        name = f"{kind}_bytes"
        setattr(self.summary, name, getattr(self.summary, name) + size)

    def _tally(self, record: Record) -> None:
        summary = self.summary
        if isinstance(record, Leg):
            summary.legs += 1
            earlier = self._joiner.earlier(record, self._received)
            call = self._joiner.add(record, self._received, earlier).call
            if earlier is None:
                summary.calls += 1
                self.calls.append(call)
        elif isinstance(record, Noise):
            summary.noise += 1
        else:
            summary.rejected += 1


def parse(
    path: Path,
    format_name: str | None,
    zone: ZoneInfo | None,
    received: float | None,
    *,
    calls: bool,
    order: DateOrder | None = None,
    out: TextIO | None = None,
) -> Summary:
    """Print the records of ``path`` (``-`` is standard input) as JSON Lines, with the joined calls after them if asked.

    Where ``order`` is not given, the dates at the beginning tell whether day or month comes first.
    """
    out = out or sys.stdout
    stream: BinaryIO = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    with stream:
        head, stream = _peek(stream)
        format_name = format_of(format_name, first_lines(head), f"the first lines of {path}")
        if received is None:
            received = _time_of(path)
        told = dates_of(head, format_name, received) if order is None else None
        if told and told.certainty >= SURE:
            order = told.order
        reader = CaptureReader(format_name, zone, received, path.name, order)
        out.writelines(line(record_row(record, path.name, zone)) + "\n" for record in reader.records(stream))
    if calls:
        out.writelines(line(call_row(call, zone)) + "\n" for call in reader.calls)
    return reader.summary


class Detected(NamedTuple):
    """A format that fits a capture, and what the capture's dates tell when they are read by it."""

    candidate: Candidate
    dates: Told | None


def detect(path: Path) -> list[Detected]:
    """The formats that fit the first lines of a capture, best first."""
    stream: BinaryIO = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    with stream:
        head = stream.read(_READ)
    received = _time_of(path)
    ranked = detection.rank(first_lines(head))
    return [Detected(candidate, dates_of(head, candidate.name, received)) for candidate in ranked]


def dates_of(head: bytes, format_name: str, received: float) -> Told | None:
    """What the dates of a capture's beginning tell about day and month; None where they tell nothing."""
    reader = CaptureReader(format_name, None, received, "")
    for _ in reader.records(io.BytesIO(head)):
        pass
    return reader.dates


def first_lines(head: bytes) -> list[bytes]:
    """The first bytes of a capture as lines, as detection wants them."""
    framer = Framer(0)
    return [frame.data for frame in (*framer.feed(0, head), *framer.finish())]


def format_of(name: str | None, lines: Sequence[bytes], where: str) -> str:
    """The format called ``name``, or the one that fits ``lines`` best. Raises `UserError` where there is none."""
    if name is not None:
        if name not in formats.names():
            raise UserError(_unknown(name))
        return name
    ranked = detection.rank(lines)
    if not ranked:
        raise UserError(f"No known format fits {where}; name one with --format, see `smdr formats`.")
    return ranked[0].name


def summary_line(summary: Summary) -> str:
    """The summary as one line of JSON."""
    return line(asdict(summary))


def _unknown(name: str) -> str:
    import difflib  # noqa: PLC0415  (only for the message)

    near = difflib.get_close_matches(name, formats.names(), 1)
    hint = f'did you mean "{near[0]}"?' if near else "see `smdr formats`."
    return f'There is no format "{name}"; {hint}'


def _time_of(path: Path) -> float:
    import time  # noqa: PLC0415  (only where no receive time was given)

    return time.time() if str(path) == "-" else path.stat().st_mtime


def _peek(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes of ``stream``, and a stream that still begins with them."""
    head = stream.read(_READ)

    class Rejoined(io.RawIOBase):
        """The bytes looked at, then the rest."""

        def __init__(self) -> None:
            self._head = io.BytesIO(head)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            data = self._head.read(len(buffer)) or stream.read(len(buffer))
            buffer[: len(data)] = data
            return len(data)

    return head, io.BufferedReader(Rejoined())
