"""The numbers by which rows of calls.db tell what many of them share: words, and combinations sums are kept by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from collector.calls import Call
    from collector.rollups import Key

_MOST = 50_000
"""So many combinations are kept in mind; some hundred bytes each."""

_Combination = tuple[str, str, str, str, str, str]
"""source, direction, class, department, extension, trunk; '' where a call has none"""


class Numbers:
    """Finds numbers and gives new ones, within the transaction that the connection is in; used by one thread."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._words: dict[str, int] = {}
        self._combinations: dict[_Combination, int] = {}

    def word(self, word: str) -> int:
        """The number of a source, format, carrier or person."""
        number = self._words.get(word)
        if number is None:
            self._bound(self._words)
            number = self._words[word] = self._number("words", {"word": word})
        return number

    def word_or_none(self, word: str | None) -> int | None:
        """The number of a word that may be missing."""
        return None if word is None else self.word(word)

    def of_call(self, call: Call) -> int:
        """The number of the combination a call is summed under."""
        return self._combination(
            (
                call.source,
                call.direction,
                call.class_,
                call.department or "",
                call.extension or "",
                call.trunk or "",
            )
        )

    def of_sums(self, key: Key) -> int:
        """The number of the combination of a row of sums."""
        return self._combination(key[:-1])

    def forget(self) -> None:
        """Keep nothing in mind: the transaction in which numbers were given was rolled back."""
        self._words.clear()
        self._combinations.clear()

    def _combination(self, combination: _Combination) -> int:
        number = self._combinations.get(combination)
        if number is None:
            self._bound(self._combinations)
            source, direction, class_, department, extension, trunk = combination
            columns: dict[str, str | int] = {
                "source": self.word(source),
                "direction": direction,
                "class": class_,
                "department": department,
            }
            columns |= {"extension": extension, "trunk": trunk}
            number = self._combinations[combination] = self._number("combinations", columns)
        return number

    def _number(self, table: str, columns: dict[str, str | int]) -> int:
        where = " AND ".join(f"{column} = ?" for column in columns)
        values = tuple(columns.values())
        found = self._db.execute(f"SELECT id FROM {table} WHERE {where}", values).fetchone()
        if found:
            return int(found[0])
        names, places = ", ".join(columns), ", ".join("?" * len(columns))
        number = self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values).lastrowid
        assert number is not None  # noqa: S101  (an insert gives one)
        return number

    @staticmethod
    def _bound(known: dict[str, int] | dict[_Combination, int]) -> None:
        if len(known) >= _MOST:
            known.clear()
