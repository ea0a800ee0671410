"""Reading a configuration file: every problem in it is found and placed before anything is started."""

from __future__ import annotations

import re
import tomllib
import typing
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from collector.accounting.budgets.table import load_budgets
from collector.accounting.calendar import load_exceptions
from collector.accounting.departments import Departments
from collector.accounting.directory import Directory
from collector.accounting.plan import Plan
from collector.accounting.tariff import Tariff
from collector.config import positions
from collector.config.checks import Fault, find_faults
from collector.config.model import (
    Accounting,
    Alarms,
    Backups,
    Branch,
    Calendar,
    Config,
    Ldap,
    Metrics,
    Office,
    Output,
    PublishedReport,
    Retention,
    Rules,
    Serial,
    Site,
    Source,
    Table,
)
from collector.office.approvers import load_approvers
from collector.office.codes import load_codes
from collector.office.roster import Roster
from collector.problems import ConfigError, Problem, choices
from collector.textfile import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from parsers.formats import Format
    from parsers.site import Fault as SiteFault

AnyTable = TypeVar("AnyTable", bound=Table)

_TABLES: dict[str, type[Table]] = {
    "site": Site,
    "branch": Branch,
    "source": Source,
    "output": Output,
    "calendar": Calendar,
    "alarms": Alarms,
    "metrics": Metrics,
    "backup": Backups,
    "retention": Retention,
    "report": PublishedReport,
    "office": Office,
    "ldap": Ldap,
    "accounting": Accounting,
    "rules": Rules,
}
_ONCE = frozenset(_TABLES.keys() - {"branch", "source", "output", "report"})
"""The tables that stand once; the others may stand any number of times."""
_NEEDED = frozenset({"site", "source"})

_SYNTAX = {
    "Cannot overwrite a value": ("this key stands twice in its table", "keep one of them"),
    "Cannot declare": ("this table stands twice", "write [[source]] and [[output]] where there are several"),
    "Expected '='": ("a key without a value", "write: key = value"),
    "Expected ']'": ("the name of a table is not closed", "close it with ]"),
    "Unclosed array": ("a list is not closed", "close it with ]"),
    "Illegal character '\\n'": ("text without a closing quote", 'write: key = "text"'),
    "Unterminated string": ("text without a closing quote", 'write: key = "text"'),
    "Unescaped '\\'": ("a single backslash", "write \\\\ for a backslash, or use 'single quotes'"),
    "Invalid value": ("not a value", 'text stands in quotes: key = "text"'),
    "Invalid statement": ("neither a table nor a key", "write [table] or key = value; keys are of a-z, 0-9, _ and -"),
    "Expected newline": ("more than one key and value on a line", "one key = value a line"),
}
"""What `tomllib` finds, by the start of its sentence, in words for technicians, with the way out."""

_FULL_WIDTH = dict(zip("“”‘’＝，［］｛｝＂＇＃", "\"\"''=,[]{}\"'#", strict=True))  # noqa: RUF001  (they are the point)
_QUOTES = re.compile(r"""(?:'{3}|"{3})\n?|['"]""")
_SYNTAX_ERROR = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def load(path: Path, *, with_tables: bool = True) -> Config:
    """Read and check a configuration file; raise ConfigError with all its problems.

    Without ``with_tables``, the tables it names are not looked at: a collector goes on with those before.
    """
    try:
        text = decode(path)
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([syntax_problem(path, text, error)]) from None
    return _Reader(path, text, data).config(with_tables=with_tables)


