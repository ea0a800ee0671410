"""The price of a call: what each of its parts costs, and why."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from collector.accounting.amounts import ZERO, amount_of, rounded

if TYPE_CHECKING:
    from decimal import Decimal

    from collector.accounting.amounts import Rounding
    from collector.accounting.calendar import WorkingCalendar
    from collector.accounting.tariff import Price, Tariff

_REMEMBERED = 8192
_LONGEST_S = 7 * 86_400
"""A longer call is a PBX's mistake; it is charged for so long."""


class Dialled(NamedTuple):
    """A call as far as its price goes: ``answered`` is the POSIX second from which ``talk_s`` counts.

    ``number`` is without access code and carrier prefix; ``carrier`` is '' where none was dialled.
    """

    class_: str
    number: str
    carrier: str
    trunk: str
    answered: int
    talk_s: int
    pulses: int | None = None
    pbx_cost: str | None = None


class Step(NamedTuple):
    """A part of the amount: what it is for, seconds of talk in it, seconds paid for, and what they cost."""

    what: str
    talk_s: int
    rated_s: int
    amount: Decimal


class Charge(NamedTuple):
    """What a call costs. ``rated_s``: seconds paid for; None where it is not by time."""

    amount: Decimal
    rated_s: int | None
    steps: tuple[Step, ...]


class Terms(NamedTuple):
    """How amounts are made of prices: decimal places and rounding of the amount, mark-up in percent, price of a pulse.

    ``trust_pbx``: an amount that the PBX printed is taken as it is.
    """

    places: int = 2
    rounding: Rounding = "half-up"
    markup_percent: Decimal = ZERO
    pulse_price: Decimal | None = None
    trust_pbx: bool = False


class Rater:
    """Prices calls by a tariff, in a site's zone and calendar."""

    def __init__(self, tariff: Tariff, terms: Terms, zone: str, calendar: WorkingCalendar) -> None:
        self._terms = terms
        self._zone = ZoneInfo(zone)
        self._calendar = calendar
        self._fitting = lru_cache(_REMEMBERED)(tariff.fitting)
        self._flat = lru_cache(_REMEMBERED)(self._of_flat)

    def charge(self, call: Dialled) -> Charge | None:
        """What a call costs; None where no price is known for it."""
        terms = self._terms
        if terms.trust_pbx and (printed := _printed(call.pbx_cost)) is not None:
            return self._total([Step("printed by the PBX", call.talk_s, 0, printed)], None)
        if terms.pulse_price is not None and call.pulses is not None:
            amount = call.pulses * terms.pulse_price
            return self._total([Step(f"{call.pulses} pulses of {terms.pulse_price}", call.talk_s, 0, amount)], None)
        prices = self._fitting(call.class_, call.number, call.carrier, call.trunk)
        if not prices or call.talk_s <= 0:
            return None
        if prices[0].is_always and prices[0].first == dt.date.min and prices[0].last == dt.date.max:
            return self._flat(prices[0], call.talk_s)
        return self._by_bands(prices, call.answered, min(call.talk_s, _LONGEST_S))

    def _of_flat(self, price: Price, talk_s: int) -> Charge:
        """A price that always holds."""
        return self._of_parts(price, [(price, min(talk_s, _LONGEST_S))])

    def _by_bands(self, prices: tuple[Price, ...], answered: int, talk_s: int) -> Charge | None:
        """Every step costs what it costs at the moment it begins; the first row decides the fee and the minimum."""
        first = self._holding(prices, answered)
        if first is None:
            return None
        parts, at = [(first, min(first.first_s, talk_s))], first.first_s
        while at < talk_s:
            price = self._holding(prices, answered + at)
            if price is None:  # nothing is said of this hour: what held before goes on
                price = parts[-1][0]
            seconds = min(price.step_s, talk_s - at)
            if parts[-1][0] is price and len(parts) > 1:
                parts[-1] = price, parts[-1][1] + seconds
            else:
                parts.append((price, seconds))
            at += price.step_s
        return self._of_parts(first, parts)

    def _of_parts(self, first: Price, parts: list[tuple[Price, int]]) -> Charge:
        steps = [Step("connection", 0, 0, first.connect)] if first.connect else []
        (_, seconds), *others = parts
        first_seconds = min(seconds, first.first_s)
        steps.append(Step(f"first {first.first_s} s: {_named(first)}", first_seconds, first.first_s, first.first_price))
        if seconds > first_seconds:
            others = [(first, seconds - first_seconds), *others]
        for price, rest in others:
            count = -(-rest // price.step_s)
            what = f"{count} x {price.step_s} s at {price.price}: {_named(price)}"
            steps.append(Step(what, rest, count * price.step_s, count * price.price))
        subtotal = sum((step.amount for step in steps), ZERO)
        if subtotal < first.minimum:
            steps.append(Step(f"up to the minimum of {first.minimum}", 0, 0, first.minimum - subtotal))
        return self._total(steps, sum(step.rated_s for step in steps))

    def _total(self, steps: list[Step], rated_s: int | None) -> Charge:
        terms = self._terms
        amount = sum((step.amount for step in steps), ZERO)
        if terms.markup_percent:
            steps.append(Step(f"mark-up of {terms.markup_percent} %", 0, 0, amount * terms.markup_percent / 100))
            amount += steps[-1].amount
        total = rounded(amount, terms.places, terms.rounding)
        if total != amount:
            steps.append(Step(f"rounded {terms.rounding} to {terms.places} places", 0, 0, total - amount))
        return Charge(total, rated_s, tuple(steps))

    def _holding(self, prices: tuple[Price, ...], moment: int) -> Price | None:
        """The price that holds at a POSIX second."""
        local = dt.datetime.fromtimestamp(moment, self._zone)
        minute = local.hour * 60 + local.minute
        return next((price for price in prices if self._holds(price, local.date(), minute)), None)

    def _holds(self, price: Price, day: dt.date, minute: int) -> bool:
        begin, end = price.hours
        if begin < end:
            if not begin <= minute < end:
                return False
        elif minute < end:  # of the night that began the day before
            day -= dt.timedelta(days=1)
        elif minute < begin:
            return False
        if not price.first <= day <= price.last or day.weekday() not in price.days:
            return False
        return price.working is None or self._calendar.is_worked(day) == price.working


def _printed(text: str | None) -> Decimal | None:
    """The amount that a PBX printed; None where that is no amount."""
    try:
        amount = amount_of(text or "")
    except ValueError:
        return None
    return amount if amount >= 0 else None


def _named(price: Price) -> str:
    told = price.name or " ".join(filter(None, (price.class_, price.prefix, price.carrier))) or "all calls"
    return f"{told} (line {price.line})"
