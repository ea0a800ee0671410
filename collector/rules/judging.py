"""All rules over calls: which of them break which. The order of the calls does not matter."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from collector.rules.codes import Code
from collector.rules.costs import IpPrefix, OffHours, Premium
from collector.rules.fraud import FraudCountry, FraudNight, FraudShort
from collector.rules.granted import Approval, ClassOfService, Fine
from collector.rules.missed import Missed
from collector.rules.private import Private
from collector.rules.rule import Kind
from collector.rules.tables import MINUTE_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.calls import Call
    from collector.rules.rule import Rule
    from collector.rules.tables import Tables
    from collector.rules.violation import Violation

ALL: tuple[type[Rule], ...] = (
    OffHours,
    Premium,
    IpPrefix,
    ClassOfService,
    Approval,
    Fine,
    Private,
    Code,
    Missed,
    FraudNight,
    FraudShort,
    FraudCountry,
)
"""The rules, in the order of `collector.rules.names.RULES`."""

_TOGETHER = 1000
"""Calls that are held to look at those of a kind together: some 1 MB."""


def judge(calls: Iterable[Call], tables: Tables) -> list[Violation]:
    """The violations of all rules that are not switched off, in order of their calls."""
    rules = [rule(tables) for rule in ALL if rule.name not in tables.settings.off]
    concerned: dict[Kind, list[Rule]] = {}
    found: list[Violation] = []
    remaining = iter(calls)
    while some := list(islice(remaining, _TOGETHER)):
        for kind, alike in _by_kind(some, tables).items():
            if kind not in concerned:
                concerned[kind] = [rule for rule in rules if rule.concerns(kind)]
            for rule in concerned[kind]:
                found += rule.look(kind, alike)
    found += [broken for rule in rules for broken in rule.found()]
    return sorted(found, key=lambda one: (one.at, one.source, one.offset, one.rule))


def _by_kind(calls: list[Call], tables: Tables) -> dict[Kind, list[Call]]:
    moment = tables.hours.moment
    alike: dict[tuple[object, ...], list[Call]] = defaultdict(list)
    for call in calls:
        coded = call.account_code is not None or call.auth_code is not None
        kind = call.direction, call.outcome, call.class_, call.carrier, coded, moment(call.start // MINUTE_S)
        alike[kind].append(call)
    return {Kind._make(kind): several for kind, several in alike.items()}
