"""InfluxQL for the panels, with Grafana's variables left in place.

InfluxQL because 1.x, 2.x (through its DBRP mapping) and 3.x all serve it. Four habits hold everywhere:

- a tag is filtered by a regular expression, so that several values or All fit one query; All is ``.*``, which
  InfluxDB matches against a missing tag too;
- a variable is written with its format (``:regex``, ``:raw``), so that Grafana does not guess one;
- buckets are windows of one hour in the site's zone: a day, month, quarter or year of the measurement
  ``traffic`` is one point per series at the bucket's start, and every local midnight begins an hour;
- at most one tag is grouped by where the result is a table: Grafana's streaming reader mixes up the columns of
  several.
"""

from __future__ import annotations

from dataclasses import dataclass

from grafana_foundation_sdk.cog import builder, variants

FILTERS = ("site", "source", "department", "extension")
"""The tags every dashboard filters by; each is a variable of the same name."""

IN_RANGE = "$timeFilter"
BEFORE_RANGE = "time >= ${__from}ms - (${__to}ms - ${__from}ms) AND time < ${__from}ms"
"""As long as the dashboard's range, and just before it."""

PER_HOUR = "\"period\" = 'hour'"
PER_PERIOD = "\"period\" = '${period:raw}'"
INCOMING = "\"direction\" = 'incoming'"
RING_KNOWN = '"ring_known" > 0'
COUNTED = '"calls" > 0'
"""An hour that only holds the tail of an earlier call has no calls: without it, 0/0 would read as 0 %."""

ANSWERED_SHARE = 'sum("answered") / (sum("answered") + sum("unanswered") + sum("busy") + sum("failed")) AS "share"'
OUTCOME_KNOWN = '"answered" + "unanswered" + "busy" + "failed" > 0'
"""Many PBXs do not print whether a call was answered: of theirs there is no share, and not one of 0 %."""

ERLANGS_OF_RANGE = 'sum("held_s") * 1000 / (${__to} - ${__from}) AS "erlangs"'
"""Mean occupancy over the whole range: seconds held over seconds."""


def matching(*tags: str) -> tuple[str, ...]:
    """One condition for each tag: it matches its variable."""
    return tuple(f'"{tag}" =~ /^${{{tag}:regex}}$/' for tag in tags)


def select(
    fields: str,
    measurement: str,
    *conditions: str,
    by: str = "",
    time: str = IN_RANGE,
    filters: tuple[str, ...] = FILTERS,
) -> str:
    """Return one SELECT over `measurement` in the dashboard's range and filters; `by` as from `each`."""
    where = " AND ".join((time, *conditions, *matching(*filters)))
    return f'SELECT {fields} FROM "{measurement}" WHERE {where}{by}'


def each(*tags: str, window: str = "") -> str:
    """Return the GROUP BY for tags and, if given, a window of time in the site's zone; empty windows are left out."""
    groups = [f"time({window})"] if window else []
    groups += [f'"{tag}"' for tag in tags]
    text = " GROUP BY " + ", ".join(groups)
    return f"{text} fill(none) tz('${{tz:raw}}')" if window else text


@dataclass(frozen=True)
class Query(variants.Dataquery, builder.Builder[variants.Dataquery]):
    """One InfluxQL query of a panel. `alias` names its series; `table` asks for rows instead of series."""

    ref: str
    text: str
    alias: str = ""
    table: bool = False

    def build(self) -> variants.Dataquery:
        """Return itself: there is nothing to check."""
        return self

    def to_json(self) -> dict[str, object]:
        """As Grafana's InfluxDB data source stores a query written by hand."""
        return {
            "refId": self.ref,
            "rawQuery": True,
            "query": self.text,
            "resultFormat": "table" if self.table else "time_series",
            **({"alias": self.alias} if self.alias else {}),
        }
