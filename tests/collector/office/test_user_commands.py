"""`smdr user`: what it asks, says and refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.cli.user import user
from collector.errors import UserError
from collector.office import logins

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

CONFIG = '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\n[[source]]\nname = "pbx1"\ninput = "stdin:"\nformat = "panasonic/kx-tda"\n'
PASSWORD = "correct horse battery"  # noqa: S105  (of users that are made up)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "smdr.toml"
    file.write_text(CONFIG)
    typed(file, "add", "wang", "--role", "administrator", text=f"{PASSWORD}\n{PASSWORD}\n")
    return file


def typed(config: Path, command: str, *arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(
        user, [command, "-c", str(config), *arguments], input=text, catch_exceptions=False, standalone_mode=False
    )


def proves(config: Path, name: str, password: str = PASSWORD) -> bool:
    return logins.prove(config.parent / "data", name, password, "") is not None


def test_the_password_is_asked_for_twice_and_never_shown(config: Path) -> None:
    made = typed(config, "add", "li", "--role", "operator", text=f"{PASSWORD}\nother words\n{PASSWORD}\n{PASSWORD}\n")
    assert "li may use the console as operator." in made.output
    assert PASSWORD not in made.output
    assert proves(config, "li")
    changed = typed(config, "password", "li", text="another password\nanother password\n")
    assert "li has a new password." in changed.output
    assert proves(config, "li", "another password")
    assert not proves(config, "li")


def test_a_disabled_user_is_let_in_again(config: Path) -> None:
    typed(config, "add", "li", "--role", "operator", text=f"{PASSWORD}\n{PASSWORD}\n")
    typed(config, "disable", "li")
    assert not proves(config, "li")
    assert "li may use the console again." in typed(config, "enable", "li").output
    assert proves(config, "li")


def test_a_head_without_department_and_a_department_without_head_are_refused(config: Path) -> None:
    for arguments in (["--role", "department-head"], ["--role", "operator", "--department", "Sales"]):
        with pytest.raises(UserError, match="A department head has a department"):
            typed(config, "add", "li", *arguments, text=f"{PASSWORD}\n{PASSWORD}\n")
    assert typed(config, "list").output == "wang: administrator\n"


def test_the_last_administrator_stays(config: Path) -> None:
    with pytest.raises(UserError, match="the last administrator"):
        typed(config, "role", "wang", "auditor")
    assert proves(config, "wang")


def test_what_cannot_be_is_a_sentence(config: Path, tmp_path: Path) -> None:
    (tmp_path / "short").write_text("short\n")
    for arguments, sentence in (
        (["password", "nobody"], 'There is no user "nobody"'),
        (["totp", "nobody"], 'There is no user "nobody"'),
        (["add", "wang", "--role", "operator", "--password-file", str(tmp_path / "none")], "cannot read"),
        (["add", "li", "--role", "operator", "--password-file", str(tmp_path / "short")], "10 to 200 characters"),
    ):
        with pytest.raises(UserError, match=sentence):
            typed(config, *arguments)


def test_one_time_codes_are_switched_on_and_off(config: Path) -> None:
    secret = typed(config, "totp", "wang").output.splitlines()[1]
    assert not proves(config, "wang")
    assert json.loads(typed(config, "list", "--json").output)["factors"] == 2
    assert secret not in typed(config, "list", "--json").output
    typed(config, "totp", "wang", "--off")
    assert proves(config, "wang")
