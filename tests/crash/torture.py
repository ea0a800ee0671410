"""Collectors that are killed for as long as asked, two at a time: ``make torture SECONDS=600``, ``make torture SEED=7``.

Prints the first seed and, while it runs, kills, records, losses and duplicates; every life has a seed of its own, which
follows on the one before. It ends at the first thing that is not as it must be, with the seed of that life: given as
SEED, that life is lived first.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from click import echo
from confirming import CheapServer, RealServer
from lives import Life
from servers import Influxd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from confirming import Server

AT_A_TIME = 2
TELL_EVERY_S = 10.0
KINDS = ("influxd", "cheap", "none", "cheap", "none", "cheap")
"""Where the calls of a life are sent, by its seed."""


class Torture:
    """Lives in ``folder``, the first with ``seed``."""

    def __init__(self, folder: Path, influxd: Influxd, seed: int) -> None:
        self.kills: Counter[str] = Counter()
        self.records = self.lost = self.doubled = 0
        self._folder = folder
        self._influxd = influxd
        self._seeds = count(seed)
        self._lock = threading.Lock()
        self._failed = threading.Event()

    def run(self, enough: Callable[[], bool]) -> None:
        """Live and die until it is enough; raises what the first failed check raised."""
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            lives = [pool.submit(self._live, lambda: enough() or self._failed.is_set()) for _ in range(AT_A_TIME)]
        for life in lives:
            life.result()

    def told(self) -> str:
        """What it has come to, in a line."""
        return (
            f"{self.kills.total():,} kills, {self.records:,} records sent, {self.lost:,} lost, {self.doubled:,} doubled"
        )

    def _live(self, enough: Callable[[], bool]) -> None:
        try:
            while not enough():
                self._one(next(self._seeds), enough)
        except BaseException:
            self._failed.set()
            raise

    def _one(self, seed: int, enough: Callable[[], bool]) -> None:
        folder = self._folder / str(seed)
        folder.mkdir()
        with self._server(seed) as server:
            life = Life(folder, seed, server)
            while not (life.over or enough()):
                before = life.records
                self._count(life.round(), life.records - before)
            before = life.records
            lost, doubled = life.finish()
            with self._lock:
                self.records += life.records - before
                self.lost += lost
                self.doubled += doubled
        shutil.rmtree(folder)

    @contextmanager
    def _server(self, seed: int) -> Iterator[Server | None]:
        kind = KINDS[seed % len(KINDS)]
        if kind == "influxd":
            yield RealServer(self._influxd)
        elif kind == "cheap":
            with CheapServer() as cheap:
                yield cheap
        else:
            yield None

    def _count(self, end: str, records: int) -> None:
        with self._lock:
            self.kills[end] += 1
            self.records += records


def main() -> None:
    """Torture for as long as asked, and tell how it goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    seed = asked.seed or random.SystemRandom().randrange(1, 10**6)
    echo(f"seed {seed}")
    ends = told = time.monotonic()
    ends += asked.seconds
    with tempfile.TemporaryDirectory(prefix="smdr-torture-") as name, Influxd(Path(name) / "influxd") as influxd:
        torture = Torture(Path(name), influxd, seed)

        def enough() -> bool:
            nonlocal told
            if (now := time.monotonic()) >= told + TELL_EVERY_S:
                told = now
                echo(torture.told())
            return now >= ends

        torture.run(enough)
    for end, kills in torture.kills.most_common():
        echo(f"{kills:8,} {end}")
    echo(torture.told())


if __name__ == "__main__":
    main()
