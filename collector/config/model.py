"""The configuration file's tables. Defaults, checks and the reference page all come from these declarations."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, ValidationInfo

from collector.config.link import FORMS, Link
from collector.zones import zone_named

if TYPE_CHECKING:
    from collector.problems import Problem
    from parsers.formats import Format

LONGEST_TEXT = 100
BUILT_IN_PLANS = ("cn", "generic")


def _beside_file(path: Path, info: ValidationInfo) -> Path:
    """Read a relative path as relative to the configuration file."""
    folder: Path | None = (info.context or {}).get("folder")
    return folder / path.expanduser() if folder else path


def _zone(name: str) -> str:
    return zone_named(name).key


def _input(text: str, info: ValidationInfo) -> str:
    link = Link.parse(text)
    if link.scheme in ("file", "folder") or "/" in link.path:
        link = link._replace(path=str(_beside_file(Path(link.path), info)))
    return str(link)


def _peer(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text)) if "/" in text else str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(f'"{text}" is not an address or a network', _peer_hint(text)) from None


def _peer_hint(text: str) -> str:
    try:
        return f'did you mean "{ipaddress.ip_network(text, strict=False)}"?'
    except ValueError:
        return 'write "192.0.2.10" or "192.0.2.0/24"'


def _plan(value: object, info: ValidationInfo) -> object:
    return value if not isinstance(value, str) or value in BUILT_IN_PLANS else _beside_file(Path(value), info)


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("expected a number, not true or false", "")  # noqa: TRY004  (pydantic reports ValueError)
    return value


def _digits(text: str) -> str:
    if not text or not set(text) <= set("0123456789*#"):
        raise ValueError(f'"{text}" cannot be dialled', "use the digits 0 to 9, * and #")
    return text


def _name(text: str) -> str:
    if not re.fullmatch(r"[\w.-]{1,64}", text):
        raise ValueError(f'"{text}" cannot be a name', "use up to 64 letters, digits, and . _ -")
    return text


def _text(text: str) -> str:
    if not 1 <= len(text) <= LONGEST_TEXT or not text.isprintable():
        raise ValueError(
            "expected printable text on one line", f"use 1 to {LONGEST_TEXT} characters, no tabs or line ends"
        )
    return text


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise ValueError(f'"{text}" is not the address of a server', 'write it as "http://127.0.0.1:8086"')
    return text.rstrip("/")


def _script(steps: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, str], ...]:
    script = []
    for step in steps:
        if len(step) != 2:
            raise ValueError(
                "each step of a login is two texts: what to wait for, what to send", 'write: [["login:", "smdr\\r"]]'
            )
        script.append((step[0], step[1]))
    _ = _latin(tuple(text for step in script for text in step))
    return tuple(script)


def _latin(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        if any(ord(char) > 255 for char in text):
            raise ValueError(f'"{text}" cannot be sent to a PBX', "use the characters of Latin-1; \\r is Return")
    return texts


FilePath = Annotated[Path, AfterValidator(_beside_file)]
Zone = Annotated[str, AfterValidator(_zone)]
Name = Annotated[str, AfterValidator(_name)]
Text = Annotated[str, AfterValidator(_text)]
Url = Annotated[str, AfterValidator(_url)]
Peer = Annotated[str, AfterValidator(_peer)]
Dialled = Annotated[str, AfterValidator(_digits)]


class Table(BaseModel):
    """A table of the file: unknown keys are errors, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(Table):
    """The office whose calls are recorded."""

    name: Text = Field(description="Short name of the office; it marks every point and page.", examples=["hq"])
    timezone: Zone = Field(
        description="IANA time zone of the office. Hours, days and months are counted in it.",
        examples=["Asia/Shanghai"],
    )
    language: Literal["zh", "en"] = Field(default="zh", description="Language of the console and of reports.")
    data: FilePath = Field(
        default=Path("/var/lib/smdr"), description="Folder for the journal and the databases. Needs a local disk."
    )
    ring_seconds: Annotated[StrictInt, Field(ge=1, le=60)] = Field(
        default=5, description="Seconds from one ring to the next in this country: 5 in China, 6 in North America."
    )
    answer_within_rings: Annotated[StrictInt, Field(ge=1, le=100)] = Field(
        default=3, description="A call answered within this many rings was answered in time."
    )
    directory: FilePath | None = Field(
        default=None,
        description="CSV file that says who holds which extension: `extension,department,person,from,until`.",
        examples=["directory.csv"],
    )
    plan: Annotated[str | Path, BeforeValidator(_plan)] = Field(
        default="cn",
        description="Number plan that tells local from long-distance calls: `cn`, `generic`, or your own CSV file.",
    )
    formats: FilePath | None = Field(
        default=None,
        description="Folder of formats of your own, a TOML file each; the folder `formats` beside this file, if there is one.",
        examples=["formats"],
    )
    trunk_access: tuple[Dialled, ...] = Field(
        default=(),
        description="Digits dialled to get an outside line, where the PBX prints them before the number.",
        examples=[["9"]],
    )


