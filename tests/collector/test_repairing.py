"""Every way a file of the journal can be damaged: what can be read is recovered, and the rest accounted for to the byte."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from offices import Office, kx_td_line

from collector.assembly import journal_of
from collector.commands.rebuilding import reparse
from collector.commands.repairing import Repair, repair
from collector.config import load
from collector.conversations import LOST
from collector.journal import Journal, JournalReader
from collector.segments import Followed, Import, JournalError, segments

PAGE = 4096
AUGUST, SEPTEMBER = 1_786_400_000.0, 1_788_400_000.0
LINES = 220
IMPORTED = b"".join(kx_td_line(number) for number in range(300, 380))

CONFIG = """
[site]
name = "hq"
timezone = "Asia/Shanghai"
data = "data"

[[source]]
name = "pbx1"
input = "tcp-listen://127.0.0.1:2300"
format = "panasonic/kx-td"

[[source]]
name = "pbx2"
input = "file:pbx2.log"
format = "panasonic/kx-td"

[[source]]
name = "pbx3"
input = "folder:drop"
format = "panasonic/kx-td"
"""


class World:
    """An office whose journal has two months of three sources, and what it was before it was damaged."""

    def __init__(self, folder: Path) -> None:
        (folder / "smdr.toml").write_text(CONFIG, encoding="utf-8")
        self.office = Office(load(folder / "smdr.toml"))
        self.journal = self.office.config.site.data / "journal"

    def fill(self) -> None:
        """Write and project it all: lines in pieces over two lanes, a file that is followed, one that is dropped."""
        chance = random.Random(2)
        now = [AUGUST]
        journal = Journal(self.journal, lambda: now[0])
        followed = b""
        for number in range(LINES):
            now[0] = SEPTEMBER if number > LINES * 2 // 3 else AUGUST + number
            line = kx_td_line(number)
            cut = chance.choice((1, 40, 82))
            lane = number % 2
            journal.append([("pbx1", lane, line[:cut], number < 2, False), ("pbx1", lane, line[cut:], False, False)])
            followed += line
            journal.append([("pbx2", 0, line, number == 0, False)], Followed("pbx2", len(followed), followed[-1024:]))
            if number == LINES // 3:
                self._drop(journal)
        journal.close()
        self.office.project()
        for path in segments(self.journal):
            with closing(sqlite3.connect(path)) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _drop(self, journal: Journal) -> None:
        digest = hashlib.sha256(IMPORTED).hexdigest()
        half = len(IMPORTED) // 2
        journal.append([("pbx3", 0, IMPORTED[:half], True, False)], Import("pbx3", digest, half, complete=False))
        journal.append([("pbx3", 0, IMPORTED[half:], False, False)], Import("pbx3", digest, 2 * half, complete=False))
        journal.append([("pbx3", 0, b"", False, True)], Import("pbx3", digest, len(IMPORTED), complete=True))

    def copy(self, folder: Path) -> World:
        """The same once more, to be damaged."""
        folder.mkdir()
        other = World(folder)
        shutil.copytree(self.office.config.site.data, other.office.config.site.data)
        return other

    def stream(self, source: str) -> tuple[bytes, list[tuple[int, int]]]:
        """The bytes of a source, and where it has gaps."""
        reader = JournalReader(self.journal)
        data, gaps = b"", []
        for chunk in reader.chunks(source, 0):
            assert chunk.offset == len(data)
            data += chunk.data
            if chunk.lane == LOST:
                assert chunk.data == bytes(len(chunk.data))
                gaps.append((chunk.offset, chunk.end))
        reader.close()
        return data, gaps

    def repair(self) -> Repair:
        """`smdr repair`."""
        done = repair(self.office.config)
        if done.calls_are_stale:
            reparse(self.office.config, before=done.calls_kept_as)
        return done

    def assert_is_what_is_left_of(self, sound: World, done: Repair) -> int:
        """Hold everything against how it was; return how many bytes are lost."""
        lost = 0
        reported = {(gap.source, gap.first, gap.last) for one in done.repaired for gap in one.gaps}
        for source in ("pbx1", "pbx2", "pbx3"):
            was, _ = sound.stream(source)
            now, gaps = self.stream(source)
            assert {(source, *gap) for gap in gaps} == {gap for gap in reported if gap[0] == source}
            assert len(now) == len(was)
            kept = bytearray(was)
            for first, last in gaps:
                kept[first:last] = bytes(last - first)
                lost += last - first
            assert now == kept
            assert self.legs(source) == {
                leg: size
                for leg, size in sound.legs(source).items()
                if all(leg + size <= f or leg >= e for f, e in gaps)
            }
        journal = Journal(self.journal)
        before = Journal(sound.journal)
        assert journal.ends == before.ends
        imports = journal.imports("pbx3"), before.imports("pbx3")
        assert imports[0] == imports[1] or (not imports[0] and any(gap[0] == "pbx3" for gap in reported))
        place, place_before = journal.followed("pbx2"), before.followed("pbx2")
        assert place is not None
        assert place_before is not None
        assert place.position == place_before.position
        assert place_before.tail.endswith(place.tail)
        self.office.assert_conserved()
        assert self.office.rows("SELECT coalesce(sum(bytes), 0) FROM noise WHERE reason = 'lost'") == [(lost,)]
        return lost

    def legs(self, source: str) -> dict[int, int]:
        return dict(self.office.rows(f"SELECT offset, size FROM legs WHERE source = '{source}'"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("sound"))
    world.fill()
    return world


def overwritten(path: Path, begin: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(data)


def pages_of(sound: World) -> list[tuple[int, int]]:
    """(file, page) of every page of the journal."""
    return [
        (number, page)
        for number, path in enumerate(segments(sound.journal))
        for page in range(path.stat().st_size // PAGE)
    ]


@pytest.mark.parametrize("what", [bytes(PAGE), random.Random(9).randbytes(PAGE)], ids=["zeros", "garbage"])
def test_any_page_may_be_damaged(tmp_path: Path, sound: World, what: bytes) -> None:
    losses = []
    for number, page in pages_of(sound):
        world = sound.copy(tmp_path / f"{number}-{page}")
        overwritten(segments(world.journal)[number], page * PAGE, what)
        losses.append(world.assert_is_what_is_left_of(sound, world.repair()))
    assert len(losses) > 30
    assert max(losses) < 3 * PAGE
    assert sum(loss == 0 for loss in losses) > 5, "of indexes, roots and free pages nothing is lost"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("month", [0, 1])
def test_a_file_may_be_cut_short(tmp_path: Path, sound: World, month: int, share: float) -> None:
    world = sound.copy(tmp_path / "cut")
    path = segments(world.journal)[month]
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    lost = world.assert_is_what_is_left_of(sound, world.repair())
    assert lost > 0


def test_a_month_that_is_gone_leaves_a_gap(tmp_path: Path, sound: World) -> None:
    world = sound.copy(tmp_path / "gone")
    newest = segments(world.journal)[-1]
    for suffix in ("", "-wal", "-shm"):
        Path(f"{newest}{suffix}").unlink(missing_ok=True)
    was, _ = sound.stream("pbx1")
    done = world.repair()
    now, gaps = world.stream("pbx1")
    assert len(now) == len(was)
    assert gaps == [(gaps[0][0], len(was))]
    assert now[: gaps[0][0]] == was[: gaps[0][0]]
    assert done.calls_kept_as
    world.office.assert_conserved()


def killed_without_checkpoint(world: World, lines: int) -> None:
    """Add lines that are in the write-ahead log only, as after a kill."""
    live = world.journal.with_name("live")
    shutil.copytree(world.journal, live)
    journal = Journal(live, lambda: SEPTEMBER)
    for number in range(lines):
        journal.append([("pbx1", 0, kx_td_line(number), False, False)])
    for path in live.iterdir():
        shutil.copy(path, world.journal / path.name)
    journal.close()
    shutil.rmtree(live)


def test_what_is_in_the_write_ahead_log_of_a_damaged_file_is_recovered_too(tmp_path: Path, sound: World) -> None:
    world = sound.copy(tmp_path / "log")
    killed_without_checkpoint(world, 30)
    was, _ = world.stream("pbx1")
    assert len(was) > len(sound.stream("pbx1")[0])
    newest = segments(world.journal)[-1]
    newest.with_name(f"{newest.name}-shm").unlink(missing_ok=True)
    overwritten(newest, 0, bytes(PAGE))
    world.repair()
    assert world.stream("pbx1") == (was, [])


def test_a_write_ahead_log_that_is_garbage_costs_what_it_held_and_the_places_of_that_are_not_used_again(
    tmp_path: Path, sound: World
) -> None:
    world = sound.copy(tmp_path / "log")
    killed_without_checkpoint(world, 30)
    world.office.project()
    was, _ = world.stream("pbx1")
    newest = segments(world.journal)[-1]
    newest.with_name(f"{newest.name}-wal").write_bytes(random.Random(3).randbytes(50_000))
    newest.with_name(f"{newest.name}-shm").unlink(missing_ok=True)
    with pytest.raises(JournalError, match=r"were read of it before: bytes are missing. Run `smdr repair`"):
        journal_of(world.office.config)
    (repaired,) = world.repair().repaired
    assert [(gap.source, gap.last - gap.first) for gap in repaired.gaps] == [("pbx1", 30 * 82)]
    journal = journal_of(world.office.config)
    assert journal.ends["pbx1"] == len(was)
    journal.append([("pbx1", 0, kx_td_line(1), True, False)])
    journal.close()
    world.office.project()
    world.office.assert_conserved()
    assert world.office.rows("SELECT count(*) FROM rejected") == [(0,)]


def test_a_byte_that_is_not_what_was_written_is_found_and_told(tmp_path: Path, sound: World) -> None:
    world = sound.copy(tmp_path / "flipped")
    newest = segments(world.journal)[-1]
    data = newest.read_bytes()
    at = data.index(b"INCOMING", len(data) // 2)
    overwritten(newest, at, b"X")
    with pytest.raises(JournalError, match=r"is damaged \(a chunk of pbx\d at byte [\d,]+ is not what was written\)"):
        world.stream("pbx1"), world.stream("pbx2")
    lost = world.assert_is_what_is_left_of(sound, world.repair())
    assert 0 < lost <= 82


def test_a_repaired_journal_is_whole_and_goes_on(tmp_path: Path, sound: World) -> None:
    world = sound.copy(tmp_path / "again")
    overwritten(segments(world.journal)[1], 2 * PAGE, bytes(2 * PAGE))
    assert world.repair().repaired
    assert world.repair() == Repair(2, [], calls_are_stale=False, calls_kept_as=None)
    journal = journal_of(world.office.config)
    journal.append([("pbx1", 0, kx_td_line(5), True, False)])
    journal.close()
    before = world.office.rows("SELECT count(*) FROM legs")[0][0]
    world.office.project()
    assert world.office.rows("SELECT count(*) FROM legs") == [(before + 1,)]
    world.office.assert_conserved()


def test_a_sound_journal_is_left_as_it_is(tmp_path: Path, sound: World) -> None:
    world = sound.copy(tmp_path / "sound")
    before = {path.name: path.read_bytes() for path in world.journal.glob("*.db")}
    assert world.repair() == Repair(2, [], calls_are_stale=False, calls_kept_as=None)
    assert {path.name: path.read_bytes() for path in world.journal.glob("*.db")} == before


def test_the_damaged_file_is_kept_to_the_byte(tmp_path: Path, sound: World) -> None:
    world = sound.copy(tmp_path / "kept")
    path = segments(world.journal)[0]
    overwritten(path, 3 * PAGE, bytes(PAGE))
    damaged = path.read_bytes()
    (repaired,) = world.repair().repaired
    assert repaired.kept_as.read_bytes() == damaged
    assert repaired.kept_as.name.startswith("2026-08.db.damaged-")


def test_a_line_that_was_begun_before_a_gap_does_not_go_on_behind_it(tmp_path: Path) -> None:
    """Half of one call and half of another could be a line that looks right."""
    world = World(tmp_path)
    journal = Journal(world.journal, lambda: AUGUST)
    one, other, third = kx_td_line(1), kx_td_line(2), kx_td_line(3)
    for piece in (one[:40], one[40:] + other[:40], other[40:], third):
        journal.append([("pbx1", 0, piece, False, False)])
    journal.close()
    path = segments(world.journal)[0]
    overwritten(path, path.read_bytes().index(one[40:] + other[:40]), b"X")
    (repaired,) = world.repair().repaired
    assert repaired.gaps == [("pbx1", 40, 122, AUGUST)]
    assert world.office.rows("SELECT offset, raw, hint FROM rejected ORDER BY 1")[0] == (
        0,
        one[:40].decode(),
        "what came behind this is lost",
    )
    assert [offset for (offset,) in world.office.rows("SELECT offset FROM legs")] == [164]
    world.office.assert_conserved()


def test_a_file_from_before_checksums_is_recovered_by_the_order_of_its_chunks(tmp_path: Path) -> None:
    world = World(tmp_path)
    journal = Journal(world.journal, lambda: AUGUST)
    for number in range(300):
        journal.append([("pbx1", 0, kx_td_line(number), number == 0, False)])
    journal.close()
    path = segments(world.journal)[0]
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "PRAGMA journal_mode = DELETE; ALTER TABLE chunks DROP COLUMN checksum; PRAGMA user_version = 0;"
        )
    world.office.project()
    was, _ = world.stream("pbx1")
    data = path.read_bytes()
    place = data.index(kx_td_line(150))
    record = data.rindex(b"pbx1", 0, place)
    overwritten(path, record + 4, b"\x7f\x7f")  # the offset of one chunk: far too high
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT max(offset) FROM chunks NOT INDEXED").fetchone()[0] > len(was)
    (repaired,) = world.repair().repaired
    now, gaps = world.stream("pbx1")
    assert repaired.chunks == 299
    assert gaps == [(150 * 82, 151 * 82)]
    assert now == was[: 150 * 82] + bytes(82) + was[151 * 82 :]
    world.office.assert_conserved()


@pytest.mark.parametrize("point", ["repair-built", "repair-aside", "repair-replaced"])
def test_a_repair_that_is_killed_is_finished_by_whoever_writes_next(
    tmp_path: Path, sound: World, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def reach(here: str) -> None:
        if here == point:
            raise Killed

    world = sound.copy(tmp_path / "killed")
    overwritten(segments(world.journal)[1], 6 * PAGE, bytes(3 * PAGE))
    for module in ("collector.segments", "collector.commands.repairing"):
        monkeypatch.setattr(f"{module}.reach", reach)
    with pytest.raises(Killed):
        repair(world.office.config)
    monkeypatch.undo()
    journal_of(world.office.config).close()
    world.office.project()
    world.office.assert_conserved()
    done = repair(world.office.config)
    assert done == Repair(2, [], calls_are_stale=False, calls_kept_as=None)
    _, gaps = world.stream("pbx1")
    _, more = world.stream("pbx2")
    assert gaps or more


def test_what_is_lost_is_counted_as_noise_of_its_own_kind_and_shown(tmp_path: Path, sound: World) -> None:
    world = sound.copy(tmp_path / "noise")
    overwritten(segments(world.journal)[0], 3 * PAGE, bytes(PAGE))
    gaps = [gap for one in world.repair().repaired for gap in one.gaps]
    lost: Counter[str] = Counter()
    for gap in gaps:
        lost[gap.source] += gap.last - gap.first
    rows = world.office.rows("SELECT source, bytes FROM noise WHERE reason = 'lost' ORDER BY 1")
    assert rows == sorted(lost.items())
