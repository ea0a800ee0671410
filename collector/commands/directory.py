"""`smdr directory`: the directory as a spreadsheet, and its extensions compared with the calls stored."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.accounting.directory import COLUMNS, Directory, directory_of
from collector.accounting.sheet import Sheet
from collector.commands.budgets import today
from collector.errors import UserError
from collector.files import put
from collector.store.database import open_reader
from collector.store.sites import at_site
from collector.textfile import decode
from collector.workbooks import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from collector.config import Config

Entry = tuple[str, ...]
"""The texts of a row, in the order of the columns."""

_DAY_S = 86_400
_USED = """
SELECT source, extension FROM calls WHERE start >= :since UNION SELECT source, peer_extension FROM calls
WHERE start >= :since UNION SELECT source, answered_by FROM calls WHERE start >= :since
"""


_HELD = "SELECT extension, start FROM calls WHERE extension IS NOT NULL"


class Changes(NamedTuple):
    """What a new directory changes: rows that come, rows that go, and pairs of one extension, before and after."""

    added: list[Entry]
    removed: list[Entry]
    changed: list[tuple[Entry, Entry]]


def path_of(config: Config) -> Path:
    """The file of the directory. Raises `UserError` where none is configured."""
    if config.site.directory is None:
        raise UserError('There is no directory: write directory = "directory.csv" under [site].')
    return config.site.directory


def text_of(file: Path) -> str:
    """A CSV file, or the first sheet of an XLSX file as CSV, a line for each of its rows. Raises `UserError`."""
    return _csv_of(file) if file.suffix.lower() == ".xlsx" else decode(file)


def entries(file: Path, text: str, config: Config) -> list[Entry]:
    """The rows of a directory. Raises ConfigError with all its faults, placed in ``file``."""
    _ = Directory.load(file, config.site.timezone, text, sites=config.sites)
    return [tuple(row[column].text for column in COLUMNS) for row in Sheet(file, COLUMNS, COLUMNS[:1], text).rows()]


def changes(before: list[Entry], after: list[Entry]) -> Changes:
    """Compare two directories, whatever the order of their rows."""
    added = sorted((Counter(after) - Counter(before)).elements())
    removed = sorted((Counter(before) - Counter(after)).elements())
    pairs = []
    for entry in list(removed):
        successor = next((other for other in added if (other[0], other[-1]) == (entry[0], entry[-1])), None)
        if successor:
            pairs.append((entry, successor))
            removed.remove(entry)
            added.remove(successor)
    return Changes(added, removed, pairs)


def sync(config: Config, *, force: bool) -> tuple[Changes, str]:
    """What the directory server changes today, and the directory with it. Raises `UserError`."""
    from collector.accounting import ldap  # noqa: PLC0415  (takes a moment: only where one is asked)
    from collector.accounting.synchronising import synchronised  # noqa: PLC0415

    if config.ldap is None:
        raise UserError(f"{config.path} names no directory server: write [ldap] with url and base.")
    path = path_of(config)
    before = entries(path, text_of(path), config) if path.exists() else []
    found = ldap.listed(config.ldap)
    for site in sorted({one.site for one in found} - {"", *config.sites}):
        raise UserError(f'{config.ldap.url} lists people at "{site}", which is no site here: look at site of [ldap].')
    if not found:
        raise UserError(
            f"{config.ldap.url} lists nobody with an extension: look at base, filter and extension of [ldap]."
        )
    after: list[Entry] = [tuple(row) for row in synchronised(before, found, today(config), force=force)]
    return changes(before, after), _csv([COLUMNS, *after])


def replace(path: Path, text: str) -> Path | None:
    """Write the directory, whole or not at all; where the one before is kept, if there was one. Raises OSError."""
    old = path.with_name(f"{path.name}.old") if path.exists() else None
    if old:
        shutil.copy2(path, old)
    put(path, text.encode(), like=path)
    return old


def export(rows: Iterable[Entry], file: Path) -> None:
    """Write rows to a .csv or .xlsx file, all as text: an extension keeps its zeros. Raises `UserError`, OSError."""
    match file.suffix.lower():
        case ".csv":
            file.write_text(_csv([COLUMNS, *rows]), encoding="utf-8-sig")  # without the mark Excel takes it for GBK
        case ".xlsx":
            import xlsxwriter  # noqa: PLC0415  (takes a moment: only where one is written)

            with xlsxwriter.Workbook(str(file)) as book:
                sheet = book.add_worksheet("directory")
                for number, row in enumerate([COLUMNS, *rows]):
                    for column, cell in enumerate(row):
                        sheet.write_string(number, column, cell)
        case _:
            raise UserError(f"{file} is neither .csv nor .xlsx.")


class Unknown(NamedTuple):
    """A phone with calls at moments when nobody held it: how many, and the first and last of them."""

    phone: str
    calls: int
    first: int
    last: int


def unknown(config: Config) -> list[Unknown]:
    """Phones that made or took calls while nobody held them, by the directory as it is now."""
    _ = path_of(config)
    found: dict[str, Unknown] = {}
    with closing(open_reader(config.site.data / "calls.db")) as db:
        for name in config.sites:
            site = config.at(name)
            directory = directory_of(site)
            for extension, start in db.execute(_HELD + at_site(site)):
                if not directory.is_held(extension, start):
                    phone = config.name_of(name, extension)
                    _, calls, first, last = found.get(phone, (phone, 0, start, start))
                    found[phone] = Unknown(phone, calls + 1, min(first, start), max(last, start))
    return sorted(found.values())


def unused(config: Config, days: int) -> list[str]:
    """Phones somebody holds now that no call of the last days touched."""
    _ = path_of(config)
    now = int(time.time())
    with closing(open_reader(config.site.data / "calls.db")) as db:
        rows = db.execute(_USED, {"since": now - days * _DAY_S})
        used = {config.phone(source, extension) for source, extension in rows if extension is not None}
    held = {config.name_of(name, one) for name in config.sites for one in directory_of(config.at(name)).extensions(now)}
    return sorted(held - used)


def _csv_of(file: Path) -> str:
    return _csv(map(_text, row) for row in rows_of(file))


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case dt.datetime():
            return cell.date().isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return " ".join(str(cell).split())


def _csv(rows: Iterable[Iterable[str]]) -> str:
    return "".join(f"{','.join(_quoted(row))}\n" for row in rows)


def _quoted(row: Iterable[str]) -> Iterator[str]:
    cells = list(row)
    is_empty = not any(cells)
    for cell in () if is_empty else cells:
        needs = any(char in cell for char in ',"#') or cell != cell.strip()
        yield '"' + cell.replace('"', '""') + '"' if needs else cell
