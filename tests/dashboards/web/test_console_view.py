"""What a page says while its data are read, and where they cannot be."""

from __future__ import annotations

import asyncio
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from collector.store.queries import Filter
from collector.store.sight import EVERYTHING
from dashboards.web.choice import Choice
from dashboards.web.page import why_nothing
from dashboards.web.periods import Dates
from dashboards.web.store import NothingStoredError, Store
from dashboards.web.view import PATIENCE_S, View
from dashboards.words import word

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

MAY = Choice("day", Dates(date(2026, 5, 1), date(2026, 5, 31)), Filter())
READING = f'<p class="note reading">{word("console.reading", "en")}</p>'


class Page(View[str]):
    """A page whose data take so long; ``seen`` is what its notice said by and by."""

    dimensions = ()

    def __init__(self, takes_s: float) -> None:
        self.takes_s = takes_s
        self.seen: list[str] = []
        self.choice, self._shown = MAY, None
        self.notice = SimpleNamespace(content="")  # type: ignore[assignment]
        self.content = SimpleNamespace(set_visibility=lambda _: None)  # type: ignore[assignment]
        self.viewer = SimpleNamespace(say=lambda key, **_: word(key, "en"))  # type: ignore[assignment]
        self.console = SimpleNamespace(  # type: ignore[assignment]
            watcher=SimpleNamespace(generation=1), store=SimpleNamespace(ask=self._ask)
        )
        self._client = SimpleNamespace(is_deleted=False)  # type: ignore[assignment]
        self._asked, self._selects = 0, {}

    async def _ask(self, _question: object) -> tuple[str, dict[str, Any], int | None]:
        await asyncio.sleep(self.takes_s)
        self.seen.append(str(self.notice.content))
        return "calls", {}, None

    def build(self) -> None:
        """Nothing."""

    def read(self, connection: sqlite3.Connection, chosen: Choice, now: int) -> str:
        """Is not asked."""
        raise AssertionError(connection, chosen, now)

    def show(self, answer: str) -> None:
        self.seen.append(answer)

    def is_empty(self, answer: str) -> bool:
        return not answer


@pytest.mark.parametrize(("takes_s", "told"), [(0.0, ""), (PATIENCE_S + 0.2, READING)])
async def test_what_takes_long_to_read_is_said_to_be_read(takes_s: float, told: str) -> None:
    page = Page(takes_s)
    await page._refresh()
    assert page.seen == [told, "calls"]
    assert page.notice.content == ""


async def test_figures_that_are_read_again_stay_without_a_word_until_others_are_asked_for() -> None:
    page = Page(0.0)
    await page._refresh()
    page.takes_s = PATIENCE_S + 0.2
    await page._refresh()
    page.choice = MAY._replace(period="hour")
    await page._refresh()
    assert page.seen == ["", "calls", "", "calls", READING, "calls"]


@pytest.mark.parametrize(
    ("asked", "told"), [("SELECT * FROM hours", "console.older_file"), ("SELEKT", "console.unreadable_file")]
)
async def test_a_calls_db_that_an_update_has_not_reached_is_no_damaged_one(
    asked: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "calls.db").touch()
    store = Store(tmp_path / "calls.db", EVERYTHING)
    with pytest.raises(NothingStoredError) as raised:
        await store.ask(lambda connection: connection.execute(asked).fetchall())
    console: Any = SimpleNamespace(store=store)
    viewer: Any = SimpleNamespace(say=lambda key, **_: key)
    assert why_nothing(raised.value, console, viewer) == told
