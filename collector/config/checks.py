"""Checks that look at several keys, or beyond the file: names, ports, files.

They work on the file as written, not on validated tables, so that a fault in one key hides no fault of another.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.config.link import LISTENING, Link
from collector.config.model import BUILT_IN_PLANS
from collector.problems import choices, nearest
from collector.tls import TlsError, server_context

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Fault(NamedTuple):
    """A problem of the value, or of the key, at a path of a TOML file."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""
    on_key: bool = False
    warning: bool = False


Tables = list[tuple[tuple[str | int, ...], dict[str, Any]]]

TALKING = ("serial", "rfc2217", "tcp")
"""Kinds of input on which a conversation can be held."""

SPEAKING_TLS = ("tcp-listen", "syslog-tcp")

_ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  (recognised, not bound)
_IN_THE_CLEAR = r"http://(?!localhost\b|127\.|\[::1\])"
_READABLE_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH


def find_faults(
    data: dict[str, Any], folder: Path, site_formats: Sequence[str] | None, *, with_tables: bool
) -> Iterator[Fault]:
    """Yield what is wrong between the keys of a file, and between the file and its surroundings.

    ``site_formats`` are the names of the site's own formats; None where they are not known, as one is faulty.
    ``with_tables`` tells whether the tables have to be there that are named.
    """
    sources, outputs, reports = (_tables(data, name) for name in ("source", "output", "report"))
    yield from _site_faults(data, folder, with_tables=with_tables)
    yield from _same_names(sources)
    yield from _same_names(outputs)
    yield from _same_names(reports)
    yield from _same_inputs(sources, folder)
    for path, source in sources:
        yield from _source_faults(path, source, site_formats)
        yield from _login_faults(path, source, folder)
        yield from _tls_faults(path, source, folder)
        link = _link(source)
        if link and link.scheme not in SPEAKING_TLS and source.get("certificate_file"):
            hint = f"only {' and '.join(SPEAKING_TLS)} inputs speak TLS"
            place = (*path, "certificate_file")
            yield Fault(place, '"certificate_file" has no effect here', hint, on_key=True, warning=True)
    for path, output in outputs:
        yield from _output_faults(path, output)
        for key in ("token_file", "password_file"):
            if isinstance(output.get(key), str):
                yield from _secret_faults((*path, key), output[key], folder)
    for path, report in reports:
        yield from _report_faults(path, report, data)
    if isinstance(data.get("alarms"), dict):
        yield from _alarm_faults(data["alarms"], folder, mails_reports=any("to" in report for _, report in reports))
    yield from _faults_of_single_tables(data, folder, with_tables=with_tables)


def _site_faults(data: dict[str, Any], folder: Path, *, with_tables: bool) -> Iterator[Fault]:
    site, branches = data.get("site"), _tables(data, "branch")
    first = site.get("name") if isinstance(site, dict) else None
    yield from _same_names(branches)
    for path, branch in branches:
        if branch.get("name") == first:
            yield Fault((*path, "name"), f'"{first}" is the name of [site]', "give each its own name")
        for key, built_in in (("plan", BUILT_IN_PLANS), ("tariff", ()), ("exceptions", ())) if with_tables else ():
            yield from _missing_file((*path, key), branch.get(key), folder, built_in)
    names = (first, *(branch.get("name") for _, branch in branches))
    known = list(dict.fromkeys(name for name in names if isinstance(name, str)))
    for path, table in (*_tables(data, "source"), *_tables(data, "report")):
        if isinstance(table.get("site"), str) and table["site"] not in known:
            hint = choices(table["site"], known) if branches else "name it with [[branch]]"
            yield Fault((*path, "site"), f'there is no site "{table["site"]}"', hint)


def _faults_of_single_tables(data: dict[str, Any], folder: Path, *, with_tables: bool) -> Iterator[Fault]:
    checks = [("site", _missing_formats), ("retention", _retention_faults), ("metrics", _metrics_faults)]
    if with_tables:
        checks += [
            ("site", _missing_files),
            ("calendar", _missing_exceptions),
            ("office", _missing_tables),
            ("accounting", _missing_tariff),
        ]
    for name, faults in checks:
        if isinstance(data.get(name), dict):
            yield from faults(data[name], folder)


def _tables(data: dict[str, Any], name: str) -> Tables:
    tables = data.get(name)
    if not isinstance(tables, list):
        return []
    return [((name, index), table) for index, table in enumerate(tables) if isinstance(table, dict)]


