"""Two sites whose extensions overlap: every owner, amount, statement and violation is the true one of its site."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter, defaultdict
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from two_sites import FIRST, LAST, SOURCES, TABLES, ZONES, TwoSites

from collector.accounting.budgets.statements import statements
from collector.assembly import accounting_of
from collector.cli.group import smdr
from collector.commands import budgets
from collector.commands.judging import judge_span
from collector.commands.rating import rerate
from collector.commands.violations import listed
from collector.config import Config, load
from collector.journal import Journal
from collector.projector import Projector
from collector.reports.apart import make_apart
from collector.reports.making import Asked
from collector.reports.period import named
from collector.store.database import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from two_sites import SiteCall

ZERO = Decimal(0)
MONTH = "2026-02"


@pytest.fixture(scope="module")
def company() -> TwoSites:
    return TwoSites()


@pytest.fixture(scope="module")
def config(company: TwoSites, tmp_path_factory: pytest.TempPathFactory) -> Config:
    return collected(company, tmp_path_factory.mktemp("company"))


def collected(company: TwoSites, folder: Path) -> Config:
    company.write(folder)
    config = load(folder / "smdr.toml")
    journal = Journal(config.site.data / "journal", lambda: dt.datetime(2026, 4, 1, tzinfo=dt.UTC).timestamp())
    for site, source in SOURCES.items():
        journal.append([(source, 0, company.printed(site), False, False)])
    journal.close()
    projector = Projector(config, accounting_of(config))
    projector.project_all()
    projector.close()
    return config


def asked(config: Config, query: str) -> list[tuple]:  # type: ignore[type-arg]
    with closing(open_reader(config.site.data / "calls.db")) as db:
        return db.execute(query).fetchall()


def run(config: Config, *arguments: str) -> str:
    done = CliRunner().invoke(smdr, [*arguments, "-c", str(config.path)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def tables(config: Config, *arguments: str) -> list[list[list[str]]]:
    """The sections of a report in CSV, without their headings."""
    done = CliRunner().invoke(smdr, ["report", *arguments, "--format", "csv", "-c", str(config.path)])
    assert done.exit_code == 0, done.output
    return [list(csv.reader(io.StringIO(part)))[1:] for part in done.stdout_bytes.decode().split("\r\n\r\n")]


def of(calls: Iterable[SiteCall], site: str | None = None, month: str = MONTH) -> list[SiteCall]:
    return [one for one in calls if one.site == (site or one.site) and one.month == month]


def test_each_call_is_of_its_site_by_class_owner_and_price(company: TwoSites, config: Config) -> None:
    columns = "source, start, extension, number, direction, class, department, person, cost, talk_s"
    found = Counter(
        (*row[:8], None if row[8] is None else Decimal(row[8]), row[9])
        for row in asked(config, f"SELECT {columns} FROM calls")
    )
    truth = Counter(
        (SOURCES[one.site], one.start, call.extension, call.number, call.direction, call.class_,
         call.department or None, call.person or None, call.cost, call.talk_s)
        for one in company.calls for call in (one.call,)
    )  # fmt: skip
    assert found == truth
    late = [one for one in company.calls if one.site == "branch" and one.call.person == "Sun"
            and dt.datetime.fromtimestamp(one.start, ZONES["hq"]).date() == dt.date(2026, 2, 15)]  # fmt: skip
    assert late


@pytest.mark.parametrize("site", ["hq", "branch", None])
def test_statements_of_a_site_have_its_calls_alone(company: TwoSites, config: Config, site: str | None) -> None:
    calls = of(company.calls, site)
    chosen = ("--site", site) if site else ()
    (sums,) = tables(config, "department", "--month", MONTH, *chosen)
    truth: dict[tuple[str, str], list[SiteCall]] = defaultdict(list)
    for one in calls:
        truth[one.call.department or "no department", one.call.class_].append(one)
    found = {(row[0], row[1]): (int(row[2]), Decimal(row[-1])) for row in sums if row[1] not in ("", "Subtotal")}
    assert found == {
        key: (len(some), sum((one.call.cost or ZERO for one in some), ZERO)) for key, some in truth.items()
    }
    assert (sums[-1][2], Decimal(sums[-1][-1])) == (
        str(len(calls)), sum((one.call.cost or ZERO for one in calls), ZERO)
    )  # fmt: skip
    _, each = tables(config, "person", "--month", MONTH, "--unmasked", *chosen)
    rows = Counter((row[3], row[5], Decimal(row[-1] or 0)) for row in each if row[1] != "Subtotal" and row[3])
    assert rows == Counter((phone(one), one.call.number, one.call.cost or ZERO) for one in calls)


def phone(one: SiteCall) -> str:
    return one.call.extension if one.site == "hq" else f"branch/{one.call.extension}"


async def test_a_report_that_publishes_itself_is_of_the_site_it_names(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    asked_for = Asked("department", named("month", MONTH), "en", site="branch")
    assert await make_apart(config, asked_for, "month", file) is None
    published = [
        list(csv.reader(io.StringIO(part)))[1:] for part in file.read_bytes().decode("utf-8-sig").split("\r\n\r\n")
    ]
    assert published == tables(config, "department", "--month", MONTH, "--site", "branch", "--language", "en")
    assert published != tables(config, "department", "--month", MONTH, "--language", "en")


def test_trunks_and_numbers_of_a_site(company: TwoSites, config: Config) -> None:
    (trunks,) = tables(config, "trunk", "--month", MONTH)
    found = {row[0]: int(row[3]) for row in trunks if row[1] == "Subtotal"}
    assert found == {site: len(of(company.calls, site)) for site in SOURCES}
    (ranges,) = tables(config, "number", "--month", MONTH, "--site", "branch")
    mobile = [one for one in of(company.calls, "branch") if one.call.class_ == "mobile"]
    assert {row[1]: int(row[3]) for row in ranges if row[0] == "mobile" and row[1] != "Subtotal"} == {
        "138": len(mobile)
    }


def test_budgets_of_phones_of_one_number_are_two(company: TwoSites, config: Config) -> None:
    ledger = budgets.ledger(config, LAST)
    assert ledger.proves()
    for month in (1, 2, 3):
        first = dt.date(2026, month, 1)
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        spent = {one.owner.name: one.spent for one in statements(ledger, first, last) if one.owner.scope == "phone"}
        assert spent == {
            name: sum(
                (one.call.cost or ZERO for one in of(company.calls, None, f"{first:%Y-%m}") if phone(one) == name), ZERO
            )
            for name in ("201", "branch/201")
        }


def test_violations_are_those_by_the_tables_of_each_site(company: TwoSites, config: Config) -> None:
    judge_span(config, FIRST, LAST, dt.datetime(2026, 4, 2, tzinfo=dt.UTC).timestamp())
    found = Counter(
        (
            one.kept.violation.rule,
            one.kept.violation.source,
            one.kept.violation.at,
            one.kept.violation.extension,
            one.amount,
        )
        for one in listed(config, FIRST, LAST)
    )
    truth: Counter[tuple[str, str, int, str, Decimal]] = Counter()
    for one in company.calls:
        call, where = one.call, (SOURCES[one.site], one.start, one.call.extension)
        if call.cost and one.is_off:
            truth["off-hours", *where, call.cost] += 1
        if call.class_ == "premium" and call.cost:
            truth["premium", *where, call.cost] += 1
        if (one.site, call.extension) == ("branch", "201") and call.class_ in ("mobile", "service"):
            truth["class-of-service", *where, ZERO] += 1
    within = Counter({key: count for key, count in truth.items() if in_days(key[2])})
    assert found == within
    assert {key[:2] for key in found} == {
        *((rule, source) for rule in ("off-hours", "premium") for source in SOURCES.values()),
        ("class-of-service", "pbx2"),
    }
    (of_branch,) = tables(config, "violations", "--month", MONTH, "--site", "branch")
    assert {row[5] for row in of_branch if row[2] and row[1] != "Subtotal"} <= {
        f"branch/{extension}" for extension in ("201", "202", "203", "205", "900")
    }


def in_days(at: int) -> bool:
    """Whether a moment is on the days that were judged, those of the head office."""
    return FIRST <= dt.datetime.fromtimestamp(at, ZONES["hq"]).date() <= LAST


def test_unknown_and_unused_extensions_are_those_of_a_site(company: TwoSites, config: Config) -> None:
    calls = sum((one.site, one.call.extension) == ("branch", "203") for one in company.calls)
    (line,) = run(config, "directory", "unknown").splitlines()
    assert line.split()[:2] == ["branch/203", str(calls)]
    assert run(config, "directory", "unused", "--days", "9999").split() == ["204", "branch/206"]


def test_numbers_and_prices_are_those_of_the_site_that_is_named(config: Config) -> None:
    assert run(config, "numbers", "8201").split("  ")[1].strip() == "internal"
    assert run(config, "numbers", "--site", "branch", "7201").split("  ")[1].strip() == "internal"
    assert "local" in run(config, "numbers", "--site", "branch", "8201")
    assert "0.60  CNY" in run(
        config, "rate", "explain", "013800000000", "61", "--site", "branch", "--at", "2026-02-02T10:00"
    )
    assert "0.44  CNY" in run(config, "rate", "explain", "913800000000", "61", "--at", "2026-02-02T10:00")
    refused = CliRunner().invoke(smdr, ["numbers", "--site", "brunch", "1", "-c", str(config.path)])
    assert str(refused.exception) == 'There is no site "brunch"; did you mean "branch"? (one of hq, branch).'


def test_rating_anew_changes_the_calls_of_the_site_whose_table_changed(company: TwoSites, tmp_path: Path) -> None:
    config = collected(company, tmp_path)
    text = TABLES["directory.csv"].replace("201,Shop,Wu", "201,Store,Wu")
    (tmp_path / "directory.csv").write_text(text, encoding="utf-8")
    (tmp_path / "branch-tariff.csv").write_text(TABLES["branch-tariff.csv"].replace("0.05", "0.15"), encoding="utf-8")
    before = asked(config, "SELECT * FROM calls WHERE source = 'pbx1' ORDER BY offset")
    rerate(config, -4e10, 4e10)
    assert asked(config, "SELECT * FROM calls WHERE source = 'pbx1' ORDER BY offset") == before
    branch = [one.call for one in company.calls if one.site == "branch"]
    assert asked(config, "SELECT count(*) FROM calls WHERE department = 'Store'") == [
        (sum(call.extension == "201" for call in branch),)
    ]
    local = sum(-(-call.talk_s // 60) for call in branch if call.class_ == "local") * Decimal("0.15")
    costs = asked(config, "SELECT cost FROM calls WHERE source = 'pbx2' AND class = 'local'")
    assert sum((Decimal(cost) for (cost,) in costs), ZERO) == local
