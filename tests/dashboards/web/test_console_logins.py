"""Getting into the console, staying in it, and being kept out: a real server, a real browser."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyotp
import pytest
from conftest import DESKTOP, PASSWORD, PHONE, Console, assert_untroubled, employ, log_in, visit
from console_office import Office
from servers import http
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from collector.office import audit, factors, logins, recovery, sessions, users
from collector.store.office_db import reading, writing
from dashboards.web.gate import COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Visit
    from playwright.async_api import Browser, BrowserContext
    from websockets.asyncio.client import ClientConnection

PATIENCE_S = 60
LEFT_S = 4.0
"""Longer than a page is kept that was left, and shorter than one that lost its connection."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.open()
    yield office
    office.close()


async def test_the_code_of_the_start_makes_the_first_administrator_once(browser: Browser, place: Office) -> None:
    console = Console(place.config, new=True)
    try:
        code = re.search(r"the code ([\dA-Z-]{14}) to make", console.said[2])
        assert code
        context = await browser.new_context(base_url=console.address)
        page = await context.new_page()
        await page.goto("/calls")
        assert urlsplit(page.url).path == "/setup"

        async def fill(typed: str, password: str) -> None:
            await page.get_by_label("Code").fill(typed)
            await page.get_by_label("Name").fill("Li Hong")
            await page.get_by_label("Password", exact=True).fill(password)
            await page.get_by_label("Password again").fill(password)
            await page.get_by_role("button").click()

        await fill("AAAA-AAAA-AAAA", PASSWORD)
        assert await page.get_by_role("alert").inner_text() == "This is not the code."
        await fill(code[1].lower(), "short")
        assert "10 to 200 characters" in await page.get_by_role("alert").inner_text()
        await fill(code[1].lower(), PASSWORD)
        await page.locator("header .user", has_text="Li Hong").wait_for()
        again = {"code": code[1], "name": "other", "password": PASSWORD, "again": PASSWORD}
        answer = await context.request.post("/setup", form=again, headers={"Origin": console.address})
        assert answer.status == 422
        assert (await context.request.get("/setup", max_redirects=0)).headers["location"] == "/login"
        with reading(place.data) as db:
            assert [(one.name, one.role) for one in users.users(db).values()] == [("Li Hong", "administrator")]
    finally:
        console.stop()
    second = Console(place.config)
    assert second.said[1:] == ["Only this computer can reach it (loopback)."]
    second.stop()


async def test_one_logs_in_comes_to_the_page_that_was_asked_for_and_logs_out(
    browser: Browser, console: Console
) -> None:
    context = await browser.new_context(base_url=console.address)
    page = await context.new_page()
    await page.goto("/lines?x=1")
    assert urlsplit(page.url).path == "/login"
    await page.get_by_role("link", name="中文").click()
    await page.get_by_role("heading", name="登录").wait_for()
    await page.get_by_role("link", name="English").click()
    await page.get_by_label("Name").fill("administrator")
    await page.get_by_label("Password").fill("something else")
    await page.get_by_role("button").click()
    assert await page.get_by_role("alert").inner_text() == "Name, password or code is wrong."
    await page.get_by_label("Name").fill("administrator")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button").click()
    await page.locator(".source").first.wait_for()
    assert urlsplit(page.url).path == "/lines"
    cookie = next(one for one in await context.cookies() if one["name"] == COOKIE)
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (True, "Strict", -1)
    other = await context.new_page()
    await other.goto("/live")
    await page.get_by_role("button", name="Log out").click()
    await page.get_by_label("Name").wait_for()
    await other.get_by_label("Name").wait_for()  # the other page left by itself
    assert (await context.request.get("/calls.csv", max_redirects=0)).status == 303
    stolen = {"Cookie": f"{COOKIE}={cookie['value']}"}
    assert (await context.request.get("/lines", headers=stolen, max_redirects=0)).status == 303
    await context.close()


async def test_after_the_login_one_stays_on_the_console(browser: Browser, console: Console) -> None:
    context = await browser.new_context()
    for wanted in ("https://elsewhere.example/", "//elsewhere.example/lines", "/\\elsewhere.example", "/nowhere"):
        form = {"name": "administrator", "password": PASSWORD}
        answer = await context.request.post(
            f"{console.address}/login",
            params={"next": wanted},
            form=form,
            headers={"Origin": console.address},
            max_redirects=0,
        )
        assert (answer.status, answer.headers["location"]) == (303, "/")
    await context.close()


