"""A call belongs to whoever held the extension when it was made."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from collector.accounting.directory import Directory
from collector.problems import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

ZONE = "Asia/Shanghai"


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp())


def directory(tmp_path: Path, rows: str) -> Directory:
    path = tmp_path / "people.csv"
    path.write_text(f"extension,department,person,from,until\n{rows}", encoding="utf-8")
    return Directory.load(path, ZONE)


@pytest.mark.parametrize(
    ("moment", "person"),
    [
        ("2025-12-31 23:59:59", None),
        ("2026-01-01 00:00:00", "first"),
        ("2026-03-31 23:59:59", "first"),
        ("2026-04-01 00:00:00", "second"),
        ("2036-04-01 00:00:00", "second"),
    ],
)
def test_both_days_of_a_holder_are_included(tmp_path: Path, moment: str, person: str | None) -> None:
    people = directory(tmp_path, "201,sales,first,2026-01-01,2026-03-31\n201,stores,second,2026-04-01,\n")
    assert people.held("201", at(moment)).named[1] == person


def test_people_who_share_an_extension_are_named_together(tmp_path: Path) -> None:
    people = directory(tmp_path, "201,sales,first,,\n201,,second,,\n")
    assert people.held("201", 0).named == ("sales", "first / second")


def test_a_post_may_have_no_person_and_a_person_no_department(tmp_path: Path) -> None:
    people = directory(tmp_path, "201,lobby,,,\n202,,somebody,,\n")
    assert people.held("201", 0).named == ("lobby", None)
    assert people.held("202", 0).named == (None, "somebody")


def test_an_extension_nobody_holds_is_nobodys(tmp_path: Path) -> None:
    assert directory(tmp_path, "").held("201", 0).named == (None, None)
    assert Directory.load(None).held("201", 0).named == (None, None)
    assert Directory.load(None).held(None, 0).named == (None, None)


def test_all_the_faults_of_a_directory_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        directory(tmp_path, ',sales,,,\n201,"a, b",x,31.01.2026,\n202,,,2026-02-02,2026-02-01\n203,,,,,\n')
    assert [(problem.line, problem.column) for problem in caught.value.errors] == [(2, 1), (3, 14), (4, 18), (5, 9)]


def test_an_extension_may_call_what_was_granted_to_anybody_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "extension,person,post,may_call,from,until\n"
        "201,first,manager,local mobile,,2026-03-31\n201,second,,,2026-04-01,\n202,third,,local,,\n202,fourth,,mobile,,\n",
        encoding="utf-8",
    )
    people = Directory.load(path, ZONE)
    assert not people.held("201", at("2026-03-31 12:00:00")).may_call("domestic")
    assert people.held("201", at("2026-03-31 12:00:00")).may_call("mobile")
    assert people.held("201", at("2026-04-01 12:00:00")).may_call("domestic")
    assert people.held("202", 0).may_call("mobile")
    assert not people.held("202", 0).may_call("domestic")
    assert people.held("999", 0).may_call("international")
    assert people.holding(at("2026-03-31 12:00:00"))[0] == ("", "first", "manager")


def test_a_class_that_does_not_exist_is_pointed_at(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("extension,may_call\n201,locl\n", encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        Directory.load(path, ZONE)
    problem = raised.value.errors[0]
    assert ((problem.line, problem.column), problem.message) == ((2, 5), 'unknown class "locl"')


def test_an_extension_is_of_its_site_and_without_one_of_every_site(tmp_path: Path) -> None:
    path = tmp_path / "directory.csv"
    path.write_text("extension,person,site\n201,Li,hq\n201,Wu,branch\n900,Hall,\n201,Sun,branch\n", encoding="utf-8")
    whose = {
        at: [Directory.load(path, at=at).held(extension, 0).named[1] for extension in ("201", "900")]
        for at in ("hq", "branch", "other", None)
    }
    assert whose == {
        "hq": ["Li", "Hall"], "branch": ["Wu / Sun", "Hall"], "other": [None, "Hall"], None: ["Li / Wu / Sun", "Hall"]
    }  # fmt: skip
    with pytest.raises(ConfigError, match=r'directory.csv:3:8: there is no site "branch"'):
        Directory.load(path, sites=("hq", "west"))
