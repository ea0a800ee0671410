"""Proving who one is: a password and, where the user has a secret for them, a one-time code (RFC 6238) or a recovery code."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pyotp

from collector.office import passwords, recovery, users
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from collector.office.users import User

_STEP_S = 30
_EARLY_OR_LATE = 1
"""So many steps a user's clock may be off."""


def prove(data: Path, name: str, password: str, code: str) -> User | None:
    """The user of a data folder who proves to be ``name``; None for anybody else. Raises `UserError`."""
    with reading(data) as db:
        user, secret = users.users(db).get(name), users.secret(db, name)
    if not passwords.fits(secret.password if secret else None, password) or user is None or secret is None:
        return None
    if user.disabled:
        return None
    if secret.totp is None:
        return user
    with writing(data) as db:
        return user if takes(db, name, secret.totp, code) else None


def knows_password(data: Path, name: str, password: str) -> bool:
    """Whether somebody who is logged in as ``name`` knows the password, too. Raises `UserError`."""
    with reading(data) as db:
        secret = users.secret(db, name)
    return passwords.fits(secret.password if secret else None, password)


def takes(db: sqlite3.Connection, name: str, secret: str, code: str) -> bool:
    """Whether a code is one of now, or a recovery code, and was not used before; from now on it is."""
    return take_code(db, name, secret, code, time.time()) or recovery.take(db, name, code)


def take_code(db: sqlite3.Connection, name: str, secret: str, code: str, now: float) -> bool:
    """Whether a code is one of now, and was not used before; from now on it is."""
    generator, step = pyotp.TOTP(secret), int(now) // _STEP_S
    typed = "".join(code.split())
    for taken in range(step - _EARLY_OR_LATE, step + _EARLY_OR_LATE + 1):
        if pyotp.utils.strings_equal(generator.generate_otp(taken), typed):
            used = db.execute(
                "UPDATE secrets SET totp_used = ? WHERE name = ? AND totp_used < ?", (taken, name, taken)
            ).rowcount
            return used == 1
    return False


def new_secret() -> str:
    """A secret for one-time codes, base32."""
    return pyotp.random_base32()


def address_of(secret: str, name: str, site: str) -> str:
    """What an authenticator takes, also as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"smdr {site}")
