"""Who may use the console. A change of a user is another row, so that what somebody was allowed can be told later."""

from __future__ import annotations

import time
import unicodedata
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from collector.errors import UserError
from collector.office import passwords

if TYPE_CHECKING:
    import sqlite3

Role = Literal["technician", "operator", "supervisor", "manager", "department-head", "auditor", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
_LONGEST_NAME = 60


class UnfitError(UserError):
    """A user that cannot be so. ``key`` names why, for those who say it in another language."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


class User(NamedTuple):
    """A user as of the row ``id``. ``department`` is that of a department head; ``language`` None is the console's."""

    id: int
    name: str
    role: Role
    department: str | None = None
    language: Literal["en", "zh"] | None = None
    disabled: bool = False


class Secret(NamedTuple):
    """How a user proves who it is: the hash of a password, and the secret of one-time codes where there are any."""

    password: str
    totp: str | None


def users(db: sqlite3.Connection) -> dict[str, User]:
    """All users by name, as they are now, in the order they were made."""
    rows = db.execute(
        "SELECT id, name, role, department, language, disabled FROM users "
        "WHERE id IN (SELECT max(id) FROM users GROUP BY name) "
        "ORDER BY (SELECT min(first.id) FROM users AS first WHERE first.name = users.name)"
    )
    return {row[1]: User(*row)._replace(disabled=bool(row[5])) for row in rows}


def found(db: sqlite3.Connection, name: str) -> User:
    """A user by name. Raises `UnfitError` where there is none."""
    user = users(db).get(name)
    if user is None:
        raise UnfitError("no-such-user", f'There is no user "{name}"; `smdr user list` shows all.')
    return user


def add(db: sqlite3.Connection, user: User, password: str, by: str) -> None:
    """Make a user with a password. Raises `UnfitError` where the name is taken, or one of them will not do."""
    name = user.name
    if (
        not 0 < len(name) <= _LONGEST_NAME
        or name != unicodedata.normalize("NFC", name.strip())
        or not name.isprintable()
    ):
        raise UnfitError("bad-name", f"A name has 1 to {_LONGEST_NAME} characters, without blanks around it.")
    if name in users(db):
        raise UnfitError("name-taken", f'There is a user "{name}" already.')
    _write(db, user, by)
    db.execute("INSERT INTO secrets (name, password) VALUES (?, ?)", (name, _hashed(password)))


def change(db: sqlite3.Connection, user: User, by: str) -> None:
    """Write down what a user is from now on. Raises `UnfitError` where nobody would be left to administer the console."""
    _write(db, user, by)
    if not any(one.role == "administrator" and not one.disabled for one in users(db).values()):
        raise UnfitError("last-administrator", f'"{user.name}" is the last administrator: make another one before.')


def set_password(db: sqlite3.Connection, name: str, password: str, by: str) -> None:
    """Replace a password. Raises `UnfitError` where it will not do, or there is no such user."""
    user = found(db, name)
    db.execute("UPDATE secrets SET password = ? WHERE name = ?", (_hashed(password), name))
    _write(db, user, by)


def set_totp(db: sqlite3.Connection, name: str, secret: str | None, by: str) -> None:
    """Ask for one-time codes of a secret from now on, or (None) no longer. Raises `UnfitError`."""
    user = found(db, name)
    db.execute("UPDATE secrets SET totp = ?, totp_used = 0 WHERE name = ?", (secret, name))
    db.execute("DELETE FROM recovery_codes WHERE name = ?", (name,))
    _write(db, user, by)


def secret(db: sqlite3.Connection, name: str) -> Secret | None:
    """How a user proves who it is; None where there is none of that name."""
    row = db.execute("SELECT password, totp FROM secrets WHERE name = ?", (name,)).fetchone()
    return Secret(*row) if row else None


def _hashed(password: str) -> str:
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        raise UnfitError(
            "bad-password",
            f"A password has {passwords.SHORTEST} to {passwords.LONGEST} characters; a few words will do.",
        )
    return passwords.hashed(password)


def _write(db: sqlite3.Connection, user: User, by: str) -> None:
    if (user.role == "department-head") != bool(user.department):
        raise UnfitError("bad-department", "A department head has a department, and nobody else has one.")
    db.execute(
        "INSERT INTO users (at, by, name, role, department, language, disabled) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (time.time(), by, *user[1:]),
    )
