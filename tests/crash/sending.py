"""What the PBXs of the crash tests send, and what is to be read out of it."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from offices import kx_td_line

from collector.config import load
from collector.framing import Framer
from collector.journal import JournalReader
from collector.simulator.office import Profile
from collector.simulator.printing import print_lines
from collector.simulator.traffic import Traffic
from parsers import formats
from parsers.records import Leg
from parsers.stamps import Stamps

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

    from confirming import Server

    from collector.config import Config

TCP, FILE = "pbx1", "pbx2"
FORMATS = {TCP: "panasonic/kx-td", FILE: "panasonic/kx-tda"}
RECORDS = 2500
"""Records each PBX has to send."""
ZONE = "Asia/Shanghai"
RECEIVED = 1_786_400_000.0


def numbered(chance: random.Random) -> bytes:
    """Records that differ by their number only, some of them twice, with page heads and noise of the line between."""
    lines = []
    while len(lines) < RECORDS:
        line = kx_td_line(len(lines))
        lines += [line, line] if chance.random() < 0.1 else [line]
        if chance.random() < 0.05:
            lines.append(
                chance.choice(
                    [b"\f\r\n", b"10/08/26 12:5\x00\xff~~\r\n", b"\r\n", b"*" * chance.randint(1, 6000) + b"\r\n"]
                )
            )
    return b"".join(lines)


def transferred(seed: int) -> bytes:
    """Records of callers who were transferred: every call is of two, and outputs may see it between them."""
    declared = formats.get(FORMATS[FILE])
    calls = Traffic(Profile.steady(5), seed).calls(dt.datetime(2026, 8, 10, 9))  # noqa: DTZ001  (a PBX's wall clock)
    legs = (leg for call in calls if len(call) > 1 for leg in call)
    return b"".join(line.text for line in islice(print_lines(declared, legs), RECORDS))


def legs_of(source: str, stream: bytes) -> list[int]:
    """Where in its stream the records of a source begin."""
    declared = formats.get(FORMATS[source])
    decode, framer = declared.decoder(Stamps(ZoneInfo(ZONE), declared.order, declared.stamp)), Framer(0)
    frames = [frame for frame in framer.feed(0, stream) if not (frame.tail or frame.too_long)]
    return [frame.offset for frame in frames if isinstance(decode(frame.data, frame.offset, RECEIVED), Leg)]


def cut(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """``data`` in pieces of any size."""
    while data:
        size = chance.choice((1, 7, 82, 500, 2000))
        yield data[:size]
        data = data[size:]


def configured(folder: Path, port: int, server: Server | None) -> Config:
    """A configuration of both sources in ``folder``."""
    output = f'[[output]]\nname = "influx"\nurl = "{server.url}"\ndatabase = "{server.database}"\n' if server else ""
    path = folder / "smdr.toml"
    path.write_text(
        f"""
[site]
name = "hq"
timezone = "{ZONE}"
data = "data"

[[source]]
name = "{TCP}"
input = "tcp-listen://127.0.0.1:{port}"
format = "{FORMATS[TCP]}"

[[source]]
name = "{FILE}"
input = "file:pbx2.log"
format = "{FORMATS[FILE]}"

{output}
""",
        encoding="utf-8",
    )
    return load(path)


def journaled(config: Config, source: str) -> bytes:
    """The byte stream of a source, as the journal has it; fails where a chunk does not follow the one before."""
    reader = JournalReader(config.site.data / "journal")
    stream = b""
    for chunk in reader.chunks(source, 0):
        assert chunk.offset == len(stream), f"{source}: a chunk at {chunk.offset}, after {len(stream)} bytes"
        stream += chunk.data
    reader.close()
    return stream
