"""What the page of attaching a PBX shows: ports, formats that fit, the first calls, and what was written."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from collector.commands import attaching
from collector.config import Link
from collector.store import queries
from dashboards.web import figures
from dashboards.web.markup import Markup, join, table, tag

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

    from collector.commands.attaching import Sample
    from collector.config import Source
    from collector.config.adding import Wanted
    from collector.inputs.ports import Port
    from collector.sniffing import Found
    from dashboards.web.page import Viewer
    from parsers.records import Leg

CANDIDATES_SHOWN = 5
CALLS_SHOWN = 5
_FIRST = """
SELECT start, direction, coalesce(answered_by, extension), number, talk_s FROM calls
WHERE source = ? ORDER BY start LIMIT ?
"""


def ports(found: list[Port], sources: Iterable[Source], viewer: Viewer) -> Markup:
    """Return the table of serial ports, each with the adapter behind it, and why it is not to be had."""
    say, known = viewer.say, list(sources)
    if not found:
        return tag("p", say("attach.no_ports"), class_="note")
    rows = []
    for port in found:
        link = Link("serial", path=port.name)
        reader = attaching.reader_of(link, known)
        hint = say("attach.read_as", source=reader) if reader else port.problem or say("attach.free")
        button = tag("button", say("attach.take"), class_="plain", data_port=str(link), aria_label=f"{port.name}")
        adapter = " · ".join(filter(None, (port.product, port.driver)))
        rows.append(
            [
                tag("td", tag("code", port.name), tag("small", port.device if port.device != port.name else "")),
                tag("td", adapter or figures.NONE),
                tag("td", hint, class_="said"),
                tag("td", "" if reader else button),
            ]
        )
    headings = [say(f"attach.{key}") for key in ("port", "adapter", "state")]
    return table([*headings, ""], rows, "ports")


def candidates(found: Found, viewer: Viewer) -> Markup:
    """Return the formats that fit, with how surely, and why."""
    say = viewer.say
    if not found.formats:
        return tag("p", say("attach.no_format"), class_="note")
    rows = [
        [
            tag("td", tag("b", one.name)),
            tag("td", f"{100 * one.score:.0f} %", class_="figure"),
            tag("td", f"{one.legs} / {one.rejected}", class_="figure"),
            tag("td", "; ".join(one.reasons), class_="said", lang="en"),
        ]
        for one in found.formats[:CANDIDATES_SHOWN]
    ]
    headings: list[str | Markup] = [say("attach.format")]
    headings += [tag("th", say(f"attach.{key}"), class_="figure") for key in ("certainty", "lines")]
    best = found.formats[0]
    rivals = [one.name for one in found.formats[1:CANDIDATES_SHOWN] if one.score == best.score]
    note = tag("p", say("attach.rivals", names=", ".join((best.name, *rivals))), class_="note") if rivals else Markup()
    return join((table([*headings, say("attach.why")], rows, "candidates"), note))


def sample(read: Sample, viewer: Viewer) -> Markup:
    """Return the first legs that a format makes of what was heard."""
    say = viewer.say
    told = tag("p", say("attach.sample", read=read.read, rejected=read.rejected), class_="note")
    if not read.legs:
        return told
    headings = [say(f"field.{key}") for key in ("start", "direction", "extension", "number", "talk_s")]
    return join((told, table(headings, (_leg(leg, viewer) for leg in read.legs), "sample")))


def _leg(leg: Leg, viewer: Viewer) -> list[Markup]:
    texts = (
        figures.moment(leg.start, viewer.zone) if leg.start is not None else figures.NONE,
        viewer.name("direction", leg.direction),
        leg.extension or figures.NONE,
        leg.number or leg.peer_extension or figures.NONE,
        figures.duration(leg.talk_s),
    )
    return [tag("td", text) for text in texts]


def by_hand(why: str, path: Path, wanted: Wanted, viewer: Viewer) -> Markup:
    """Return what is to be added by somebody who may write the file."""
    say = viewer.say
    return join(
        (
            tag("p", why, class_="trouble", lang="en"),
            tag("p", say("attach.by_hand", path=path)),
            tag("pre", wanted.toml()),
        )
    )


def written(path: Path, kept: Path, viewer: Viewer) -> Markup:
    """Return what was done, and where the file before is."""
    return tag("p", viewer.say("attach.done", path=path, kept=kept.name), class_="told")


def handed(size: int, viewer: Viewer, *, is_over: bool, lost: str) -> Markup:
    """Return what becomes of the bytes that were heard here."""
    if lost:
        return tag("p", viewer.say("attach.lost", why=lost), class_="trouble")
    return tag("p", viewer.say("attach.handed" if is_over else "attach.handing", size=f"{size:,}"), class_="note")


def reading(line: dict[str, Any] | None, calls: list[tuple[Any, ...]], viewer: Viewer) -> Markup:
    """Return how the new source is read: the state of its link, and its first calls."""
    say = viewer.say
    if line is None:
        return tag("p", say("attach.not_yet"), class_="note")
    state = line["state"]
    told = tag(
        "p",
        tag("i", class_=f"dot {state}"),
        " ",
        tag("b", line["name"]),
        f" · {say(f'console.link.{state}')} · {line['detail']}",
    )
    if state == "stopped":
        return join((told, tag("p", say("console.stopped_note"), class_="trouble")))
    if not calls:
        return join((told, tag("p", say("attach.waiting"), class_="note")))
    rows = [
        [
            tag("td", figures.moment(start, viewer.zone)),
            tag("td", viewer.name("direction", direction)),
            tag("td", extension or figures.NONE),
            tag("td", number or figures.NONE),
            tag("td", figures.duration(talk_s)),
        ]
        for start, direction, extension, number, talk_s in calls
    ]
    headings = [say(f"field.{key}") for key in ("start", "direction", "extension", "number", "talk_s")]
    return join((told, tag("p", say("attach.recorded"), class_="told"), table(headings, rows, "recorded")))


def first_calls(path: Path, source: str) -> list[tuple[Any, ...]]:
    """The first calls that were recorded of a source; none while there is no calls.db."""
    try:
        with closing(queries.connect(path)) as db:
            return _asked(db, source)
    except FileNotFoundError:
        return []


def _asked(db: sqlite3.Connection, source: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.execute(_FIRST, (source, CALLS_SHOWN))]