async def test_who_fails_often_has_to_wait_and_so_does_the_right_password(browser: Browser, place: Office) -> None:
    console = Console(place.config)
    try:
        context = await browser.new_context()
        for _ in range(5):
            assert (await log_in(context, console.address, "administrator", "wrong password")).status == 401
        assert (await log_in(context, console.address, "administrator", "wrong password")).status == 429
        assert (await log_in(context, console.address, "administrator")).status == 429
        assert "wait 1 s" in await (await log_in(context, console.address, "administrator")).text()
        await asyncio.sleep(1.1)
        assert (await log_in(context, console.address, "administrator")).status == 303
        await context.close()
    finally:
        console.stop()


async def test_a_user_who_is_changed_is_logged_out_at_once(browser: Browser, place: Office) -> None:
    employ(place.config, "operator")
    console = Console(place.config)
    try:
        context, seen = await visit(browser, console.address, DESKTOP, "operator")
        page = await seen.open("/live", ".notice")
        with writing(place.data) as db:
            users.change(db, users.found(db, "operator")._replace(disabled=True), "test")
        await page.get_by_label("Name").wait_for()
        assert (await log_in(context, console.address, "operator")).status == 401
        await context.close()
    finally:
        console.stop()


async def test_a_console_that_starts_anew_goes_on_with_those_who_did_not_log_out(
    browser: Browser, place: Office
) -> None:
    employ(place.config, "operator")
    first = Console(place.config)
    port = int(first.address.rpartition(":")[2])
    left, _ = await visit(browser, first.address, DESKTOP)
    cookie = next(one["value"] for one in await left.cookies() if one["name"] == COOKIE)
    await left.request.post("/logout", headers={"Origin": first.address})
    stolen = {"Cookie": f"{COOKIE}={cookie}"}
    changed, _ = await visit(browser, first.address, DESKTOP, "operator")
    context, seen = await visit(browser, first.address, DESKTOP)
    page = await seen.open("/lines", ".source")
    key = next(one["value"] for one in await context.cookies() if one["name"] == COOKIE)
    os.kill(first._process.pid, signal.SIGKILL)
    first._process.wait(20)
    with writing(place.data) as db:
        users.set_password(db, "operator", "another password", "test")
    second = Console(place.config, port=port)
    try:
        await page.goto("/users")
        await page.locator(".sessions tbody tr").first.wait_for()
        assert urlsplit(page.url).path == "/users"
        assert await page.locator(".sessions tbody tr").count() == 1
        assert (await changed.request.get("/live", max_redirects=0)).status == 303
        assert (await left.request.get("/lines", headers=stolen, max_redirects=0)).status == 303
        kept = b"".join(file.read_bytes() for file in place.data.glob("office.db*"))
        assert key.encode() not in kept
        for one in (left, changed, context):
            await one.close()
    finally:
        second.stop()


async def test_an_open_page_whose_user_was_disabled_while_the_console_stood_still_comes_to_the_login(
    browser: Browser, place: Office
) -> None:
    employ(place.config, "operator")
    first = Console(place.config)
    port = int(first.address.rpartition(":")[2])
    context, seen = await visit(browser, first.address, DESKTOP, "operator")
    page = await seen.open("/live", ".notice")
    os.kill(first._process.pid, signal.SIGKILL)
    first._process.wait(20)
    with writing(place.data) as db:
        users.change(db, users.found(db, "operator")._replace(disabled=True), "test")
    second = Console(place.config, port=port)
    try:
        await page.get_by_label("Name").wait_for()
        await context.close()
    finally:
        second.stop()


async def test_every_failed_try_is_noted_wherever_a_password_or_a_code_is_asked_for(
    browser: Browser, place: Office
) -> None:
    console = Console(place.config, new=True)
    headers = {"Origin": console.address}
    try:
        form = {"code": "AAAA-AAAA-AAAA", "name": "wang", "password": PASSWORD, "again": PASSWORD}
        stranger = await browser.new_context(base_url=console.address)
        assert (await stranger.request.post("/setup", form=form, headers=headers)).status == 422
        employ(place.config)
        context, _ = await visit(browser, console.address, DESKTOP)
        for path, form in (
            ("/account/password", {"old": "wrong", "password": "x" * 20, "again": "x" * 20}),
            ("/account/factor", {"do": "begin"}),
            ("/account/factor", {"do": "confirm", "code": "none"}),
        ):
            await context.request.post(path, form=form, headers=headers)
        for one in (context, stranger):
            await one.close()
    finally:
        console.stop()
    with reading(place.data) as db:
        noted = [(one.user, one.page) for one in audit.entries(db, action="failed")]
    assert noted == [("administrator", "/account/factor"), ("administrator", "/account/password"), ("wang", "/setup")]


