"""Who gets in: users of office.db, their sessions, the code that makes the first one, and what is noted of them."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from collector.office import audit, logins, users
from collector.store.database import open_reader
from collector.store.office_db import NAME, reading, writing
from dashboards.web.attempts import Attempts
from dashboards.web.sessions import Sessions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from collector.office.audit import Action
    from collector.office.users import User

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that look alike."""
_BY_SETUP = "setup"


class Doors:
    """The way into the console of a data folder. Raises `UserError` where its office.db cannot be written."""

    def __init__(self, data: Path) -> None:
        self._data = data
        with reading(data):
            pass
        self._proving = asyncio.Lock()
        self._db = open_reader(data / NAME)
        self._seen = -1
        self._users: dict[str, User] = {}
        self.attempts = Attempts()
        self.sessions = Sessions(lambda name: self.users().get(name))
        self.code = (
            "" if self.users() else "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        )
        """What makes the first administrator; '' where there was a user at the start."""

    def users(self) -> dict[str, User]:
        """All users as they are now, also those a command has just made."""
        version: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        if version != self._seen:
            self._users = users.users(self._db)
            self._seen = version
        return self._users

    def is_code(self, typed: str) -> bool:
        """Whether somebody typed the code, and there is no user yet."""
        bare = "".join(letter for letter in typed.upper() if letter in _LETTERS)
        return bool(self.code) and not self.users() and secrets.compare_digest(bare, self.code.replace("-", ""))

    async def set_up(self, name: str, password: str) -> User:
        """Make the first administrator. Raises `UnfitError` where there is a user already, or name or password will not do."""

        def make(db: sqlite3.Connection) -> None:
            if users.users(db):
                raise users.UnfitError("name-taken", "There is a user already.")
            users.add(db, users.User(0, name, "administrator"), password, _BY_SETUP)

        await self.write(make)
        return self.users()[name]

    async def prove(self, name: str, password: str, code: str) -> User | None:
        """The user who proves to be ``name``; one at a time: each takes much memory."""
        async with self._proving:
            return await asyncio.to_thread(logins.prove, self._data, name, password, code)

    async def knows_password(self, name: str, password: str) -> bool:
        """Whether somebody who is logged in as ``name`` knows the password, too."""
        async with self._proving:
            return await asyncio.to_thread(logins.knows_password, self._data, name, password)

    async def write(self, change: Callable[[sqlite3.Connection], None]) -> None:
        """Change office.db in one transaction. Raises `UserError`."""

        def changed() -> None:
            with writing(self._data) as db:
                change(db)

        await asyncio.to_thread(changed)

    async def note(
        self, user: User | None, name: str, address: str, action: Action, page: str, detail: str = ""
    ) -> None:
        """Add to the audit trail."""
        role = user.role if user else ""
        await self.write(lambda db: audit.note(db, name, role, address, action, page, detail))
