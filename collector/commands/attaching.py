"""Attaching a PBX: who reads a port already, listening to one, and what the heard text is as calls."""

from __future__ import annotations

import asyncio
import io
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pydantic import ValidationError

from collector.commands.parse import CaptureReader, dates_of, first_lines
from collector.config import Link, Serial, Source
from collector.errors import UserError
from collector.handover import place
from collector.inputs import open_input
from collector.inputs.base import LinkError
from collector.inputs.tapping import Tap
from collector.sniffing import SURE_LEGS, Found, NothingFoundError, sniff
from parsers import detection
from parsers.date_order import SURE
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from collector.inputs.base import LinkState
    from collector.inputs.tapping import Arrival

KINDS = ("serial", "rfc2217", "tcp", "tcp-listen")
"""Inputs that can be listened to here."""
MOST_BYTES = 200 * detection.MOST_LINES
_LOOK_S = 0.3


class Sample(NamedTuple):
    """What a format makes of the heard text: the first legs, and how many lines it has or rejects."""

    legs: list[Leg]
    read: int
    rejected: int


def link_of(typed: str) -> Link:
    """The input that was typed; a bare path is a serial port. Raises `UserError`."""
    text = typed.strip()
    try:
        link = Link.parse(text if ":" in text.partition("/")[0] else f"serial:{text}")
    except ValueError as error:
        raise UserError(f"{'; '.join(error.args)}.") from None
    if link.scheme not in KINDS:
        raise UserError(f'"{link.scheme}" is nothing to listen to: {", ".join(KINDS)}.')
    return link


def reader_of(link: Link, sources: Iterable[Source]) -> str | None:
    """The source that reads from there already, whatever the port is called in it."""
    return next((source.name for source in sources if place(source.link) == place(link)), None)


class Listener(Protocol):
    """Who listens to a link."""

    def say(self, sentence: str) -> None:
        """Be told how it goes."""

    def hear(self, data: bytes, line: Serial | None) -> None:
        """Bytes as they come while it is not known what they are, and the settings they are read with, where it has any."""

    def found(self, found: Found) -> None:
        """Be told once what it is, with all that was heard as that."""

    def arrived(self, arrival: Arrival) -> None:
        """What comes from then on."""


async def listen(link: Link, allow: tuple[str, ...], seconds: float, listener: Listener) -> None:
    """Find the settings and the format of what comes over a link within ``seconds``, and listen on until cancelled.

    Raises `NothingFoundError` where nothing comes that can be read, OSError where it cannot be listened to, `UserError`
    where ``allow`` is no list of addresses.
    """
    if link.scheme == "serial":
        found = await sniff(link.path, seconds, listener.say, listener.hear)
        listener.found(found)
        source = Source(name="attach", input=str(link), serial=found.line)
        await open_input(source, Tap(listener.arrived, _unsaid)).run()
    else:
        try:
            source = Source(name="attach", input=str(link), allow=allow)
        except ValidationError:
            raise UserError(f"{', '.join(allow)}: write the addresses of the PBX, such as 192.0.2.10.") from None
        await _Network(source, listener).listen(seconds)


class _Network:
    """Listens to a link over which bytes come as they are: the same connections before it is known what they are, and after."""

    def __init__(self, source: Source, listener: Listener) -> None:
        self._source = source
        self._listener = listener
        self._arrivals: list[Arrival] = []
        self._text = bytearray()
        self._failures: list[str] = []
        self._is_found = False

    async def listen(self, seconds: float) -> None:
        """Find out what comes, and listen on."""
        reading = asyncio.create_task(open_input(self._source, Tap(self._take, self._tell)).run())
        try:
            ranked = await _ranked(self._text, self._failures, time.monotonic() + seconds)
            if self._failures:
                raise LinkError(self._failures[0])
            if not self._text:
                raise NothingFoundError(
                    f"Nothing came from {self._source.link} in {seconds:.0f} seconds: make a call and end it while this "
                    "listens. If it stays silent, check address and port at the PBX, and whether a firewall is between."
                )
            self._is_found = True
            text = bytes(self._text)
            self._listener.found(Found(Serial(), ranked, len(text), text, tuple(self._arrivals)))
            await reading
        finally:
            reading.cancel()
            await asyncio.wait({reading})  # it hands over what has arrived by now

    def _take(self, arrival: Arrival) -> None:
        if self._is_found:
            self._listener.arrived(arrival)
        else:
            self._arrivals.append(arrival)
            self._text += arrival.data
            self._listener.hear(arrival.data, None)

    def _tell(self, state: LinkState, sentence: str) -> None:
        if self._is_found:
            return
        self._listener.say(sentence)
        if state == "failed" and self._source.link.scheme == "tcp-listen":  # the port is taken: waiting does not help
            self._failures.append(sentence)


def _unsaid(_state: LinkState, _sentence: str) -> None:
    """How the link does is of no interest once it is known."""


async def _ranked(text: bytearray, failures: list[str], deadline: float) -> list[detection.Candidate]:
    """The formats that fit, as soon as one is certain, or what is known at the end of the time or at a failure."""
    judged = 0
    ranked: list[detection.Candidate] = []
    while time.monotonic() < deadline and len(text) < MOST_BYTES and not failures:
        await asyncio.sleep(_LOOK_S)
        if len(text) > judged:
            judged = len(text)
            ranked = await asyncio.to_thread(detection.rank, first_lines(bytes(text)))
            if ranked and ranked[0].legs >= SURE_LEGS:
                break
    return ranked


def sample(text: bytes, format_name: str, zone: ZoneInfo, most: int) -> Sample:
    """Read the heard text by a format; the first ``most`` legs of it."""
    received = time.time()
    told = dates_of(text, format_name, received)
    order = told.order if told and told.certainty >= SURE else None
    reader = CaptureReader(format_name, zone, received, "", order)
    legs = [record for record in reader.records(io.BytesIO(text)) if isinstance(record, Leg)]
    return Sample(legs[:most], reader.summary.legs, reader.summary.rejected)
