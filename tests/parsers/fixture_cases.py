"""The cases of ``fixtures/``: a capture, how to read it, and what it says."""

from __future__ import annotations

import io
import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from collector.commands.parse import CaptureReader, Summary, parse

if TYPE_CHECKING:
    from collector.calls import Call

FIXTURES = Path(__file__).parents[2] / "fixtures"


class Case(NamedTuple):
    folder: Path
    format: str
    zone: ZoneInfo
    received: float

    @property
    def expected(self) -> Path:
        return self.folder / "expected.jsonl"

    def calls(self) -> list[Call]:
        """The calls the capture's legs join to."""
        reader = CaptureReader(self.format, self.zone, self.received, "raw.bin")
        for _ in reader.records(io.BytesIO((self.folder / "raw.bin").read_bytes())):
            pass
        return reader.calls

    def read(self) -> tuple[str, Summary]:
        """What ``smdr parse`` prints for the capture, and its summary."""
        out = io.StringIO()
        summary = parse(self.folder / "raw.bin", self.format, self.zone, self.received, calls=False, out=out)
        return out.getvalue(), summary


def _case(folder: Path) -> Case:
    declared = tomllib.loads((folder / "case.toml").read_text())
    received = datetime.fromisoformat(declared["received"]).timestamp()
    return Case(folder, declared["format"], ZoneInfo(declared["tz"]), received)


CASES = {
    path.parent.relative_to(FIXTURES).as_posix(): _case(path.parent)
    for path in sorted(FIXTURES.glob("*/*/*/case.toml"))
}
"""By ``vendor/model/case``."""


if __name__ == "__main__":  # writes what is read now; the difference is to be read by eye before it is committed
    for case in CASES.values():
        case.expected.write_text(case.read()[0])