async def test_an_address_that_is_too_long_to_be_noted_is_not_answered(browser: Browser, console: Console) -> None:
    context, _ = await visit(browser, console.address, DESKTOP)
    assert (await context.request.get(f"/calls?number={'1' * 9000}")).status == 413
    await context.close()


async def test_one_sees_where_one_is_logged_in_and_ends_it(browser: Browser, place: Office) -> None:
    employ(place.config, "operator")
    console = Console(place.config)
    try:
        other, _ = await visit(browser, console.address, DESKTOP, "operator")
        foreign, elsewhere = await visit(browser, console.address, DESKTOP)
        context, seen = await visit(browser, console.address, DESKTOP, "operator")
        page = await seen.open("/account", ".sessions tbody tr")
        rows = page.locator(".sessions tbody tr")
        assert await rows.count() == 2
        assert await page.get_by_text("this one").count() == 1
        with reading(place.data) as db:
            administrators = next(one for one in sessions.kept(db) if one.user == users.found(db, "administrator").id)
        form = {"do": "end", "mark": administrators.mark}
        await context.request.post("/account/sessions", form=form, headers={"Origin": console.address})
        assert (await foreign.request.get("/users", max_redirects=0)).status == 200
        await rows.get_by_role("button", name="End").click()
        await page.get_by_text("Done.").wait_for()
        assert await rows.count() == 1
        assert (await other.request.get("/live", max_redirects=0)).status == 303
        users_page = await elsewhere.open("/users", ".sessions tbody tr")
        await users_page.locator(".sessions tbody tr", has_text="operator").get_by_role("button", name="End").click()
        await users_page.get_by_text("Done.").wait_for()
        await page.wait_for_url("**/login?*")  # the page of a session that ended leaves by itself
        assert (await context.request.get("/live", max_redirects=0)).status == 303
        with reading(place.data) as db:
            noted = [(one.user, one.detail) for one in audit.entries(db, action="change")]
            assert len(sessions.kept(db)) == 1
        assert noted == [("administrator", "end operator 127.0.0.1"), ("operator", "end operator 127.0.0.1")]
        for one in (other, foreign, context):
            await one.close()
    finally:
        console.stop()


async def codes_of_new_factor(seen: Visit, place: Office) -> list[str]:
    """Set up one-time codes, after a wrong one, and return the recovery codes that are shown."""
    page = await seen.open("/account", ".form")
    factor = page.locator("section", has_text="One-time codes")
    await factor.get_by_role("button", name="Set up").click()
    await page.locator(".qr svg").wait_for()
    secret = await page.locator(".secret").inner_text()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await seen.keep("account-phone")
    await factor.get_by_label("Code").fill("000000")
    await factor.get_by_role("button", name="Confirm").click()
    await page.get_by_text("This is not the code of now").wait_for()
    with reading(place.data) as db:
        proved = users.secret(db, "operator")
    assert proved is not None
    assert proved.totp is None
    await factor.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    await factor.get_by_role("button", name="Confirm").click()
    await page.locator(".codes li").first.wait_for()
    return await page.locator(".codes li").all_inner_texts()


