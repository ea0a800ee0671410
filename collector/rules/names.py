"""The names of the rules, as configuration, commands and the store have them."""

from __future__ import annotations

from typing import Literal, get_args

RuleName = Literal[
    "off-hours",
    "premium",
    "ip-prefix",
    "class-of-service",
    "approval",
    "fine",
    "private",
    "code",
    "missed",
    "fraud-night",
    "fraud-short",
    "fraud-country",
]
RULES: tuple[RuleName, ...] = get_args(RuleName)