class _Reader:
    """One reading of one file."""

    def __init__(self, path: Path, text: str, data: dict[str, Any]) -> None:
        self.path = path
        self.folder = path.absolute().parent
        self.text = text
        self.data = data
        self.places = positions.locate(text)
        self.problems: list[Problem] = []

    def config(self, *, with_tables: bool) -> Config:
        for key in self.data.keys() - _TABLES.keys():
            hint = "write it under [site]" if key in Site.model_fields else choices(key, _TABLES)
            self._report(Fault((key,), f'unknown table or key "{key}"', hint, on_key=True))
        sites = [self._validated(Site, raw, path) for path, raw in self._tables("site")]
        branches = [self._validated(Branch, raw, path) for path, raw in self._tables("branch")]
        sources = [self._validated(Source, raw, path) for path, raw in self._tables("source")]
        outputs = [self._validated(Output, raw, path) for path, raw in self._tables("output")]
        calendars = [self._validated(Calendar, raw, path) for path, raw in self._tables("calendar")]
        alarms = [self._validated(Alarms, raw, path) for path, raw in self._tables("alarms")]
        metrics = [self._validated(Metrics, raw, path) for path, raw in self._tables("metrics")]
        backups = [self._validated(Backups, raw, path) for path, raw in self._tables("backup")]
        retentions = [self._validated(Retention, raw, path) for path, raw in self._tables("retention")]
        reports = [self._validated(PublishedReport, raw, path) for path, raw in self._tables("report")]
        offices = [self._validated(Office, raw, path) for path, raw in self._tables("office")]
        ldaps = [self._validated(Ldap, raw, path) for path, raw in self._tables("ldap")]
        accountings = [self._validated(Accounting, raw, path) for path, raw in self._tables("accounting")]
        rules = [self._validated(Rules, raw, path) for path, raw in self._tables("rules")]
        site_formats = self._site_formats()
        known = None if site_formats is None else [declared.name for declared in site_formats]
        for fault in find_faults(self.data, self.folder, known, with_tables=with_tables):
            self._report(fault)
        if with_tables:
            self._check_accounting()
        errors = [problem for problem in self.problems if not problem.warning]
        if errors:
            raise ConfigError(self.problems)
        return Config(
            path=self.path,
            site=typing.cast("Site", sites[0]),
            sources=tuple(source for source in sources if source),
            outputs=tuple(output for output in outputs if output),
            calendar=next(filter(None, calendars), Calendar()),
            metrics=next(filter(None, metrics), None),
            backup=next(filter(None, backups), None),
            retention=next(filter(None, retentions), None),
            reports=tuple(report for report in reports if report),
            office=next(filter(None, offices), Office()),
            ldap=next(filter(None, ldaps), None),
            accounting=next(filter(None, accountings), Accounting()),
            rules=next(filter(None, rules), Rules()),
            branches=tuple(branch for branch in branches if branch),
            alarms=next(filter(None, alarms), Alarms()),
            warnings=tuple(self.problems),
            formats=site_formats or (),
        )

    def _site_formats(self) -> tuple[Format, ...] | None:
        """Read the site's own formats, where there are any; None, and their problems noted, where one is faulty."""
        site = self.data.get("site")
        named = site.get("formats") if isinstance(site, dict) else None
        folder = self.path.parent / (named if isinstance(named, str) else "formats")
        if not folder.is_dir():
            return ()
        from collector.config.site_formats import load_formats  # noqa: PLC0415  (loads all formats: only where needed)

        try:
            return load_formats(folder)
        except ConfigError as wrong:
            self.problems += wrong.errors
            return None

    def _check_accounting(self) -> None:
        """Add the problems of the tables that are named, where the files are there."""
        site = self.data.get("site")
        named = site if isinstance(site, dict) else {}
        plan, directory = named.get("plan"), named.get("directory")
        calendar = self.data.get("calendar")
        exceptions = calendar.get("exceptions") if isinstance(calendar, dict) else None
        office = self.data.get("office")
        tables = office if isinstance(office, dict) else {}
        accounting = self.data.get("accounting")
        tariff = accounting.get("tariff") if isinstance(accounting, dict) else None
        branches = [branch for branch in self.data.get("branch", ()) if isinstance(branch, dict)]
        sites = list(dict.fromkeys(one["name"] for one in (named, *branches) if isinstance(one.get("name"), str)))
        loaded: list[tuple[Callable[[Path], object], Any]] = [
            (Plan.load, plan),
            (lambda file: Directory.load(file, sites=sites), directory),
            (Departments.load, named.get("departments")),
            (load_exceptions, exceptions),
            (load_budgets, tables.get("budgets")),
            (Tariff.load, tariff),
            (load_approvers, tables.get("approvers")),
            (lambda file: Roster.load(file, "UTC"), tables.get("roster")),
            (lambda file: load_codes(file, sites=sites), tables.get("codes")),
            *((Plan.load, branch.get("plan")) for branch in branches),
            *((Tariff.load, branch.get("tariff")) for branch in branches),
            *((load_exceptions, branch.get("exceptions")) for branch in branches),
        ]
        for load_file, name in loaded:
            if isinstance(name, str) and (self.folder / name).is_file():
                try:
                    load_file(self.path.parent / name)
                except ConfigError as wrong:
                    self.problems += wrong.errors

    def _tables(self, name: str) -> Iterator[tuple[positions.Path, dict[str, Any]]]:
        """Yield the tables of one name with their paths, reporting whatever stands there and is none."""
        if name not in self.data:
            if name in _NEEDED:
                bracketed = f"[{name}]" if name in _ONCE else f"[[{name}]]"
                self._report(Fault((), f"there is no {bracketed}", f"add a table {bracketed}"))
            return
        value = self.data[name]
        if name in _ONCE:
            if isinstance(value, dict):
                yield (name,), value
            else:
                self._report(Fault((name,), "expected one table", f"write [{name}] once", on_key=True))
        elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
            yield from (((name, index), item) for index, item in enumerate(value))
        else:
            hint = f"there may be several: write [[{name}]]"
            self._report(Fault((name,), f'"{name}" is not a list of tables', hint, on_key=True))

    def _validated(self, model: type[AnyTable], raw: dict[str, Any], path: positions.Path) -> AnyTable | None:
        try:
            return model.model_validate(raw, context={"folder": self.folder})
        except ValidationError as invalid:
            for error in invalid.errors(include_url=False):
                self._report(self._fault(model, path, error))
            return None

    def _fault(self, model: type[Table], path: positions.Path, error: ErrorDetails) -> Fault:
        """Say in words of the file what pydantic found."""
        loc = error["loc"]
        full = (*path, *loc)
        table, key = _declared(model, loc)
        where = _written_name(full[:-1])
        if error["type"] == "missing":
            field = table.model_fields[key]
            example = f"{key} = {to_toml(field.examples[0])}" if field.examples else key
            return Fault(full[:-1], f'{where} needs "{key}"', f"{field.description} Write: {example}", on_key=True)
        if error["type"] == "extra_forbidden":
            hint = choices(key, table.model_fields)
            if table is Source and key in Serial.model_fields:
                hint = f"write: serial = {{ {key} = … }}"
            return Fault(full, f'unknown key "{key}" in {where}', hint, on_key=True)
        message, hint = _explain(table, key, error)
        return Fault(full, message, hint)

    def _report(self, fault: Fault) -> None:
        problem = placed(self.path, self.text, self.places, fault)
        if problem not in self.problems:  # a value that may be one of two kinds fails twice
            self.problems.append(problem)


