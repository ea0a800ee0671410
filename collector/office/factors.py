"""The second factor as its user turns it on and off, each time with a code that proves the authenticator is at hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from collector.office import logins, recovery, users
from collector.office.users import UnfitError

if TYPE_CHECKING:
    import sqlite3


def turn_on(db: sqlite3.Connection, name: str, secret: str, code: str) -> list[str]:
    """Ask a user for codes of a secret from now on; returns recovery codes.

    Raises `UnfitError` where ``code`` is none of it, and where codes of another secret are asked for: those come first.
    """
    present = users.secret(db, name)
    if present and present.totp:
        raise UnfitError("factor-is-on", "One-time codes are on already: turn them off before.")
    users.set_totp(db, name, secret, name)
    if not logins.take_code(db, name, secret, code, time.time()):
        raise UnfitError("bad-code", "This is not the code of now: look at the clock of the phone.")
    return recovery.new(db, name)


def turn_off(db: sqlite3.Connection, name: str, code: str) -> None:
    """Ask a user for the password alone. Raises `UnfitError` where ``code`` is neither of now nor a recovery code."""
    secret = users.secret(db, name)
    if secret and secret.totp and not logins.takes(db, name, secret.totp, code):
        raise UnfitError("bad-code", "This is not the code of now, nor a recovery code.")
    users.set_totp(db, name, None, name)
