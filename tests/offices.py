"""A configuration in a folder of its own, and what the stores hold after a run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from collector import status
from collector.assembly import accounting_of
from collector.config import Config, load
from collector.journal import Journal
from collector.projector import Projector
from collector.store.database import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KX_TD = b"10/08/26 12:50PM   117 09 <INCOMING> 05550%03d            00:00'05               \r\n"


def kx_td_line(number: int) -> bytes:
    return KX_TD % (number % 1000)


class Office(NamedTuple):
    """One configured data folder."""

    config: Config

    def journal(
        self, data: bytes, *, source: str = "pbx1", lane: int = 0, opened: bool = False, at: float | None = None
    ) -> None:
        journal = Journal(self.config.site.data / "journal", time.time if at is None else lambda: at)
        journal.append([(source, lane, data, opened, False)])
        journal.close()

    def journal_line_by_line(self, lines: Iterable[tuple[float, bytes]], source: str = "pbx1") -> None:
        """Keep lines with when each came, POSIX seconds."""
        journal = Journal(self.config.site.data / "journal")
        journal.append([(source, 0, line, False, False, came) for came, line in lines])
        journal.close()

    def project(self) -> None:
        projector = Projector(self.config, accounting_of(self.config))
        projector.project_all()
        projector.close()

    def rows(self, query: str) -> list[tuple]:  # type: ignore[type-arg]
        db = open_reader(self.config.site.data / "calls.db")
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()

    def assert_conserved(self) -> None:
        """The identity that always holds, and that rows and counts agree."""
        for source in status.read(self.config)["sources"]:
            counts = source["bytes"]
            assert counts["received"] == sum(counts[kind] for kind in ("records", "rejected", "noise", "pending"))
            assert counts["pending"] >= 0
            name = source["name"]
            assert self.rows(f"SELECT count(*) FROM legs WHERE source = '{name}'") == [(source["legs"],)]
            assert self.rows(f"SELECT count(*) FROM calls WHERE source = '{name}'") == [(source["calls"],)]
            assert self.rows(f"SELECT count(*) FROM rejected WHERE source = '{name}'") == [(source["rejected"],)]
            assert self.rows(f"SELECT coalesce(sum(bytes), 0) FROM noise WHERE source = '{name}'") == [
                (counts["noise"],)
            ]
        calls = "SELECT (SELECT count(*) FROM calls) - (SELECT coalesce(sum(calls), 0) FROM rollups)"
        assert self.rows(calls) == [(0,)]
        hours = "SELECT hour, source, direction, class, sum(calls), sum(talk_s), sum(held_s)"
        grouped = "WHERE calls OR held_s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        assert self.rows(f"{hours} FROM rollups {grouped}") == self.rows(f"{hours} FROM hours {grouped}")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    path = tmp_path / "smdr.toml"
    path.write_text(
        """
[site]
name = "hq"
timezone = "Asia/Shanghai"
data = "data"

[[source]]
name = "pbx1"
input = "tcp-listen://127.0.0.1:2300"
format = "panasonic/kx-td"
timezone = "Asia/Shanghai"

[[source]]
name = "pbx2"
input = "file:pbx2.log"
format = "panasonic/kx-tda"
""",
        encoding="utf-8",
    )
    return Office(load(path))
