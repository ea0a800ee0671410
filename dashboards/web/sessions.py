"""Who is logged in. A key is in its browser and in memory alone; by its hash a session goes on when the console starts anew."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.office.sessions import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collector.office.users import User

LONGEST_S = 12 * 3600.0
"""A session ends so long after the login, whatever happens in it."""
IDLE_S = 3600.0
"""It ends so long after the last request or open page."""
_CLOCK_S = 60.0
"""So far the computer's clock may have been set back since the last login: what is of later makes no sense."""


@dataclass(eq=False)
class Session:
    """One login, by a browser at an address; ``begun`` and ``used`` are of a clock that nobody sets.

    ``told`` is a sentence that the next page shows, once, and so are the recovery ``codes``; ``secret`` is that of one-time
    codes which are not asked for yet.
    """

    user: User
    begun: float
    used: float
    address: str = ""
    browser: str = ""
    mark: str = ""
    key: str = field(default="", repr=False)
    told: str = ""
    secret: str = field(default="", repr=False)
    codes: tuple[str, ...] = field(default=(), repr=False)


class Sessions:
    """The sessions by the hash of their key. ``current`` tells what a user is now; ``clock`` is in seconds."""

    def __init__(self, current: Callable[[str], User | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._current = current
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def open(self, user: User, address: str = "", browser: str = "") -> Session:
        """Begin a session."""
        now, key = self._clock(), secrets.token_urlsafe(32)
        session = Session(user, now, now, address, browser, _mark(key), key)
        self._sessions = {one.mark: one for one in self.all()} | {session.mark: session}
        return session

    def of(self, key: str | None) -> Session | None:
        """The session of a key, if it lasts; it was used just now."""
        session = self._sessions.get(_mark(key)) if key else None
        if session is None or not self.lasts(session):
            return None
        self.use(session)
        return session

    def all(self) -> list[Session]:
        """Those that last, in the order they began."""
        return sorted((one for one in self._sessions.values() if self.lasts(one)), key=lambda one: one.begun)

    def use(self, session: Session) -> None:
        """Keep a session from being idle."""
        session.used = self._clock()

    def lasts(self, session: Session) -> bool:
        """Whether a session goes on: it was not ended, is not too old, and its user is what it was at the login."""
        now = self._clock()
        return (
            session.mark in self._sessions
            and now - session.begun < LONGEST_S
            and now - session.used < IDLE_S
            and self._current(session.user.name) == session.user
        )

    def end(self, session: Session) -> None:
        """End a session."""
        self._sessions.pop(session.mark, None)

    def kept(self) -> list[Kept]:
        """Those that last, as they are kept."""
        ahead = time.time() - self._clock()
        return [
            Kept(one.mark, one.user.id, ahead + one.begun, ahead + one.used, one.address, one.browser)
            for one in self.all()
        ]

    def resume(self, kept: Iterable[Kept], users: Iterable[User]) -> None:
        """Go on with sessions of before the start, of users who are what they were."""
        now, by_id = time.time(), {user.id: user for user in users}
        ahead = now - self._clock()
        for one in kept:
            if one.user in by_id and max(one.begun, one.used) <= now + _CLOCK_S:
                begun, used = one.begun - ahead, one.used - ahead
                self._sessions[one.mark] = Session(by_id[one.user], begun, used, one.address, one.browser, one.mark)


def _mark(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
