"""Formats declared in a file: what the file says is what is read, and a file that says wrong is refused with its place."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from construct import ConstructError
from hypothesis import given
from hypothesis import strategies as st

from collector.gathering import framer_of
from collector.simulator.office import Profile
from collector.simulator.printing import reported
from collector.simulator.traffic import Traffic
from parsers import detection, formats, site
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.formats import Format

FILES = {path.stem: path for path in sorted((Path(__file__).parent / "site_formats").glob("*.toml"))}
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
MORNING = datetime(2026, 3, 2, 9)  # noqa: DTZ001  (a PBX's clock knows no zone)
EACH = pytest.mark.parametrize("name", FILES)


def declared(name: str) -> Format:
    return site.declared(tomllib.loads(FILES[name].read_text(encoding="utf-8")))


def faults(name: str, old: str = "", new: str = "") -> list[site.Fault]:
    text = FILES[name].read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(site.FaultyFormatError) as caught:
        site.declared(tomllib.loads(text.replace(old, new, 1)))
    return caught.value.faults


@pytest.fixture
def known() -> Iterator[None]:
    formats.know(declared(name) for name in FILES)
    yield
    formats.know(())


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the captures are not at {CORPUS}")
def test_a_small_file_reads_a_capture_of_a_pbx_nobody_knows() -> None:
    assert len(FILES["gps"].read_text(encoding="utf-8").splitlines()) < 30
    decode = declared("gps").decoder()
    lines = (CORPUS / "goldstar-gps-6a.log").read_bytes().splitlines()
    records = [decode(line, 0, 0.0) for line in lines]
    assert not [record for record in records if isinstance(record, Rejected)]
    legs = [record for record in records if isinstance(record, Leg)]
    printed = [line for line in lines if line[1:5].isdigit()]
    assert len(legs) == len(printed) > 10
    for leg, line in zip(legs, printed, strict=True):
        number, extension, trunk, talk, *_ = line.decode().split()
        assert (leg.pbx_call_id, leg.extension, leg.trunk) == (number, extension, trunk)
        assert leg.talk_s == int(talk[:2]) * 60 + int(talk[3:])
        assert leg.number
        assert leg.start


@EACH
def test_the_samples_are_read_as_the_file_says(name: str) -> None:
    one = declared(name)
    assert one.status == "site"
    for sample in one.samples:
        leg = one.decoder()(sample, 7, datetime(2026, 3, 3, tzinfo=UTC).timestamp())
        assert isinstance(leg, Leg)
        assert (leg.offset, leg.format) == (7, one.name)


@EACH
@given(data=st.data())
def test_damaged_lines_are_refused_and_the_fast_matcher_agrees(name: str, data: st.DataObject) -> None:
    one = _DECLARED.setdefault(name, declared(name))
    line = bytearray(data.draw(st.sampled_from(one.samples)))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(line)))
        line[place : place + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"0", b" ", b";", b":", b"A", b"<", b"\0", b"\xff", b""])
        )
    record = one.decoder()(bytes(line), 0, 0.0)
    assert record.format == one.name
    for layout in one.layouts:
        try:
            parsed = tuple(layout.parse(bytes(line))[cell] for cell in layout.names)
        except ConstructError:
            parsed = None
        assert layout.matcher()(bytes(line).decode("latin-1")) == parsed


_DECLARED: dict[str, Format] = {}


@EACH
def test_a_number_with_too_many_digits_is_none_that_a_database_cannot_hold(name: str) -> None:
    decode = declared(name).decoder()
    for sample in declared(name).samples:
        for digits in re.finditer(rb"\d+", sample):
            record = decode(sample[: digits.start()] + b"9" * 30 + sample[digits.end() :], 0, 0.0)
            told = msgspec.structs.asdict(record).values()
            assert all(value < 1 << 63 for value in told if isinstance(value, int)), record


@EACH
def test_what_is_simulated_is_read_back(name: str) -> None:
    one = declared(name)
    decode = one.decoder()
    for planned in islice(reported(one, Traffic(Profile.office(3000), 3).legs(MORNING)), 300):
        leg = decode(one.line(planned), 0, planned.end.replace(tzinfo=UTC).timestamp())
        assert isinstance(leg, Leg), (one.line(planned), leg)
        assert leg.direction == planned.direction
        assert leg.extension == planned.extension
        assert leg.talk_s in {planned.talk_s, None}
        assert leg.start is not None
        assert abs(leg.start - planned.start.replace(tzinfo=UTC).timestamp()) <= 60 + planned.ring_s + planned.talk_s
        assert leg.number in {planned.number, None} or str(planned.number).startswith(str(leg.number))


@pytest.mark.usefixtures("known")
def test_a_site_format_is_found_among_the_built_in_ones() -> None:
    for name in FILES:
        one = declared(name)
        ranked = detection.rank(one.samples * 3)
        assert one.name in {candidate.name for candidate in ranked}
        assert next(candidate.score for candidate in ranked if candidate.name == one.name) == 1
    assert detection.rank(declared("acme").samples)[0].name == "acme/100"


def test_site_formats_are_known_until_others_are() -> None:
    formats.know([declared("gps")])
    assert formats.get("office/gps").title == "A PBX nobody knows"
    formats.know(())
    assert "office/gps" not in formats.names()
    with pytest.raises(KeyError):
        formats.get("office/gps")


def test_stamps_of_the_end_are_taken_back_by_all_that_was_counted() -> None:
    one = declared("acme")
    leg = one.decoder()(one.samples[0], 0, 0.0)
    assert isinstance(leg, Leg)
    assert leg.start == int(datetime(2026, 3, 2, 9, 2, 10, tzinfo=UTC).timestamp())
    assert leg.resolution_s == 1


def test_headings_are_noise() -> None:
    heading = declared("gps").decoder()(b"  NO   STA  CO   TIME", 0, 0.0)
    assert isinstance(heading, Noise)
    assert heading.reason == "heading"


def test_a_correction_joins_calls_and_prints_like_its_base() -> None:
    one, base = declared("correction"), formats.get("panasonic/kx-td")
    assert one.joining is base.joining
    assert one.layouts[1] is base.layouts[1]
    assert one.order == base.order


@pytest.mark.parametrize(
    ("name", "old", "new", "path", "says"),
    [
        ("gps", '"8-10"', '"7-9"', ("columns", "extension"), '"201" stands in columns 8-10'),
        ("gps", '"13-14"', '"12-13"', ("columns", "trunk"), '"05" stands in columns 13-14'),
        ("gps", '"17-21 mm', '"16-20 mm', ("columns", "talk_s"), '"02:11" stands in columns 17-21'),
        ("gps", '"23-36 MM', '"22-35 MM', ("columns", "start"), '"03/02/26 09:02" stands in columns 23-36'),
        ("gps", '"40-57"', '"41-57"', ("columns", "number"), '"05550120" stands in columns 40-47'),
        ("gps", '"39"', '"38"', ("columns", "direction"), "holds"),
        ("gps", '"17-21 mm:ss"', '"17-20 mm:ss"', ("columns", "talk_s"), "the picture is 5 wide"),
        ("gps", '"17-21 mm:ss"', '"17-21"', ("columns", "talk_s"), "holds '02:11'"),
        ("gps", '"17-21 mm:ss"', '"17-21 MM:ss"', ("columns", "talk_s"), "does not show a talk_s"),
        ("gps", '"23-36 MM/DD/YY hh:mm"', '"23-36"', ("columns", "start"), "needs a picture"),
        ("gps", '"23-36 MM/DD/YY', '"23-36 YY/DD/MM', ("columns", "start"), "order no PBX prints"),
        ("gps", "start = ", "date = ", ("columns", "date"), "does not show a date"),
        ("gps", '"13-14"', '"10-14"', ("columns", "trunk"), "are extension's, too"),
        ("gps", '"13-14"', '"14-13"', ("columns", "trunk"), "there is no column 14-13"),
        ("gps", '"13-14"', "true", ("columns", "trunk"), "expected the place of trunk"),
        ("gps", "trunk =", "trnk =", ("columns", "trnk"), 'unknown column "trnk"'),
        ("gps", 'O = "outgoing"', 'O = "out"', ("direction", "O"), 'not a valid "direction"'),
        ("gps", 'O = "outgoing"', "", ("columns", "direction"), "holds 'O'"),
        ("gps", 'O = "outgoing"', 'O = "incoming"', ("columns", "direction"), 'is "incoming" in sample 1'),
        ("gps", 'O = "', 'OUT = "', ("direction", "OUT"), "does not fit into columns 39-39"),
        ("gps", "NO +STA", "NO +STA(", ("noise", "heading"), "not a regular expression"),
        ("gps", "heading =", "headng =", ("noise", "headng"), "unknown kind of noise"),
        ("gps", '[[sample]]\nline = " 0017', '[[sample]]\nline = "NO STA', ("sample", 0, "line"), "is a page heading"),
        (
            "gps",
            '[[sample]]\nline = " 0017',
            '[[sample]]\nline = "x0017',
            ("columns", "pbx_call_id"),
            "should be blank",
        ),
        ("gps", 'extension = "201"', "extension = 201", ("columns", "extension"), "text stands in quotes"),
        ("gps", "talk_s = 131", "talk = 131", ("sample", 0, "talk"), 'unknown key "talk"'),
        ("gps", "talk_s = 131", "ring_s = 131", ("sample", 0, "ring_s"), "not told in this sample"),
        ("gps", "2026-03-02T09:02:00", '"noon"', ("sample", 0, "start"), "not a time"),
        ("gps", "2026-03-02T09:02:00", "2026-03-02T09:03:00", ("columns", "start"), "is 2026-03-02T09:02:00"),
        ("gps", "O05550120", "\u04220555012", ("sample", 0, "line"), "is not one byte"),
        ("gps", "[columns]", "[fields]", ("fields",), "cannot stand here"),
        ("gps", "office/gps", "Office GPS", ("name",), "cannot be a name"),
        ("gps", "office/gps", "lg/gdk", ("name",), "there is a built-in format"),
        ("gps", 'title = "A PBX nobody knows"', "title = 1", ("title",), "expected printable text"),
        ("gps", "title =", "titel =", ("titel",), "unknown key"),
        ("acme", 'talk_s = "8 h', 'talk_s = "7 h', ("fields", "talk_s"), "field 7 is ring_s, too"),
        ("acme", "ring_s = 7", "ring_s = 12", ("fields", "ring_s"), '"6" stands in field 7'),
        ("acme", 'delimiter = ";"', 'delimiter = "; "', ("delimiter",), "is not one character"),
        ("acme", 'delimiter = ";"', 'delimiter = ":"', ("fields", "time"), "holds the delimiter"),
        ("acme", "extension = 4", 'extension = "4-5"', ("fields", "extension"), "expected the place"),
        ("acme", 'transferred = ["TR"]', 'transferred = "TR"', ("transferred",), "expected a list"),
        ("acme", 'stamp = "end"', 'stamp = "stop"', ("stamp",), 'not a valid "stamp"'),
        ("acme", 'date = "1 YYYY-MM-DD"', "", ("fields",), "do not say when"),
        ("correction", '"60-67"', '"59-66"', ("columns", "duration"), "holds"),
        ("correction", '"60-67"', '"58-67"', ("columns", "duration"), "is always 8 wide"),
        ("correction", '"69-76"', '"64-73"', ("columns", "account"), "overlaps duration"),
        ("correction", '"69-76"', '"70-76"', ("columns", "account"), "should be blank"),
        ("correction", "duration =", "talk_s =", ("columns", "talk_s"), "unknown column"),
        ("correction", "layout = 1", "layout = 3", ("layout",), "has no layout 3"),
        ("correction", "panasonic/kx-td", "panasonic/kx", ("based_on",), "there is no built-in format"),
        ("correction", '"60-67"', '"60-67 hh:mm\'ss"', ("columns", "duration"), "has a place alone"),
        ("renumbered", "extension = 3\ntrunk = 4", "extension = 3", ("fields", "extension"), "field 3 is"),
        ("renumbered", "ring_s = 4", "ring_s = 5", ("sample", 0, "ring_s"), "is 4 in this sample, not 5"),
        ("avaya-97", "sec-dur ", "sec-dura", ("cdr_screen",), 'unknown item "sec-dura"'),
        ("avaya-97", "dialed-num     - 18", "dialed-num     - 17", ("cdr_screen",), "add up to 96, not to 97"),
        ("avaya-97", "time           - 4", "time           - 5", ("cdr_screen",), "time is always 4 long, not 5"),
        ("avaya-97", "calling-num    - 11", "calling-num    -   ", ("cdr_screen",), "calling-num has no length"),
        ("avaya-97", "2: space          - 1", "2:                -  ", ("cdr_screen",), "no item 2 before item 3"),
        ("avaya-97", "17: calling-num", "16: calling-num", ("cdr_screen",), "item 16 stands twice"),
        ("avaya-97", "auth-code ", "acct-code ", ("cdr_screen",), "two items acct-code"),
        ("avaya-97", "line-feed      - 1", "space          - 1", ("cdr_screen",), "nothing ends a record"),
        ("avaya-97", "line-feed      - 1", "space          - 1", ("cdr_screen",), "return stands inside the record"),
        ("avaya-97", "cdr_screen = ", "cdr_screen = 7\nscreen = ", ("cdr_screen",), "expected the text of a screen"),
        ("avaya-97", "[[sample]]", "[columns]\ntrunk = 4\n[[sample]]", ("columns",), "unknown key"),
        ("avaya-97", '"1138"', '"1139"', ("cdr_screen", "calling-num"), 'is "1138" in sample 1, not "1139"'),
        ("avaya-97", '"5550144"', '"4711"', ("cdr_screen", "dialed-num"), '"4711" stands in columns 71-74'),
        ("avaya-97", "00192 7", "0019x 7", ("cdr_screen", "sec-dur"), "column 13-17 (sec-dur) holds '0019x'"),
    ],
)
def test_a_wrong_file_is_refused_at(name: str, old: str, new: str, path: tuple[str | int, ...], says: str) -> None:
    found = faults(name, old, new)
    assert path in {fault.path for fault in found}
    assert any(says in f"{fault.message} {fault.hint}" for fault in found if fault.path == path)


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("avaya")])
def test_a_screen_gives_each_item_its_columns(name: str) -> None:
    one = declared(name)
    (sample, *_), record = one.samples, one.layouts[0]
    assert len(sample) + len(one.line_end) == int(name.split("-")[1])
    assert sorted(one.line_end) == sorted(b"\r\n")
    assert one.order == ("dmy" if name == "avaya-83" else "mdy")
    assert record.build(record.parse(sample)).rstrip() == sample.rstrip()


def test_records_that_end_with_line_feed_and_return_are_told_apart() -> None:
    one = declared("avaya-83")
    framer, decode = framer_of(one), one.decoder()
    stream = b"0302\n\r" + b"".join(sample + one.line_end for sample in one.samples)
    frames = [*framer.feed(0, stream), *framer.finish()]
    assert b"".join(frame.data for frame in frames) == stream
    records = [decode(frame.data, frame.offset, 0.0) for frame in frames]
    assert sum(isinstance(record, Leg) for record in records) == len(one.samples)
    assert {record.reason for record in records if isinstance(record, Noise)} == {"heading", "blank"}
    assert not [record for record in records if isinstance(record, Rejected)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Record length = 0",
        " 1:   -   17:   -  ",
        "1: return - 1 2: line-feed - 1",
        "1: space - 9 2: vdn - 5 3: return - 1",
    ],
)
def test_a_screen_without_a_record_is_refused(text: str) -> None:
    tables = tomllib.loads(FILES["avaya-66"].read_text(encoding="utf-8"))
    with pytest.raises(site.FaultyFormatError):
        site.declared(tables | {"cdr_screen": text})


def test_a_screen_without_a_date_has_its_days_from_lines_of_their_own() -> None:
    text = FILES["avaya-66"].read_text(encoding="utf-8")
    text = text.replace("1: date           - 6", "1: space          - 6").replace("030226", "      ")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("start ="))
    decode = site.declared(tomllib.loads(text)).decoder()
    received = datetime(2026, 3, 9, 12, tzinfo=UTC).timestamp()
    assert isinstance(decode(b"0302", 0, received), Noise)
    leg = decode(site.declared(tomllib.loads(text)).samples[0], 5, received)
    assert isinstance(leg, Leg)
    assert leg.start == int(datetime(2026, 3, 2, 9, 11, 48, tzinfo=UTC).timestamp())


def test_all_faults_of_a_file_are_told_at_once() -> None:
    text = 'name = "x"\nstamp = "stop"\n[columns]\nextension = "0-3"\ntruck = "5-6"\n'
    with pytest.raises(site.FaultyFormatError) as caught:
        site.declared(tomllib.loads(text))
    assert [fault.path for fault in caught.value.faults] == [
        ("name",),
        ("stamp",),
        (),
        ("columns", "extension"),
        ("columns", "truck"),
    ]


_VALUES = st.one_of(st.integers(-2, 99), st.booleans(), st.text(max_size=8), st.lists(st.text(max_size=3), max_size=2))


@EACH
@given(data=st.data())
def test_whatever_stands_in_a_file_is_a_format_or_faults(name: str, data: st.DataObject) -> None:
    tables: dict[str, Any] = tomllib.loads(FILES[name].read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 3))):
        key = data.draw(st.sampled_from(sorted(tables)))
        inner = tables[key]
        if isinstance(inner, dict) and inner and data.draw(st.booleans()):
            inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(_VALUES)
        else:
            tables[key] = data.draw(_VALUES)
    with suppress(site.FaultyFormatError):
        assert site.declared(tables).status == "site"
