"""All rules over calls: which of them break which. The order of the calls does not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.rules.codes import Code
from collector.rules.costs import IpPrefix, OffHours, Premium
from collector.rules.fraud import FraudCountry, FraudNight, FraudShort
from collector.rules.granted import Approval, ClassOfService, Fine
from collector.rules.missed import Missed
from collector.rules.private import Private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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


def judge(calls: Iterable[Call], tables: Tables) -> list[Violation]:
    """The violations of all rules that are not switched off, in order of their calls."""
    rules = [rule(tables) for rule in ALL if rule.name not in tables.settings.off]
    found: list[Violation] = []
    looks: dict[tuple[str, str, str], tuple[Callable[[Call], Violation | None], ...]] = {}
    for call in calls:
        kind = call.direction, call.outcome, call.class_
        concerned = looks.get(kind)
        if concerned is None:
            concerned = looks[kind] = tuple(rule.look for rule in rules if rule.concerns(*kind))
        for look in concerned:
            broken = look(call)
            if broken is not None:
                found.append(broken)
    found += [broken for rule in rules for broken in rule.found()]
    return sorted(found, key=lambda one: (one.at, one.source, one.offset, one.rule))
