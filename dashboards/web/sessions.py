"""Who is logged in. Sessions are in memory alone: they end with the console, and no key to one lies on a disk."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.office.users import User

LONGEST_S = 12 * 3600.0
"""A session ends so long after the login, whatever happens in it."""
IDLE_S = 3600.0
"""It ends so long after the last request or open page."""


@dataclass(eq=False)
class Session:
    """One login. ``told`` is a sentence that the next page shows, once."""

    user: User
    begun: float
    used: float
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    told: str = ""


class Sessions:
    """The sessions by their key. ``current`` tells what a user is now; ``clock`` is in seconds."""

    def __init__(self, current: Callable[[str], User | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._current = current
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def open(self, user: User) -> Session:
        """Begin a session."""
        now = self._clock()
        session = Session(user, now, now)
        self._sessions = {key: one for key, one in self._sessions.items() if self.lasts(one)} | {session.key: session}
        return session

    def of(self, key: str | None) -> Session | None:
        """The session of a key, if it lasts; it was used just now."""
        session = self._sessions.get(key or "")
        if session is None or not self.lasts(session):
            return None
        self.use(session)
        return session

    def use(self, session: Session) -> None:
        """Keep a session from being idle."""
        session.used = self._clock()

    def lasts(self, session: Session) -> bool:
        """Whether a session goes on: it was not ended, is not too old, and its user is what it was at the login."""
        now = self._clock()
        return (
            session.key in self._sessions
            and now - session.begun < LONGEST_S
            and now - session.used < IDLE_S
            and self._current(session.user.name) == session.user
        )

    def end(self, session: Session) -> None:
        """End a session."""
        self._sessions.pop(session.key, None)
