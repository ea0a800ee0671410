"""The console as a viewer meets it: a real server, a real browser, numbers counted by other means."""

from __future__ import annotations

import asyncio
import math
import re
import statistics
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from certificates import issue
from conftest import DESKTOP, Console, assert_untroubled, log_in, visit
from console_office import HOSTILE_DEPARTMENT, HOSTILE_EXTENSION, HOSTILE_NUMBER, TARGET_S, ZONE, Office
from servers import http

from collector.inputs.uart import LineErrors
from collector.store.events_db import EventsDb
from dashboards.web.gate import COOKIE
from dashboards.words import WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Visit
    from playwright.async_api import Browser

    from collector.calls import Call

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEBRUARY = "period=day&from=2026-02-01&to=2026-02-28"
QUARTER = "period=month&from=2026-01-01&to=2026-03-31"


def local(call: Call) -> datetime:
    return datetime.fromtimestamp(call.start, ZONE)


def in_february(office: Office) -> list[Call]:
    return [call for call in office.calls if local(call).month == 2]


def seconds_of(text: str) -> int:
    total = 0
    for part in text.replace(",", "").split(":"):
        total = total * 60 + int(part)
    return total


async def test_traffic_shows_what_an_independent_count_gives(desktop: Visit, office: Office) -> None:
    await desktop.open(f"/traffic?{FEBRUARY}", ".kpi")
    calls = in_february(office)
    figures = await desktop.key_figures()
    assert figures["Calls"] == f"{len(calls):,}"
    assert seconds_of(figures["Talk time"]) == sum(call.talk_s or 0 for call in calls)
    answered = sum(call.outcome == "answered" for call in calls)
    assert figures["Answered"] == f"{100 * answered / len(calls):.1f} %"

    series = {one["name"]: one["data"] for one in (await desktop.chart(0))["series"]}
    for direction in ("incoming", "outgoing", "internal"):
        days = Counter(local(call).day for call in calls if call.direction == direction)
        assert series[direction] == [days[day] for day in range(1, 29)]
    dates = Counter(local(call).date() for call in office.calls)
    assert series["4 weeks before"] == [dates[date(2026, 1, 4) + timedelta(days=number)] for number in range(28)]
    january = sum(local(call).month == 1 for call in office.calls)
    change = await desktop.page.locator(".kpi").first.locator(".change").inner_text()
    assert change == f"{'▲' if len(calls) > january else '▼'} {abs(len(calls) / january - 1) * 100:.1f} %"
    assert await desktop.page.get_by_text("against 2026-01-01 to 01-31").count() == 1
    await desktop.keep("traffic-desktop")


async def test_erlangs_and_the_busy_hour_spread_calls_over_the_hours_they_cover(desktop: Visit, office: Office) -> None:
    await desktop.open("/traffic?period=hour&from=2026-02-10&to=2026-02-10", ".kpi")
    midnight = int(datetime(2026, 2, 10, tzinfo=ZONE).timestamp())
    held = [0] * 24
    for call in office.calls:
        end = call.start + (call.ring_s or 0) + (call.talk_s or 0)
        for hour in range(24):
            first = midnight + hour * 3600
            held[hour] += max(0, min(end, first + 3600) - max(call.start, first))
    series = {one["name"]: one["data"] for one in (await desktop.chart(0))["series"]}
    assert series["Erlangs"] == pytest.approx([seconds / 3600 for seconds in held], abs=0.0006)
    busiest = max(range(24), key=lambda hour: held[hour])
    assert await desktop.page.get_by_text(f"Tue 2026-02-10 {busiest:02}:00–{busiest + 1:02}:00").count() == 1  # noqa: RUF001
    profile = (await desktop.chart(2))["series"][0]["data"]
    assert [round(one["value"], 2) for one in profile] == [round(seconds / 3600, 2) for seconds in held]


async def test_the_week_is_averaged_over_its_days(desktop: Visit, office: Office) -> None:
    await desktop.open(f"/traffic?{FEBRUARY}", ".kpi")
    cells = (await desktop.chart(1))["series"][0]["data"]
    counted = Counter((local(call).hour, local(call).weekday()) for call in in_february(office))
    shown = {
        (hour, weekday): mean
        for hour, weekday, mean in (cell.get("value", cell) if isinstance(cell, dict) else cell for cell in cells)
    }
    assert len(shown) == 7 * 24
    assert all(mean == pytest.approx(counted[place] / 4, abs=0.006) for place, mean in shown.items())


