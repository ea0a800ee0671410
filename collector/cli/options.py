"""Options and kinds of values that several commands share."""

from __future__ import annotations

import datetime as dt
import re
import sys
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from collector.config import Config, Output, Serial


def _user() -> str:
    import getpass

    return getpass.getuser()


config_option = click.option(
    "-c",
    "--config",
    "config_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default="smdr.toml",
    envvar="SMDR_CONFIG",
    show_default=True,
    show_envvar=True,
    help="The configuration file.",
)
_CONFIG_HELP = "A configuration whose own formats are to be known."
_FORMATS_HELP = "A folder of format files to be known."
by_option = click.option(
    "--by", metavar="NAME", default=_user, help="Who does it; the user who is logged in if not given."
)
site_option = click.option("--site", metavar="NAME", help="As at this site; that of [site] if not given.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")


class Zone(click.ParamType["ZoneInfo"]):
    """An IANA time zone."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        """Return the zone, or fail with the nearest valid name."""
        from collector.zones import zone_named

        try:
            return zone_named(value)
        except ValueError as error:
            self.fail("; ".join(error.args), param, ctx)


class Moment(click.ParamType[dt.datetime]):
    """A moment in ISO 8601; one without an offset is local time where the command knows the place."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """Return the moment, with or without its offset as given."""
        if isinstance(value, dt.datetime):
            return value
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is not a time; write 2026-01-31 or 2026-01-31T08:00:00+08:00', param, ctx)


class Day(click.ParamType["dt.date"]):
    """A day of the site's calendar."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Return the day."""
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            self.fail(f'"{value}" is not a day; write 2026-01-31', param, ctx)


class Month(click.ParamType["dt.date"]):
    """A month, named by its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Return the month's first day."""
        try:
            return dt.date.fromisoformat(f"{value}-01")
        except ValueError:
            self.fail(f'"{value}" is not a month; write 2026-01', param, ctx)


class Amount(click.ParamType["Decimal"]):
    """An amount of money."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Return the amount."""
        from collector.accounting.amounts import amount_of

        try:
            return amount_of(str(value))
        except ValueError as error:
            self.fail("; ".join(error.args), param, ctx)


class Identity(click.ParamType[tuple[str, int]]):
    """A call's identity, as ``pbx1:1234``."""

    name = "call"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Return source and offset."""
        source, _, offset = str(value).rpartition(":")
        if not source or not offset.isdecimal():
            self.fail(f'"{value}" is not a call; write its source and offset: pbx1:1234', param, ctx)
        return source, int(offset)


_LINE = re.compile(
    r"(\d+)[\s,/-]*([5-8])[\s,/-]*([NEOMS])[\s,/-]*([12])(?:[\s,/-]*(none|xonxoff|rtscts))?", re.IGNORECASE
)
"""Between the parts stands what people write there: ``9600 8N1``, ``9600,8,n,1``, ``9600/8-N-1``."""


class Line(click.ParamType["Serial"]):
    """The settings of a serial line as technicians write them: ``9600 8N1``, ``1200 7E1 xonxoff``."""

    name = "settings"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Serial:
        """Return the settings."""
        from pydantic import ValidationError

        from collector.config import Serial

        match = _LINE.fullmatch(str(value).strip())
        if match is None:
            self.fail(f'"{value}" is not a serial line; write "9600 8N1" or "1200 7E1 xonxoff"', param, ctx)
        baud, data_bits, parity, stop_bits, flow = match.groups(default="none")
        parity, flow = parity.upper(), flow.lower()
        settings = {"baud": int(baud), "data_bits": int(data_bits), "stop_bits": int(stop_bits)}
        try:
            return Serial.model_validate(settings | {"parity": parity, "flow": flow})
        except ValidationError:
            self.fail(f"{baud} bits per second is not a speed of a serial port", param, ctx)


def with_site_formats(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command that needs no configuration know formats of the site: ``-c FILE`` or ``--formats-dir DIR``."""

    @click.option("-c", "--config", "config_path", metavar="FILE", type=click.Path(path_type=Path), help=_CONFIG_HELP)
    @click.option("--formats-dir", metavar="DIR", type=click.Path(path_type=Path), help=_FORMATS_HELP)
    @wraps(command)
    def known(*arguments: Any, config_path: Path | None, formats_dir: Path | None, **settings: Any) -> None:
        if config_path is not None or formats_dir is not None:
            _know(config_path, formats_dir)
        command(*arguments, **settings)

    return known


def _know(config_path: Path | None, formats_dir: Path | None) -> None:
    from collector.config import load
    from collector.config.site_formats import load_formats
    from parsers import formats

    if formats_dir is not None and not formats_dir.is_dir():
        raise UserError(f"There is no folder {formats_dir}.")
    of_config = load(config_path).formats if config_path is not None else ()
    formats.know((*of_config, *(load_formats(formats_dir) if formats_dir is not None else ())))


line_option = click.option(
    "--line", type=Line(), default="9600 8N1", show_default=True, help="Settings of a serial port, as on the PBX."
)


def posix(moment: dt.datetime | None, zone: dt.tzinfo) -> float | None:
    """Return POSIX seconds; a moment without an offset is in ``zone``."""
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def existing(path: Path) -> Path:
    """Return a path given as an argument, or fail with a sentence where it holds nothing; ``-`` is standard input."""
    if str(path) == "-":
        return path
    if not path.is_file():
        raise UserError(f"{path} is a folder; name a file in it." if path.is_dir() else f"There is no file {path}.")
    if not path.stat().st_size:
        raise UserError(f"{path} is empty: nothing came from the PBX.")
    return path


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Draw progress on a terminal: yields a function to be told bytes done and bytes in all."""
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def draw(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield draw


def chosen_outputs(config: Config, name: str | None) -> list[Output]:
    """Return one output by its name, or all of them; raise UserError where there is none."""
    if not config.outputs:
        raise UserError(f"{config.path} has no [[output]]; add one.")
    chosen = [output for output in config.outputs if name in (None, output.name)]
    if not chosen:
        names = ", ".join(output.name for output in config.outputs)
        raise UserError(f'There is no output "{name}" in {config.path}; it has: {names}.')
    return chosen
