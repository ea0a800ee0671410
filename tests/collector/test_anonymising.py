"""A scrambled capture says the same calls with other numbers; checked on every fixture and every supported capture."""

from __future__ import annotations

import io
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from collector.cli import execute
from collector.commands.anonymising import KEY_BYTES, Scrambler, anonymise
from collector.commands.parse import CaptureReader
from collector.rendering import record_row
from parsers import formats
from parsers.records import Leg

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("golden", "parsers")]
from captures import CORPUS, FORMATS, path_of  # noqa: E402
from fixture_cases import CASES  # noqa: E402

if TYPE_CHECKING:
    from parsers.records import Record

KEY = b"k" * KEY_BYTES
UTC = ZoneInfo("UTC")
RECEIVED = 1_735_700_000.0
MAY_CHANGE = {"raw", "hint", "number", "did", "account_code", "auth_code", "extra"}
LONG = re.compile(r"\d{5,}")

CAPTURES = [
    *(
        pytest.param((case.folder / "raw.bin"), case.format, case.zone, case.received, id=name)
        for name, case in CASES.items()
    ),
    *(
        pytest.param(
            path_of(name),
            format_name,
            UTC,
            RECEIVED,
            id=name,
            marks=pytest.mark.skipif(not CORPUS.is_dir(), reason="the captures are not beside the project"),
        )
        for name, format_name in FORMATS.items()
    ),
]


def read(
    data: bytes, format_name: str, zone: ZoneInfo, received: float
) -> tuple[list[dict[str, Any]], list[list[int]]]:
    """The records of a capture as printed, and the legs of its calls."""
    reader = CaptureReader(format_name, zone, received, "")
    records: list[Record] = list(reader.records(io.BytesIO(data)))
    return [record_row(record, "", zone) for record in records], [list(call.legs) for call in reader.calls]


def staying(row: dict[str, Any]) -> dict[str, Any]:
    """What may not change: all but numbers, codes and names; an extension of 7 digits is a telephone number."""
    extensions = {key for key in ("extension", "peer_extension") if len(row.get(key) or "") > 6}
    return {key: row[key] for key in row.keys() - MAY_CHANGE - extensions}


@pytest.mark.parametrize(("file", "format_name", "zone", "received"), CAPTURES)
def test_a_scrambled_capture_says_the_same_calls_with_other_numbers(
    file: Path, format_name: str, zone: ZoneInfo, received: float
) -> None:
    data = file.read_bytes()
    done = anonymise(data, format_name, zone, received, KEY)
    assert len(done.data) == len(data)
    assert done.unchanged == []
    before, calls = read(data, format_name, zone, received)
    after, calls_after = read(done.data, format_name, zone, received)
    assert calls == calls_after
    for old, new in zip(before, after, strict=True):
        assert staying(old) == staying(new)
        numbers = [number for key in ("number", "did") if (number := old.get(key)) and LONG.search(number)]
        for number in numbers:
            assert number not in new["raw"]


@pytest.mark.parametrize("name", ["bill-file", "damaged"])
def test_no_packed_number_stays_in_a_binary_file_not_even_where_it_is_damaged(name: str) -> None:
    case = CASES[f"zte/zxj10/{name}"]
    header = b"\x01\x31\x09" + bytes.fromhex("5aaaa51aff") + b" Works"  # 05001 000 1, two digits a byte, and a name
    data = header.ljust(123, b"\0") + (case.folder / "raw.bin").read_bytes()[123:]
    done = anonymise(data, case.format, case.zone, case.received, KEY, ("Works",))
    assert len(done.data) == len(data)
    assert done.unchanged == []
    assert b"Works" not in done.data
    two_digits = re.escape(bytes(16 * high + low for high in range(1, 11) for low in range(1, 11)))
    numbers = set(re.findall(b"[%b]{3,}" % two_digits, data))
    assert len(numbers) >= 3
    assert not [number.hex() for number in numbers if number in done.data]
    before, after = (
        list(CaptureReader(case.format, case.zone, case.received, "").records(io.BytesIO(one)))
        for one in (data, done.data)
    )
    assert [type(record) for record in before] == [type(record) for record in after]


def test_what_is_left_of_a_longer_number_behind_a_packed_one_goes_too() -> None:
    declared = formats.get("zte/zxj10")
    record = bytearray(declared.samples[0])
    record[71:79] = bytes.fromhex("21ff" + "31a9aaaa1af2")  # a link number of two digits, and a mobile number
    done = anonymise(declared.heading + record, declared.name, UTC, RECEIVED, KEY)
    assert bytes.fromhex("31a9aaaa") not in done.data
    (leg,) = [
        one
        for one in CaptureReader(declared.name, UTC, RECEIVED, "").records(io.BytesIO(done.data))
        if isinstance(one, Leg)
    ]
    assert (leg.extra or {})["link"] == "12"


def test_every_number_of_a_record_that_is_one_run_of_digits_is_scrambled() -> None:
    case = CASES["nec/neax-flexible/stx-etx"]
    data = (case.folder / "raw.bin").read_bytes()
    done = anonymise(data, case.format, case.zone, case.received, KEY).data
    caller, dialled, converted, shown, telephone = b"0555550142", b"05550174865", b"0174865", b"5550112", b"8111450"
    for number in (caller, dialled, converted, shown, telephone):
        assert number in data
        assert number not in done
        assert data.count(number) == done.count(Scrambler(KEY).number(number))


