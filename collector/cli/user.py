"""``smdr user``: who may use the console."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import by_option, config_option, json_option

if TYPE_CHECKING:
    from collector.office.users import Role

ROLES = ("technician", "operator", "supervisor", "manager", "department-head", "auditor", "administrator")

_name = click.argument("name")
_department = click.option("--department", metavar="NAME", help="The department of a department head.")
_password_file = click.option(
    "--password-file", type=click.Path(path_type=Path), metavar="FILE", help="Read the password there, and do not ask."
)


@click.group()
def user() -> None:
    """Users of the console, and what they may see.

    A change ends the sessions of the user. docs/permissions.md says what each role may.
    """


@user.command()
@config_option
@_name
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the user may see.")
@_department
@click.option("--language", type=click.Choice(["zh", "en"]), help="Language of the pages; the console's if not given.")
@_password_file
@by_option
def add(
    config_path: Path,
    name: str,
    role: Role,
    department: str | None,
    language: str | None,
    password_file: Path | None,
    by: str,
) -> None:
    """Make a user."""
    from collector.config import load
    from collector.office import users
    from collector.store.office_db import writing

    data, password = load(config_path, with_tables=False).site.data, _password(password_file)
    with writing(data) as db:
        users.add(db, users.User(0, name, role, department, language), password, by)  # type: ignore[arg-type]
    click.echo(f"{name} may use the console as {role}.")


@user.command("list")
@config_option
@json_option
def list_(config_path: Path, *, as_json: bool) -> None:
    """List the users."""
    from collector.config import load
    from collector.office import users
    from collector.store.office_db import reading

    with reading(load(config_path, with_tables=False).site.data) as db:
        for one in users.users(db).values():
            secret = users.secret(db, one.name)
            factors = 2 if secret and secret.totp else 1
            if as_json:
                told = {key: value for key, value in one._asdict().items() if key != "id"}
                click.echo(json.dumps(told | {"factors": factors}, ensure_ascii=False))
                continue
            of = f" of {one.department}" if one.department else ""
            also = (", with one-time codes" if factors == 2 else "") + (", disabled" if one.disabled else "")
            click.echo(f"{one.name}: {one.role}{of}{also}")


@user.command()
@config_option
@_name
@by_option
def disable(config_path: Path, name: str, by: str) -> None:
    """Let a user in no longer."""
    _change(config_path, name, by, disabled=True)
    click.echo(f"{name} is disabled.")


@user.command()
@config_option
@_name
@by_option
def enable(config_path: Path, name: str, by: str) -> None:
    """Let a disabled user in again."""
    _change(config_path, name, by, disabled=False)
    click.echo(f"{name} may use the console again.")


@user.command()
@config_option
@_name
@click.argument("role", type=click.Choice(ROLES))
@_department
@by_option
def role(config_path: Path, name: str, role: Role, department: str | None, by: str) -> None:
    """Give a user another role."""
    _change(config_path, name, by, role=role, department=department)
    click.echo(f"{name} may use the console as {role}.")


@user.command()
@config_option
@_name
@_password_file
@by_option
def password(config_path: Path, name: str, password_file: Path | None, by: str) -> None:
    """Set a user's password."""
    from collector.config import load
    from collector.office import users
    from collector.store.office_db import reading, writing

    data = load(config_path, with_tables=False).site.data
    with reading(data) as db:
        users.found(db, name)
    typed = _password(password_file)
    with writing(data) as db:
        users.set_password(db, name, typed, by)
    click.echo(f"{name} has a new password.")


@user.command()
@config_option
@_name
@click.option("--off", is_flag=True, help="Ask for the password alone.")
@by_option
def totp(config_path: Path, name: str, by: str, *, off: bool) -> None:
    """Ask a user for one-time codes besides the password.

    Prints the secret for the user's authenticator, once.
    """
    from collector.config import load
    from collector.office import logins, users
    from collector.store.office_db import writing

    site = load(config_path, with_tables=False).site
    secret = None if off else logins.new_secret()
    with writing(site.data) as db:
        users.set_totp(db, name, secret, by)
    if secret is None:
        click.echo(f"{name} is asked for the password alone.")
        return
    click.echo(f"{name} is asked for a one-time code. The secret for the authenticator:")
    click.echo(f"{secret}\n{logins.address_of(secret, name, site.name)}")


def _change(config_path: Path, name: str, by: str, **changed: object) -> None:
    from collector.config import load
    from collector.office import users
    from collector.store.office_db import writing

    with writing(load(config_path, with_tables=False).site.data) as db:
        users.change(db, users.found(db, name)._replace(**changed), by)  # type: ignore[arg-type]


def _password(file: Path | None) -> str:
    from collector.secret import secret

    if file is not None:
        return secret(file)
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt="Again")
    return typed
