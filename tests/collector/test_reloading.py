"""Tables are changed under a running collector: good ones are taken, faulty ones refused, and every version is kept."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.alarms.board import Board
from collector.calls import Call
from collector.cli.group import smdr
from collector.config import load
from collector.config.model import Branch
from collector.errors import UserError
from collector.keeping import versions
from collector.keeping.backup import back_up, restore
from collector.problems import ConfigError
from collector.reloading import Reloading, tables_to_start_with
from collector.store.events_db import EventsDb, standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.accounting.enriching import Accounting
    from collector.reloading import Tables

HEAD = "extension,department,person,from,until\n"


class Site:
    """A site whose directory is changed by the test."""

    def __init__(self, folder: Path) -> None:
        self.directory = folder / "directory.csv"
        self.write("117,sales,,,\n")
        path = folder / "smdr.toml"
        path.write_text(
            '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\ndirectory = "directory.csv"\n'
            '[[source]]\nname = "pbx1"\ninput = "file:pbx1.log"\nformat = "panasonic/kx-td"\n'
        )
        self.config = load(path)
        self.data = self.config.site.data
        self.data.mkdir(exist_ok=True)
        self.events = EventsDb(self.data / "events.db")
        self.board = Board(self.events, (), time.time)
        self.taken: list[Accounting] = []
        self.reloading = self.started()

    def started(self) -> Reloading:
        """As after a start of the collector."""
        return Reloading(self.config, self.board, self.take)

    def take(self, tables: Tables) -> None:
        self.taken.append(tables.accounting)

    def write(self, rows: str) -> None:
        self.directory.write_text(HEAD + rows, encoding="utf-8")

    async def settle(self) -> None:
        await self.reloading.look()
        await self.reloading.look()

    def kept(self) -> list[bytes]:
        return [versions.content(self.data, one) for one in versions.versions(self.data) if one.table == "directory"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.events.close()


async def test_a_changed_table_is_taken_and_both_versions_are_kept(site: Site) -> None:
    await site.settle()
    await site.settle()
    assert len(site.taken) == 1
    site.write("117,service,,,\n")
    await site.settle()
    assert len(site.taken) == 2
    assert site.kept() == [(HEAD + "117,sales,,,\n").encode(), (HEAD + "117,service,,,\n").encode()]


async def test_a_file_that_is_being_written_waits_until_it_stands_still(site: Site) -> None:
    await site.settle()
    for rows in ("117,service,,,\n", "117,service,,,\n118,service,,,\n"):
        site.write(rows)
        await site.reloading.look()
        assert len(site.taken) == 1
    await site.reloading.look()
    assert len(site.taken) == 2


async def test_a_faulty_table_is_refused_once_and_told_until_it_is_corrected(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    await site.settle()
    site.write("117,sales,,2026-02-30,\n")
    await site.settle()
    await site.settle()
    assert len(site.taken) == 1
    assert caplog.text.count("A changed table is refused") == 1
    [(kind, subject, _, sentence)] = standing(site.data)
    assert (kind, subject) == ("tables", "hq")
    assert sentence.startswith('directory.csv:2:12: "2026-02-30" is not a day')
    assert len(site.kept()) == 1
    site.write("117,sales,,2026-02-28,\n")
    await site.settle()
    assert len(site.taken) == 2
    assert standing(site.data) == []


@pytest.mark.parametrize("rows", ["117,sales,,2026-02-30,\n", None])
async def test_a_start_with_a_faulty_or_missing_table_goes_on_with_the_one_before_and_tells_it(
    site: Site, caplog: pytest.LogCaptureFixture, rows: str | None
) -> None:
    await site.settle()
    if rows is None:
        site.directory.unlink()
    else:
        site.write(rows)
    config = load(site.config.path, with_tables=False)
    call = Call("pbx1", 1_772_413_200.0, 0, "panasonic/kx-td", 1_772_413_200, 60, "incoming", "answered", "117")
    tables_to_start_with(config).accounting.enrich(call)
    assert call.department == "sales"
    assert caplog.text.count("those in force before are gone on with") == 1
    site.reloading = site.started()
    await site.settle()
    assert [kind for kind, *_ in standing(site.data)] == ["tables"]


def test_a_first_start_with_a_faulty_table_is_refused(site: Site) -> None:
    site.write("117,sales,,2026-02-30,\n")
    with pytest.raises(ConfigError, match="is not a day"):
        tables_to_start_with(load(site.config.path, with_tables=False))


async def test_a_file_that_is_gone_changes_nothing(site: Site) -> None:
    await site.settle()
    site.directory.unlink()
    await site.settle()
    assert len(site.taken) == 1
    assert "cannot be read" in standing(site.data)[0][3]


async def test_a_start_with_the_same_tables_adds_no_version_and_one_killed_in_writing_is_none(site: Site) -> None:
    await site.settle()
    (site.data / "tables" / ".in-force.jsonl.1").write_text('{"since": 1')
    site.reloading = site.started()
    await site.settle()
    assert len(site.kept()) == 1


async def test_what_cannot_be_kept_is_not_in_force_and_is_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    await site.settle()
    site.write("117,service,,,\n")
    with monkeypatch.context() as patched:
        patched.setattr(versions, "put", full)
        await site.reloading.look()
        with pytest.raises(OSError, match="No space"):
            await site.reloading.look()
    assert len(site.taken) == 1
    await site.reloading.look()
    assert (len(site.taken), len(site.kept())) == (2, 2)


def test_the_tables_of_a_moment_come_back_and_damage_is_told(site: Site, tmp_path: Path) -> None:
    first, second = {"directory": b"old", "tariff": b"prices"}, {"directory": b"new"}
    assert versions.keep(site.data, first, 1_772_413_200.0) == ["directory", "tariff"]
    assert versions.keep(site.data, second, 1_772_499_600.0) == ["directory", "tariff"]
    folder = tmp_path / "march"
    arguments = ["tables", "-c", str(site.config.path), "--at", "2026-03-02T12:00", "--to", str(folder)]
    done = CliRunner().invoke(smdr, arguments)
    assert done.exit_code == 0, done.output
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        "directory.csv": b"old",
        "tariff.csv": b"prices",
    }
    assert set(versions.in_force(site.data, 1_772_500_000.0)) == {"directory"}
    listed = CliRunner().invoke(smdr, ["tables", "-c", str(site.config.path)]).output.splitlines()
    assert len(listed) == 4
    assert listed[-1] == "2026-03-03T09:00:00+08:00  tariff    none"
    version = versions.in_force(site.data, 1_772_413_200.0)["directory"]
    (site.data / "tables" / f"{version.sha256}.csv").write_bytes(b"other")
    with pytest.raises(UserError, match="is damaged"):
        versions.content(site.data, version)


async def test_the_versions_are_in_a_backup(site: Site, tmp_path: Path) -> None:
    await site.settle()
    (site.data / "journal").mkdir()
    kept = site.kept()
    made = back_up(site.config, tmp_path / "backups")
    (site.data / "journal").rmdir()
    for file in (site.data / "tables").iterdir():
        file.unlink()
    (site.data / "tables").rmdir()
    restore(made.folder, site.config)
    assert site.kept() == kept


async def test_a_faulty_table_of_codes_is_refused_too(site: Site) -> None:
    codes = site.directory.with_name("codes.csv")
    codes.write_text("code,person\n1,first\n", encoding="utf-8")
    path = site.config.path
    path.write_text(path.read_text(encoding="utf-8") + '[office]\ncodes = "codes.csv"\n', encoding="utf-8")
    site.config = load(path)
    site.reloading = site.started()
    await site.settle()
    codes.write_text("code,person,until\n1,first,soon\n", encoding="utf-8")
    await site.settle()
    assert 'codes.csv:2:9: "soon" is not a day' in standing(site.data)[0][3]
    assert [one.table for one in versions.versions(site.data)].count("codes") == 1


def test_tables_of_a_branch_are_kept_and_come_back_as_its_own(site: Site) -> None:
    folder = site.config.path.parent
    for name in ("tariff.csv", "west.csv"):
        (folder / name).write_text("step_s,price\n60,1\n", encoding="utf-8")
    west, east = Branch(name="west", tariff=folder / "west.csv", plan="generic"), Branch(name="east", area_code="021")
    config = replace(site.config, branches=(west, east))
    files = versions.files_of(config)
    assert files["tariff of west"] == folder / "west.csv"
    assert {table for table in files if " of " in table} == {"tariff of west", "plan of west"}
    versions.keep(site.data, {table: file.read_bytes() for table, file in files.items()}, 1_772_400_000.0)
    west, east = versions.as_last_in_force(config).branches
    assert west.tariff
    assert west.tariff.parent == site.data / "tables"
    assert west.tariff.read_bytes() == (folder / "west.csv").read_bytes()
    assert east == config.branches[1]