async def test_months_quarters_and_years_add_up(desktop: Visit, office: Office) -> None:
    months = Counter(local(call).month for call in office.calls)
    for period, expected in (
        ("month", [months[1], months[2], months[3]]),
        ("quarter", [len(office.calls)]),
        ("year", [len(office.calls)]),
    ):
        await desktop.open(f"/traffic?period={period}&from=2026-01-01&to=2026-03-31", ".kpi")
        series = [one["data"] for one in (await desktop.chart(0))["series"] if one.get("stack") == "calls"]
        assert [sum(column) for column in zip(*series, strict=True)] == expected


async def test_the_switch_of_periods_and_filters_narrow_the_view_and_stay_in_the_address(
    desktop: Visit, office: Office
) -> None:
    page = await desktop.open(f"/traffic?{FEBRUARY}&department=Sales", ".kpi")
    sales = [call for call in in_february(office) if call.department == "Sales"]
    assert (await desktop.key_figures())["Calls"] == f"{len(sales):,}"
    await page.get_by_role("combobox", name="Direction").click()
    await page.get_by_role("option", name="incoming").click()
    incoming = sum(call.direction == "incoming" for call in sales)
    await page.locator(".kpi b", has_text=re.compile(rf"^{incoming:,}$")).wait_for()
    assert "direction=incoming" in page.url
    await page.get_by_role("button", name="Earlier").click()
    january = sum(
        call.direction == "incoming" and call.department == "Sales" and local(call).month == 1 for call in office.calls
    )
    await page.locator(".kpi b", has_text=re.compile(rf"^{january:,}$")).wait_for()
    assert "from=2026-01-01&to=2026-01-31" in page.url
    await page.get_by_role("link", name="Answering").click()
    await page.locator(".kpi").first.wait_for()
    assert "department=Sales" in page.url
    await page.go_back()
    await page.get_by_role("button", name="Hour").click()
    await page.locator(".notice", has_text="No calls").wait_for()
    assert "The newest call is of 2026-03-31" in await page.locator(".notice").inner_text()


async def test_dates_that_run_backwards_are_said_to_be_not_shown(desktop: Visit, phone: Visit, office: Office) -> None:
    page = await desktop.open(f"/traffic?{FEBRUARY}", ".kpi")
    said = page.get_by_text("The first day is after the last; still shown: 2026-02-01 to 2026-02-28.")
    assert await said.count() == 0
    await page.get_by_label("Last day").fill("2026-01-15")
    await said.wait_for()
    assert (await desktop.key_figures())["Calls"] == f"{len(in_february(office)):,}"
    await desktop.keep("dates-backwards")
    await page.get_by_label("First day").fill("2026-01-01")
    await said.wait_for(state="detached")
    await page.wait_for_url("**from=2026-01-01&to=2026-01-15")
    await page.get_by_label("First day").fill("2026-03-01")
    await page.get_by_text("still shown: 2026-01-01 to 2026-01-15.").wait_for()
    await page.get_by_role("button", name="Earlier").click()
    await page.get_by_text("still shown").wait_for(state="detached")
    assert await page.get_by_label("First day").input_value() == "2025-12-17"

    page = await phone.open(f"/answering?{FEBRUARY}", ".kpi")
    await page.get_by_label("起始日期").fill("2026-03-15")
    await page.get_by_text("仍显示 2026-02-01 至 2026-02-28。").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await phone.keep("dates-backwards-phone")
    await page.get_by_label("起始日期").fill("2026-02-01")
    await page.get_by_text("起始日期晚于结束日期").wait_for(state="detached")


async def test_answering_shows_what_an_independent_count_gives(desktop: Visit, office: Office) -> None:
    page = await desktop.open(f"/answering?{FEBRUARY}", ".kpi")
    incoming = [call for call in in_february(office) if call.direction == "incoming"]
    answered = [call for call in incoming if call.outcome == "answered"]
    rang = sorted(call.ring_s for call in answered if call.ring_s is not None)
    within = sum(ring_s <= TARGET_S for ring_s in rang)
    figures = await desktop.key_figures()
    assert figures["Share answered"] == f"{100 * len(answered) / len(incoming):.1f} %"
    assert figures["Within 3 rings"] == f"{100 * within / len(rang):.1f} %"
    assert figures["Median"] == str(statistics.median_low(rang))
    assert figures["90th percentile"] == str(rang[math.ceil(len(rang) * 0.9) - 1])
    assert figures["95th percentile"] == str(rang[math.ceil(len(rang) * 0.95) - 1])
    assert figures["Unanswered"] == f"{sum(call.outcome == 'unanswered' for call in incoming):,}"
    assert await page.get_by_text(f"{len(rang):,} of {len(answered):,} answered calls report it").count() == 1

    series = {one["name"]: one["data"] for one in (await desktop.chart(0))["series"]}
    for day in (2, 10, 22):
        times = sorted(call.ring_s for call in answered if call.ring_s is not None and local(call).day == day)
        assert series["Median"][day - 1] == statistics.median_low(times)
        share = sum(ring_s <= TARGET_S for ring_s in times) / len(times)
        assert series["Answered within the target"][day - 1] == pytest.approx(100 * share, abs=0.06)

    for number, outcome in ((1, "answered"), (2, "unanswered")):
        rings = Counter(
            min(math.ceil(call.ring_s / 5), 11)
            for call in incoming
            if call.outcome == outcome and call.ring_s is not None
        )
        bars = (await desktop.chart(number))["series"][0]["data"]
        assert [bar["value"] for bar in bars] == [rings[number] for number in range(12)]
    silent = sum(call.ring_s is None for call in answered)
    assert await page.get_by_text(f"{silent:,} not reported").count() == 1
    await desktop.keep("answering-desktop")


