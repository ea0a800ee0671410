"""``smdr violations judge --changed``: only what is new is judged, all of it, and once; interrupted, it goes on."""

from __future__ import annotations

import datetime as dt
import json
import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from offices import Office

from collector.cli.group import smdr
from collector.commands import judging_changed
from collector.commands.judging import judge_span
from collector.commands.judging_changed import judge_changed
from collector.commands.rating import rerate
from collector.commands.violations import EVER, listed
from collector.config import load
from collector.keeping import versions
from collector.metrics import StatusMetrics
from collector.problems import ConfigError
from collector.rules.sentences import sentence
from collector.store import judging
from collector.store import violations as store
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    from pathlib import Path

ZONE = ZoneInfo("Asia/Shanghai")
LINE = "{} {}   {} 09 {:31}00:{:02}'{:02}               \r\n"
CONFIG = """
[site]
name = "hq"
timezone = "Asia/Shanghai"
data = "data"
directory = "directory.csv"

[accounting]
tariff = "tariff.csv"

[rules]
missed_allowance = "100"
fraud_night_calls = 3
fraud_short_calls = 2
fraud_country_days = 7

[[source]]
name = "pbx1"
input = "tcp-listen://127.0.0.1:2300"
format = "panasonic/kx-td"
date_order = "dmy"
"""