def _same_names(tables: Tables) -> Iterator[Fault]:
    seen: set[str] = set()
    for path, table in tables:
        name = table.get("name")
        if not isinstance(name, str):
            continue
        if name in seen:
            yield Fault((*path, "name"), f'there is another {path[0]} called "{name}"', "give each its own name")
        seen.add(name)


def _same_inputs(sources: Tables, folder: Path) -> Iterator[Fault]:
    seen: list[tuple[Link, object]] = []
    for path, source in sources:
        link = _link(source)
        if link is None:
            continue
        link = _comparable(link, folder)
        other = next((name for taken, name in seen if _collide(taken, link)), None)
        if other is not None:
            yield Fault(
                (*path, "input"), f'source "{other}" already reads this', "one source for each port, file or listener"
            )
        seen.append((link, source.get("name")))


def _link(source: dict[str, Any]) -> Link | None:
    """Return the input of a source; None where it is missing or wrong, which is reported elsewhere."""
    try:
        return Link.parse(source["input"])
    except (KeyError, ValueError, AttributeError):
        return None


def _comparable(link: Link, folder: Path) -> Link:
    """Follow links such as /dev/serial/by-id/…, which name the same port in another way."""
    return link._replace(path=os.path.realpath(folder / link.path)) if link.path else link


def _collide(one: Link, other: Link) -> bool:
    if one == other:
        return True
    datagrams = ["udp" in link.scheme for link in (one, other)]
    listeners = {one.scheme, other.scheme} <= set(LISTENING) and one.port == other.port and datagrams[0] == datagrams[1]
    if listeners and one.host == other.host:
        return True
    return listeners and (one.host in _ANY_ADDRESS or other.host in _ANY_ADDRESS)


def _source_faults(
    path: tuple[str | int, ...], source: dict[str, Any], site_formats: Sequence[str] | None
) -> Iterator[Fault]:
    link = _link(source)
    if link and link.listens_beyond_this_machine and not source.get("allow"):
        yield Fault(
            (*path, "input"),
            "any machine could connect here and send calls",
            'name the PBX: allow = ["192.0.2.10"], or listen on 127.0.0.1',
        )
    if link and link.scheme not in LISTENING and "allow" in source:
        hint = f"only {', '.join(LISTENING)} inputs are sent to"
        yield Fault((*path, "allow"), '"allow" has no effect here', hint, on_key=True, warning=True)
    if link and link.scheme != "folder" and "move_to" in source:
        hint = "only folder inputs have files to move"
        yield Fault((*path, "move_to"), '"move_to" has no effect here', hint, on_key=True, warning=True)
    if link and link.scheme not in ("serial", "rfc2217") and "serial" in source:
        hint = "only serial and rfc2217 inputs have a serial port"
        yield Fault((*path, "serial"), '"serial" has no effect here', hint, on_key=True, warning=True)
    if site_formats is not None:
        yield from _format_faults(path, source, site_formats)


def _format_faults(path: tuple[str | int, ...], source: dict[str, Any], site_formats: Sequence[str]) -> Iterator[Fault]:
    name = source.get("format", "auto")
    if isinstance(name, str) and name != "auto":
        known = [*site_formats, *_format_names()]
        if name not in known:
            yield Fault((*path, "format"), f'unknown format "{name}"', _format_hint(name, known))
    if source.get("conversation") == "sopho" and not site_formats:
        message, hint = "no built-in format reads what a SOPHO sends", 'describe it in a file of the folder "formats"'
        yield Fault((*path, "conversation"), message, hint, warning=True)


def _login_faults(path: tuple[str | int, ...], source: dict[str, Any], folder: Path) -> Iterator[Fault]:
    login = source.get("login")
    talks = [key for key in ("conversation", "login") if source.get(key)]
    if len(talks) == 2:
        yield Fault((*path, "login"), 'both "conversation" and "login"', "keep one of them")
    link = _link(source)
    if link and link.scheme not in TALKING:
        for key in talks:
            hint = f"only {', '.join(TALKING)} inputs are answered"
            yield Fault((*path, key), f'"{key}" has no effect here', hint, on_key=True, warning=True)
    written = source.get("password_file")
    if isinstance(written, str):
        yield from _secret_faults((*path, "password_file"), written, folder)
        if not login and source.get("conversation") != "panasonic":
            hint = 'say what asks for it: conversation = "panasonic", or login = …'
            yield Fault((*path, "password_file"), '"password_file" has no effect here', hint, on_key=True, warning=True)
    elif "{password}" in str(login):
        hint = "put the password alone into a file and name it"
        yield Fault((*path, "login"), 'a login with {password} needs "password_file"', hint)


