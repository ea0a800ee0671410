"""The reports of a company: every figure is that of a count of its calls, in every format."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import subprocess
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from company import Company
from openpyxl import load_workbook
from recount import assert_adds_up, by_range, collected, figures, seconds, truth

from collector.cli.group import smdr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from company import TrueCall

    from collector.config import Config

MONTH = "2025-11"
QUARTERS = {"2025-Q1": ("2025-01", "2025-03"), "2025-Q4": ("2025-10", "2025-12")}


@pytest.fixture(scope="module")
def company() -> Company:
    return Company()


@pytest.fixture(scope="module")
def site(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("company")
    company.write(folder)
    return collected(folder)


def run(site: Config, *arguments: str) -> bytes:
    done = CliRunner().invoke(smdr, ["report", *arguments, "-c", str(site.path)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


def tables(site: Config, *arguments: str) -> list[list[list[str]]]:
    """The sections of a report in CSV, headings first."""
    text = run(site, *arguments, "--format", "csv", "--language", "en").decode()
    return [list(csv.reader(io.StringIO(part))) for part in text.split("\r\n\r\n")]


def of_month(company: Company, first: str, last: str | None = None) -> list[TrueCall]:
    return [call for call in company.calls if first <= call.month <= (last or first)]


def test_a_month_by_department_and_class(company: Company, site: Config) -> None:
    table, with_below = tables(site, "department", "--month", MONTH)
    calls = of_month(company, MONTH)
    assert_adds_up(table, calls, lambda call: call.department, lambda call: call.class_)
    expected = {
        name: truth([call for call in calls if call.department == name]) for name in ("办公室", "工程部", "销售部")
    }
    assert {row[0]: figures(row) for row in with_below[1:]} == {"公司": truth(calls), **expected}


MOVED = dt.date(2025, 11, 10)
MOVING = f"department,above,from,until\n公司,,,\n销售部,公司,,\n工程部,公司,,\n办公室,公司,,{MOVED}\n办公室,销售部,2025-11-11,\n"


@pytest.fixture
def moving(site: Config) -> Iterator[Config]:
    """The office stands under the sales department from the middle of the month on."""
    file = site.path.parent / "departments.csv"
    before = file.read_text(encoding="utf-8")
    file.write_text(MOVING, encoding="utf-8")
    yield site
    file.write_text(before, encoding="utf-8")


def test_a_department_has_what_was_below_it_on_the_day_of_each_call(company: Company, moving: Config) -> None:
    calls = of_month(company, MONTH)
    sales = [call for call in calls if call.department == "销售部"]
    office = [call for call in calls if call.department == "办公室" and call.at.date() > MOVED]
    assert sales
    assert office
    table, with_below, each = tables(moving, "department", "--month", MONTH, "--of", "销售部", "--calls")
    assert_adds_up(table, [*sales, *office], lambda call: call.department, lambda call: call.class_)
    assert {row[0]: figures(row) for row in with_below[1:]} == {
        "销售部": truth([*sales, *office]),
        "办公室": truth(office),
    }
    assert sum(row[1] != "Subtotal" for row in each[1:-1]) == len(sales) + len(office)
    _, whole = tables(moving, "department", "--month", MONTH)
    assert {row[0]: figures(row) for row in whole[1:]} == {
        "公司": truth(calls),
        "销售部": truth([*sales, *office]),
        "办公室": truth([call for call in calls if call.department == "办公室"]),
        "工程部": truth([call for call in calls if call.department == "工程部"]),
    }
    table, _ = tables(moving, "department", "--month", MONTH, "--of", "公司")  # no phone is its own
    assert_adds_up(table, calls, lambda call: call.department, lambda call: call.class_)


@pytest.mark.parametrize("quarter", QUARTERS)
def test_a_quarter_by_person(company: Company, site: Config, quarter: str) -> None:
    """People came, left and moved in these quarters."""
    (table,) = tables(site, "person", "--quarter", quarter, "--no-calls")
    calls = of_month(company, *QUARTERS[quarter])
    assert_adds_up(
        table, calls, lambda call: call.department or "no department", lambda call: call.person or "nobody named"
    )


def test_a_year_and_the_same_days(company: Company, site: Config) -> None:
    year, with_below = tables(site, "department", "--year", "2025")
    assert tables(site, "department", "--from", "2025-01-01", "--until", "2025-12-31") == [year, with_below]
    calls = of_month(company, "2025-01", "2025-12")
    assert_adds_up(year, calls, lambda call: call.department or "no department", lambda call: call.class_)


def test_weeks_and_days_are_those_of_the_site(company: Company, site: Config) -> None:
    week = [call for call in company.calls if dt.date(2025, 12, 29) <= call.at.date() <= dt.date(2026, 1, 4)]
    (table,) = tables(site, "trunk", "--week", "2026-W01")
    trunk = {"internal": "no trunk"}
    assert_adds_up(table, week, lambda call: trunk.get(call.direction, "01"), lambda call: call.direction)
    day = [call for call in company.calls if call.at.date() == dt.date(2026, 1, 1)]
    assert figures(tables(site, "trunk", "--day", "2026-01-01")[0][-1]) == truth(day)


def test_numbers_by_range_and_by_carrier_prefix(company: Company, site: Config) -> None:
    ranges, by_carrier = tables(site, "number", "--year", "2025")
    calls = of_month(company, "2025-01", "2025-12")
    ranged = [row for row in ranges if row[1] != "026"]  # it is no area
    places = {row[1]: row[2] for row in ranges}
    assert places["138"] == "China Mobile"
    assert places["010"] == "Beijing"
    assert places["0044"] == "United Kingdom"

    assert {(row[0], row[1]): figures(row) for row in ranged[1:]} == by_range(calls)
    assert_adds_up(
        by_carrier, [call for call in calls if call.carrier], lambda call: str(call.carrier), lambda call: call.class_
    )


def test_a_person_is_shown_each_call_with_the_last_digits_masked(company: Company, site: Config) -> None:
    calls = [call for call in of_month(company, MONTH) if call.person == "钱一"]

    def printed(call: TrueCall, masked: str) -> tuple[str, ...]:
        number = call.number if call.direction == "internal" or not masked else call.number[:-4] + masked
        talk = f"{call.talk_s // 3600}:{call.talk_s // 60 % 60:02}:{call.talk_s % 60:02}"
        return (
            f"{call.at:%Y-%m-%d %H:%M:%S}",
            call.extension,
            call.direction,
            number,
            call.class_,
            talk,
            f"{call.cost:.2f}" if call.cost else "",
        )

    for options, masked in (((), "****"), (("--unmasked",), "")):
        _, (_, *rows, subtotal, total) = tables(site, "person", "--month", MONTH, "--of", "钱一", *options)
        found = Counter((*row[2:7], row[8], row[10]) for row in rows)
        assert found == Counter(printed(call, masked) for call in calls)
        assert [row[2] for row in rows] == sorted(row[2] for row in rows)
        of_calls = truth(calls)
        for row in (subtotal, total):
            assert (seconds(row[8]), seconds(row[9]), Decimal(row[10])) == (
                of_calls.talk_s,
                of_calls.rated_s,
                of_calls.cost,
            )


def test_every_format_has_the_same_figures(company: Company, site: Config, tmp_path: Path) -> None:
    of_calls = truth(of_month(company, MONTH))
    run(site, "person", "--month", MONTH, "--out", str(tmp_path / "persons.xlsx"))
    book = load_workbook(tmp_path / "persons.xlsx")
    assert book.sheetnames == ["汇总", "通话清单"]
    sums = [row for row in book["汇总"].iter_rows(values_only=True) if any(row)]
    assert sums[0][0] == "个人话费清单"
    assert ("部门", "使用人", "呼叫次数", "已接听", "未接来电", "通话时长", "计费时长", "话费") in sums
    total = sums[-1]
    assert total[:1] == ("合计",)
    assert total[2:5] == of_calls[:3]
    assert total[5] == dt.timedelta(seconds=of_calls.talk_s)
    assert Decimal(str(total[7])) == of_calls.cost
    assert {row[1] for row in sums} >= {"钱一", "冯八 / 陈九"}
    each = list(book["通话清单"].iter_rows(values_only=True))
    assert sum(isinstance(row[2], dt.datetime) for row in each) == of_calls.calls
    run(site, "person", "--month", MONTH, "--out", str(tmp_path / "persons.txt"))
    last = (tmp_path / "persons.txt").read_text(encoding="utf-8").rstrip().splitlines()[-1].split()
    assert last[0] == "合计"
    assert Decimal(last[-1]) == of_calls.cost


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler-utils; run scripts/test-servers")
def test_a_pdf_has_chinese_names_in_fonts_of_its_own(company: Company, site: Config, tmp_path: Path) -> None:
    file = tmp_path / "persons.pdf"
    run(site, "person", "--month", MONTH, "--out", str(file))
    text = _told("pdftotext", "-layout", str(file), "-")
    assert "个人话费清单" in text
    for name in ("钱一", "冯八 / 陈九", "未登记使用人", "合计"):
        assert name in text
    of_calls = truth(of_month(company, MONTH))
    totals = [line.split() for line in text.splitlines() if line.startswith("合计")]
    assert [line[-1] for line in totals] == [str(of_calls.cost)] * 2
    assert sum(line.count("2025-11-") for line in text.splitlines()) == of_calls.calls
    fonts = _told("pdffonts", str(file)).splitlines()[2:]
    assert fonts
    for font in fonts:
        embedded, subset, unicode = font.split()[-5:-2]
        assert (embedded, subset, unicode) == ("yes", "yes", "yes")
    shown = subprocess.run(
        ["pdftoppm", "-r", "40", "-gray", str(file)],
        capture_output=True,
        check=True,
    ).stdout
    assert shown.startswith(b"P5")
    assert any(byte < 100 for byte in shown[:200_000])


def _told(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_budgets_are_those_of_the_ledger(site: Config) -> None:
    (table,) = tables(site, "budgets", "--month", MONTH)
    shown = CliRunner().invoke(smdr, ["budget", "show", "--month", MONTH, "-c", str(site.path)]).output
    expected = [row.split() for row in shown.splitlines()[1:]]
    found = [[*row[2:12], row[12]] for row in table[1:]]
    assert [row for row in found if row[-1]] == [row[-11:] for row in expected if row[-1] == "CNY"]
    assert ["phone", "123"] in [row[:2] for row in table]