async def test_worst_extensions_are_those_with_most_late_or_lost_calls(desktop: Visit, office: Office) -> None:
    page = await desktop.open(f"/answering?{FEBRUARY}", ".extensions")
    bad: Counter[str] = Counter()
    for call in in_february(office):
        if call.direction == "incoming" and (
            call.outcome == "unanswered" or (call.outcome == "answered" and (call.ring_s or 0) > TARGET_S)
        ):
            bad[call.extension or ""] += 1
    worst = sorted(bad.items(), key=lambda one: (-one[1], one[0]))[:12]
    rows = await page.locator(".extensions tbody tr").all()
    shown = [((await row.locator("td").all_inner_texts())[:2]) for row in rows]
    assert shown == [[name, str(count)] for name, count in worst]


async def test_a_source_without_ring_times_says_not_reported_and_never_zero(desktop: Visit) -> None:
    await desktop.open(f"/answering?{FEBRUARY}&source=pbx2", ".kpi")
    figures = await desktop.key_figures()
    assert [figures[name] for name in ("Within 3 rings", "Median", "90th percentile", "95th percentile")] == [
        "not reported"
    ] * 4
    assert set((await desktop.chart(0))["series"][0]["data"]) == {None}


async def test_what_a_pbx_prints_is_never_run(desktop: Visit) -> None:
    page = await desktop.open(f"/traffic?{FEBRUARY}", ".breakdown")
    assert await page.get_by_title(HOSTILE_DEPARTMENT).count() == 1
    await page.get_by_role("combobox", name="Department").click()
    await page.get_by_role("option", name=HOSTILE_DEPARTMENT).wait_for()
    await page.keyboard.press("Escape")
    await page.locator(".nicegui-echart").first.hover()
    await page.goto(f"/answering?{QUARTER}&extension={HOSTILE_EXTENSION}")
    await page.locator(".extensions b", has_text=HOSTILE_EXTENSION).wait_for()
    for chart in await page.locator(".nicegui-echart").all():
        await chart.hover()
    await page.goto("/live")
    cell = page.locator(".ag-cell", has_text=HOSTILE_NUMBER).first
    await cell.wait_for()
    await cell.click()
    await page.locator(".details pre").wait_for()
    assert HOSTILE_NUMBER in await page.locator(".details pre").inner_text()
    assert HOSTILE_DEPARTMENT in await page.locator(".details dl").inner_text()
    assert await page.locator("img, svg[onload]").count() == 0


async def test_lines_account_for_every_byte_and_show_what_was_not_understood(desktop: Visit, office: Office) -> None:
    page = await desktop.open("/lines", ".source")
    text = await page.locator(".source").nth(0).inner_text()
    calls = sum(call.source == "pbx1" for call in office.calls)
    assert f"{calls:,}" in text
    numbers = [
        int(one.replace(",", "")) for one in re.findall(r"([\d,]+) (?:bytes|in records|rejected|noise|pending)", text)
    ]
    assert numbers[0] == sum(numbers[1:5])
    assert numbers[4] == len(b"01/02/26 ")
    assert "Every byte is accounted for." in text
    rejected = await page.locator(".rejected tbody tr").inner_text()
    assert "One column holds what this format never prints there" in rejected
    assert "<script>window.hacked='raw'</script>\\x00\\x1b[31m\\r\\n" in rejected
    assert "collector not running" in await page.locator(".running").inner_text()
    await desktop.keep("lines-desktop")


