"""Bills as files: CSV and XLSX, in the encodings and notations of carriers, with every fault told at its row."""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import TYPE_CHECKING

import openpyxl
import pytest
from click.testing import CliRunner
from offices import Office

from collector.cli.group import smdr
from collector.config import load

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

MAPPING = """
number = "对方号码"
time = "通话时间"
duration = "时长"
duration_unit = "h:m:s"
amount = "费用(元)"
encoding = "gb18030"
skip_rows = 2
area_code = "010"
"""
BILL = """中国某运营商,,,
2026年8月,,,
对方号码,通话时间,时长,费用(元)
01055501230,2026-08-03 09:00:10,0:02:00,0.22
02155501231,2026-08-03 09:10:10,0:01:00,0.70
+8613900000001,2026-08-03 09:20:10,0:01:00,9.99
01055509999,2026-08-03 11:00:00,0:01:00,0.11
合计,,,11.02
"""
LINES = "".join(
    f"03/08/26 09:{minute:02}AM   101 09 {number:30} 00:{seconds // 60:02}'{seconds % 60:02}               \r\n"
    for minute, number, seconds in (
        (0, "955501230", 110),
        (10, "91790902155501231", 60),
        (20, "913900000001", 55),
        (30, "955508888", 20),
    )
)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    (tmp_path / "tariff.csv").write_text(
        "class,carrier,step_s,price\nlocal,,60,0.11\nmobile,,60,0.11\ndomestic,17909,60,0.70\n"
    )
    path = tmp_path / "smdr.toml"
    path.write_text(
        '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\nplan = "cn"\ntrunk_access = ["9"]\n'
        '[[source]]\nname = "pbx1"\ninput = "tcp-listen://127.0.0.1:2300"\nformat = "panasonic/kx-td"\ndate_order = "dmy"\n'
        '[accounting]\ntariff = "tariff.csv"\n'
    )
    office = Office(load(path))
    office.journal(LINES.encode(), at=1_786_400_000.0)
    office.project()
    assert office.rows("SELECT count(*), sum(cost IS NOT NULL) FROM calls") == [(4, 4)]
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "bill.csv").write_text(BILL, encoding="gb18030")
    return office


def reconcile(folder: Path, *options: str, bill: str = "bill.csv") -> Result:
    files = [str(folder / bill), "--mapping", str(folder / "mapping.toml")]
    return CliRunner().invoke(smdr, ["bill", "reconcile", "-c", str(folder / "smdr.toml"), *files, *options])


FOUND = {
    "same": {"calls": 2, "billed": "0.92", "cost": "0.92"},
    "amounts_differ": {"calls": 1, "billed": "9.99", "cost": "0.11"},
    "durations_differ": {"calls": 0, "billed": "0", "cost": "0"},
    "only_theirs": {"calls": 1, "billed": "0.11"},
    "only_ours": {"calls": 1, "cost": "0.11"},
    "drift_s": {"least": 70, "most": 70},
}


@pytest.mark.usefixtures("office")
def test_a_bill_in_chinese_is_compared_and_exported(tmp_path: Path) -> None:
    done = reconcile(tmp_path, "--json", "--export", str(tmp_path / "out.csv"))
    assert json.loads(done.stdout) == FOUND
    assert done.exit_code == 1
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["result"] for row in rows] == ["amount differs", "only on the bill", "only ours", "same", "same"]
    assert rows[0]["difference"] == "9.88"
    assert rows[1]["row"] == "7"
    assert rows[3]["start"] == "2026-08-03 08:58:10"
    shown = reconcile(tmp_path)
    assert "only on the bill" in shown.output
    assert "The carrier's clock is +70 to +70 s from ours." in shown.output


