"""The configuration file's tables. Defaults, checks and the reference page all come from these declarations."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationInfo,
)

from collector.accounting.amounts import amount_of
from collector.config.link import FORMS, Link
from collector.errors import UserError
from collector.problems import choices
from collector.rules.names import RuleName  # noqa: TC001  (pydantic reads the annotations)
from collector.zones import zone_named

if TYPE_CHECKING:
    from collector.problems import Problem
    from parsers.formats import Format

LONGEST_TEXT = 100
BUILT_IN_PLANS = ("cn", "generic", "country")


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


def _country_known(text: str) -> str:
    if text == "CN":
        return text
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415  (takes a moment: only for other countries)

    if text not in SUPPORTED_REGIONS:
        raise ValueError(f'"{text}" is not a country', choices(text, sorted(SUPPORTED_REGIONS)))
    return text


def _area(text: str) -> str:
    return _digits(text).lstrip("0") if text else text


def _digits(text: str) -> str:
    if not text or not set(text) <= set("0123456789*#"):
        raise ValueError(f'"{text}" cannot be dialled', "use the digits 0 to 9, * and #")
    return text


def _phone(text: str) -> str:
    _ = _digits(text.rpartition("/")[2])
    return text


def _form(text: str) -> str:
    if not re.fullmatch(r"[0-9*#]+x*", text):
        raise ValueError(f'"{text}" is no form of a number', 'write its first digits, then an x for each other: "8xxx"')
    return text


def _night(text: str) -> str:
    match = re.fullmatch(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)", text)
    if match is None or match[1] == match[2]:
        raise ValueError(f'"{text}" is not a span of hours', 'write it as "22:00-06:00"')
    return text


def _name(text: str) -> str:
    if not re.fullmatch(r"[\w.-]{1,64}", text):
        raise ValueError(f'"{text}" cannot be a name', "use up to 64 letters, digits, and . _ -")
    return text


def _amount(text: str) -> str:
    if amount_of(text) < 0:
        raise ValueError("expected an amount that is not negative", 'write it as "0.11"')
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


def _span(span: str) -> str:
    hint = 'write spans such as ["08:30-12:00", "13:30-17:30"]'
    match = re.fullmatch(r"(([01]\d|2[0-3]):[0-5]\d)-(([01]\d|2[0-3]):[0-5]\d|24:00)", span)
    if match is None:
        raise ValueError(f'"{span}" is not a span of hours', hint)
    if match[3] <= match[1]:
        raise ValueError(f'"{span}" ends before it begins', hint)
    return span


def _time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f'"{text}" is not a time of day', 'write it as "03:00"')
    return text


def _country(code: str) -> str:
    if code != "none":
        from collector.accounting.calendar import is_country  # noqa: PLC0415  (loads a large library: only where asked)

        if not is_country(code):
            raise ValueError(f'no holidays are known of "{code}"', 'two capital letters, such as "CN"; or "none"')
    return code


def _address(text: str) -> str:
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:]+)\]|([\d.]+)):(\d{1,5})", text)
    hint = 'write it as "127.0.0.1:9464"'
    if match is None or not 1 <= int(match[3]) <= 65535:
        raise ValueError(f'"{text}" is not an address and a port', hint)
    try:
        ipaddress.ip_address(match[1] or match[2])
    except ValueError:
        raise ValueError(f'"{match[1] or match[2]}" is not an address of this computer', hint) from None
    return text


def _mail(address: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+", address):
        raise ValueError(f'"{address}" is not a mail address', 'write it as "pbx@example.com"')
    return address


def _mail_server(url: str) -> str:
    if not re.fullmatch(r"smtp(s|\+starttls)?://[\w.-]+(:\d{1,5})?", url):
        raise ValueError(f'"{url}" is not a mail server', 'write it as "smtp://127.0.0.1:25"')
    return url


def _ldap(url: str) -> str:
    if not re.fullmatch(r"ldaps?://([\w.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?", url):
        raise ValueError(f'"{url}" is not a directory server', 'write it as "ldaps://ldap.example"')
    return url


FilePath = Annotated[Path, AfterValidator(_beside_file)]
Zone = Annotated[str, AfterValidator(_zone)]
Name = Annotated[str, AfterValidator(_name)]
Text = Annotated[str, AfterValidator(_text)]
Url = Annotated[str, AfterValidator(_url)]
Peer = Annotated[str, AfterValidator(_peer)]
Dialled = Annotated[str, AfterValidator(_digits)]
Phone = Annotated[str, AfterValidator(_phone)]
"""An extension; one of a branch has its name in front: ``branch/201``."""


class Table(BaseModel):
    """A table of the file: unknown keys are errors, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