async def test_one_sets_up_one_time_codes_and_a_recovery_code_works_once(browser: Browser, place: Office) -> None:
    employ(place.config, "operator")
    console = Console(place.config)
    try:
        other, _ = await visit(browser, console.address, DESKTOP, "operator")
        context, seen = await visit(browser, console.address, PHONE, "operator")
        page = seen.page
        factor = page.locator("section", has_text="One-time codes")
        codes = await codes_of_new_factor(seen, place)
        assert len(set(codes)) == recovery.COUNT
        assert (await other.request.get("/live", max_redirects=0)).status == 303
        await page.reload()
        await page.get_by_text("Recovery codes left: 10").wait_for()
        assert await page.locator(".codes, .secret").count() == 0
        answers = [
            (await log_in(other, console.address, "operator", code=code)).status
            for code in ("", codes[0].replace("-", " "), codes[0], "12345-12345-12345-12345")
        ]
        assert answers == [401, 303, 401, 401]
        await page.reload()
        await page.get_by_text("Recovery codes left: 9").wait_for()
        kept = b"".join(file.read_bytes() for file in place.data.glob("office.db*"))
        assert not [code for code in codes if code.replace("-", "").encode() in kept or code.encode() in kept]
        await factor.get_by_label("Code").fill(codes[0])
        await factor.get_by_role("button", name="Turn off").click()
        await page.get_by_text("This is not the code of now").wait_for()
        await factor.get_by_label("Code").fill(codes[1])
        await factor.get_by_role("button", name="Turn off").click()
        await page.get_by_text("You log in with the password alone.").wait_for()
        assert (await log_in(other, console.address, "operator")).status == 303
        with reading(place.data) as db:
            noted = [(one.user, one.detail) for one in audit.entries(db, action="change")]
        assert noted == [("operator", "factor off"), ("operator", "factor on")]
        assert_untroubled(seen, console.address)
        for one in (other, context):
            await one.close()
    finally:
        console.stop()


async def test_an_administrator_turns_off_the_codes_of_one_who_lost_the_phone(browser: Browser, place: Office) -> None:
    employ(place.config, "operator")
    secret = logins.new_secret()
    with writing(place.data) as db:
        (*codes,) = factors.turn_on(db, "operator", secret, pyotp.TOTP(secret).now())
    console = Console(place.config)
    try:
        context, seen = await visit(browser, console.address, DESKTOP)
        page = await seen.open("/users", ".users tbody tr")
        await page.locator(".users tbody tr", has_text="operator").get_by_role("button", name="Turn off").click()
        await page.get_by_text("Done.").wait_for()
        other = await browser.new_context()
        assert (await log_in(other, console.address, "operator")).status == 303
        with reading(place.data) as db:
            assert recovery.left(db, "operator") == 0
            assert [one.detail for one in audit.entries(db, action="change")] == ["factor-off operator"]
        assert len(codes) == recovery.COUNT
        for one in (other, context):
            await one.close()
    finally:
        console.stop()


async def test_a_one_time_code_is_asked_for_and_works_once(browser: Browser, place: Office) -> None:
    console = Console(place.config)
    secret = logins.new_secret()
    with writing(place.data) as db:
        users.set_totp(db, "administrator", secret, "test")
    try:
        context = await browser.new_context()
        code = pyotp.TOTP(secret).now()
        assert (await log_in(context, console.address, "administrator")).status == 401
        assert (await log_in(context, console.address, "administrator", code=f"{code[:3]} {code[3:]}")).status == 303
        assert (await log_in(context, console.address, "administrator", code=code)).status == 401
        await context.close()
    finally:
        console.stop()


async def test_a_code_of_long_ago_is_none(place: Office) -> None:
    employ(place.config)
    secret, now = logins.new_secret(), time.time()
    generator = pyotp.TOTP(secret)
    with writing(place.data) as db:
        users.set_totp(db, "administrator", secret, "test")
        assert not logins.take_code(db, "administrator", secret, generator.at(int(now) - 90), now)
        assert not logins.take_code(db, "administrator", secret, "", now)
        assert logins.take_code(db, "administrator", secret, generator.at(int(now)), now)
        assert not logins.take_code(db, "administrator", secret, generator.at(int(now) - 30), now)


async def test_what_comes_from_another_page_changes_nothing(browser: Browser, console: Console, office: Office) -> None:
    context, _ = await visit(browser, console.address, DESKTOP)
    form = {"do": "add", "name": "intruder", "role": "administrator", "password": PASSWORD}
    for origin in ({"Origin": "http://127.0.0.1:1"}, {"Origin": "null"}, {}):
        answer = await context.request.post(f"{console.address}/users/change", form=form, headers=origin)
        assert answer.status == 403
    with reading(office.data) as db:
        assert "intruder" not in users.users(db)
    long = {"name": "x" * 100_000, "password": "x"}
    answer = await context.request.post(f"{console.address}/login", form=long, headers={"Origin": console.address})
    assert answer.status == 413
    await context.close()