class Serial(Table):
    """How the serial port is set; it must match the PBX."""

    baud: Annotated[StrictInt, Field(ge=50, le=4_000_000)] = Field(default=9600, description="Bits per second.")
    data_bits: Annotated[Literal[5, 6, 7, 8], BeforeValidator(_number)] = Field(
        default=8, description="Bits per character."
    )
    parity: Literal["N", "E", "O", "M", "S"] = Field(default="N", description="None, even, odd, mark or space.")
    stop_bits: Annotated[Literal[1, 2], BeforeValidator(_number)] = Field(default=1, description="Stop bits.")
    flow: Literal["none", "xonxoff", "rtscts"] = Field(default="none", description="Flow control.")


class Source(Table):
    """One PBX output: where it is read from and how its lines are understood."""

    name: Name = Field(
        description="Name of the source. It is part of every call's identity: do not change it later.",
        examples=["pbx1"],
    )
    input: Annotated[str, AfterValidator(_input)] = Field(
        description="Where the lines come from: " + ", ".join(f"`{form}`" for form, _ in FORMS.values()) + ".",
        examples=["serial:/dev/ttyUSB0"],
    )
    format: str = Field(
        default="auto",
        description="What the PBX prints, a name from `smdr formats`; `auto` finds out from the first records.",
        examples=["panasonic/kx-tda"],
    )
    timezone: Zone | None = Field(
        default=None,
        description="IANA time zone of the PBX clock, where it differs from the site's.",
        examples=["Asia/Shanghai"],
    )
    stamp: Literal["start", "end"] | None = Field(
        default=None, description="Which moment the PBX prints, where it can be set on the PBX."
    )
    date_order: Literal["dmy", "mdy", "ymd"] | None = Field(
        default=None, description="Order of day, month and year, where it can be set on the PBX."
    )
    allow: tuple[Peer, ...] = Field(
        default=(),
        description="Addresses or networks that may send to `tcp-listen` and `syslog` inputs; needed where these are not loopback.",
        examples=[["192.0.2.10"]],
    )
    move_to: FilePath | None = Field(
        default=None,
        description="Folder that the files of a `folder` input are moved to once they are taken; else they stay.",
        examples=["taken"],
    )
    conversation: Literal["panasonic", "nec", "oxe", "sopho"] | None = Field(
        default=None,
        description="What the PBX wants to hear before or while it sends records: `panasonic` is the login on TCP port "
        "2300, `nec` the frames on 60010, `oxe` the tickets of an OmniPCX Enterprise on 2533, `sopho` the acknowledged "
        "records of a SOPHO iS3000.",
    )
    login: Annotated[tuple[tuple[str, ...], ...], AfterValidator(_script)] = Field(
        default=(),
        description="Any other login: pairs of a text to wait for and a text to send, `\\r` for Return, `{password}` for "
        "the content of `password_file`.",
        examples=[[["login:", "smdr\r"], ["Password:", "{password}\r"]]],
    )
    refused: Annotated[tuple[str, ...], AfterValidator(_latin)] = Field(
        default=(), description="What the PBX says when it refuses the login.", examples=[["Login incorrect"]]
    )
    password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password of the login; `panasonic` has the factory's where none is given.",
        examples=["pbx1.password"],
    )
    serial: Serial = Field(default=Serial(), description="Settings of a `serial` or `rfc2217` port.")

    @property
    def link(self) -> Link:
        """The input, taken apart."""
        return Link.parse(self.input)


class Output(Table):
    """A database that receives the calls, besides the collector's own."""

    name: Name = Field(
        description="Name of the output. Its progress is kept under it: a new name sends everything again.",
        examples=["influx"],
    )
    type: Literal["influxdb"] = Field(default="influxdb", description="Kind of database.")
    url: Url = Field(description="Address of the server.", examples=["http://127.0.0.1:8086"])
    database: Text | None = Field(default=None, description="Database on InfluxDB 1.x.", examples=["smdr"])
    username: Text | None = Field(
        default=None, description="User on InfluxDB 1.x, where it asks for one.", examples=["smdr"]
    )
    password_file: FilePath | None = Field(
        default=None, description="File that holds that user's password.", examples=["influx.password"]
    )
    bucket: Text | None = Field(default=None, description="Bucket (2.x) or database (3.x).", examples=["smdr"])
    org: Text | None = Field(default=None, description="Organisation on InfluxDB 2.x.", examples=["office"])
    token_file: FilePath | None = Field(
        default=None, description="File that holds the token of 2.x or 3.x.", examples=["influx.token"]
    )


@dataclass(frozen=True)
class Config:
    """A whole configuration. ``warnings`` are problems it can run with, ``formats`` the site's own."""

    path: Path
    site: Site
    sources: tuple[Source, ...]
    outputs: tuple[Output, ...] = ()
    warnings: tuple[Problem, ...] = ()
    formats: tuple[Format, ...] = ()