AnyTable = TypeVar("AnyTable", bound=Table)


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
        description="CSV file that says who holds which extension: `extension,department,person,post,may_call,from,until,site`.",
        examples=["directory.csv"],
    )
    departments: FilePath | None = Field(
        default=None,
        description="CSV file that says which department stands under which: `department,above,from,until`.",
        examples=["departments.csv"],
    )
    plan: Annotated[str | Path, BeforeValidator(_plan)] = Field(
        default="cn",
        description="Number plan that tells local from long-distance calls: `cn`, `generic`, `country` (that of the "
        "`country`), or your own CSV file.",
    )
    country: Annotated[str, AfterValidator(_country_known)] = Field(
        default="CN",
        description="Country of the office, by its two letters: areas and operators of numbers are told from it.",
    )
    area_code: Annotated[str, AfterValidator(_area)] = Field(
        default="",
        description="Area code of the office, as dialled from another area of the country.",
        examples=["0755"],
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
    on_net: tuple[Annotated[str, AfterValidator(_form)], ...] = Field(
        default=(),
        description="Forms of the numbers of other sites, an `x` for any digit: calls to and from these are internal ones.",
        examples=[["8xxx"]],
    )


class Branch(Table):
    """A further site, with extensions of its own. What it does not say of itself is as for the site above."""

    name: Annotated[str, AfterValidator(_name)] = Field(
        description="Short name of the branch: sources, the directory and the points name it so.", examples=["branch"]
    )
    timezone: Zone | None = Field(
        default=None, description="IANA time zone of the branch, of its PBX and prices.", examples=["Asia/Urumqi"]
    )
    plan: Annotated[str | Path, BeforeValidator(_plan)] | None = Field(
        default=None, description="Its number plan: `cn`, `generic`, `country`, or your own CSV file.", examples=["cn"]
    )
    country: Annotated[str, AfterValidator(_country_known)] | None = Field(
        default=None, description="Its country, by two letters.", examples=["CN"]
    )
    area_code: Annotated[str, AfterValidator(_area)] | None = Field(
        default=None, description="Its area code, as dialled from another area.", examples=["0991"]
    )
    trunk_access: tuple[Dialled, ...] | None = Field(
        default=None, description="Digits dialled there to get an outside line.", examples=[["0"]]
    )
    on_net: tuple[Annotated[str, AfterValidator(_form)], ...] | None = Field(
        default=None, description="Forms of the numbers of other sites, as dialled there.", examples=[["7xxx"]]
    )
    tariff: FilePath | None = Field(
        default=None, description="CSV file of its prices, in the same currency.", examples=["branch-tariff.csv"]
    )
    holidays: Annotated[str, AfterValidator(_country)] | None = Field(
        default=None, description="Country whose public holidays are its days off; `none` for none.", examples=["CN"]
    )
    exceptions: FilePath | None = Field(
        default=None, description="CSV file of its days that are otherwise: `date,kind`.", examples=["branch-days.csv"]
    )


Days = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Calendar(Table):
    """When the office works. Silence is judged by it, and calls outside of it are found by it."""

    working_days: tuple[Days, ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri"), description="Days of the week that are worked."
    )
    working_hours: tuple[Annotated[str, AfterValidator(_span)], ...] = Field(
        default=("08:30-17:30",),
        description="Hours of such a day that are worked, one or several spans.",
        examples=[["08:30-12:00", "13:30-17:30"]],
    )
    holidays: Annotated[str, AfterValidator(_country)] = Field(
        default="CN",
        description="Country whose public holidays are days off, by its two letters; `none` for none. Of China (`CN`) the "
        "days made up are known, too, once they are announced.",
        examples=["CN"],
    )
    exceptions: FilePath | None = Field(
        default=None,
        description="CSV file of days that are otherwise: `date,kind`, the kind `holiday` or `working`.",
        examples=["days.csv"],
    )


class Alarms(Table):
    """Who is told when something is wrong, and after how long. The log, `smdr status` and the metrics always tell."""

    webhook: Url | None = Field(
        default=None,
        description="Address that every alarm and its end are posted to, as JSON.",
        examples=["http://127.0.0.1:9000/alarms"],
    )
    webhook_token_file: FilePath | None = Field(
        default=None, description="File with the token sent to it as `Bearer`.", examples=["webhook.token"]
    )
    mail_to: tuple[Annotated[str, AfterValidator(_mail)], ...] = Field(
        default=(), description="Addresses that every alarm and its end are mailed to.", examples=[["pbx@example.com"]]
    )
    mail_from: Annotated[str, AfterValidator(_mail)] = Field(
        default="smdr@localhost", description="Address the mails are from.", examples=["smdr@example.com"]
    )
    mail_server: Annotated[str, AfterValidator(_mail_server)] = Field(
        default="smtp://127.0.0.1:25",
        description="Server that takes the mails: `smtp://`, `smtp+starttls://` or `smtps://`.",
    )
    mail_user: Text | None = Field(
        default=None, description="User at the mail server, where it asks for one.", examples=["smdr"]
    )
    mail_password_file: FilePath | None = Field(
        default=None, description="File that holds that user's password.", examples=["mail.password"]
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="PEM file of the authorities that vouch for webhook and mail server; the system's if not given.",
        examples=["office-ca.pem"],
    )
    link_minutes: Annotated[StrictInt, Field(ge=1, le=10_080)] = Field(
        default=5, description="Minutes that a link may be down."
    )
    output_minutes: Annotated[StrictInt, Field(ge=1, le=10_080)] = Field(
        default=15, description="Minutes that an output may fail to take calls."
    )
    clock_minutes: Annotated[StrictInt, Field(ge=2, le=1440)] = Field(
        default=5, description="Minutes that a PBX clock may be off."
    )
    free_megabytes: Annotated[StrictInt, Field(ge=0, le=1_000_000)] = Field(
        default=500, description="Room that the disk of the data folder should have left."
    )
    certificate_days: Annotated[StrictInt, Field(ge=0, le=365)] = Field(
        default=14, description="Days that the certificate of a listener should still be valid."
    )
    fault_taken_minutes: Annotated[StrictInt, Field(ge=0, le=43_200)] = Field(
        default=60,
        description="Minutes after which somebody should repair a reported fault; 0 for no limit: see [equipment](equipment.md).",
    )
    fault_solved_hours: Annotated[StrictInt, Field(ge=0, le=8760)] = Field(
        default=24, description="Hours after which a reported fault should be solved; 0 for no limit."
    )
    inspection_days: Annotated[StrictInt, Field(ge=0, le=366)] = Field(
        default=0, description="Days that an inspection round may be late."
    )


class Metrics(Table):
    """Figures for Prometheus, and whether the collector works. Nobody's calls are shown, but there is no login."""

    listen: Annotated[str, AfterValidator(_address)] = Field(
        description="Address and port that answer `/metrics` and `/healthz`.", examples=["127.0.0.1:9464"]
    )
    certificate_file: FilePath | None = Field(
        default=None,
        description="Certificate (PEM, with its chain) with which they are served over HTTPS.",
        examples=["smdr.pem"],
    )
    key_file: FilePath | None = Field(
        default=None, description="The key of the certificate (PEM, not encrypted).", examples=["smdr.key"]
    )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


class Backups(Table):
    """Backups that the collector makes by itself, once a day."""

    folder: FilePath = Field(
        description="Folder the backups go to, best on another disk or computer.", examples=["/srv/backup/smdr"]
    )
    at: Annotated[str, AfterValidator(_time_of_day)] = Field(default="03:00", description="Time of day at the site.")
    keep: Annotated[StrictInt, Field(ge=1, le=1000)] = Field(
        default=14, description="How many are kept; months that are over are stored once for all of them."
    )


class Accounting(Table):
    """What calls cost. Without a tariff they have no cost."""

    tariff: FilePath | None = Field(
        default=None, description="CSV file of prices: see [tariffs](tariffs.md).", examples=["tariff.csv"]
    )
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field(
        default="CNY", description="Currency of the prices, by its three letters."
    )
    decimals: Annotated[StrictInt, Field(ge=0, le=6)] = Field(default=2, description="Decimal places of a call's cost.")
    rounding: Literal["half-up", "half-even", "up", "down"] = Field(
        default="half-up", description="How a call's cost is rounded to them."
    )
    markup_percent: Annotated[str, AfterValidator(_amount)] = Field(
        default="0", description="Percent that are put on top of every cost, before it is rounded.", examples=["5"]
    )
    pulse_price: Annotated[str, AfterValidator(_amount)] | None = Field(
        default=None,
        description="Price of a charging pulse: where the PBX prints pulses, they count and not the tariff.",
        examples=["0.11"],
    )
    trust_pbx: StrictBool = Field(
        default=False, description="Where the PBX prints an amount, that is the cost, and not the tariff's."
    )


class PublishedReport(Table):
    """A report that the collector publishes by itself, once its period is over."""

    name: Name = Field(
        description="Name of the report, and of its files. What was published is known by it: a new name begins anew.",
        examples=["departments"],
    )
    kind: Literal["department", "person", "trunk", "number", "operators", "budgets", "violations"] = Field(
        description="What it is of: see [reports](reports.md).", examples=["department"]
    )
    period: Literal["day", "week", "month", "quarter", "year"] = Field(
        default="month", description="The period it is of, in the calendar of the site."
    )
    at: Annotated[str, AfterValidator(_time_of_day)] = Field(
        default="06:00", description="Time of day at the site at which it is published, on the day after the period."
    )
    format: Literal["text", "csv", "xlsx", "pdf"] = Field(default="pdf", description="How it is written.")
    language: Literal["zh", "en"] | None = Field(
        default=None, description="Its language; the site's if not given.", examples=["zh"]
    )
    of: Text | None = Field(
        default=None, description="Of one department and those below it, one person or trunk.", examples=["Sales"]
    )
    site: Text | None = Field(default=None, description="Of one site only.", examples=["branch"])
    calls: StrictBool | None = Field(
        default=None, description="Whether each call stands in it; if not given, in that of persons.", examples=[False]
    )
    unmasked: StrictBool = Field(
        default=False, description="Show all digits of outside numbers; else the last four are masked."
    )
    to: tuple[Annotated[str, AfterValidator(_mail)], ...] = Field(
        default=(),
        description="Addresses it is mailed to, through the mail server of `[alarms]`.",
        examples=[["office@example.com"]],
    )
    folder: FilePath | None = Field(
        default=None, description="Folder it is written to; this, or `to`, or both.", examples=["/srv/reports"]
    )


class Retention(Table):
    """For how long things are kept, in months; without this table for ever. Hourly sums always stay."""

    raw_months: Annotated[StrictInt, Field(ge=1, le=1200)] = Field(
        description="Months for which the bytes that came in are kept. Calls cannot be made anew from what is gone.",
        examples=[24],
    )
    calls_months: Annotated[StrictInt, Field(ge=1, le=1200)] | None = Field(
        default=None, description="Months for which calls are kept; not less than `raw_months`.", examples=[60]
    )
    personal_months: Annotated[StrictInt, Field(ge=1, le=1200)] | None = Field(
        default=None,
        description="Months after which numbers, persons and codes are taken out of calls; not less than `raw_months`.",
        examples=[24],
    )


class Office(Table):
    """The tables of the office: what may be spent on calls, who approves them."""

    budgets: FilePath | None = Field(
        default=None,
        description="CSV file of what departments, persons, posts and phones may spend: see [budgets](budgets.md).",
        examples=["budgets.csv"],
    )
    approvers: FilePath | None = Field(
        default=None,
        description="CSV file of who approves calls of a department: see [approvals](approvals.md).",
        examples=["approvers.csv"],
    )
    roster: FilePath | None = Field(
        default=None,
        description="CSV file of who is at the switchboard when: see [the switchboard](switchboard.md).",
        examples=["roster.csv"],
    )
    codes: FilePath | None = Field(
        default=None,
        description="CSV file of who has which account or authorisation code: see [rules](rules.md).",
        examples=["codes.csv"],
    )


class Rules(Table):
    """What calls are judged by: see [rules](rules.md). A key is named after its rule."""

    off: tuple[RuleName, ...] = Field(
        default=(), description="Rules that calls are not judged by.", examples=[["ip-prefix"]]
    )
    judge_minutes: Annotated[StrictInt, Field(ge=0, le=1440)] = Field(
        default=5,
        description="How often the collector judges what is new, in minutes; 0: only `smdr violations judge` does.",
    )
    alarm: tuple[RuleName, ...] = Field(
        default=("fraud-night", "fraud-short", "fraud-country"),
        description="Rules of which each violation is an alarm, until something is done about it.",
    )
    duty_extensions: tuple[Phone, ...] = Field(
        default=(),
        description="Phones that are on duty around the clock: off hours calls may be made from them, and are to be answered.",
        examples=[["138"]],
    )
    ip_prefixes: tuple[Dialled, ...] = Field(
        default=("17909",),
        description="Prefixes of carriers that long-distance calls are to be dialled with; what the first would have saved "
        "is told.",
    )
    approval_days: Annotated[StrictInt, Field(ge=0, le=366)] = Field(
        default=3, description="Days after a long-distance call within which it may still be approved."
    )
    approval_factor: Annotated[str, AfterValidator(_amount)] = Field(
        default="2",
        description="How many times its cost a long-distance call is charged that was not approved in time.",
    )
    fine_domestic: Annotated[str, AfterValidator(_amount)] = Field(
        default="50", description="Fine for a call to another area of the country without approval."
    )
    fine_hk_macau_taiwan: Annotated[str, AfterValidator(_amount)] = Field(
        default="100", description="Fine for a call to Hong Kong, Macau or Taiwan without approval."
    )
    fine_international: Annotated[str, AfterValidator(_amount)] = Field(
        default="500", description="Fine for a call to another country without approval."
    )
    private_minutes: Annotated[StrictInt, Field(ge=0, le=1440)] = Field(
        default=3, description="Minutes that a private call may last."
    )
    private_codes: tuple[Text, ...] = Field(
        default=(), description="Account or authorisation codes that private calls are made with.", examples=[["9"]]
    )
    private_numbers: tuple[Dialled, ...] = Field(
        default=(),
        description="Numbers of outside parties that are private ones.",
        examples=[["13900000001"]],
    )
    missed_minutes: Annotated[StrictInt, Field(ge=1, le=10_080)] = Field(
        default=60, description="Minutes within which a missed call is returned."
    )
    missed_posts: tuple[Text, ...] = Field(
        default=(),
        description="Posts that are to answer at any hour; others in working time.",
        examples=[["manager"]],
    )
    missed_allowance: Annotated[str, AfterValidator(_amount)] = Field(
        default="0",
        description="Allowance of a month, which a missed call that was not returned takes away.",
        examples=["100"],
    )
    missed_year_at: Annotated[StrictInt, Field(ge=1, le=12)] = Field(
        default=3, description="At how many missed calls in a year the allowance of the whole year is taken away."
    )
    fraud_night_hours: Annotated[str, AfterValidator(_night)] = Field(
        default="22:00-06:00", description="Hours of the night."
    )
    fraud_night_calls: Annotated[StrictInt, Field(ge=1, le=100_000)] = Field(
        default=10, description="Calls of one phone in a night from which on they are suspicious."
    )
    fraud_short_seconds: Annotated[StrictInt, Field(ge=0, le=3600)] = Field(
        default=10, description="Seconds of talk up to which a call is a short one."
    )
    fraud_short_calls: Annotated[StrictInt, Field(ge=1, le=100_000)] = Field(
        default=30, description="Short calls of one phone in a day from which on they are suspicious."
    )
    fraud_country_days: Annotated[StrictInt, Field(ge=1, le=3660)] = Field(
        default=90, description="Days without a call to a country after which it is a new one."
    )


class Ldap(Table):
    """A directory server, LDAP or Active Directory, that `smdr directory sync` asks who holds which extension."""

    url: Annotated[str, AfterValidator(_ldap)] = Field(
        description="The server: `ldaps://host`, or `ldap://host`, which is asked for TLS unless it is this machine.",
        examples=["ldaps://ldap.example"],
    )
    base: Text = Field(description="Where in its tree the people are.", examples=["ou=people,dc=example"])
    user: Text | None = Field(
        default=None, description="Name to log in with; without one nobody logs in.", examples=["cn=smdr,dc=example"]
    )
    password_file: FilePath | None = Field(
        default=None, description="File that holds that user's password.", examples=["ldap.password"]
    )
    filter: Text = Field(default="(objectClass=person)", description="Which entries are people.")
    extension: Text = Field(default="telephoneNumber", description="Attribute that has the extension, or several.")
    extension_digits: Annotated[StrictInt, Field(ge=0, le=12)] = Field(
        default=0, description="So many last digits of it are the extension; 0 for all its digits."
    )
    person: Text = Field(default="displayName", description="Attribute that has the person's name.")
    department: Text = Field(default="department", description="Attribute that has the department.")
    site: Text | None = Field(
        default=None,
        description="Attribute that has the site, by its name, where there are several.",
        examples=["physicalDeliveryOfficeName"],
    )
    post: Text = Field(default="title", description="Attribute that has the post.")
    ca_file: FilePath | None = Field(
        default=None,
        description="PEM file of the authorities that vouch for the server; those of the system if not given.",
        examples=["office-ca.pem"],
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
    site: Text | None = Field(
        default=None, description="The branch that it is at; that of `[site]` if not given.", examples=["branch"]
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
        default=None,
        description="Order of day, month and year, where it can be set on the PBX. If not given, the dates themselves tell "
        "whether day or month comes first; `smdr status` shows how sure that is.",
    )
    allow: tuple[Peer, ...] = Field(
        default=(),
        description="Addresses or networks that may send to `tcp-listen` and `syslog` inputs; needed where these are not loopback.",
        examples=[["192.0.2.10"]],
    )
    certificate_file: FilePath | None = Field(
        default=None,
        description="Certificate (PEM, with its chain) with which `tcp-listen` and `syslog-tcp` inputs speak TLS. A renewed "
        "one is taken for the next connection.",
        examples=["smdr.pem"],
    )
    key_file: FilePath | None = Field(
        default=None, description="The key of the certificate (PEM, not encrypted).", examples=["smdr.key"]
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
    silence_minutes: Annotated[StrictInt, Field(ge=0, le=10_080)] = Field(
        default=10,
        description="Minutes without a record that are never an alarm. Beyond them it is one where the same hours of the "
        "weeks before never were that quiet; 0 turns the alarm off.",
    )
    nudge: StrictBool = Field(
        default=False,
        description="Open the link anew when it is silent for too long, before the alarm: helps where the PBX or an adapter "
        "hangs until then.",
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
    ca_file: FilePath | None = Field(
        default=None,
        description="PEM file of the authorities that vouch for the server; those of the system if not given.",
        examples=["office-ca.pem"],
    )


def _with(table: AnyTable, said: dict[str, object]) -> AnyTable:
    """A table with those of its keys that are said otherwise."""
    return table.model_copy(update={key: value for key, value in said.items() if key in type(table).model_fields})


@dataclass(frozen=True)
class Config:
    """A whole configuration. ``warnings`` are problems it can run with, ``formats`` the site's own.

    ``whole`` is that of all sites, where it is the configuration as one of several has it.
    """

    path: Path
    site: Site
    sources: tuple[Source, ...]
    outputs: tuple[Output, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    alarms: Alarms = field(default_factory=Alarms)
    metrics: Metrics | None = None
    backup: Backups | None = None
    retention: Retention | None = None
    reports: tuple[PublishedReport, ...] = ()
    office: Office = field(default_factory=Office)
    ldap: Ldap | None = None
    accounting: Accounting = field(default_factory=Accounting)
    rules: Rules = field(default_factory=Rules)
    branches: tuple[Branch, ...] = ()
    whole: Config | None = None
    warnings: tuple[Problem, ...] = ()
    formats: tuple[Format, ...] = ()

    @property
    def certificates(self) -> list[Path]:
        """The certificates that listeners serve with, each once."""
        named = [source.certificate_file for source in self.sources]
        named.append(self.metrics.certificate_file if self.metrics else None)
        return list(dict.fromkeys(filter(None, named)))

    @property
    def sites(self) -> tuple[str, ...]:
        """The names of all sites, that of ``[site]`` first."""
        whole = self.whole or self
        return (whole.site.name, *(branch.name for branch in whole.branches))

    def site_of(self, source: str) -> str:
        """The name of the site a source is at; one that is not configured any more is at the first."""
        whole = self.whole or self
        return next((one.site for one in whole.sources if one.name == source and one.site), whole.site.name)

    def phone(self, source: str, extension: str) -> str:
        """How a phone is named among those of all sites: one of a branch with its name in front, ``branch/201``."""
        return self.name_of(self.site_of(source), extension)

    def name_of(self, site: str, extension: str) -> str:
        """`phone`, of an extension of a site."""
        return extension if site == self.sites[0] else f"{site}/{extension}"

    def at(self, site: str) -> Config:
        """The configuration as a site has it: with its own settings, tables and sources. Raises `UserError`."""
        if site not in self.sites:
            raise UserError(f'There is no site "{site}"; {choices(site, self.sites)}.')
        if self.whole:
            return self.whole.at(site)
        if not self.branches:
            return self
        sources = tuple(one for one in self.sources if self.site_of(one.name) == site)
        own = replace(self, sources=sources, branches=(), whole=self)
        branch = next((one for one in self.branches if one.name == site), None)
        if branch is None:
            return own
        said = {key: value for key, value in branch if value is not None}
        return replace(
            own,
            site=_with(self.site, said),
            accounting=_with(self.accounting, said),
            calendar=_with(self.calendar, said),
        )

    def of(self, source: str) -> Config:
        """The configuration as the site of a source has it."""
        return self.at(self.site_of(source))
