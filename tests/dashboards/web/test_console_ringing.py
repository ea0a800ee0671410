"""Formats that tell a call while it rings: by the first lines a PBX prints of it, somebody waits; by its last, nobody."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from offices import Office

from collector.config import load
from collector.store import queries
from dashboards.web.board import RINGING

if TYPE_CHECKING:
    from pathlib import Path

ZONE = ZoneInfo("Asia/Shanghai")
CONFIG = """
[site]
name = "hq"
timezone = "Asia/Shanghai"
data = "data"

[[source]]
name = "pbx1"
input = "tcp-listen://127.0.0.1:2300"
format = "{format}"
"""
NORTEL = "*{now:%m%d%y} {now:%H%M%S} 0012         /55501234567 UNKNOWN         D    {event}\r\n\n"
CEL = '"{event}","{now:%Y-%m-%d %H:%M:%S}.000000","","{told}","1795154205.2","","","",""\r\n'
LINE = '55500013","","","","130","from-trunk","DAHDI/01-2","","","3","","1795154205.2'
STATION = '","","","","","from-trunk","SIP/130-00000002","","","3","","1795154205.21'


def cel(event: str, told: str) -> str:
    return CEL.replace("{event}", event).replace("{told}", told)


PRINTED = {
    "fritzbox/callmonitor": (
        "{now:%d.%m.%y %H:%M:%S};RING;0;02155501234;5550100;SIP0;\r\n",
        "{now:%d.%m.%y %H:%M:%S};DISCONNECT;0;0;\r\n",
    ),
    "asterisk/cel": (cel("CHAN_START", LINE) + cel("CHAN_START", STATION), cel("LINKEDID_END", LINE)),
    "nortel/norstar-realtime": (NORTEL.replace("{event}", "G"), NORTEL.replace("{event}", "N")),
}
"""Of each format what is printed of a call that begins to ring, and the one by which it is over."""


@pytest.mark.parametrize("name", sorted(PRINTED))
def test_who_waits_is_known_from_the_first_line_to_the_last(name: str, tmp_path: Path) -> None:
    (tmp_path / "smdr.toml").write_text(CONFIG.format(format=name), encoding="utf-8")
    office = Office(load(tmp_path / "smdr.toml"))
    counted = []
    for line in PRINTED[name]:
        office.journal(line.format(now=datetime.now(ZONE)).encode())
        office.project()
        with closing(queries.connect(office.config.site.data / "calls.db")) as db:
            assert queries.source_formats(db) == [name]
            counted.append(len(queries.waiting(db, 0)))
    assert counted == [1, 0]


def test_every_format_that_tells_is_tried_above() -> None:
    assert set(PRINTED) == RINGING
