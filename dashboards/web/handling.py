"""What the office knows and does about a call on its page: its notes, whether it is private, and its receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from collector.accounting.amounts import ZERO, amount_of, written
from collector.commands import office, violations
from collector.office import deposits, desk
from collector.store import violations as kept
from collector.store.office_db import reading
from dashboards.web import acting
from dashboards.web import desk as desk_page
from dashboards.web.deposits import accounts
from dashboards.web.markup import tag
from dashboards.web.page import card
from dashboards.web.permissions import MARKS, may

if TYPE_CHECKING:
    from decimal import Decimal

    from collector.calls import Call
    from dashboards.web.page import Console, Viewer


class Handling:
    """What one viewer may do about one call."""

    def __init__(self, console: Console, viewer: Viewer, call: Call) -> None:
        self._console = console
        self._viewer = viewer
        self._call = call
        if may(viewer.user.role, "/desk"):
            self._show_log()
        if viewer.user.role in MARKS:
            with card(viewer.say("console.private"), viewer.say("console.private_note"), wide="half"):
                self._private = ui.element("div")
            self._show_private()
        if call.direction == "outgoing" and may(viewer.user.role, "/deposits"):
            with card(viewer.say("console.receipt"), viewer.say("console.receipt_note"), wide="half"):
                self._receipt = ui.element("div").classes("receipt")
            self._show_receipt()

    def _show_log(self) -> None:
        with reading(self._console.config.site.data) as db:
            found = desk.of_call(db, self._call.source, self._call.offset)
        if found.notes:
            with card(self._viewer.say("console.desk.of_call"), wide="full"):
                log = ui.html(desk_page.found(found, self._viewer), sanitize=False)
                log.classes("scrolled").props("tabindex=0")

    def _show_private(self) -> None:
        config, call, by = self._console.config, self._call, self._viewer.user.name
        with reading(config.site.data) as db:
            private = (call.source, call.offset) in kept.marked(db)

        async def mark() -> None:
            await acting.kept(
                lambda: violations.mark(config, call.source, call.offset, by, private=not private),
                self._viewer,
                "console.desk.kept",
            )
            self._show_private()

        state, button = ("is", "unmark") if private else ("is_not", "mark")
        self._private.clear()
        with self._private:
            ui.html(tag("p", self._viewer.say(f"console.private.{state}")), sanitize=False)
            ui.button(self._viewer.say(f"console.private.{button}"), on_click=mark).props("no-caps unelevated dense")

    def _show_receipt(self) -> None:
        say, call = self._viewer.say, self._call
        with reading(self._console.config.site.data) as db:
            written_for = ((one.source, one.offset, one.id) for one in deposits.receipts(db))
            number = next(
                (id_ for source, offset, id_ in written_for if (source, offset) == (call.source, call.offset)), 0
            )
        self._receipt.clear()
        with self._receipt:
            if number:
                paper = tag(
                    "a",
                    say("console.receipt.number", number=f"{number:06d}"),
                    href=f"/receipts/{number}",
                    target="_blank",
                )
                ui.html(tag("p", paper), sanitize=False)
                return
            takers = {
                one.deposit.id: f"{one.deposit.id} {one.deposit.payer} · {written(one.left)}"
                for one in accounts(self._console)
                if one.settlement is None
            }
            deposit = ui.select(
                {0: say("console.receipt.cash"), **takers}, value=0, label=say("console.receipt.deposit")
            )
            payer = ui.input(label=say("console.deposit.payer"), value=call.person or "")
            amount = ui.input(label=say("console.deposit.amount"), value=call.cost or "")
            for box in (deposit, payer, amount):
                box.props("dense outlined maxlength=200").classes("desk-field")

            async def write() -> None:
                await self._write(int(deposit.value or 0) or None, str(payer.value or ""), str(amount.value or ""))

            ui.button(say("console.receipt.write"), on_click=write).props("no-caps unelevated")

    async def _write(self, deposit: int | None, payer: str, typed: str) -> None:
        config, call, by = self._console.config, self._call, self._viewer.user.name
        try:
            amount: Decimal | None = amount_of(typed.strip())
        except ValueError:
            amount = None
        if amount is None or amount < ZERO or not (payer.strip() or deposit):
            ui.notify(self._viewer.say("console.receipt.incomplete"), type="warning")
            return
        currency = config.accounting.currency
        await acting.kept(
            lambda: office.write_receipt(
                config, call, amount=amount, currency=currency, payer=payer.strip(), deposit=deposit, by=by
            ),
            self._viewer,
            "console.desk.kept",
        )
        self._show_receipt()
