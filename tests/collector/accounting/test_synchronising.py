"""The directory follows a real directory server, and what was before stays."""

from __future__ import annotations

import datetime as dt
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
import trustme
from click.testing import CliRunner, Result
from servers import find_server, free_port

from collector.accounting import ldap
from collector.accounting.ldap import Listed
from collector.accounting.synchronising import synchronised
from collector.cli.group import smdr
from collector.config import load
from collector.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = dt.date(2026, 3, 10)
SLAPD = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
sizelimit 500
{tls}
database mdb
suffix "dc=example"
rootdn "cn=smdr,dc=example"
rootpw opensesame
directory {folder}/db
access to * by anonymous auth by users read
"""
BASE = """dn: dc=example
objectClass: dcObject
objectClass: organization
o: example
dc: example

"""
PERSON = """dn: cn={name},dc=example
objectClass: inetOrgPerson
cn: {name}
sn: {name}
displayName: {name}
departmentNumber: {department}
title: {post}
telephoneNumber: {number}

"""


def person(name: str, number: str, department: str = "Sales", post: str = "clerk") -> str:
    return PERSON.format(name=name, number=number, department=department, post=post)


class Slapd:
    """OpenLDAP on a loopback port, with entries."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        program = find_server("slapd", "slapd")
        (folder / "db").mkdir(parents=True)
        lines = ""
        if tls:
            authority = trustme.CA()
            authority.cert_pem.write_to_path(folder / "ca.pem")
            issued = authority.issue_cert("127.0.0.1")
            issued.private_key_pem.write_to_path(folder / "key.pem")
            issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
            lines = f"TLSCertificateFile {folder}/cert.pem\nTLSCertificateKeyFile {folder}/key.pem\n"
        self._config = folder / "slapd.conf"
        self._config.write_text(SLAPD.format(folder=folder, tls=lines))
        self.folder = folder
        self.url = f"{'ldaps' if tls else 'ldap'}://127.0.0.1:{free_port()}"
        self._command = [program, "-d", "0", "-f", str(self._config), "-h", self.url]
        self._process: subprocess.Popen[bytes] | None = None

    def serve(self, *entries: str) -> None:
        """Start anew with these entries, and no others."""
        self.stop()
        for file in (self.folder / "db").iterdir():
            file.unlink()
        text = BASE + "".join(entries)
        adding = [self._command[0], "-T", "add", "-f", str(self._config)]
        subprocess.run(adding, input=text.encode(), check=True, capture_output=True)
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not (self.folder / "slapd.pid").exists() or not self._answers():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _answers(self) -> bool:
        host, _, port = self.url.rpartition("/")[2].partition(":")
        done = subprocess.run(["bash", "-c", f"exec 3<>/dev/tcp/{host}/{port}"], capture_output=True, check=False)
        return done.returncode == 0

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(20)
            self._process = None


@pytest.fixture
def slapd(tmp_path: Path) -> Iterator[Slapd]:
    server = Slapd(tmp_path / "slapd")
    yield server
    server.stop()


def configured(folder: Path, url: str, more: str = "", directory: str = "extension,person,until\n900,,\n") -> Path:
    config = folder / "smdr.toml"
    (folder / "directory.csv").write_text(directory, encoding="utf-8")
    (folder / "ldap.password").write_text("opensesame\n")
    config.write_text(
        '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\ndirectory = "directory.csv"\n'
        '[[source]]\nname = "pbx1"\ninput = "stdin:"\nformat = "panasonic/kx-tda"\n'
        f'[ldap]\nurl = "{url}"\nbase = "dc=example"\nuser = "cn=smdr,dc=example"\npassword_file = "ldap.password"\n'
        f'extension_digits = 3\ndepartment = "departmentNumber"\n{more}'
    )
    return config


def sync(config: Path, *options: str) -> Result:
    return CliRunner().invoke(smdr, ["directory", "sync", "-c", str(config), *options])


def test_people_of_a_server_come_move_and_go(tmp_path: Path, slapd: Slapd) -> None:
    config = configured(tmp_path, slapd.url)
    slapd.serve(person("李娜", "+86 755 5550 117"), person("Wang", "0755-5550118", "Service"))
    shown = sync(config)
    assert shown.output.splitlines()[-2:] == ["2 added, 0 changed, 0 removed.", "Nothing was written: --apply does."]
    assert (tmp_path / "directory.csv").read_text() == "extension,person,until\n900,,\n"
    assert sync(config, "--apply").exit_code == 0
    today = (tmp_path / "directory.csv").read_text(encoding="utf-8").split("117,Sales,李娜,clerk,,")[1][:10]
    assert (tmp_path / "directory.csv").read_text(encoding="utf-8").splitlines() == [
        "extension,department,person,post,may_call,from,until,site",
        "900,,,,,,,",
        f"117,Sales,李娜,clerk,,{today},,",
        f"118,Service,Wang,clerk,,{today},,",
    ]
    assert "0 added, 0 changed, 0 removed." in sync(config, "--apply").output


