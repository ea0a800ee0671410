"""Why a call breaks a rule, in words: the sentences of the catalogue, with the values that are kept with a violation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.accounting.countries import name_of_code
from dashboards.words import word

if TYPE_CHECKING:
    from collector.rules.violation import Saying, Violation
    from dashboards.words import Language

_BETWEEN: dict[Language, str] = {"en": "; ", "zh": "；"}  # noqa: RUF001  (that is what is meant)


def sentence(one: Violation, language: Language) -> str:
    """All that is said of a violation."""
    return _BETWEEN[language].join(_said(saying, one, language) for saying in one.said)


def _said(saying: Saying, one: Violation, language: Language) -> str:
    values = {name: _shown(name, value, language) for name, value in saying.values.items()}
    return word(f"broken.{saying.key}", language).format(**values, rule=word(f"rule.{one.rule}", language))


def _shown(name: str, value: str, language: Language) -> str:
    """A value as it is read: of classes and countries the names."""
    if name == "class_":
        return word(f"class.{value}", language)
    if name == "country":
        country = name_of_code(int(value), language)
        return f"+{value} ({country})" if country else f"+{value}"
    return value
