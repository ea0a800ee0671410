from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from collector.frames import FrameReader
from collector.journal import Journal
from collector.segments import segments

if TYPE_CHECKING:
    from pathlib import Path

MONTH_S = 31 * 86_400


@pytest.fixture
def journal(tmp_path: Path) -> dict[int, bytes]:
    """Lines of two lanes in pieces of any size, over three months, by the offset of their first byte."""
    chance = random.Random(3)
    now = [1_790_000_000.0]
    journal = Journal(tmp_path, lambda: now[0])
    lines: dict[int, bytes] = {}
    begun: dict[int, tuple[int, bytes]] = {}
    for number in range(900):
        lane = chance.randrange(2)
        now[0] += 3 * MONTH_S / 900
        offset = journal.ends.get("pbx1", 0)
        piece = b"%d of lane %d " % (number, lane)
        ends = chance.random() < 0.5
        first, before = begun.pop(lane, (offset, b""))
        if ends:
            lines[first] = before + piece + b"\r\n"
        else:
            begun[lane] = first, before + piece
        journal.append([("pbx1", lane, piece + b"\r\n" * ends, False, False), ("pbx2", 0, b"other\r\n", False, False)])
    journal.close()
    assert len(segments(tmp_path)) > 2
    return lines


def test_frames_are_found_in_any_order(tmp_path: Path, journal: dict[int, bytes]) -> None:
    reader = FrameReader(tmp_path)
    for order in (
        sorted(journal),
        sorted(journal, reverse=True),
        random.Random(1).sample(sorted(journal), len(journal)),
    ):
        for offset in order:
            assert reader.frame("pbx1", offset, len(journal[offset])) == journal[offset]
        assert reader.frame("pbx2", 7 * 5, 7) == b"other\r\n"
    reader.close()


def test_of_a_month_that_is_not_there_nothing_is_found_and_of_the_others_everything(
    tmp_path: Path, journal: dict[int, bytes]
) -> None:
    second = segments(tmp_path)[1]
    second.rename(tmp_path / "archived")
    reader = FrameReader(tmp_path)
    found = {offset: reader.frame("pbx1", offset, len(line)) for offset, line in journal.items()}
    reader.close()
    missing = {offset for offset, line in found.items() if line != journal[offset]}
    assert 0 < len(missing) < len(journal)
    assert sum(found[offset] == b"" for offset in missing) >= len(missing) - 2, "but for those cut at its ends"


def test_behind_the_end_nothing_is_found(tmp_path: Path, journal: dict[int, bytes]) -> None:
    reader = FrameReader(tmp_path)
    last = max(journal)
    assert reader.frame("pbx1", last + 10**6, 5) == b""
    assert reader.frame("nobody", 0, 5) == b""
    assert reader.frame("pbx1", last, len(journal[last])) == journal[last]
    reader.close()
