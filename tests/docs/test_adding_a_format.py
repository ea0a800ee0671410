"""The format that docs/adding-a-format.md adds works as the page says."""

from __future__ import annotations

import inspect
import io
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from documents import ROOT, blocks

from collector.commands.parse import parse
from collector.simulator.office import Profile
from collector.simulator.printing import print_lines
from collector.simulator.traffic import Traffic
from parsers import detection, formats
from parsers.records import Leg, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parsers.formats import Format

sys.path.append(str(Path(__file__).parents[1] / "properties"))

import test_expressions
import test_formats
import test_streams

PROPERTIES = [
    function
    for module in (test_expressions, test_formats, test_streams)
    for name, function in vars(module).items()
    if name.startswith("test_") and [*inspect.signature(function).parameters] == ["declared"]
]
PAGE = ROOT / "docs/adding-a-format.md"


def shown(language: str) -> str:
    (block,) = blocks(PAGE, language)
    return block.text


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> Iterator[Format]:
    """The format of the page, known to the product as the page says."""
    module = ModuleType("parsers.acme")
    exec(compile(shown("python"), "parsers/acme.py", "exec"), module.__dict__)  # noqa: S102  (our own page)
    monkeypatch.setitem(sys.modules, "parsers.acme", module)
    monkeypatch.setattr(formats, "_FAMILIES", (*formats._FAMILIES, "acme"))
    for cached in (formats.built_in, detection._taken):
        cached.cache_clear()
    yield formats.get("acme/200")
    monkeypatch.undo()
    for cached in (formats.built_in, detection._taken):
        cached.cache_clear()


def test_the_capture_is_read_as_shown(acme: Format, tmp_path: Path) -> None:
    capture = tmp_path / "acme.log"
    capture.write_text(shown("text").partition("\n")[2], encoding="ascii")
    out = io.StringIO()
    summary = parse(capture, None, ZoneInfo("Asia/Shanghai"), None, calls=True, out=out)
    assert shown("json") in out.getvalue()
    assert (summary.legs, summary.calls, summary.rejected, summary.noise) == (5, 4, 0, 1)
    assert acme.samples == tuple(capture.read_bytes().splitlines()[1:])


def test_a_damaged_line_is_told_as_shown(acme: Format) -> None:
    refused = acme.decoder()(acme.samples[0].replace(b";12;", b";1x2;"), 0, 0)
    assert isinstance(refused, Rejected)
    assert f"`{refused.hint}`" in PAGE.read_text(encoding="utf-8")


def test_simulated_traffic_is_read_back(acme: Format) -> None:
    day = Traffic(Profile.office(), 1).between(datetime(2026, 3, 2), datetime(2026, 3, 3))  # noqa: DTZ001  (a PBX's clock)
    lines = [line.text for line in print_lines(acme, day)]
    decode = acme.decoder()
    assert len(lines) > 100
    assert all(isinstance(decode(part, 0, 0), Leg) for line in lines for part in line.splitlines() if b";" in part)


@pytest.mark.parametrize("holds", PROPERTIES)
def test_what_holds_for_every_format_holds_for_this_one(acme: Format, holds: Callable[..., None]) -> None:
    holds(acme)
