"""Recovery codes: each logs its user in once, in place of a one-time code, where the phone is lost. Kept as hashes."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

COUNT = 10
_GROUPS, _DIGITS = 4, 5
"""66 bits, and digits alone, as the keys of a phone at the login have them."""


def new(db: sqlite3.Connection, name: str) -> list[str]:
    """Make new codes for a user, who has none from before."""
    codes = ["-".join(f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}" for _ in range(_GROUPS)) for _ in range(COUNT)]
    db.executemany("INSERT INTO recovery_codes (name, hash) VALUES (?, ?)", [(name, _hash(one)) for one in codes])
    return codes


def take(db: sqlite3.Connection, name: str, code: str) -> bool:
    """Whether this is a code of the user that was not used before; from now on it is."""
    query = "UPDATE recovery_codes SET used = ? WHERE name = ? AND hash = ? AND used IS NULL"
    return db.execute(query, (time.time(), name, _hash(code))).rowcount == 1


def left(db: sqlite3.Connection, name: str) -> int:
    """How many codes a user has not used."""
    query = "SELECT count(*) FROM recovery_codes WHERE name = ? AND used IS NULL"
    return int(db.execute(query, (name,)).fetchone()[0])


def _hash(code: str) -> str:
    """Nobody tries out as many codes as there are, so a quick hash will do."""
    return hashlib.sha256("".join(filter(str.isdigit, code)).encode()).hexdigest()