async def test_a_socket_gets_only_the_page_its_own_session_opened(
    browser: Browser, console: Console, office: Office
) -> None:
    employ(office.config, "operator")
    context, seen = await visit(browser, console.address, DESKTOP)
    page = await seen.open("/lines", ".source")
    client = await page.evaluate("window.clientId")
    own = f"{COOKIE}={next(one['value'] for one in await context.cookies() if one['name'] == COOKIE)}"
    operator, _ = await visit(browser, console.address, DESKTOP, "operator")
    others = f"{COOKIE}={next(one['value'] for one in await operator.cookies() if one['name'] == COOKIE)}"
    query = f"EIO=4&implicit_handshake=true&client_id={client}&document_id=x&tab_id=x&next_message_id=0"
    address = f"{console.address}/_nicegui_ws/socket.io/?{query}"

    async def status(cookie: str, origin: str) -> int:
        try:
            async with connect(
                f"{address.replace('http', 'ws', 1)}&transport=websocket",
                additional_headers={"Cookie": cookie},
                origin=origin,  # type: ignore[arg-type]
            ):
                return 101
        except InvalidStatus as error:
            return error.response.status_code

    assert await status(own, console.address) == 101
    assert await status(own, "http://elsewhere.example") == 403
    assert await status(others, console.address) == 403
    assert await status("", console.address) == 403
    polling = await operator.request.get(f"{address}&transport=polling")
    assert polling.status == 403
    for each in (context, operator):
        await each.close()


async def test_a_socket_without_login_is_told_that_its_page_is_gone_and_is_read_no_further(console: Console) -> None:
    query = "EIO=4&implicit_handshake=true&client_id=none&document_id=x&tab_id=x&next_message_id=0"
    address = f"{console.address}/_nicegui_ws/socket.io/?{query}"
    async with connect(
        f"{address.replace('http', 'ws', 1)}&transport=websocket",
        origin=console.address,  # type: ignore[arg-type]
    ) as socket:
        await socket.send("40")
        heard = [message async for message in socket]
    assert [message[:2] for message in heard] == ["0{", "44"]
    status, _ = http("GET", f"{address}&transport=polling")
    assert status == 403


async def test_a_socket_that_sends_what_no_page_does_is_closed(browser: Browser, console: Console) -> None:
    context, _ = await visit(browser, console.address, DESKTOP)
    hostile = ('450-["event"]', '451000-["event",{"_placeholder":true,"num":0}]', b"binary", "4x", "42[]")
    async with asyncio.TaskGroup() as sockets:
        for sent in hostile:
            sockets.create_task(_hung_up_on(context, console, sent))
    await context.close()


async def _hung_up_on(context: BrowserContext, console: Console, sent: str | bytes) -> None:
    async with await _socket(context, console, await _opened(context)) as socket:
        assert await _answer(socket) == "40"
        await socket.send(sent)
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    assert await socket.recv() != "2", f"after {sent!r} it is asked whether it is still there"


async def test_a_page_that_is_left_is_forgotten_and_one_whose_connection_broke_is_kept(
    browser: Browser, console: Console
) -> None:
    context, _ = await visit(browser, console.address, DESKTOP)
    left, broken = await _opened(context), await _opened(context)
    for client in (left, broken):
        async with await _socket(context, console, client) as socket:
            assert await _answer(socket) == "40"
            if client == left:
                await socket.close(1001)
            else:
                socket.transport.abort()
    await asyncio.sleep(LEFT_S)
    for client, answer in ((left, "44"), (broken, "40")):
        async with await _socket(context, console, client) as socket:
            assert await _answer(socket) == answer
    await context.close()


async def _opened(context: BrowserContext) -> str:
    """The number of a page that was asked for and has no socket yet."""
    page = await (await context.request.get("/account")).text()
    return str(re.findall(r"'client_id': '([^']+)'", page)[0])


async def _socket(context: BrowserContext, console: Console, client: str) -> connect:
    """The socket of a page of this session."""
    key = next(one["value"] for one in await context.cookies() if one["name"] == COOKIE)
    query = f"EIO=4&implicit_handshake=true&client_id={client}&document_id=x&tab_id=x&next_message_id=0"
    return connect(
        f"{console.address.replace('http', 'ws', 1)}/_nicegui_ws/socket.io/?{query}&transport=websocket",
        additional_headers={"Cookie": f"{COOKIE}={key}"},
        origin=console.address,  # type: ignore[arg-type]
    )


