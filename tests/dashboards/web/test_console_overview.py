"""The overview's figures against counts made from the list of calls itself, and the ways from it to the calls."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import DESKTOP, Console, assert_untroubled, employ, visit
from console_office import TARGET_S, ZONE, Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Visit
    from playwright.async_api import Browser

    from collector.calls import Call

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEBRUARY = "period=day&from=2026-02-01&to=2026-02-28"
ENDLESS_S = 1e9


def local(call: Call) -> datetime:
    return datetime.fromtimestamp(call.start, ZONE)


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Calls of today and of the days eight back, some of them priced, until now and later on the day a week ago."""
    office = Office(tmp_path_factory.mktemp("current"))
    office.open()
    now = datetime.now(ZONE)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    calls = []
    for days in range(9):
        until = int((now - midnight).total_seconds()) - 1 if days == 0 else 86_399
        for number in range(90):
            moment = midnight - timedelta(days=days) + timedelta(seconds=until * number // 89)
            known = {"cost": f"{number % 7}.25"} if number % 3 == 0 else {}
            calls.append(office.made_up(moment, **known))
    office.add(calls)
    yield office
    office.close()


async def test_today_is_set_against_the_same_weekday_up_to_the_same_time(browser: Browser, current: Office) -> None:
    console = Console(current.config)
    context, seen = await visit(browser, console.address, DESKTOP)
    began = datetime.now(ZONE)
    page = await seen.open("/", ".kpi")
    figures = await seen.key_figures()
    note = await page.locator(".kpi").first.locator(".note").inner_text()
    ended = datetime.now(ZONE)
    today = [call for call in current.calls if local(call).date() == began.date()]
    incoming = [call for call in today if call.direction == "incoming"]
    answered = [call for call in incoming if call.outcome == "answered"]
    rang = [call.ring_s for call in answered if call.ring_s is not None]
    assert figures["Calls"] == str(len(today))
    assert figures["Share answered"] == f"{100 * len(answered) / len(incoming):.1f} %"
    assert figures["Answered within the target"] == f"{100 * sum(one <= TARGET_S for one in rang) / len(rang):.1f} %"
    assert figures["Ring to answer, mean"] == f"{sum(rang) / len(rang):.1f} s"
    assert figures["Cost"] == f"{sum(float(call.cost or 0) for call in today):.2f}"
    week = timedelta(weeks=1)
    possible = {
        sum(local(call).date() == moment.date() and local(call) <= moment for call in current.calls)
        for moment in (began - week, ended - week)
    }
    assert int(note.split()[0]) in possible
    assert_untroubled(seen, console.address)
    await context.close()
    console.stop()


async def test_bars_cells_and_table_hold_what_an_independent_count_gives(desktop: Visit, office: Office) -> None:
    page = await desktop.open(f"/?{FEBRUARY}", ".overview tbody tr")
    calls = [call for call in office.calls if local(call).month == 2]
    chart = {one["name"]: one["data"] for one in (await desktop.chart(0))["series"]}
    for direction in ("incoming", "outgoing", "internal"):
        days = Counter(local(call).day for call in calls if call.direction == direction)
        assert chart[direction] == [days[day] for day in range(1, 29)]
    dates = Counter(local(call).date() for call in office.calls)
    assert chart["4 weeks before"] == [dates[date(2026, 1, 4) + timedelta(days=number)] for number in range(28)]
    third = [call for call in calls if local(call).day == 3]
    came = [call for call in third if call.direction == "incoming"]
    share = 100 * sum(call.outcome == "answered" for call in came) / len(came)
    assert chart["Share answered"][2] == pytest.approx(share, abs=0.06)
    cells = Counter((local(call).hour, local(call).weekday()) for call in calls)
    shown = {(hour, day): mean for hour, day, mean in (await desktop.chart(1))["series"][0]["data"]}
    assert shown == {place: pytest.approx(cells[place] / 4, abs=0.006) for place in shown}
    assert len(shown) == 7 * 24
    row = page.locator(".overview tbody tr", has_text="2026-02-03")
    text = (await row.inner_text()).split("\t")
    assert text[1:3] == [str(len(third)), f"{share:.1f} %"]
    await desktop.keep("overview-desktop")
    await row.locator("a").click()
    await page.locator(".calls tbody tr").first.wait_for()
    assert parse_qs(urlsplit(page.url).query) == {"from": ["2026-02-03"], "to": ["2026-02-03"]}


@pytest.mark.parametrize(
    ("period", "key"),
    [
        ("month", "{0:%Y-%m}"),
        ("quarter", "2026 Q1"),
        ("year", "{0:%Y}"),
    ],
)
async def test_longer_periods_add_up(desktop: Visit, office: Office, period: str, key: str) -> None:
    page = await desktop.open(f"/?period={period}&from=2026-01-01&to=2026-12-31", ".overview tbody tr")
    counted = Counter(key.format(local(call)) for call in office.calls)
    rows = [(await row.inner_text()).split("\t") for row in await page.locator(".overview tbody tr").all()]
    assert {row[0]: row[1].replace(",", "") for row in rows} == {name: str(one) for name, one in counted.items()}


async def test_a_click_on_a_bar_or_a_cell_leads_to_its_calls(desktop: Visit, office: Office) -> None:
    address = "/?period=hour&from=2026-02-10&to=2026-02-10"
    page = await desktop.open(address, ".overview tbody tr")
    at = """([number, series, place]) => {
        const node = document.querySelectorAll('.nicegui-echart')[number], chart = getElement(node.id.slice(1)).chart;
        const [x, y] = chart.convertToPixel({seriesIndex: series}, place), box = node.getBoundingClientRect();
        return [box.x + x, box.y + y];
    }"""
    day = [call for call in office.calls if local(call).date() == date(2026, 2, 10)]
    series = [one["name"] for one in (await desktop.chart(0))["series"]]
    await page.wait_for_timeout(600)
    where = await page.evaluate(at, [0, series.index("incoming"), [10, 1]])
    await page.mouse.click(*where)
    await page.wait_for_url("**/calls?*")
    asked = {"from": "2026-02-10", "to": "2026-02-10", "hour": "10", "direction": "incoming"}
    assert {key: one[0] for key, one in parse_qs(urlsplit(page.url).query).items()} == asked
    await page.locator(".calls tbody tr").first.wait_for()
    wanted = [call for call in day if local(call).hour == 10 and call.direction == "incoming"]
    assert await page.locator(".calls tbody tr").count() == len(wanted)
    page = await desktop.open(address, ".overview tbody tr")
    await page.wait_for_timeout(600)
    await page.locator(".nicegui-echart").nth(1).scroll_into_view_if_needed()
    where = await page.evaluate(at, [1, 0, [9, 1]])
    await page.mouse.click(*where)
    await page.wait_for_url("**/calls?*")
    await page.locator(".calls tbody tr").first.wait_for()
    assert "hour=9" in page.url
    assert "weekday=2" in page.url
    assert await page.locator(".calls tbody tr").count() == sum(local(call).hour == 9 for call in day)


async def test_a_department_head_sees_the_department_alone(browser: Browser, office: Office, console: Console) -> None:
    employ(office.config, "department-head", "Sales")
    context, seen = await visit(browser, console.address, DESKTOP, "department-head")
    page = await seen.open("/?period=month&from=2026-01-01&to=2026-03-31", ".overview tbody tr")
    shown = await page.locator(".overview tbody tr td:nth-child(2)").all_inner_texts()
    sales = Counter(local(call).month for call in office.calls if call.department == "Sales")
    assert [int(one.replace(",", "")) for one in shown] == [sales[3], sales[2], sales[1]]
    await context.close()
