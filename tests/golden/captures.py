"""Captures of real PBXs, read in place beside the project; what they say was checked by eye.

The numbers on record here are sums and a digest: the captures themselves stay where they are.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collector.commands.parse import CaptureReader
from collector.framing import Framer
from collector.gathering import framer_of
from collector.rendering import line, record_row
from parsers import formats
from parsers.records import Leg, Noise, Rejected

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
GOLDEN = Path(__file__).with_name("captures.json")

FORMATS = {
    "3cx-cdr": "3cx/cdr",
    "alcatel-4200": "alcatel/4200",
    "asterisk-cdr-csv": "asterisk/cdr",
    "asterisk-cel-csv": "asterisk/cel",
    "avaya-ip-office": "avaya/ip-office",
    "beronet-csv": "beronet/csv",
    "cisco-cme-syslog": "cisco/cme",
    "definity": "avaya/definity",
    "ericsson-bp-250": "ericsson/bp250",
    "freeswitch-cdr-csv": "freeswitch/cdr",
    "fritzbox-callmonitor": "fritzbox/callmonitor",
    "goldstar-gps-6a": "lg/gps",
    "hipath3000-compressed": "siemens/hipath-compressed",
    "hipath3000-compressed-manual": "siemens/hipath-compressed",
    "hybrex-gd-320": "hybrex/gd-320",
    "lg-gdk-100": "lg/gdk",
    "lg-gdk-162": "lg/gdk",
    "lg-ghx-46-variant-1": "lg/ghx",
    "lg-gmx-1232": "lg/ghx",
    "lg-ldk-100-variant-1": "lg/ldk",
    "lg-ldk-100-variant-2": "lg/ldk",
    "lg-ldk-300": "lg/ldk",
    "meridian-1-variant-1": "nortel/meridian-1",
    "meridian-1-variant-2": "nortel/meridian-1",
    "mitel": "mitel/3300",
    "multicom-a416-a632": "multicom/maxicom",
    "multicom-bs-24100": "multicom/maxicom",
    "multicom-c1248": "multicom/maxicom",
    "multicom-maxicom-mp80": "multicom/maxicom",
    "nec-neax2000-ips": "nec/neax",
    "openscape-office-pipe": "siemens/hipath-pipe",
    "panasonic-816": "panasonic/kx-td",
    "panasonic-dbs-90": "panasonic/dbs",
    "panasonic-kx-t1232": "panasonic/kx-ta",
    "panasonic-kx-t1232-ru": "panasonic/kx-td-ru",
    "panasonic-kx-t336100b": "panasonic/kx-t336",
    "panasonic-kx-ta308": "panasonic/kx-ta",
    "panasonic-kx-ta308ru-2": "panasonic/kx-ta",
    "panasonic-kx-ta616": "panasonic/kx-ta",
    "panasonic-kx-td-500": "panasonic/kx-td500",
    "panasonic-kx-td1232": "panasonic/kx-td",
    "panasonic-kx-td1232-p271f": "panasonic/kx-td",
    "panasonic-kx-td1232-p271f-2": "panasonic/kx-td",
    "panasonic-kx-td500-type-a": "panasonic/kx-td500",
    "panasonic-kx-td500-type-b": "panasonic/kx-td500",
    "panasonic-kx-td500-type-c": "panasonic/kx-td500",
    "panasonic-kx-td500-type-d": "panasonic/kx-td500",
    "panasonic-kx-tda100-a": "panasonic/kx-tda",
    "panasonic-kx-tda100-b": "panasonic/kx-tda",
    "panasonic-kx-tda100-c": "panasonic/kx-tda",
    "panasonic-kx-tda600": "panasonic/kx-tda",
    "panasonic-kx-tem824": "panasonic/kx-ta",
    "panasonic-patternb-sitea-masked": "panasonic/kx-tda",
    "panasonic-patternb-siteb-masked": "panasonic/kx-tda",
    "samsung-dcs": "samsung/officeserv",
    "samsung-dcs-compact-ii": "samsung/officeserv",
    "samsung-idcs-500": "samsung/officeserv",
    "samsung-nx-1232": "samsung/nx",
    "samsung-nx-820-variant-1": "samsung/nx",
    "samsung-nx-820-variant-2": "samsung/nx",
    "samsung-officeserv-7200": "samsung/officeserv",
    "samsung-skp-36hx": "samsung/skp-36hx",
    "samsung-skp-816": "samsung/skp-816",
    "siemens-hicom-118": "siemens/hicom-118",
    "siemens-hicom-250": "siemens/hicom-250",
    "siemens-hicom-350h": "siemens/hicom-350h",
    "siemens-hipath-3750": "siemens/hipath-pipe",
    "telrad": "telrad/smdr",
}
"""The captures of the supported formats, by file name."""

_ZONE = ZoneInfo("Europe/Moscow")
_RECEIVED = 1_735_700_000.0
"""1 January 2025: the years of formats that print none are counted back from here."""


def path_of(capture: str) -> Path:
    return CORPUS / f"{capture}.log"


def lines_of(capture: str) -> list[bytes]:
    framer = Framer(0)
    frames = [*framer.feed(0, path_of(capture).read_bytes()), *framer.finish()]
    return [frame.data for frame in frames if not frame.tail]


def frames_of(capture: str) -> list[bytes]:
    framer = framer_of(formats.get(FORMATS[capture]))
    frames = [*framer.feed(0, path_of(capture).read_bytes()), *framer.finish()]
    return [frame.data for frame in frames if not frame.tail]


def summary_of(capture: str) -> dict[str, Any]:
    """What is on record of a capture: counts, sums, and a digest of everything its legs say."""
    reader = CaptureReader(FORMATS[capture], _ZONE, _RECEIVED, capture)
    records = list(reader.records(io.BytesIO(path_of(capture).read_bytes())))
    legs = [record for record in records if isinstance(record, Leg)]
    digest = hashlib.sha256()
    for leg in legs:
        digest.update(line(record_row(leg, capture, _ZONE)).encode())
    return {
        "format": FORMATS[capture],
        "lines": len(path_of(capture).read_bytes().splitlines()),
        "legs": dict(sorted(Counter(f"{leg.direction} {leg.outcome}" for leg in legs).items())),
        "noise": dict(sorted(Counter(record.reason for record in records if isinstance(record, Noise)).items())),
        "rejected": dict(sorted(Counter(record.reason for record in records if isinstance(record, Rejected)).items())),
        "calls": len(reader.calls),
        "joined": sum(len(call.legs) > 1 for call in reader.calls),
        "doubts": sum("doubt" in (leg.extra or {}) for leg in legs),
        "numbers": sum(leg.number is not None for leg in legs),
        "talk_s": sum(leg.talk_s or 0 for leg in legs),
        "ring_s": sum(leg.ring_s or 0 for leg in legs),
        "ring_known": sum(leg.ring_s is not None for leg in legs),
        "sha256": digest.hexdigest(),
    }


if __name__ == "__main__":  # writes what is read now; the difference is to be read by eye before it is committed
    GOLDEN.write_text(json.dumps({capture: summary_of(capture) for capture in FORMATS}, indent=2) + "\n")