def _format_names() -> tuple[str, ...]:
    from parsers import formats  # noqa: PLC0415  (the formats take a while to load; most files are asked of once)

    return tuple(formats.built_in())


def _format_hint(name: str, known: Sequence[str]) -> str:
    near = nearest(name, ["auto", *known])
    return f'did you mean "{near}"? (`smdr formats` lists them all)' if near else "`smdr formats` lists them all"


def _tls_faults(path: tuple[str | int, ...], table: dict[str, Any], folder: Path) -> Iterator[Fault]:
    """A certificate without its key, or one that cannot be used: whatever else is configured can still start."""
    certificate, key = table.get("certificate_file"), table.get("key_file")
    for name, other in (("certificate_file", "key_file"), ("key_file", "certificate_file")):
        if name in table and other not in table:
            yield Fault((*path, name), f'"{name}" without "{other}"', "TLS needs both", on_key=True)
    if isinstance(certificate, str) and isinstance(key, str):
        try:
            server_context(folder / certificate, folder / key)
        except TlsError as error:
            hint = "nothing is served here until they are right"
            yield Fault((*path, "certificate_file"), str(error), hint, warning=True)
        else:
            yield from _secret_faults((*path, "key_file"), key, folder)


def _metrics_faults(metrics: dict[str, Any], folder: Path) -> Iterator[Fault]:
    yield from _tls_faults(("metrics",), metrics, folder)
    listen = metrics.get("listen")
    if isinstance(listen, str) and not listen.startswith(("127.", "[::1]")):
        hint = "they hold no calls, but how many there are; let a firewall choose who may ask"
        yield Fault(("metrics", "listen"), "other machines can read the metrics", hint, warning=True)


def _retention_faults(retention: dict[str, Any], _folder: Path) -> Iterator[Fault]:
    """What is made of raw bytes goes no earlier than they: it would come again with the next `smdr reparse`."""
    raw = retention.get("raw_months")
    for key in ("calls_months", "personal_months"):
        months = retention.get(key)
        if isinstance(raw, int) and isinstance(months, int) and months < raw:
            hint = f"the raw lines hold it for {raw} months: let those go as early, or this as late"
            yield Fault(("retention", key), f'"{key}" is less than "raw_months"', hint)


def _output_faults(path: tuple[str | int, ...], output: dict[str, Any]) -> Iterator[Fault]:
    yield from _address_faults(path, "url", output)
    database, bucket = "database" in output, "bucket" in output
    if database and bucket:
        yield Fault((*path, "bucket"), 'both "database" and "bucket"', "database for 1.x, bucket for 2.x and 3.x")
    elif bucket and "token_file" not in output:
        yield Fault((*path, "bucket"), 'a bucket needs "token_file"', "put the token alone into a file and name it")
    elif not database and not bucket:
        hint = 'InfluxDB 1.x: database = "smdr"; 2.x and 3.x: bucket and token_file'
        yield Fault(path, '[[output]] needs "database" or "bucket"', hint, on_key=True)
    if "username" in output and "password_file" not in output:
        hint = "put the password alone into a file and name it"
        yield Fault((*path, "username"), 'a user needs "password_file"', hint)


def _secret_faults(path: tuple[str | int, ...], written: str, folder: Path) -> Iterator[Fault]:
    """Warn of a secret that is missing or that others can read: collection can still start, delivery waits."""
    try:
        mode = (folder / written).stat().st_mode
    except OSError as error:
        yield Fault(path, f"{written}: {error.strerror}", "nothing is sent until this file is there", warning=True)
        return
    if mode & _READABLE_BY_OTHERS:
        yield Fault(path, "other users can read this file", f"chmod 600 {written}", warning=True)


def _address_faults(path: tuple[str | int, ...], key: str, table: dict[str, Any]) -> Iterator[Fault]:
    """Warn of a password in an address, which logs and `smdr doctor` show; at the table, as a warning quotes its line."""
    if re.match(r"https?://[^/]*@", str(table.get(key))):
        message, hint = (
            f'the address "{key}" holds a password',
            "it is shown with the address: name a file that holds it",
        )
        yield Fault(path, message, hint, on_key=True, warning=True)


