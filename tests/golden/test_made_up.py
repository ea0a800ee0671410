"""What the project shows is made up: no record of a captured line stands in its samples, fixtures or documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from captures import CORPUS

from parsers import formats

ROOT = Path(__file__).parents[2]
WRITTEN = [*ROOT.glob("fixtures/**/raw.bin"), *ROOT.glob("parsers/*.py"), *ROOT.glob("docs/*.md"), ROOT / "README.md"]

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the captures are not at {CORPUS}")

_TELLING_DIGITS = 8
_AROUND = b" \t\0b\"',()|`"


def records(text: bytes) -> set[bytes]:
    """Lines that tell of a call: so many digits that they are not equal by chance, and not names of columns."""
    lines = (line.strip(_AROUND) for line in re.split(rb"[\r\n\f]+", text))
    return {
        line for line in lines if _TELLING_DIGITS < len(re.findall(rb"\d", line)) > len(re.findall(rb"[a-z]", line))
    }


@pytest.fixture(scope="module")
def captured() -> set[bytes]:
    return set().union(*(records(path.read_bytes()) for path in CORPUS.glob("*.log")))


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_written_here_is_a_captured_record(path: Path, captured: set[bytes]) -> None:
    assert not records(path.read_bytes()) & captured


@pytest.mark.parametrize("name", formats.names())
def test_no_sample_is_a_captured_record(name: str, captured: set[bytes]) -> None:
    assert not records(b"\n".join(formats.get(name).samples)) & captured