def test_one_number_at_two_sites_is_two_phones(tmp_path: Path, slapd: Slapd) -> None:
    more = 'site = "title"\n[[branch]]\nname = "west"\n'
    before = "extension,person,may_call,site\n117,Old,local,west\n"
    config = configured(tmp_path, slapd.url, more, before)
    slapd.serve(person("Li", "117", post="hq"), person("Wang", "117", post="west"))
    assert "2 added, 0 changed, 0 removed." not in sync(config).output
    assert sync(config, "--apply").exit_code == 0
    rows = [line.split(",") for line in (tmp_path / "directory.csv").read_text(encoding="utf-8").splitlines()[1:]]
    assert [(row[2], row[4], bool(row[6]), row[7]) for row in rows] == [
        ("Old", "local", True, "west"), ("Li", "", False, "hq"), ("Wang", "local", False, "west")
    ]  # fmt: skip
    slapd.serve(person("Li", "117", post="east"))
    assert f'{slapd.url} lists people at "east", which is no site here' in str(sync(config).exception)


def test_a_thousand_people_come_in_pages(tmp_path: Path, slapd: Slapd) -> None:
    config = configured(tmp_path, slapd.url, more="")
    config.write_text(config.read_text().replace("extension_digits = 3", "extension_digits = 4"))
    slapd.serve(*(person(f"p{n:04}", f"5550{n:04}") for n in range(1001)))
    settings = load(config).ldap
    assert settings is not None
    assert [row.extension for row in ldap.listed(settings)] == [f"{n:04}" for n in range(1001)]


def test_a_server_with_a_certificate_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    server = Slapd(tmp_path / "slapd", tls=True)
    try:
        server.serve(person("Li", "5550117"))
        refused = sync(configured(tmp_path, server.url))
        assert "certificate verify failed" in str(refused.exception)
        taken = sync(configured(tmp_path, server.url, 'ca_file = "slapd/ca.pem"\n'))
        assert "1 added" in taken.output, taken.exception
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("opensesame", "wrong"), "invalidCredentials"),
        (("dc=example", "dc=elsewhere"), "noSuchObject"),
        (("telephoneNumber", "mobile"), "lists nobody with an extension"),
        (("ldap://127.0.0.1", "ldap://127.0.0.2"), "ldap://127.0.0.2"),
    ],
)
def test_a_server_that_does_not_answer_as_wished_changes_nothing(
    tmp_path: Path, slapd: Slapd, change: tuple[str, str], message: str
) -> None:
    slapd.serve(person("Li", "5550117"))
    config = configured(tmp_path, slapd.url, 'extension = "telephoneNumber"\n')
    for file in (config, tmp_path / "ldap.password"):
        text = file.read_text()
        file.write_text(
            text.replace('base = "dc=example"', f'base = "{change[1]}"')
            if "dc=e" in change[1]
            else text.replace(*change)
        )
    refused = sync(config, "--apply")
    assert message in str(refused.exception)
    assert "opensesame" not in str(refused.exception)
    assert (tmp_path / "directory.csv").read_text() == "extension,person,until\n900,,\n"


def test_without_a_server_it_says_how_to_name_one(tmp_path: Path) -> None:
    config = configured(tmp_path, "ldap://127.0.0.1")
    config.write_text(config.read_text().partition("[ldap]")[0])
    assert "write [ldap] with url and base" in str(sync(config).exception)


LOBBY = ("100", "Lobby", "", "", "", "", "", "")
LI = ("117", "Sales", "Li", "clerk", "local", "2025-01-01", "", "")
WAS = ("118", "Sales", "Zhao", "", "", "", "2026-01-31", "")


def test_who_moves_ends_yesterday_and_begins_today_with_what_the_extension_was_granted() -> None:
    after = synchronised([LOBBY, LI, WAS], [Listed("117", "Service", "Li", "clerk")], TODAY)
    assert list(map(tuple, after)) == [
        LOBBY,
        ("117", "Sales", "Li", "clerk", "local", "2025-01-01", "2026-03-09", ""),
        WAS,
        ("117", "Service", "Li", "clerk", "local", "2026-03-10", "", ""),
    ]


def test_what_began_today_is_replaced_and_what_is_listed_stays_as_it_is() -> None:
    began = ("117", "Sales", "Li", "clerk", "local", "2026-03-10", "", "")
    assert synchronised([began], [Listed("117", "Service", "Li", "clerk")], TODAY) == [
        ("117", "Service", "Li", "clerk", "local", "2026-03-10", "", "")
    ]
    assert list(map(tuple, synchronised([LI], [Listed("117", "Sales", "Li", "clerk")], TODAY))) == [LI]


def test_a_server_that_lists_too_few_does_not_empty_the_directory() -> None:
    many = [(str(n), "Sales", f"p{n}", "", "", "", "", "") for n in range(20)]
    few = [Listed(str(n), "Sales", f"p{n}", "") for n in range(9)]
    with pytest.raises(UserError, match="11 of 20 people would go"):
        synchronised(many, few, TODAY)
    assert sum(entry.until == "2026-03-09" for entry in synchronised(many, few, TODAY, force=True)) == 11
    renamed = [Listed(str(n), "Sales", f"q{n}", "") for n in range(20)]
    assert len(synchronised(many, renamed, TODAY)) == 40