def placed(path: Path, text: str, places: dict[positions.Path, positions.Place], fault: Fault | SiteFault) -> Problem:
    """Return a fault as a problem of the innermost thing its path names that stands in the file."""
    named = fault.path
    while named and named not in places:
        named = named[:-1]
    start, end = (0, 1)
    if named:
        start, end = places[named].key if fault.on_key else places[named].value
    within = getattr(fault, "within", None)
    if within:
        opened = _QUOTES.match(text, start)
        start = (opened.end() if opened else start) + within.start
        end = start + within.length
    line, column = positions.line_and_column(text, start)
    lines = text.split("\n")
    quoted = lines[line - 1].rstrip("\r")
    length = max(1, min(end - start, len(quoted) - column + 1))
    return Problem(path, line, column, fault.message, fault.hint, quoted, length, getattr(fault, "warning", False))


def to_toml(value: object) -> str:
    """Return a value as it is written in TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(to_toml, value)) + "]"
    if isinstance(value, int | float):
        return str(value)
    written = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
    return f'"{written}"'


def syntax_problem(path: Path, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    """Return what `tomllib` found in a file, in words for technicians."""
    match = _SYNTAX_ERROR.fullmatch(str(error))
    message = match[1] if match else str(error)
    lines = text.split("\n")
    if match and match[2]:
        line, column = int(match[2]), int(match[3])
    else:  # at the end of the document: point behind the last thing written
        line = next((number for number in range(len(lines), 0, -1) if lines[number - 1].strip()), 1)
        column = len(lines[line - 1].rstrip()) + 1
    quoted = lines[line - 1]
    plain = (words for start, words in _SYNTAX.items() if message.startswith(start))
    message, hint = next(plain, (f"not TOML: {message}", ""))
    wide = next((at for at, char in enumerate(quoted, start=1) if at >= column and char in _FULL_WIDTH), None)
    if wide:
        column = wide
        hint = f"{quoted[wide - 1]} is a full-width character: write {_FULL_WIDTH[quoted[wide - 1]]}"
    return Problem(path, line, column, message, hint, quoted)


def _declared(model: type[Table], loc: tuple[int | str, ...]) -> tuple[type[Table], str]:
    """Return the table and key an error's location is about."""
    key = str(loc[0])
    field = model.model_fields.get(key)
    inner = field.annotation if field else None
    if len(loc) > 1 and isinstance(inner, type) and issubclass(inner, Table):
        return _declared(inner, loc[1:])
    return model, key


