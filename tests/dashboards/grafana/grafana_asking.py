"""A panel's query, made ready and asked the way Grafana does, and its answer as rows.

Follows Grafana's InfluxDB data source: variables are filled in by the browser (``templateSrv``), then
``$timeFilter`` and ``$__interval`` by the server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from servers import Influxd

ALL = "$__all"
Row = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """What a user has chosen: a range (UTC seconds, both ends included as Grafana does) and variables."""

    first: int
    last: int
    period: str = "day"
    interval: str = "1h"
    tz: str = "UTC"
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def fits(
        self, tags: dict[str, str], filters: Sequence[str] = ("site", "source", "department", "extension")
    ) -> bool:
        return all(name not in filters or tags[name] in chosen for name, chosen in self.tags.items())

    def before(self) -> Choice:
        """Return the range of the same length just before this one."""
        return replace(self, first=2 * self.first - self.last, last=self.first)


def interpolate(query: str, choice: Choice, variables: dict[str, dict[str, Any]]) -> str:
    """Fill in a query. ``variables`` are the dashboard's, by name."""

    def fill(match: re.Match[str]) -> str:
        name, form = match["name"], match["form"]
        if name in {"__from", "__to"}:
            return str(1000 * (choice.first if name == "__from" else choice.last))
        if name == "period":
            return choice.period
        if name == "tz":
            return choice.tz
        chosen = choice.tags.get(name)
        assert form == "regex", match[0]
        return str(variables[name]["allValue"]) if chosen is None else as_regex(chosen)

    text = re.sub(r"\$\{(?P<name>\w+)(?::(?P<form>\w+))?\}", fill, query)
    text = text.replace("$timeFilter", f"time >= {choice.first}000ms and time <= {choice.last}000ms")
    text = text.replace("$__interval", choice.interval)
    assert "$" not in text.replace("$/", ""), text
    return text


def as_regex(values: Sequence[str]) -> str:
    """Grafana's ``:regex`` format."""
    escaped = [re.sub(r"[\\^$*+?.()|\[\]{}/]", lambda match: "\\" + match[0], value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def ask(influxd: Influxd, database: str, text: str) -> list[Row]:
    """Ask InfluxDB; each row holds its group-by tags, its columns that are not null, and ``time`` in seconds."""
    answers = influxd.rows(text, database)
    rows = [{name: value for name, value in row.items() if value is not None} for row in answers]
    return [row | {"time": row["time"] // 10**9} for row in rows if set(row) - {"time"}]


def of_the_office(panel: dict[str, Any]) -> bool:
    """Whether a panel shows what stands in the office's books."""
    return bool(
        re.search(r'FROM "(violations|budget|month_cost|number_range|operator_day)"', str(panel.get("targets")))
    )
