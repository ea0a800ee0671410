"""Attaching a PBX: who reads a port already, listening to one, and what the heard text is as calls."""

from __future__ import annotations

import asyncio
import io
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from collector.commands.parse import CaptureReader, dates_of, first_lines
from collector.config import Link, Serial, Source
from collector.errors import UserError
from collector.inputs import open_input
from collector.inputs.base import LinkError
from collector.inputs.tapping import Tap
from collector.sniffing import SURE_LEGS, Found, NothingFoundError, sniff
from parsers import detection
from parsers.date_order import SURE
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from collector.inputs.base import LinkState

    Hear = Callable[[bytes, Serial | None], None]
    Say = Callable[[str], None]

KINDS = ("serial", "rfc2217", "tcp", "tcp-listen")
"""Inputs that can be listened to here."""
MOST_BYTES = 200 * detection.MOST_LINES
_HEARD = "heard"
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
    return next((source.name for source in sources if _place(source.link) == _place(link)), None)


def _place(link: Link) -> tuple[str, ...]:
    if link.scheme == "serial":
        return ("serial", os.path.realpath(link.path))
    return (link.scheme, link.host, str(link.port))


async def listen(link: Link, allow: tuple[str, ...], seconds: float, say: Say, hear: Hear) -> Found:
    """Find the settings and the format of what comes over a link; ``hear`` is told the bytes as they come.

    Raises `NothingFoundError` where nothing comes that can be read, OSError where it cannot be listened to, `UserError`
    where ``allow`` is no list of addresses.
    """
    if link.scheme == "serial":
        return await sniff(link.path, seconds, say, hear)
    try:
        source = Source(name="attach", input=str(link), allow=allow)
    except ValidationError:
        raise UserError(f"{', '.join(allow)}: write the addresses of the PBX, such as 192.0.2.10.") from None
    text = bytearray()
    failures: list[str] = []

    def take(data: bytes) -> None:
        text.extend(data)
        hear(data, None)

    def tell(state: LinkState, sentence: str) -> None:
        say(sentence)
        if state == "failed" and link.scheme == "tcp-listen":  # the port is taken: waiting does not help
            failures.append(sentence)

    reading = asyncio.create_task(open_input(source, Tap(take, tell)).run())
    try:
        ranked = await _ranked(text, failures, time.monotonic() + seconds)
    finally:
        reading.cancel()
    if failures:
        raise LinkError(failures[0])
    if not text:
        raise NothingFoundError(
            f"Nothing came from {link} in {seconds:.0f} seconds: make a call and end it while this listens. If it stays "
            "silent, check address and port at the PBX, and whether a firewall is between."
        )
    return Found(Serial(), ranked, len(text), bytes(text))


async def go_on(link: Link, allow: tuple[str, ...], line: Serial, say: Say, hear: Callable[[bytes], object]) -> None:
    """Listen on with the settings that were found, until cancelled: what comes before the collector reads is kept, too."""
    source = Source(name="attach", input=str(link), allow=allow, serial=line)
    await open_input(source, Tap(hear, lambda _state, sentence: say(sentence))).run()


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


def keep_heard(data: Path, name: str, text: bytes) -> Path:
    """Keep what was heard before the source was there in a file of the data folder, for `smdr import`."""
    folder = data / _HEARD
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{name}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.log"
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(text)
    return file
