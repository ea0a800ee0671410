"""Deposits of outsiders: taking one, what is left of each, settling it, and the papers of it to print."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from fastapi import HTTPException, Request
from nicegui import app, ui
from starlette.responses import HTMLResponse, Response

from collector.accounting.amounts import ZERO, amount_of, written
from collector.office import deposits, printing
from collector.store.office_db import reading, writing
from dashboards.web import acting, figures
from dashboards.web.markup import Markup, join, tag
from dashboards.web.page import Frame, card, enter

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from collector.office.deposits import Deposit, Receipt, Settlement
    from dashboards.web.page import Console, Viewer

SHOWN = 100
FIELDS = ("payer", "organisation", "contact", "amount")


class Account(NamedTuple):
    """A deposit with the calls it paid for, and how it was settled, once it is."""

    deposit: Deposit
    receipts: list[Receipt]
    settlement: Settlement | None

    @property
    def left(self) -> Decimal:
        """What its calls have left of it; less than nothing: what is to be paid in addition."""
        return self.deposit.amount - sum((one.amount for one in self.receipts), ZERO)


def serve(console: Console) -> None:
    """Serve the page, and the papers."""

    @ui.page("/deposits")
    def page(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/deposits")
        DepositsView(seen, viewer)

    @app.get("/deposits/{number:int}")
    def settlement(request: Request, number: int) -> Response:
        seen, _ = enter(console, request)
        language = seen.config.site.language
        account = next((one for one in accounts(seen) if one.deposit.id == number), None)
        if account is None or account.settlement is None:
            raise HTTPException(404)
        lines = printing.settlement_lines(account.deposit, account.receipts, account.settlement, language)
        return HTMLResponse(printing.as_html(*lines, language))

    @app.get("/receipts/{number:int}")
    def receipt(request: Request, number: int) -> Response:
        seen, _ = enter(console, request)
        language = seen.config.site.language
        with reading(seen.config.site.data) as db:
            paid = next((one for one in deposits.receipts(db) if one.id == number), None)
        if paid is None:
            raise HTTPException(404)
        return HTMLResponse(printing.as_html(*printing.receipt_lines(paid, language), language))


def accounts(console: Console) -> list[Account]:
    """All deposits, those that are not settled before the others, the newest first."""
    with reading(console.config.site.data) as db:
        found = [
            Account(one, deposits.receipts(db, one.id), deposits.settlement(db, one.id))
            for one in deposits.deposits(db)
        ]
    return sorted(found, key=lambda one: (one.settlement is not None, -one.deposit.id))


class DepositsView:
    """One viewer's page."""

    def __init__(self, console: Console, viewer: Viewer) -> None:
        self._console = console
        self._viewer = viewer
        self._inputs: dict[str, ui.input] = {}
        say, currency = viewer.say, console.config.accounting.currency
        with ui.element("div").classes("board"):
            with card(say("console.deposit.take"), currency, wide="third"):
                for name in FIELDS:
                    box = ui.input(label=say(f"console.deposit.{name}")).props("dense outlined maxlength=200")
                    self._inputs[name] = box.classes("desk-field")
                ui.button(say("console.deposit.taken"), on_click=self._take).props("no-caps unelevated")
            with card(say("console.deposits"), say("console.deposits_note"), wide="two-thirds"):
                self._list = ui.element("div").classes("deposits")
        ui.timer(0, self._fill, once=True)

    async def _fill(self) -> None:
        found = await asyncio.to_thread(accounts, self._console)
        self._list.clear()
        with self._list:
            for one in found[:SHOWN]:
                self._show(one)
            if not found:
                ui.html(tag("p", self._viewer.say("console.deposits_none"), class_="note"), sanitize=False)

    def _show(self, one: Account) -> None:
        with ui.element("div").classes("desk-message"):
            ui.html(_said(one, self._viewer), sanitize=False)
            if one.settlement is None:
                ui.button(
                    self._viewer.say("console.deposit.settle"), on_click=lambda: self._settle(one.deposit.id)
                ).props("no-caps flat dense")

    async def _take(self) -> None:
        say = self._viewer.say
        typed = {name: str(box.value or "").strip() for name, box in self._inputs.items()}
        try:
            amount = amount_of(typed["amount"])
        except ValueError:
            amount = ZERO
        if not typed["payer"] or amount <= ZERO:
            ui.notify(say("console.deposit.incomplete"), type="warning")
            return
        config, by = self._console.config, self._viewer.user.name
        who = (typed["payer"], typed["organisation"], typed["contact"])

        def take() -> None:
            with writing(config.site.data) as db:
                deposits.take(db, *who, amount, config.accounting.currency, by)

        if await self._try(take):
            for box in self._inputs.values():
                box.value = ""

    async def _settle(self, number: int) -> None:
        config, by = self._console.config, self._viewer.user.name

        def settle() -> None:
            with writing(config.site.data) as db:
                deposits.settle(db, number, by)

        await self._try(settle)

    async def _try(self, act: Callable[[], None]) -> bool:
        done = await acting.kept(act, self._viewer)
        await self._fill()
        return done


def _said(one: Account, viewer: Viewer) -> Markup:
    deposit, say = one.deposit, viewer.say
    who = " · ".join(filter(None, (deposit.payer, deposit.organisation, deposit.contact)))
    taken = f"{figures.moment(deposit.at, viewer.zone)[:16]} · {deposit.by}"
    if one.settlement is None:
        state = tag("span", say("console.deposit.left", amount=written(one.left)))
    else:
        refunded = one.settlement.refunded
        key = "console.deposit.refunded" if refunded >= 0 else "console.deposit.owed"
        told = f"{say(key, amount=written(abs(refunded)))} · {one.settlement.by}"
        state = tag("a", told, href=f"/deposits/{deposit.id}", target="_blank")
    papers = [
        tag("li", tag("a", _of(receipt, viewer), href=f"/receipts/{receipt.id}", target="_blank"))
        for receipt in one.receipts
    ]
    return join(
        (
            tag("b", f"{deposit.id} {who}"),
            tag("div", f"{written(deposit.amount)} {deposit.currency} · ", state),
            tag("ul", *papers) if papers else Markup(),
            tag("span", taken, class_="note"),
        )
    )


def _of(receipt: Receipt, viewer: Viewer) -> str:
    number = viewer.say("console.receipt.number", number=f"{receipt.id:06d}")
    return f"{number} · {receipt.start[:16].replace('T', ' ')} · {receipt.number} · {written(receipt.amount)}"