def _explain(table: type[BaseModel], key: str, error: ErrorDetails) -> tuple[str, str]:
    """Return message and hint for a value of the wrong kind."""
    kinds: dict[type, str] = {list: "a list", dict: "a table"}
    given = kinds.get(type(error["input"])) or to_toml(error["input"])
    context = error.get("ctx", {})
    message, hint = error["msg"], ""
    match error["type"]:
        case "value_error":
            message, hint = context["error"].args
        case "literal_error":
            known = list(map(str, literals(table.model_fields[key].annotation)))
            message, hint = f'{given} is not a valid "{key}"', choices(str(error["input"]), known)
        case "int_type":
            message = f"expected a whole number, not {given}"
            hint = f'"{key}" is written without quotes and without a point'
        case "bool_type":
            message, hint = f"expected true or false, not {given}", f'"{key}" is written without quotes'
        case "greater_than_equal":
            message = f'"{key}" must be at least {context["ge"]}, not {given}'
        case "less_than_equal":
            message = f'"{key}" must be at most {context["le"]}, not {given}'
        case "string_type" | "path_type":
            message, hint = f"expected text, not {given}", "text stands in quotes"
        case "tuple_type":
            message, hint = f"expected a list, not {given}", f"write: {key} = [{given}]"
        case "model_type":
            message, hint = f"expected a table, not {given}", f"write: {key} = {{ … }}"
    return message, hint


def literals(annotation: object) -> tuple[object, ...]:
    """Return the values a Literal, alone or within another type, allows."""
    if typing.get_origin(annotation) is Literal:
        return typing.get_args(annotation)
    return tuple(value for part in typing.get_args(annotation) for value in literals(part))


def _written_name(path: positions.Path) -> str:
    """Return how a table is written in the file: ``[site]``, ``[[source]]``, ``serial``."""
    keys = [step for step in path if isinstance(step, str)]
    if len(keys) > 1:
        return keys[-1]
    return f"[[{keys[0]}]]" if len(path) > 1 else f"[{keys[0]}]"
