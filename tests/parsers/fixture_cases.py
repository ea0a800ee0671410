"""The cases of ``fixtures/``: a capture, how to read it, and what it says."""

from __future__ import annotations

import io
import tomllib
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from collector.commands.parse import Summary, parse

FIXTURES = Path(__file__).parents[2] / "fixtures"


class Case(NamedTuple):
    folder: Path
    format: str
    zone: ZoneInfo
    received: float

    @property
    def expected(self) -> Path:
        return self.folder / "expected.jsonl"

    def read(self) -> tuple[str, Summary]:
        """What ``smdr parse`` prints for the capture, and its summary."""
        out = io.StringIO()
        summary = parse(self.folder / "raw.bin", self.format, self.zone, self.received, calls=False, out=out)
        return out.getvalue(), summary


def cases() -> list[Case]:
    return [_case(path.parent) for path in sorted(FIXTURES.glob("*/*/*/case.toml"))]


def _case(folder: Path) -> Case:
    declared = tomllib.loads((folder / "case.toml").read_text())
    received = datetime.fromisoformat(declared["received"]).timestamp()
    return Case(folder, declared["format"], ZoneInfo(declared["tz"]), received)


if __name__ == "__main__":  # writes what is read now; the difference is to be read by eye before it is committed
    for case in cases():
        case.expected.write_text(case.read()[0])
