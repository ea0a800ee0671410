"""`smdr rerate`: stored calls get class, holder and cost by the tables of now, and everything still adds up."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from offices import Office

from collector.cli.group import smdr
from collector.commands.rating import rerate
from collector.commands.rebuilding import reparse
from collector.config import load
from collector.keeping.verify import verify
from collector.running import only_writer

if TYPE_CHECKING:
    from pathlib import Path

LINE = "{:02}/{:02}/26 10:{:02}AM   1{:02} 09 {:31}00:{:02}'{:02}               \r\n"
FAR = 4e10
CHEAP = "class,step_s,price\nlocal,60,0.11\ndomestic,60,0.70\n"
DEAR = "class,step_s,price,from\nlocal,60,0.22,2026-07-01\nlocal,60,0.11,\ndomestic,60,0.70,\n"


@pytest.fixture
def rated(tmp_path: Path) -> Office:
    """Two hundred calls of June and July at the cheap tariff."""
    (tmp_path / "tariff.csv").write_text(CHEAP)
    (tmp_path / "directory.csv").write_text("extension,department,person\n101,Sales,One\n")
    path = tmp_path / "smdr.toml"
    path.write_text(
        '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\ndirectory = "directory.csv"\n'
        '[[source]]\nname = "pbx1"\ninput = "tcp-listen://127.0.0.1:2300"\nformat = "panasonic/kx-td"\ndate_order = "dmy"\n'
        '[accounting]\ntariff = "tariff.csv"\n'
    )
    office = Office(load(path))
    chance = random.Random(1)
    lines = [
        LINE.format(
            chance.randint(1, 28),
            chance.choice((6, 7)),
            chance.randrange(60),
            chance.randrange(4),
            chance.choice(("5550123", "02155501234")),
            chance.randrange(20),
            chance.randrange(60),
        )
        for _ in range(200)
    ]
    office.journal("".join(lines).encode(), at=1_786_400_000.0)
    office.project()
    assert office.rows("SELECT count(*) FROM calls") == [(200,)]
    return office


def costs(office: Office) -> list[tuple[object, ...]]:
    return office.rows("SELECT offset, class, department, person, cost, rated_s FROM calls ORDER BY offset")


def sums(office: Office) -> list[tuple[object, ...]]:
    return office.rows(
        "SELECT class, department, extension, hour, calls, talk_s, cost_micros FROM rollups WHERE calls ORDER BY 1, 2, 3, 4"
    )


def assert_sound(office: Office) -> None:
    assert [proof for proof in verify(office.config, deep=True) if proof.fault] == []
    ((micros,),) = office.rows("SELECT sum(cost_micros) FROM rollups")
    total = sum((Decimal(cost) for (cost,) in office.rows("SELECT cost FROM calls WHERE cost IS NOT NULL")), Decimal(0))
    assert Decimal(micros) / 1_000_000 == total


def test_calls_are_rated_as_they_come(rated: Office) -> None:
    for class_, talk_s, cost, rated_s in rated.rows("SELECT class, talk_s, cost, rated_s FROM calls"):
        minutes = -(-talk_s // 60)
        price = Decimal("0.11" if class_ == "local" else "0.70")
        assert (cost, rated_s) == ((f"{minutes * price:.2f}", minutes * 60) if talk_s else (None, None))
    assert_sound(rated)


def test_the_same_tables_change_nothing(rated: Office) -> None:
    before = rated.rows("SELECT * FROM stored_calls ORDER BY seq")
    months = rerate(rated.config, -FAR, FAR)
    assert {month: one.changed for month, one in months.items()} == {"2026-06": 0, "2026-07": 0}
    assert rated.rows("SELECT * FROM stored_calls ORDER BY seq") == before


def test_a_new_price_counts_from_its_day_and_is_as_if_it_had_always_been_there(rated: Office, tmp_path: Path) -> None:
    (tmp_path / "tariff.csv").write_text(DEAR)
    (tmp_path / "directory.csv").write_text("extension,department,person\n101,Works,Two\n102,Works,\n")
    before = costs(rated)
    dry = rerate(rated.config, -FAR, FAR, dry=True)
    assert costs(rated) == before
    months = rerate(rated.config, -FAR, FAR)
    assert months == dry
    assert months["2026-06"].before == months["2026-06"].after
    local = sum(
        Decimal("0.11") * -(-talk_s // 60)
        for (talk_s,) in rated.rows("SELECT talk_s FROM calls WHERE class = 'local' AND start >= 1782835200")
    )
    assert months["2026-07"].after - months["2026-07"].before == local > 0
    assert_sound(rated)
    rated.assert_conserved()
    after, hours = costs(rated), sums(rated)
    reparse(rated.config)
    assert costs(rated) == after
    assert sums(rated) == hours
    assert all(one.changed == 0 for one in rerate(rated.config, -FAR, FAR).values())


def test_calls_whose_tags_change_remember_where_outputs_have_them(rated: Office, tmp_path: Path) -> None:
    (tmp_path / "directory.csv").write_text("extension,department,person\n101,Works,Two\n")
    (last,) = rated.rows("SELECT max(seq) FROM calls")[0]
    rerate(rated.config, -FAR, FAR)
    changed = rated.rows(f"SELECT department, former, start, seq FROM calls WHERE seq > {last}")
    assert changed
    assert all((department, former) == ("Works", f"[{start}]") for department, former, start, _ in changed)


def test_only_the_range_is_rated(rated: Office, tmp_path: Path) -> None:
    (tmp_path / "tariff.csv").write_text(CHEAP.replace("0.11", "0.50"))
    july = 1_782_835_200.0
    assert list(rerate(rated.config, july, FAR)) == ["2026-07"]
    early = rated.rows(
        f"SELECT DISTINCT cost FROM calls WHERE class = 'local' AND start < {july} AND talk_s BETWEEN 1 AND 60"
    )
    late = rated.rows(
        f"SELECT DISTINCT cost FROM calls WHERE class = 'local' AND start >= {july} AND talk_s BETWEEN 1 AND 60"
    )
    assert early == [("0.11",)]
    assert late == [("0.50",)]


def test_the_command_shows_what_it_did_and_refuses_beside_a_collector(rated: Office, tmp_path: Path) -> None:
    (tmp_path / "tariff.csv").write_text(DEAR)
    shown = CliRunner().invoke(smdr, ["rerate", "-c", str(rated.config.path), "--dry-run"])
    assert "calls would change; +" in shown.output
    with only_writer(rated.config.site.data):
        refused = CliRunner().invoke(smdr, ["rerate", "-c", str(rated.config.path)])
    assert refused.exit_code != 0
    done = CliRunner().invoke(smdr, ["rerate", "-c", str(rated.config.path), "--from", "2026-07-01"])
    assert "2026-07" in done.output
    assert "2026-06" not in done.output