def moment(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def line(when: str, extension: int = 117, number: str = "16812345", minutes: int = 1, seconds: int = 0) -> str:
    at = dt.datetime.fromisoformat(when)
    return LINE.format(f"{at:%d/%m/%y}", f"{at:%I:%M%p}", extension, number, minutes, seconds)


@pytest.fixture
def site(tmp_path: Path) -> Office:
    (tmp_path / "tariff.csv").write_text("class,step_s,price\nlocal,60,0.1\npremium,60,3\ndomestic,60,0.7\n")
    (tmp_path / "directory.csv").write_text(
        "extension,department,person,may_call\n117,Sales,Li,\n118,Shop,Chen,local premium\n", encoding="utf-8"
    )
    path = tmp_path / "smdr.toml"
    path.write_text(CONFIG, encoding="utf-8")
    office = Office(load(path))
    collect(office, line("2026-03-02 10:00"), line("2026-03-20 10:00"))
    return office


def collect(site: Office, *lines: str) -> None:
    site.journal("".join(lines).encode(), at=1_786_400_000.0)
    site.project()


def days_judged(site: Office, monkeypatch: pytest.MonkeyPatch, now: str) -> list[str]:
    """The spans that a run judges, the newest first."""
    spans: list[str] = []
    real = judging_changed.found_in

    def noted(config: object, first: dt.date, last: dt.date, at: float) -> object:
        spans.append(f"{first:%m-%d}..{last:%m-%d}")
        return real(config, first, last, at)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(judging_changed, "found_in", noted)
        judge_changed(site.config, moment(now))
    return spans


def test_only_days_of_new_and_changed_calls_are_judged(site: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert days_judged(site, monkeypatch, "2026-03-21 12:00") == ["03-02..03-21"]  # at first everything there is
    assert days_judged(site, monkeypatch, "2026-03-21 12:05") == []
    collect(site, line("2026-03-21 12:06"))
    assert days_judged(site, monkeypatch, "2026-03-21 12:10") == ["03-20..03-21"]
    site.config.path.with_name("tariff.csv").write_text("class,step_s,price\npremium,60,6\n")
    rerate(site.config, moment("2026-03-02 00:00"), moment("2026-03-03 00:00"))
    days = days_judged(site, monkeypatch, "2026-03-21 12:15")
    assert days == ["03-02..03-21"]  # by another tariff: the last month and this one
    assert [one.amount for one in listed(site.config, *EVER) if one.kept.violation.rule == "premium"][:2] == [6, 3]


def test_all_is_found_that_is_found_at_once(site: Office) -> None:
    chance = random.Random(7)
    numbers = ("16812345", "02155501234", "0044205550123", "0033155501234", "<INCOMING> 13900000001", "13900000001")
    made = [
        line(
            f"2026-03-{chance.randint(1, 20):02} {chance.randrange(24):02}:{chance.randrange(60):02}",
            chance.choice((117, 118)),
            chance.choice(numbers),
            chance.randrange(3),
            chance.randrange(12),
        )
        for _ in range(240)
    ]
    for hour in range(24):  # in pieces that come in any order, at times at which missed calls become overdue
        collect(site, *made[hour * 10 : hour * 10 + 10])
        judge_changed(site.config, moment(f"2026-03-{1 + hour:02} {hour:02}:30"))
    now = moment("2026-03-31 12:00")
    judge_changed(site.config, now)
    by_pieces = [(one.kept.violation, one.kept.state) for one in listed(site.config, *EVER)]
    judge_span(site.config, dt.date(2026, 3, 1), dt.date(2026, 3, 31), now)
    at_once = [(one.kept.violation, one.kept.state) for one in listed(site.config, *EVER)]
    assert len({one.rule for one, _ in at_once}) >= 8
    assert by_pieces == at_once


def test_a_missed_call_is_found_when_its_time_is_over_without_any_other_call(site: Office) -> None:
    collect(site, line("2026-03-20 11:00", number="<INCOMING> 13900000001", minutes=0))
    with closing(sqlite3.connect(site.config.site.data / "calls.db")) as db, db:
        db.execute("UPDATE stored_calls SET outcome = 1 WHERE number = '13900000001'")
    rules = lambda: {one.kept.violation.rule for one in listed(site.config, *EVER)}  # noqa: E731
    judge_changed(site.config, moment("2026-03-20 11:30"))
    assert "missed" not in rules()
    judge_changed(site.config, moment("2026-03-20 12:02"))
    assert "missed" in rules()


def test_a_call_is_not_approved_in_time_once_the_days_are_over(site: Office) -> None:
    collect(site, line("2026-03-20 11:00", 118, "02155501234"))
    judge_changed(site.config, moment("2026-03-23 23:00"))
    assert "fine" not in {one.kept.violation.rule for one in listed(site.config, *EVER)}
    judge_changed(site.config, moment("2026-03-24 00:05"))
    assert "fine" in {one.kept.violation.rule for one in listed(site.config, *EVER)}


def test_a_call_that_is_marked_as_private_is_judged_anew(site: Office) -> None:
    path = site.config.path
    path.write_text(CONFIG.replace("[rules]", "[rules]\nprivate_minutes = 0"), encoding="utf-8")
    config = load(path)
    now = dt.datetime.now(ZONE).timestamp()
    judge_changed(config, now - 60)
    with writing(config.site.data) as db:
        store.mark(db, "pbx1", 0, "Li", private=True)
    assert judge_changed(config, now + 60).days == 1
    assert "private" in {one.kept.violation.rule for one in listed(config, *EVER)}


def test_what_is_interrupted_goes_on_and_nothing_is_lost(site: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    collect(site, line("2026-01-05 10:00"))
    at, real = moment("2026-03-21 12:00"), judging.done

    def failing(db: sqlite3.Connection, days: list[judging.Due]) -> None:
        if days[0].day < dt.date(2026, 2, 1):
            raise KeyboardInterrupt
        real(db, days)

    with monkeypatch.context() as patched:
        patched.setattr(judging, "done", failing)
        with pytest.raises(KeyboardInterrupt):
            judge_changed(site.config, at)
    progress = judging.progress(site.config.site.data)
    assert progress is not None
    assert (progress.judged, progress.due, progress.open["premium"]) == (None, 2, 2)  # the newest are judged already
    outcome = judge_changed(site.config, at + 1)
    assert (outcome.days, outcome.judged.new) == (2, 1)
    progress = judging.progress(site.config.site.data)
    assert progress is not None
    assert (progress.judged, progress.due, progress.open["premium"]) == (at + 1, 0, 3)


def test_a_day_that_changes_while_it_is_judged_stays_due(site: Office) -> None:
    day = dt.date(2026, 3, 2)
    with writing(site.config.site.data) as db:
        judging.look(db, judging.Looked(1, 1, "", 100.0), [day])
        before = judging.due(db)
        judging.look(db, judging.Looked(1, 2, "", 200.0), [day])
        judging.done(db, before)
        assert judging.due(db) == [judging.Due(day, 200.0)]


def test_a_calls_db_that_was_made_anew_is_judged_anew(site: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    days_judged(site, monkeypatch, "2026-03-21 12:00")
    calls = site.config.site.data / "calls.db"
    with closing(sqlite3.connect(calls)) as db:
        db.execute("VACUUM INTO ?", (str(calls.with_name("calls.new.db")),))
    calls.with_name("calls.new.db").replace(calls)
    for beside in site.config.site.data.glob("calls.db-*"):
        beside.unlink()
    assert days_judged(site, monkeypatch, "2026-03-21 12:05") == ["03-19..03-21", "03-02..03-03"]


def test_a_faulty_table_is_refused_and_the_one_in_force_judges(site: Office) -> None:
    contents = {table: file.read_bytes() for table, file in versions.files_of(site.config).items()}
    versions.keep(site.config.site.data, contents, moment("2026-03-01 00:00"))
    judge_changed(site.config, moment("2026-03-21 12:00"))
    before = len(listed(site.config, *EVER))
    collect(site, line("2026-03-21 12:06"))
    site.config.path.with_name("tariff.csv").write_text("class,step_s,price\npremium,60,much\n")
    config = load(site.config.path, with_tables=False)
    assert judge_changed(config, moment("2026-03-21 12:10")).judged.new == 2
    assert len(listed(config, *EVER)) == before + 2


def test_a_faulty_table_without_one_in_force_is_told(site: Office) -> None:
    site.config.path.with_name("tariff.csv").write_text("class,step_s,price\npremium,60,much\n")
    with pytest.raises(ConfigError):
        judge_changed(load(site.config.path, with_tables=False), moment("2026-03-21 12:10"))


def test_what_is_urgent_is_told_until_something_is_done(site: Office) -> None:
    collect(site, *(line(f"2026-03-20 02:{minute:02}", number="02155501234") for minute in range(3)))
    now = moment("2026-03-20 02:05")
    assert [str(one.key) for one in judge_changed(site.config, now).alarms] == ["fraud-night pbx1:164"]
    (alarm,) = judge_changed(site.config, now).alarms
    assert alarm.sentence == "Phone 117: 3 calls of one phone in the night."
    with writing(site.config.site.data) as db:
        store.note(db, alarm.key, "explained", "Li", "a test")
    assert judge_changed(site.config, now).alarms == []
    assert judge_changed(site.config, now + 8 * 86_400).alarms == []


def test_the_command_tells_what_it_did(site: Office) -> None:
    def typed(*arguments: str) -> str:
        done = CliRunner().invoke(smdr, ["violations", "judge", *arguments, "-c", str(site.config.path)])
        return done.output

    assert " violations, " in typed("--changed")
    assert json.loads(typed("--changed", "--json")) == {
        "days": 0,
        "standing": 0,
        "new": 0,
        "fallen": 0,
        "alarms": [],
    }
    assert "not both" in typed("--changed", "--month", "2026-03")


def test_status_and_metrics_tell_what_is_open_and_when_it_was_judged(site: Office) -> None:
    def metrics() -> dict[str, float]:
        found = [sample for metric in StatusMetrics(lambda: site.config).collect() for sample in metric.samples]
        return {
            f"{one.name} {one.labels.get('rule', '')}".strip(): one.value
            for one in found
            if "jud" in one.name or "viol" in one.name
        }

    assert metrics() == {}
    now = moment("2026-03-21 12:00")
    judge_changed(site.config, now)
    told = metrics()
    assert told["smdr_violations_open premium"] == 2
    assert told["smdr_violations_open fine"] == 0
    assert (told["smdr_judged_timestamp_seconds"], told["smdr_judging_due_days"]) == (now, 0)
    shown = CliRunner().invoke(smdr, ["status", "-c", str(site.config.path)]).output
    assert "rules: judged 2026-03-21 12:00:00+08:00" in shown
    assert "2 premium" in shown


def test_nothing_is_judged_before_anything_is_collected(office: Office) -> None:
    assert judge_changed(office.config).days == 0
    assert not (office.config.site.data / "office.db").exists()


def test_sentences_are_in_both_languages_and_those_of_before_stay_as_they_were(site: Office) -> None:
    judge_changed(site.config, moment("2026-03-21 12:00"))
    (entry, *_) = listed(site.config, *EVER)
    assert sentence(entry.kept.violation, "zh") == "拨打声讯或信息服务号码"
    with closing(sqlite3.connect(site.config.site.data / "office.db")) as db, db:  # as the release before kept them
        db.execute("UPDATE violations SET said = NULL, what = 'a premium or information number'")
    with reading(site.config.site.data) as db:
        (old, *_) = store.kept(db, 0, 1e11)
    assert sentence(old.violation, "en") == "Premium numbers: a premium or information number"
    chinese = sentence(old.violation, "zh")
    assert chinese == "拨打声讯台：a premium or information number（由早先的版本判定，仅有英文说明）"  # noqa: RUF001
    judge_span(site.config, dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    with reading(site.config.site.data) as db:
        assert {sentence(one.violation, "zh") for one in store.kept(db, 0, 1e11)} == {"拨打声讯或信息服务号码"}