async def _answer(socket: ClientConnection) -> str:
    """How the server answers to a socket that opens: 40, or 44 where its page is gone."""
    await socket.send("40")
    while True:
        heard = str(await socket.recv())
        if heard.startswith("4"):
            return heard[:2]


async def test_the_browser_is_told_what_to_refuse(browser: Browser, console: Console) -> None:
    context, _ = await visit(browser, console.address, DESKTOP)
    page = (await context.request.get(console.address)).headers
    assert "object-src 'none'" in page["content-security-policy"]
    assert "http" not in page["content-security-policy"]
    await context.clear_cookies()
    entrance = (await context.request.get(f"{console.address}/login")).headers
    assert "script" not in entrance["content-security-policy"]
    assert "default-src 'none'" in entrance["content-security-policy"]
    for headers in (page, entrance):
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    await context.close()


async def test_an_administrator_makes_and_changes_users(browser: Browser, place: Office) -> None:
    console = Console(place.config)
    try:
        context, seen = await visit(browser, console.address, DESKTOP)
        page = await seen.open("/users", ".users tbody tr")
        form = page.locator("section", has_text="Another user")
        await form.get_by_label("Name").fill("<b>Wang</b>")
        await form.get_by_label("Role").select_option("department-head")
        await form.get_by_label("New password").fill(PASSWORD)
        await form.get_by_role("button").click()
        await page.get_by_role("status", name="").filter(has_text="A department head has a department").wait_for()
        form = page.locator("section", has_text="Another user")
        await form.get_by_label("Name").fill("<b>Wang</b>")
        await form.get_by_label("Role").select_option("department-head")
        await form.get_by_label("Department", exact=True).fill("Sales")
        await form.get_by_label("New password").fill(PASSWORD)
        await form.get_by_role("button").click()
        row = page.locator(".users tbody tr", has_text="<b>Wang</b>")
        await row.wait_for()
        await seen.keep("users-desktop")
        await row.get_by_role("button", name="Disable").click()
        await row.get_by_text("disabled").wait_for()
        await page.locator(".users tbody tr").first.get_by_role("button", name="Disable").click()
        await page.get_by_text("This is the last administrator").wait_for()
        with reading(place.data) as db:
            made = users.users(db)["<b>Wang</b>"]
            assert (made.role, made.department, made.disabled) == ("department-head", "Sales", True)
            assert not users.users(db)["administrator"].disabled
        assert_untroubled(seen, console.address)
        await context.close()
    finally:
        console.stop()


async def test_everybody_sets_a_password_and_logs_in_with_it(browser: Browser, place: Office) -> None:
    employ(place.config, "operator")
    console = Console(place.config)
    try:
        context, seen = await visit(browser, console.address, DESKTOP, "operator")
        for old, new, becomes in (
            ("wrong password", "another password", ".trouble"),
            (PASSWORD, "another password", "h1"),
        ):
            page = await seen.open("/account", "form.form")
            await page.get_by_label("Present password").fill(old)
            await page.get_by_label("New password", exact=True).fill(new)
            await page.get_by_label("New password again").fill(new)
            await page.get_by_role("button", name="Set", exact=True).click()
            await page.locator(becomes).wait_for()
        assert (await log_in(context, console.address, "operator")).status == 401
        assert (await log_in(context, console.address, "operator", "another password")).status == 303
        await context.close()
    finally:
        console.stop()


async def test_a_link_from_elsewhere_finds_one_logged_in(browser: Browser, console: Console) -> None:
    context, seen = await visit(browser, console.address, DESKTOP)
    link = f'<a href="{console.address}/lines?x=1&y=2">there</a>'
    await context.route("http://elsewhere.example/", lambda route: route.fulfill(body=link, content_type="text/html"))
    await seen.page.goto("http://elsewhere.example/")
    await seen.page.get_by_text("there").click()
    await seen.page.locator(".source").first.wait_for()
    assert seen.page.url == f"{console.address}/lines?x=1&y=2"
    await context.clear_cookies()
    await seen.page.goto("http://elsewhere.example/")
    await seen.page.get_by_text("there").click()
    await seen.page.get_by_label("Name").wait_for()
    await context.close()
