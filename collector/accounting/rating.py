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
_HOUR_S, _MINUTE_S = 3600, 60
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
    """What a call costs. ``rated_s``: seconds paid for; None where it is not by time. ``text`` is the amount, exactly."""

    amount: Decimal
    rated_s: int | None
    steps: tuple[Step, ...]
    text: str


class Terms(NamedTuple):
    """How amounts are made of prices: decimal places and rounding of the amount, mark-up in percent, price of a pulse.

    ``trust_pbx``: an amount that the PBX printed is taken as it is.
    """

    places: int = 2
    rounding: Rounding = "half-up"
    markup_percent: Decimal = ZERO
    pulse_price: Decimal | None = None
    trust_pbx: bool = False


class _Fitting:
    """The prices that fit calls of a kind, with what was found out of them before."""

    def __init__(self, prices: tuple[Price, ...]) -> None:
        self.prices = prices
        only = prices[0] if prices else None
        always = only and only.is_always and (only.first, only.last) == (dt.date.min, dt.date.max)
        self.flat = only if always else None
        self.hours: dict[int, list[tuple[int, Price | None]]] = {}
        self.charges: dict[tuple[tuple[int, int], ...], Charge] = {}


class Rater:
    """Prices calls by a tariff, in a site's zone and calendar."""

    def __init__(self, tariff: Tariff, terms: Terms, zone: str, calendar: WorkingCalendar) -> None:
        self._terms = terms
        self._zone = ZoneInfo(zone)
        self._calendar = calendar
        self._tariff = tariff
        self._kinds: dict[tuple[Price, ...], _Fitting] = {}
        self._fitting = lru_cache(_REMEMBERED)(self._of_kind)

    def charge(self, call: Dialled) -> Charge | None:
        """What a call costs; None where no price is known for it."""
        terms = self._terms
        if terms.trust_pbx and (printed := _printed(call.pbx_cost)) is not None:
            return self._total([Step("printed by the PBX", call.talk_s, 0, printed)], None)
        if terms.pulse_price is not None and call.pulses is not None:
            amount = call.pulses * terms.pulse_price
            return self._total([Step(f"{call.pulses} pulses of {terms.pulse_price}", call.talk_s, 0, amount)], None)
        if call.talk_s <= 0:
            return None
        fitting = self._fitting(call.class_, call.number, call.carrier, call.trunk)
        talk_s = min(call.talk_s, _LONGEST_S)
        parts = [(fitting.flat, talk_s)] if fitting.flat else self._by_bands(fitting, call.answered, talk_s)
        if not parts:
            return None
        key = tuple([(price.line, seconds) for price, seconds in parts])
        charge = fitting.charges.get(key)
        if charge is None:
            if len(fitting.charges) >= _REMEMBERED:
                fitting.charges.clear()
            charge = fitting.charges[key] = self._of_parts(parts[0][0], parts)
        return charge

    def _of_kind(self, class_: str, number: str, carrier: str, trunk: str) -> _Fitting:
        """The prices that fit; numbers of a kind share them, and what is remembered of them."""
        prices = self._tariff.fitting(class_, number, carrier, trunk)
        fitting = self._kinds.get(prices)
        if fitting is None:
            fitting = self._kinds[prices] = _Fitting(prices)
        return fitting

    def _by_bands(self, fitting: _Fitting, answered: int, talk_s: int) -> list[tuple[Price, int]]:
        """Each price with the seconds that are charged by it: every step costs what it costs when it begins.

        The first one decides the fee and the minimum. Where nothing is said of an hour, what held before goes on.
        """
        price, until = self._holding(fitting, answered)
        if price is None:
            return []
        parts, at, end = [(price, min(price.first_s, talk_s))], answered + price.first_s, answered + talk_s
        while at < end:
            if at >= until:
                held, until = self._holding(fitting, at)
                price = held or price
            steps = -(-(min(until, end) - at) // price.step_s)
            seconds = min(steps * price.step_s, end - at)
            if parts[-1][0] is price and len(parts) > 1:
                parts[-1] = price, parts[-1][1] + seconds
            else:
                parts.append((price, seconds))
            at += steps * price.step_s
        return parts

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
        return Charge(total, rated_s, tuple(steps), f"{total:f}")

    def _holding(self, fitting: _Fitting, moment: int) -> tuple[Price | None, int]:
        """The price that holds at a POSIX second, and the second until which it does, at most to the end of the hour."""
        hour = moment // _HOUR_S
        changes = fitting.hours.get(hour)
        if changes is None:
            if len(fitting.hours) >= _REMEMBERED:
                fitting.hours.clear()
            changes = fitting.hours[hour] = self._changes(fitting, hour * _HOUR_S)
        until = (hour + 1) * _HOUR_S
        for since, price in reversed(changes):
            if since <= moment:
                return price, until
            until = since
        return None, until

    def _changes(self, fitting: _Fitting, first: int) -> list[tuple[int, Price | None]]:
        """The prices of an hour, each with the second from which it holds."""
        changes: list[tuple[int, Price | None]] = []
        for moment in range(first, first + _HOUR_S, _MINUTE_S):
            local = dt.datetime.fromtimestamp(moment, self._zone)
            minute = local.hour * 60 + local.minute
            price = next((one for one in fitting.prices if self._holds(one, local.date(), minute)), None)
            if not changes or changes[-1][1] is not price:
                changes.append((moment, price))
        return changes

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
