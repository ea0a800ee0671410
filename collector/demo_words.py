"""What is written in the demonstration, in Chinese and in English: all of it goes by the language of its site."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dashboards.words import Language


class Said(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str

    def to(self, language: Language) -> str:
        """As a reader of ``language`` has it."""
        return self.zh if language == "zh" else self.en
