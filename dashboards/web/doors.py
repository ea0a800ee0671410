"""Who gets in: users of office.db, their sessions, the code that makes the first one, and what is noted of them."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3
from typing import TYPE_CHECKING

from collector.errors import UserError
from collector.office import audit, logins, users
from collector.office import sessions as kept_sessions
from collector.store.database import open_reader
from collector.store.office_db import NAME, reading, writing
from dashboards.web.attempts import Attempts
from dashboards.web.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.office.audit import Action
    from collector.office.users import User
    from dashboards.web.sessions import Session

_log = logging.getLogger(__name__)

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that look alike."""
_BY_SETUP = "setup"
_KEEP_S = 60.0
_LONGEST_BROWSER = 200


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
        self._resume()
        self.code = (
            "" if self.users() else "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        )
        """What makes the first administrator; '' where there was a user at the start."""

    def _resume(self) -> None:
        kept = kept_sessions.kept(self._db)
        self.sessions.resume(kept, self.users().values())

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

    async def admit(self, user: User, address: str, browser: str) -> Session:
        """Begin a session, one that goes on when the console starts anew. Raises `UserError`."""
        session = self.sessions.open(user, address, browser[:_LONGEST_BROWSER])
        await self._keep_sessions()
        return session

    async def dismiss(self, *sessions: Session) -> None:
        """End sessions. Raises `UserError` where they might go on after the next start."""
        for session in sessions:
            self.sessions.end(session)
        await self.write(lambda db: kept_sessions.end(db, [one.mark for one in sessions]))

    async def watch_sessions(self) -> None:
        """Keep when each session was used last, and forget those that ended; until cancelled."""
        while True:
            await asyncio.sleep(_KEEP_S)
            try:
                await self._keep_sessions()
            except (UserError, sqlite3.Error) as error:  # the next time it may be kept again
                _log.warning("Sessions cannot be kept just now: %s", error)

    async def _keep_sessions(self) -> None:
        now = self.sessions.kept()
        lasting = {one.mark for one in now}

        def keep(db: sqlite3.Connection) -> None:
            ended = [one.mark for one in kept_sessions.kept(db) if one.mark not in lasting]
            kept_sessions.end(db, ended)
            kept_sessions.keep(db, now)

        await self.write(keep)

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