async def test_lines_tell_what_the_port_reports_and_lead_to_attaching_another(desktop: Visit, office: Office) -> None:
    events = EventsDb(office.data / "events.db")
    events.line_errors("pbx1", LineErrors(3, 2, 1))
    await events.standing()
    events.close()
    page = await desktop.open("/lines", ".source")
    await page.get_by_text("3 bytes lost, 2 framing, 1 parity").wait_for()
    assert await page.locator(".source", has_text="pbx2").get_by_text("Errors of the port").count() == 0
    await page.get_by_role("link", name="Attach another PBX").click()
    await page.get_by_text("1. Where the PBX is connected").wait_for()


async def test_a_line_that_was_not_understood_is_taken_apart_one_click_away(desktop: Visit) -> None:
    page = await desktop.open("/lines", ".rejected a")
    await page.locator(".rejected tbody a").click()
    taken_apart = page.locator(".explained > pre")
    await taken_apart.wait_for()
    text = await taken_apart.inner_text()
    assert "panasonic/kx-tda" in text
    assert "Rejected (" in text
    assert "^" in text
    assert "<script>window.hacked='raw'</script>" in text
    await desktop.keep("rejected-line-desktop")
    await page.locator(".explained a", has_text="All lines of pbx1").click()
    await page.locator(".reasons").wait_for()
    assert "All reasons 1" in await page.locator(".reasons").inner_text()
    assert await page.locator(".rejected tbody tr").count() == 1
    await page.locator(".reasons a", has_text="One column holds").click()
    await page.locator(".reasons [aria-current]", has_text="One column holds").wait_for()
    assert await page.locator(".rejected tbody tr").count() == 1
    await desktop.open("/lines/pbx2", ".scrolled .note")
    assert "None: every line was understood." in await page.locator(".board").inner_text()
    await desktop.open("/lines/pbx1/7", ".notice")
    assert (await page.goto("/lines/nowhere")).status == 404  # type: ignore[union-attr]
    desktop.troubles.clear()  # the browser reports the 404


