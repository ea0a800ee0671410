"""The parts of the console's doors by themselves: waits, sessions, passwords, users, roles."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyotp
import pytest
from conftest import PASSWORD, employ
from console_office import Office

from collector.cli import user as command
from collector.config import load
from collector.errors import UserError
from collector.office import factors, logins, passwords, recovery, users
from collector.office.users import ROLES, User
from collector.store.office_db import reading, writing
from dashboards.web.attempts import FORGOTTEN_S, LONGEST_WAIT_S, MOST, Attempts, limits
from dashboards.web.permissions import MASKED, PERMISSIONS
from dashboards.web.sessions import IDLE_S, LONGEST_S, Sessions

if TYPE_CHECKING:
    from collector.office.sessions import Kept


@pytest.fixture
def place(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_waits_double_up_to_a_quarter_of_an_hour_and_are_forgotten() -> None:
    now = [1000.0]
    attempts = Attempts(lambda: now[0])
    limited = limits("wang", "192.0.2.1")
    assert [attempts.begin(*limited) for _ in range(5)] == [0.0] * 5
    waits = []
    for _ in range(12):
        wait = attempts.begin(*limited)
        waits.append(wait)
        assert attempts.begin(*limited) == wait  # asking again costs nothing, and gains nothing
        now[0] += wait
        assert attempts.begin(*limited) == 0.0
    assert waits[:4] == [1.0, 2.0, 4.0, 8.0]
    assert max(waits) == waits[-1] == LONGEST_WAIT_S
    assert attempts.begin(*limits("li", "192.0.2.2")) == 0.0
    now[0] += FORGOTTEN_S
    assert attempts.begin(*limited) == 0.0
    for number in range(MOST + 10):
        attempts.begin(*limits(f"user {number}", f"address {number}"))
    assert len(attempts._failures) <= MOST


def test_an_address_that_tries_many_names_has_to_wait() -> None:
    attempts = Attempts(lambda: 0.0)
    assert [attempts.begin(*limits(f"user {number}", "192.0.2.1")) for number in range(20)] == [0.0] * 20
    assert attempts.begin(*limits("another", "192.0.2.1")) > 0


def test_a_network_of_ipv6_is_one_address_and_what_a_proxy_tells_is_cut_short() -> None:
    attempts = Attempts(lambda: 0.0)
    for number in range(20):
        assert attempts.begin(*limits(f"user {number}", f"2001:db8:0:1::{number}")) == 0.0
    assert attempts.begin(*limits("another", "2001:db8:0:1:ffff::1")) > 0
    assert attempts.begin(*limits("another", "2001:db8:0:2::1")) == 0.0
    assert limits("", "::ffff:192.0.2.1") != limits("", "::ffff:192.0.2.2")
    assert len(limits("", "x" * 60_000)[1].whose) < 200


def test_sessions_end_when_idle_too_old_or_the_user_is_another() -> None:
    now, user = [0.0], User(1, "wang", "operator")
    known = {"wang": user}
    sessions = Sessions(known.get, lambda: now[0])
    idle, ended, used = (sessions.open(user) for _ in range(3))
    assert len({idle.key, ended.key, used.key}) == 3
    sessions.end(ended)
    assert sessions.of(ended.key) is None
    while now[0] < LONGEST_S - 60:
        now[0] += IDLE_S - 60
        assert (sessions.of(used.key) is used) == (now[0] < LONGEST_S)
    assert sessions.of(idle.key) is None
    now[0] = LONGEST_S
    assert sessions.of(used.key) is None
    changed = sessions.open(user)
    known["wang"] = user._replace(id=2)
    assert sessions.of(changed.key) is None
    assert sessions.of("") is None


def test_sessions_go_on_after_a_start_for_as_long_as_they_would_have(monkeypatch: pytest.MonkeyPatch) -> None:
    now, user = [1000.0], User(1, "wang", "operator")
    monkeypatch.setattr("time.time", lambda: 1.7e9 + now[0])
    known = {"wang": user}
    first = Sessions(known.get, lambda: now[0])
    fresh, idle = first.open(user), first.open(user)
    now[0] += IDLE_S - 10
    first.use(fresh)
    kept = first.kept()

    def resumed(kept: list[Kept], users: list[User], passed: float, ahead: float = 0.0) -> Sessions:
        """Sessions of a computer that was started anew: its steady clock begins at 5."""
        monkeypatch.setattr("time.time", lambda: 1.7e9 + now[0] + passed + ahead)
        sessions = Sessions(known.get, lambda: 5.0)
        sessions.resume(kept, users)
        return sessions

    sessions = resumed(kept, [user], 9)
    again = sessions.of(fresh.key)
    assert again is not None
    assert (again.user, again.key) == (user, "")
    assert sessions.of(idle.key) is not None
    sessions = resumed(kept, [user], 11)
    assert (sessions.of(fresh.key) is None, sessions.of(idle.key) is None) == (False, True)
    assert resumed(kept, [user], LONGEST_S).of(fresh.key) is None
    assert resumed(kept, [user._replace(id=2)], 1).of(fresh.key) is None
    assert resumed(kept, [user], 0, ahead=-3600).of(fresh.key) is None, "the clock was set back"


def test_a_second_factor_is_not_replaced_without_a_code_of_it(place: Office) -> None:
    employ(place.config)
    first, second = logins.new_secret(), logins.new_secret()
    with writing(place.data) as db:
        factors.turn_on(db, "administrator", first, pyotp.TOTP(first).now())
    with pytest.raises(UserError, match="on already"), writing(place.data) as db:
        factors.turn_on(db, "administrator", second, pyotp.TOTP(second).now())
    with pytest.raises(UserError, match="not the code"), writing(place.data) as db:
        factors.turn_off(db, "administrator", pyotp.TOTP(second).now())
    with reading(place.data) as db:
        kept = users.secret(db, "administrator")
        assert recovery.left(db, "administrator") == recovery.COUNT
    assert kept is not None
    assert kept.totp == first


def test_a_password_is_kept_as_argon2_and_nobody_has_one() -> None:
    kept = passwords.hashed(PASSWORD)
    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, PASSWORD)
    assert not passwords.fits(kept, PASSWORD + "x")
    assert not passwords.fits(None, "nobody has this password")


def test_an_unknown_name_takes_as_long_as_a_wrong_password(place: Office) -> None:
    employ(place.config)
    logins.prove(place.data, "warm", "up the hash of nobody", "")

    def seconds(name: str) -> float:
        taken = []
        for _ in range(7):
            begun = time.perf_counter()
            assert logins.prove(place.data, name, "a wrong password", "") is None
            taken.append(time.perf_counter() - begun)
        return min(taken)

    assert seconds("nobody") == pytest.approx(seconds("administrator"), rel=0.5)


def test_office_db_keeps_every_state_of_a_user_and_no_former_password(place: Office) -> None:
    employ(place.config)
    data = load(place.config).site.data
    with writing(data) as db:
        users.add(db, User(0, "wang", "operator"), PASSWORD, "test")
        users.change(db, users.found(db, "wang")._replace(role="supervisor"), "test")
        users.set_password(db, "wang", "another password", "test")
    with reading(data) as db:
        roles = [row[0] for row in db.execute("SELECT role FROM users WHERE name = 'wang' ORDER BY id")]
        assert roles == ["operator", "supervisor", "supervisor"]
        assert db.execute("SELECT count(*) FROM secrets WHERE name = 'wang'").fetchone() == (1,)
    for name in ("", " wang", "a\nb", "x" * 61):
        with pytest.raises(UserError), writing(data) as db:
            users.add(db, User(0, name, "operator"), PASSWORD, "test")


def test_the_command_knows_the_roles() -> None:
    assert command.ROLES == ROLES
    assert set(ROLES) >= MASKED


def test_every_page_of_the_console_is_in_the_table() -> None:
    source = Path(__file__).parents[3] / "dashboards/web"
    code = "\n".join(file.read_text(encoding="utf-8") for file in source.glob("*.py"))
    routes = set(re.findall(r'(?:@ui\.page|@app\.get|app\.add_route)\("([^"]+)"', code))
    assert routes - {"/login", "/logout", "/setup"} == set(PERMISSIONS)


def test_the_feed_is_for_roles_that_see_every_call_whole() -> None:
    assert not PERMISSIONS["/live"].roles & (MASKED | {"department-head"})