def _report_faults(path: tuple[str | int, ...], report: dict[str, Any], data: dict[str, Any]) -> Iterator[Fault]:
    if "to" not in report and "folder" not in report:
        hint = 'write: folder = "reports", or to = ["office@example.com"]'
        yield Fault(path, '[[report]] needs "folder" or "to"', hint, on_key=True)
    kind = report.get("kind")
    if "of" in report and kind in ("number", "operators", "budgets", "violations"):
        yield Fault((*path, "of"), f'a report of kind "{kind}" is of all', "remove this key", on_key=True)
    if report.get("calls") is True and kind in ("operators", "budgets", "violations"):
        yield Fault((*path, "calls"), f"a report of {kind} has no list of calls", "remove this key", on_key=True)
    office = data.get("office")
    if kind == "budgets" and not (isinstance(office, dict) and "budgets" in office):
        yield Fault((*path, "kind"), "there are no budgets", 'write [office] with budgets = "budgets.csv"')
    if kind == "operators" and not (isinstance(office, dict) and "roster" in office):
        yield Fault((*path, "kind"), "there is no roster", 'write [office] with roster = "roster.csv"')
    if "site" in report and kind in ("operators", "budgets"):
        yield Fault((*path, "site"), f"a report of {kind} is of all sites", "remove this key", on_key=True)


def _alarm_faults(alarms: dict[str, Any], folder: Path, *, mails_reports: bool) -> Iterator[Fault]:
    yield from _address_faults(("alarms",), "webhook", alarms)
    for key, needed in (
        ("webhook_token_file", "webhook"),
        ("mail_password_file", "mail_user"),
        ("mail_user", "mail_to"),
    ):
        if key in alarms and needed not in alarms and not (needed == "mail_to" and mails_reports):
            yield Fault(("alarms", key), f'"{key}" has no effect without "{needed}"', "", on_key=True, warning=True)
        if key.endswith("_file") and isinstance(alarms.get(key), str):
            yield from _secret_faults(("alarms", key), alarms[key], folder)
    if "mail_user" in alarms and "mail_password_file" not in alarms:
        hint = "put the password alone into a file and name it"
        yield Fault(("alarms", "mail_user"), 'a user needs "mail_password_file"', hint)
    if "webhook_token_file" in alarms and re.match(_IN_THE_CLEAR, str(alarms.get("webhook"))):
        yield Fault(("alarms", "webhook"), "the token would be sent in the clear", "write https://", warning=True)
    if "mail_user" in alarms and str(alarms.get("mail_server", "smtp:")).startswith("smtp:"):
        hint = "write smtp+starttls:// or smtps://"
        yield Fault(("alarms", "mail_user"), "the password would be sent in the clear", hint, warning=True)


def _missing_tariff(accounting: dict[str, Any], folder: Path) -> Iterator[Fault]:
    yield from _missing_file(("accounting", "tariff"), accounting.get("tariff"), folder)


def _missing_exceptions(calendar: dict[str, Any], folder: Path) -> Iterator[Fault]:
    yield from _missing_file(("calendar", "exceptions"), calendar.get("exceptions"), folder)


def _missing_tables(office: dict[str, Any], folder: Path) -> Iterator[Fault]:
    for key, value in office.items():
        yield from _missing_file(("office", key), value, folder)


def _missing_files(site: dict[str, Any], folder: Path) -> Iterator[Fault]:
    for key, built_in in (("directory", ()), ("departments", ()), ("plan", BUILT_IN_PLANS)):
        yield from _missing_file(("site", key), site.get(key), folder, built_in)


def _missing_file(
    path: tuple[str | int, ...], value: object, folder: Path, built_in: Sequence[str] = ()
) -> Iterator[Fault]:
    if isinstance(value, str) and value not in built_in and not (folder / value).is_file():
        hint = "paths are relative to this file"
        if built_in:
            hint = f"{choices(value, built_in)}, or a CSV file; {hint}"
        yield Fault(path, f'there is no file "{value}"', hint)


def _missing_formats(site: dict[str, Any], folder: Path) -> Iterator[Fault]:
    named = site.get("formats")
    if isinstance(named, str) and not (folder / named).is_dir():
        yield Fault(("site", "formats"), f'there is no folder "{named}"', "paths are relative to this file")
