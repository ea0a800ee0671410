"""What one may see of calls.db: views of this connection alone stand in front of its tables, under their names.

So whatever is asked through the connection, now or in a later release, meets only the rows and digits that are meant for
the one who asks: a search finds by the digits that are shown, a sum counts the calls that are shown.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3

    from collector.accounting.departments import Reach

HIDDEN = "****"
"""Stands for the last digits of an outside number; a shorter number is hidden whole."""
_OF_DEPARTMENT = {"calls": "start", "rollups": "hour", "combinations": None}
"""Each with the column that tells when; combinations are of no time: shown is which ones there ever were."""
_MASKED = {
    "number": f"CASE WHEN number IS NOT NULL THEN substr(number, 1, max(0, length(number) - {len(HIDDEN)})) || '{HIDDEN}' END",
    "auth_code": f"CASE WHEN auth_code IS NOT NULL THEN '{HIDDEN}' END",
}


def masked(number: str) -> str:
    """An outside number without its last digits, as the views have it."""
    return number[: -len(HIDDEN)] + HIDDEN if number else number


class Sight(NamedTuple):
    """``reach``: only the calls of a department (None: all); ``masked``: without the last digits of outside numbers.

    In SQL: ``site`` names the site of a call, in a column of its own; ``of_site`` is a condition that it is of one.
    """

    reach: Reach | None = None
    masked: bool = False
    site: str = ""
    of_site: str = ""


EVERYTHING = Sight()


def narrow(connection: sqlite3.Connection, sight: Sight) -> None:
    """Let a connection that reads see no more than this."""
    if sight == EVERYTHING:
        return
    connection.execute("PRAGMA query_only = OFF")  # views of a connection are written down somewhere, too
    for table, at in _OF_DEPARTMENT.items():
        columns = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
        shown = [f"{_MASKED[one]} AS {one}" if sight.masked and one in _MASKED else one for one in columns]
        where = "true" if sight.reach is None else within(sight.reach, at)
        if table == "calls":
            shown += [f"{sight.site} AS site"] if sight.site else []
            where += sight.of_site
        connection.execute(f"CREATE TEMP VIEW {table} AS SELECT {', '.join(shown)} FROM main.{table} WHERE {where}")
    if sight.reach is not None:
        connection.execute(
            "CREATE TEMP VIEW stored_sums AS SELECT summed.* FROM main.stored_sums AS summed"
            f" JOIN main.combinations ON combinations.id = combination WHERE {within(sight.reach, 'hour')}"
        )
        summed = ", ".join(row[1] for row in connection.execute("PRAGMA main.table_info(hours)"))
        connection.execute(f"CREATE TEMP VIEW hours AS SELECT {summed} FROM temp.rollups")
    connection.execute("PRAGMA query_only = ON")


def within(reach: Reach, at: str | None) -> str:
    """The condition in SQL that a row is of a department, by the column that tells when; without one, that it ever was."""
    whole = [stay for stay in reach.stays if at is None or (stay.first, stay.end) == (-inf, inf)]
    terms = [f"department IN ({', '.join(sorted({quoted(stay.department) for stay in whole}))})"]
    for stay in reach.stays:
        if stay not in whole:
            bounds = [f"{at} >= {stay.first:.0f}"] if stay.first > -inf else []
            bounds += [f"{at} < {stay.end:.0f}"] if stay.end < inf else []
            terms.append(" AND ".join([f"department = {quoted(stay.department)}", *bounds]))
    return f"({' OR '.join(terms)})"


def quoted(text: str) -> str:
    """A text in SQL: a view takes no parameters."""
    return "'" + text.replace("'", "''") + "'"
