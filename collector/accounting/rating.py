"""The price of a call: what each of its parts costs, and why."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from collector.accounting.amounts import ZERO, amount_of, rounded
from collector.accounting.bands import DAY_S, Bands

if TYPE_CHECKING:
    from decimal import Decimal

    from collector.accounting.amounts import Rounding
    from collector.accounting.bands import Band
    from collector.accounting.calendar import WorkingCalendar
    from collector.accounting.tariff import Price, Tariff

_FARES, _DAYS, _COSTS = 8192, 4096, 8192
"""So many beginnings of numbers, days of a fare, and amounts are remembered: some 3, 2 and 4 MB."""
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
    """A part of the amount: seconds of talk in it, seconds paid for, and what they cost.

    What it is for is a key of the catalogue behind ``price.``, and the values of that phrase.
    """

    what: str
    values: dict[str, object]
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


class Fare:
    """The prices that fit a call, the first that holds counts; ``always`` is the one where that is always the same."""

    def __init__(self, prices: tuple[Price, ...]) -> None:
        self.prices = prices
        self.always = prices[0] if prices and prices[0].is_always else None


Cost = tuple[str | None, int | None]
"""The amount of a `Charge` as text, and its rated seconds; None where no price is known."""
_Parts = tuple[tuple["Price", int], ...]
"""Prices with the seconds of talk that are charged by each."""


class Rater:
    """Prices calls by a tariff, in a site's zone and calendar."""

    def __init__(self, tariff: Tariff, terms: Terms, zone: str, calendar: WorkingCalendar) -> None:
        self._terms = terms
        self._heeds_pbx = terms.trust_pbx or terms.pulse_price is not None
        self._tariff = tariff
        self._bands = Bands(ZoneInfo(zone), calendar)
        self._fares: dict[tuple[Price, ...], Fare] = {}
        self._fare = lru_cache(_FARES)(self._of_number)
        self._day = lru_cache(_DAYS)(self._of_day)
        self._cost = lru_cache(_COSTS)(self._of_same_parts)

    @property
    def trunks(self) -> frozenset[str]:
        """The trunks that decide anything; over all others calls cost the same."""
        return self._tariff.trunks

    def charge(self, call: Dialled) -> Charge | None:
        """What a call costs, and why; None where no price is known for it."""
        told = self._told(call.talk_s, call.pulses, call.pbx_cost)
        if told is not None:
            return told
        fare = self.fare(call.class_, call.number, call.carrier, call.trunk)
        return self._of_parts(self._parts(fare, call.answered, call.talk_s))

    def cost(self, fare: Fare, answered: int, talk_s: int, pulses: int | None, pbx_cost: str | None) -> Cost:
        """What `charge` says of a call whose fare is known, without the reasons, which take long to tell."""
        if self._heeds_pbx:
            told = self._told(talk_s, pulses, pbx_cost)
            if told is not None:
                return told.text, told.rated_s
        return self._cost(self._parts(fare, answered, talk_s))

    def fare(self, class_: str, number: str, carrier: str, trunk: str) -> Fare:
        """The fare of calls to a number, without access code and carrier prefix, over a carrier and a trunk."""
        return self._fare(class_, number[: self._tariff.longest], carrier, trunk if trunk in self.trunks else "")

    def _of_number(self, class_: str, number: str, carrier: str, trunk: str) -> Fare:
        prices = self._tariff.fitting(class_, number, carrier, trunk)
        return self._fares.setdefault(prices, Fare(prices))

    def _told(self, talk_s: int, pulses: int | None, pbx_cost: str | None) -> Charge | None:
        """The price that the PBX tells, where it is heeded."""
        terms = self._terms
        if terms.trust_pbx and (printed := _printed(pbx_cost)) is not None:
            return self._total([Step("printed", {}, talk_s, 0, printed)], None)
        if terms.pulse_price is not None and pulses is not None:
            amount = pulses * terms.pulse_price
            values: dict[str, object] = {"pulses": pulses, "price": terms.pulse_price}
            return self._total([Step("pulses", values, talk_s, 0, amount)], None)
        return None

    def _parts(self, fare: Fare, answered: int, talk_s: int) -> _Parts:
        """Each price with the seconds that are charged by it: every step costs what it costs when it begins.

        The first one decides the fee and the minimum. Where nothing is said of an hour, what held before goes on.
        """
        if talk_s <= 0:
            return ()
        if talk_s > _LONGEST_S:
            return self._parts(fare, answered, _LONGEST_S)
        if fare.always is not None:
            return ((fare.always, talk_s),)
        price, until = self._band(fare, answered)
        if price is None:
            return ()
        end = answered + talk_s
        if end <= until:
            return ((price, talk_s),)
        parts, at = [(price, min(price.first_s, talk_s))], answered + price.first_s
        while at < end:
            if at >= until:
                held, until = self._band(fare, at)
                price = held or price
            steps = -(-(min(until, end) - at) // price.step_s)
            seconds = min(steps * price.step_s, end - at)
            if parts[-1][0] is price and len(parts) > 1:
                parts[-1] = price, parts[-1][1] + seconds
            else:
                parts.append((price, seconds))
            at += steps * price.step_s
        return tuple(parts)

    def _band(self, fare: Fare, moment: int) -> Band:
        """The price that holds at a POSIX second, and the second until which it does, at most to the end of the day."""
        for band in self._day(fare, moment // DAY_S):
            if moment < band.until:
                break
        return band

    def _of_day(self, fare: Fare, day: int) -> tuple[Band, ...]:
        return self._bands.of_day(fare.prices, day)

    def _of_same_parts(self, parts: _Parts) -> Cost:
        charge = self._of_parts(parts)
        return (charge.text, charge.rated_s) if charge else (None, None)

    def _of_parts(self, parts: _Parts) -> Charge | None:
        if not parts:
            return None
        (first, seconds), *others = parts
        steps = [Step("connection", {}, 0, 0, first.connect)] if first.connect else []
        first_seconds = min(seconds, first.first_s)
        period = {"seconds": first.first_s, **_named(first)}
        steps.append(Step("first", period, first_seconds, first.first_s, first.first_price))
        if seconds > first_seconds:
            others = [(first, seconds - first_seconds), *others]
        for price, rest in others:
            count = -(-rest // price.step_s)
            each = {"count": count, "seconds": price.step_s, "price": price.price, **_named(price)}
            steps.append(Step("steps", each, rest, count * price.step_s, count * price.price))
        subtotal = sum((step.amount for step in steps), ZERO)
        if subtotal < first.minimum:
            steps.append(Step("minimum", {"minimum": first.minimum}, 0, 0, first.minimum - subtotal))
        return self._total(steps, sum(step.rated_s for step in steps))

    def _total(self, steps: list[Step], rated_s: int | None) -> Charge:
        terms = self._terms
        amount = sum((step.amount for step in steps), ZERO)
        if terms.markup_percent:
            markup: dict[str, object] = {"percent": terms.markup_percent}
            steps.append(Step("mark-up", markup, 0, 0, amount * terms.markup_percent / 100))
            amount += steps[-1].amount
        total = rounded(amount, terms.places, terms.rounding)
        if total != amount:
            steps.append(Step(f"rounded-{terms.rounding}", {"places": terms.places}, 0, 0, total - amount))
        return Charge(total, rated_s, tuple(steps), f"{total:f}")


def _printed(text: str | None) -> Decimal | None:
    """The amount that a PBX printed; None where that is no amount."""
    try:
        amount = amount_of(text or "")
    except ValueError:
        return None
    return amount if amount >= 0 else None


def _named(price: Price) -> dict[str, object]:
    """The price as the tariff has it; its name is '' where it has none and is that of all calls."""
    name = price.name or " ".join(filter(None, (price.class_, price.prefix, price.carrier)))
    return {"name": name, "line": price.line}
