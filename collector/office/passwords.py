"""Passwords: hashed with argon2id (RFC 9106, 64 MiB), compared in a time that tells nothing."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200
"""Characters."""

_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """The hash to be kept."""
    return _hasher.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether a password is the one of a hash. Without a hash (there is no such user) it takes as long, and is not."""
    try:
        return _hasher.verify(kept or _of_nobody(), password[: LONGEST + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _of_nobody() -> str:
    return _hasher.hash("nobody has this password")