async def test_many_rejected_lines_are_paged(browser: Browser, tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.open()
    for number in range(120):
        office.reject(b"line %d\r\n" % number, "bad-field", "")
    console = Console(office.config)
    try:
        _, seen = await visit(browser, console.address, DESKTOP)
        page = await seen.open("/lines/pbx1", ".rejected tbody tr")
        found = []
        while True:
            found += await page.locator(".rejected tbody pre").all_inner_texts()
            earlier = page.locator("a", has_text="Earlier lines")
            if not await earlier.count():
                break
            address = await earlier.get_attribute("href")
            await seen.open(str(address), ".rejected tbody tr")
        assert found == [f"line {number}\\r\\n" for number in reversed(range(120))]
    finally:
        console.stop()
        office.close()


async def test_alarms_are_shown_with_their_end(browser: Browser, tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.open()
    events = EventsDb(office.data / "events.db")
    alarm = await events.raise_alarm("silence", "pbx1", 1.7e9, "No record for 30 min.", ())
    await events.clear_alarm(alarm, 1.7e9 + 60, "Records come again.", ())
    await events.raise_alarm("disk", "data", 1.7e9 + 90, "The disk is full.", ())
    events.link("pbx1", "open", "Connected to <b>pbx</b>.", 1.7e9)
    events.close()
    console = Console(office.config)
    try:
        _, seen = await visit(browser, console.address, DESKTOP)
        page = await seen.open("/lines", ".alarms tbody tr")
        rows = await page.locator(".alarms tbody tr").all_inner_texts()
        assert "The disk is full." in rows[0]
        assert "stands" in rows[0]
        assert "Records come again." in rows[1]
        await seen.open("/lines/pbx1", ".links tbody tr")
        assert "Connected to <b>pbx</b>." in await page.locator(".links").inner_text()
    finally:
        console.stop()
        office.close()


async def test_on_a_phone_in_chinese_and_dark_everything_fits(phone: Visit, office: Office) -> None:
    page = await phone.open(f"/traffic?{FEBRUARY}", ".kpi")
    assert (await phone.key_figures())[WORDS["calls"]["zh"]] == f"{len(in_february(office)):,}"
    await phone.keep("traffic-phone")
    await phone.open(f"/answering?{FEBRUARY}", ".extensions")
    await phone.keep("answering-phone")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await phone.open("/lines", ".source")
    await phone.keep("lines-phone")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await phone.open("/live", ".ag-row")
    await phone.keep("live-phone")
    assert await page.evaluate("document.documentElement.lang") == "zh"


async def test_in_chinese_every_tile_says_of_what_it_is_and_seconds_are_chinese(phone: Visit) -> None:
    page = await phone.open(f"/answering?{FEBRUARY}", ".extensions")
    shown = await phone.key_figures()
    percentiles = [f"应答时长{name}" for name in ("中位数", "第90百分位", "第95百分位")]
    assert list(shown) == ["接听率", "3 声内接听率", *percentiles, "无人接听的来电"]
    assert await page.locator(".kpi .value small").all_inner_texts() == ["", "", "秒", "秒", "秒", ""]
    ways = {
        f"/answering?{FEBRUARY}": ".extensions",
        "/calls": ".calls tbody tr",
        "/live": ".ag-row",
        "/lines": ".source .verdict",
    }
    for path, ready in ways.items():
        page = await phone.open(path, ready)
        assert not re.search(r"\d s\b", await page.locator("body").inner_text()), path
    assert re.search(r"\d 秒", await (await phone.open("/calls", ".calls tbody tr")).locator("body").inner_text())


async def test_the_viewer_switches_language_and_colours(desktop: Visit) -> None:
    page = await desktop.open("/lines", ".source")
    await page.get_by_role("button", name="中文").click()
    await page.get_by_text("每个字节均有去向。").first.wait_for()
    await page.get_by_role("button", name="深色").click()
    await page.locator("body.body--dark").wait_for()
    await page.get_by_role("button", name="English").click()
    await page.get_by_text("Every byte is accounted for.").first.wait_for()


async def test_new_calls_appear_by_themselves_on_every_viewers_feed(
    browser: Browser, console: Console, office: Office, desktop: Visit
) -> None:
    context, other = await visit(browser, console.address, DESKTOP)
    pages = [await one.open("/live", ".ag-row") for one in (desktop, other)]
    made = len(office.calls)
    moment = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
    for number in range(3):
        known = {"number": f"0555000{number}", "direction": "incoming", "extension": "101", "ring_s": 7}
        office.add([office.made_up(moment + timedelta(minutes=number), source="pbx1", **known)])
    for page in pages:
        for number in range(3):
            await page.locator(".ag-cell", has_text=f"0555000{number}").wait_for()
        first = page.locator('.ag-row[row-index="0"] .ag-cell[col-id="number"]')
        assert await first.inner_text() == "05550002"
    await pages[0].locator(".ag-cell", has_text="05550002").click()
    call = office.calls[-1]
    assert f"{call.start} 101 {call.trunk} 05550002" in await pages[0].locator(".details pre").inner_text()
    await desktop.keep("live-details-desktop")
    assert len(office.calls) == made + 3
    assert_untroubled(other, console.address)
    await context.close()


async def test_with_a_certificate_the_console_is_served_over_https(browser: Browser, tmp_path: Path) -> None:
    office = Office(tmp_path)
    issued = issue(tmp_path)
    console = Console(office.config, "--certificate", str(issued.certificate), "--key", str(issued.key), scheme="https")
    try:
        assert console.said[0] == f"Console: {console.address}"
        context = await browser.new_context(ignore_https_errors=True)
        assert (await log_in(context, console.address, "administrator")).status == 303
        cookie = next(one for one in await context.cookies() if one["name"] == COOKIE)
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
        page = await context.new_page()
        await page.goto(console.address)
        await page.locator(".notice strong").first.wait_for()
        status, _ = await asyncio.to_thread(http, "GET", console.address, trusting=issued.trusting)
        assert status == 200
    finally:
        console.stop()


async def test_without_calls_db_the_page_says_so_and_fills_once_it_is_there(browser: Browser, tmp_path: Path) -> None:
    office = Office(tmp_path)
    console = Console(office.config)
    try:
        assert console.said == [f"Console: {console.address}", "Only this computer can reach it (loopback)."]
        context, seen = await visit(browser, console.address, DESKTOP)
        page = await seen.open("/traffic?period=day&from=2026-03-01&to=2026-03-31", ".notice strong")
        assert "The collector has not stored anything yet" in await page.locator(".notice").inner_text()
        office.open()
        await page.locator(".notice", has_text="has not stored any call yet").wait_for()
        office.add([office.made_up(datetime(2026, 3, 4, 3, 0, tzinfo=UTC))])
        await page.locator(".kpi").first.wait_for()
        assert (await seen.key_figures())["Calls"] == "1"
        office.spoil("pbx1")
        await seen.open("/lines", ".verdict.broken")
        assert_untroubled(seen, console.address)
        await context.close()
    finally:
        office.close()
        assert console.stop() == 130


async def test_a_foreign_name_for_this_computer_is_refused(browser: Browser, console: Console) -> None:
    context = await browser.new_context(extra_http_headers={"Host": "elsewhere.example"})
    answer = await context.request.get(console.address, headers={"Host": "elsewhere.example"})
    assert answer.status == 400
    await context.close()