@pytest.mark.usefixtures("office")
def test_a_workbook_is_compared_the_same_and_written(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, line in enumerate(BILL.splitlines()):
        cells: list[object] = list(line.split(","))
        if number in (3, 4, 5, 6):
            cells[1] = dt.datetime.fromisoformat(str(cells[1]))
            hours, minutes, seconds = map(int, str(cells[2]).split(":"))
            cells[2] = dt.time(hours, minutes, seconds)
            cells[3] = float(str(cells[3]))
        sheet.append(cells)
    book.save(tmp_path / "bill.xlsx")
    done = reconcile(tmp_path, "--json", "--export", str(tmp_path / "out.xlsx"), bill="bill.xlsx")
    assert json.loads(done.stdout) == FOUND
    written = openpyxl.load_workbook(tmp_path / "out.xlsx")["calls"]
    rows = list(written.iter_rows(values_only=True))
    assert rows[0][:3] == ("result", "row", "number")
    assert len(rows) == 6
    assert rows[1][0] == "amount differs"
    assert float(str(rows[1][-1])) == 9.88


@pytest.mark.usefixtures("office")
def test_of_a_bill_of_a_quarter_a_month_is_compared(tmp_path: Path) -> None:
    other = "01055501230,2026-{} 09:00:10,0:02:00,0.22\n"
    lines = BILL.replace("合计", other.format("07-31") + other.format("09-01") + "合计")
    (tmp_path / "bill.csv").write_text(lines, encoding="gb18030")
    assert json.loads(reconcile(tmp_path, "--json", "--month", "2026-08").stdout) == FOUND
    july = json.loads(reconcile(tmp_path, "--json", "--month", "2026-07").stdout)
    assert (july["same"]["calls"], july["only_ours"]["calls"]) == (0, 0)
    assert july["only_theirs"] == {"calls": 1, "billed": "0.22"}
    assert json.loads(reconcile(tmp_path, "--json").stdout)["only_theirs"]["calls"] == 3
    both = reconcile(tmp_path, "--month", "2026-08", "--from", "2026-08-01", "--to", "2026-08-02")
    assert "not both" in both.output


@pytest.mark.usefixtures("office")
def test_a_duration_that_differs_is_a_difference_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_text(BILL.replace("0:02:00,0.22", "0:12:00,1.32"), encoding="gb18030")
    done = reconcile(tmp_path, "--json", "--export", str(tmp_path / "out.csv"))
    assert json.loads(done.stdout)["durations_differ"] == {"calls": 1, "billed": "1.32", "cost": "0.22"}
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["result"]: row for row in csv.DictReader(file)}
    differs = rows["duration differs"]
    assert (differs["billed_s"], differs["talk_s"], differs["difference"]) == ("720", "110", "1.10")


@pytest.mark.usefixtures("office")
def test_a_bill_that_agrees_exits_with_zero(tmp_path: Path) -> None:
    lines = BILL.splitlines()
    agreeing = [*lines[:5], lines[5].replace("9.99", "0.11"), "01055508888,2026-08-03 09:30:10,0:01:00,0.11"]
    (tmp_path / "bill.csv").write_text("\n".join(agreeing), encoding="gb18030")
    done = reconcile(tmp_path)
    assert done.exit_code == 0, done.output


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("0:02:00", "two minutes", ('bill.csv:4:3: "two minutes" is no duration', "duration_unit = 'h:m:s'")),
        ("2026-08-03 09:10:10", "03.08.2026", ('bill.csv:5:2: "03.08.2026" is no such time', "time_format")),
        ("9.99", "free", ('bill.csv:6:4: "free" is not an amount',)),
        ("时长", "秒", ('there is no column "时长" (duration)', "its headings are: 对方号码")),
    ],
)
def test_a_fault_is_told_at_its_row(tmp_path: Path, old: str, new: str, found: tuple[str, ...]) -> None:
    (tmp_path / "bill.csv").write_text(BILL.replace(old, new), encoding="gb18030")
    done = reconcile(tmp_path)
    assert done.exit_code == 1
    assert isinstance(done.exception, Exception)
    told = f"{done.output}{done.exception}"
    assert all(words in told for words in found), told


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("mapping", "found"),
    [
        (MAPPING.replace("gb18030", "utf-8"), "is not in utf-8: bills in Chinese are often in gb18030"),
        (MAPPING.replace("gb18030", "gb19"), 'There is no encoding "gb19"'),
        (MAPPING + "tolerence = 3\n", 'unknown key "tolerence"'),
        (MAPPING.replace('number = "对方号码"\n', ""), '"number" is missing'),
        ("number = ", "this is not TOML"),
    ],
)
def test_a_fault_of_the_mapping_is_told(tmp_path: Path, mapping: str, found: str) -> None:
    (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
    done = reconcile(tmp_path)
    assert found in f"{done.output}{done.exception}"
