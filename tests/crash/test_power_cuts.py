"""Power cuts: what the device holds at a moment, without what the system had still in memory, is mounted and gone on with."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from disks import Sound, mount, mounted, unmount
from offices import Office
from sending import FILE, configured, journaled, transferred
from servers import free_port

from collector.journal import stream_ends
from collector.store.database import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from disks import Disk

    from collector.config import Config

pytestmark = pytest.mark.timeout(300)

CUTS = 12
SMDR = Path(sys.executable).with_name("smdr")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    yield from mounted(Sound(tmp_path / "disk", tmp_path / "workshop"))


def test_a_power_cut_leaves_every_byte_that_was_committed_and_calls_that_are_made_of_them(
    tmp_path: Path, disk: Sound
) -> None:
    chance = random.Random(5)
    stream = transferred(5)
    config = configured(disk.path, free_port(), None)
    file = disk.path / "pbx2.log"
    file.touch()
    process = subprocess.Popen([SMDR, "run", "--config", config.path])  # a child of ours: sees the disk
    cuts = 0
    try:
        for cut in range(CUTS):
            with file.open("ab") as printed:
                printed.write(stream[cut * 8000 : (cut + 1) * 8000])
            time.sleep(chance.uniform(0.05, 0.7))
            cuts += _cut(process, disk, config, tmp_path / f"cut{cut}", stream)
    finally:
        process.kill()
        process.wait()
    assert cuts == CUTS


def _cut(process: subprocess.Popen[bytes], disk: Sound, config: Config, where: Path, stream: bytes) -> bool:
    """Cut the power to a copy of the world, and go on in it."""
    committed = stream_ends(config.site.data / "journal").get(FILE, 0)
    assert process.poll() is None
    os.kill(process.pid, signal.SIGSTOP)
    image = disk.image.with_name("copy")
    shutil.copyfile(disk.image, image)
    os.kill(process.pid, signal.SIGCONT)
    mount("ext4", str(image), where, "loop")
    try:
        office = Office(configured(where, 2300, None))
        kept = journaled(office.config, FILE)
        assert kept == stream[: len(kept)]
        assert len(kept) >= committed
        path = office.config.site.data / "calls.db"
        assert not path.exists() or is_whole(path)
        office.project()
        office.assert_conserved()
        return True
    finally:
        unmount(where)
        image.unlink()