def test_one_number_stays_one_number_with_and_without_a_prefix() -> None:
    scrambler = Scrambler(KEY)
    number, mobile = scrambler.number(b"05550120"), scrambler.number(b"13900000012")
    assert number == scrambler.number(b"05550120")
    assert number != scrambler.number(b"05550121")
    assert (number[:3], mobile[:6], len(mobile)) == (b"055", b"139000", 11)
    assert scrambler.number(b"9013900000012")[-7:] == mobile[-7:]
    assert scrambler.number(b"+49 (30) 555-01-20")[4:5] + b"-" == b"(-"
    assert Scrambler(b"o" * KEY_BYTES).number(b"05550120") != number


def test_numbers_of_one_length_never_fall_together() -> None:
    scrambler = Scrambler(KEY)
    assert len({scrambler.number(b"5%04d" % number) for number in range(10000)}) == 10000
    assert all(scrambler.number(b"5%04d" % number) != b"5%04d" % number for number in range(10000))


def test_words_and_addresses_keep_their_form() -> None:
    scrambler = Scrambler(KEY)
    assert re.fullmatch(rb"[A-Z][a-z]{4}", scrambler.replaced(b"Smith"))
    assert scrambler.replaced(b"Smith").lower() == scrambler.replaced(b"SMITH").lower()
    assert re.fullmatch(rb"\d{3}\.\d\.\d\.\d\d", scrambler.replaced(b"192.0.2.21"))


def test_a_number_and_the_code_right_behind_it_are_both_replaced() -> None:
    line = b"0047A802       13900000012113808150123      4   0042 1\r\n"
    done = anonymise(line, "avaya/cm-lsu", UTC, RECEIVED, KEY)
    assert (done.numbers, done.unchanged) == (1, [])
    (row,), _ = read(done.data, "avaya/cm-lsu", UTC, RECEIVED)
    assert row["number"].startswith("139000")
    assert row["number"] != "13900000012"
    assert row["extension"] == "1138"
    assert row["extra"]["account_or_auth"] != "08150123"


PANASONIC = (
    b"01/02/07 20:13     109 04 <I>05550120/WILLIAMS      0'07 00:00'12               \r\n"
    b"01/02/07 20:14     110 04 05550120                       00:01'00 0150          \r\n"
    b"01/02/07 20:14     110 04 0555"
)


def test_names_and_codes_are_replaced_too() -> None:
    done = anonymise(PANASONIC, "panasonic/kx-tda", UTC, RECEIVED, KEY)
    assert b"WILLIAMS" not in done.data
    assert b"0150" not in done.data.replace(b"05550120", b"")
    assert done.words == []


def test_a_name_in_a_heading_is_told_and_replaced_when_it_is_given() -> None:
    data = b"---- Site Name : Example Works ----\r\n" + b"6170 413   002 00:00:37 16/05/02 16:43 O5550161\r\n" * 3
    heard = anonymise(data, "lg/ldk", UTC, RECEIVED, KEY)
    assert "Example" in heard.words
    done = anonymise(data, "lg/ldk", UTC, RECEIVED, KEY, ("Example Works",))
    assert b"Example" not in done.data
    assert b"Works" not in done.data
    assert b"Site Name" in done.data


@pytest.fixture
def capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "pbx.log"
    file.write_bytes(PANASONIC)
    return file


def test_the_command_writes_the_capture_and_a_case_that_passes(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["anonymise", "pbx.log", "-o", "out.log", "--case", "case", "--tz", "Asia/Shanghai"]
    assert execute([*asked, "--received", "2007-02-01T21:00:00+08:00"]) == 0
    assert capsys.readouterr().out == "1 different outside numbers of panasonic/kx-tda scrambled.\n"
    assert capture.read_bytes() == PANASONIC
    case = capture.parent / "case"
    assert (case / "raw.bin").read_bytes() == (capture.parent / "out.log").read_bytes()
    declared = tomllib.loads((case / "case.toml").read_text())
    assert (declared["format"], declared["tz"]) == ("panasonic/kx-tda", "Asia/Shanghai")
    assert declared["received"] == "2007-02-01T21:00:00+08:00"
    expected = [json.loads(line) for line in (case / "expected.jsonl").read_text().splitlines()]
    assert [row["kind"] for row in expected] == ["leg", "leg", "rejected"]
    assert execute([*asked, "-o", "again.log"]) == 1
    assert "holds a case already" in capsys.readouterr().err


def test_one_key_scrambles_alike_and_no_key_never_twice(capture: Path) -> None:
    for out, *more in (("a", "--key-file", "key"), ("b", "--key-file", "key"), ("c",), ("d",)):
        assert execute(["anonymise", "pbx.log", "-o", out, *more]) == 0
    written = {name: (capture.parent / name).read_bytes() for name in "abcd"}
    assert written["a"] == written["b"]
    assert len(set(written.values())) == 3
    assert (capture.parent / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["pbx.log"], 2, "with -o, or a folder with --case"),
        (["none.log", "-o", "x"], 1, "There is no file none.log."),
        (["pbx.log", "-o", "pbx.log"], 1, "is the capture itself"),
        (["pbx.log", "-o", "x", "--format", "acme/1"], 1, 'There is no format "acme/1"'),
        (["prose.txt", "-o", "x"], 1, "No known format fits"),
        (["pbx.log", "-o", "x", "--key-file", "prose.txt"], 1, "too short for a key"),
    ],
)
def test_a_mistake_gets_a_sentence(
    capture: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, said: str
) -> None:
    (capture.parent / "prose.txt").write_text("Nothing of a PBX.\n")
    assert execute(["anonymise", *arguments]) == status
    assert said in capsys.readouterr().err
    assert capture.read_bytes() == PANASONIC
    assert not (capture.parent / "x").exists()
