"""Line protocol, read back by a small reader and by the real InfluxDB."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from feeds import WHEN, call, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.config import Site
from collector.outputs.points import call_point, profile_point, tag_value, traffic_point

if TYPE_CHECKING:
    from servers import Influxd

SITE = Site(name="hq", timezone="Asia/Shanghai")
ODD = [
    "\\",
    "a\\",
    "a\\\\",
    "a\\,b",
    "a\\ =b",
    "DOM\\user",
    "a,b=c d",
    '"quoted"',
    "tab\tand\nline\r\n",
    "nul\0",
    "\x7f\x85\x9f",
    "\udc80broken",
    "销售部",
    "😀",
    "#comment",
    "'",
    "e\u0301",
    "\u2028",
    " ",
    "=",
    ",",
]

texts = st.one_of(st.sampled_from(ODD), st.text(max_size=12), st.text(alphabet="\\, =\"'a\n\0", max_size=8))
optional = st.none() | texts
seconds = st.none() | st.integers(0, 100_000)

calls = st.builds(
    call,
    st.integers(0, 10**12),
    start=st.integers(0, 4_000_000_000),
    department=optional,
    extension=optional,
    trunk=optional,
    carrier=optional,
    number=optional,
    did=optional,
    person=optional,
    account_code=optional,
    talk_s=seconds,
    ring_s=seconds,
    hold_s=seconds,
    direction=st.sampled_from(["incoming", "outgoing"]),
    outcome=st.sampled_from(["answered", "unanswered", "busy"]),
    cost=st.none() | st.decimals(0, 1_000_000, places=4).map(str),
)


def written(text: str) -> str:
    """A text as a field keeps it."""
    return re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", text)


def read(line: str) -> tuple[str, dict[str, str], dict[str, Any], int]:
    """Read one line of line protocol, as its grammar says."""
    found = re.fullmatch(r"((?:\\.|[^ ])+) ((?:[^ \"]|\"(?:\\.|[^\"\\])*\")+) (-?\d+)", line)
    assert found is not None, line
    series, fields, time = found.groups()
    measurement, *tags = re.split(r"(?<!\\),", series)
    pairs = [re.split(r"(?<!\\)=", tag) for tag in tags]
    for pair in pairs:
        assert len(pair) == 2, line
    values = re.findall(r"(\w+)=(\"(?:\\.|[^\"\\])*\"|[^,]*)(?:,|$)", fields)
    return (
        measurement,
        {key: re.sub(r"\\([,= ])", r"\1", value) for key, value in pairs},
        {key: read_value(value) for key, value in values},
        int(time),
    )


def read_value(text: str) -> Any:
    if text.startswith('"'):
        return re.sub(r"\\([\"\\])", r"\1", text[1:-1])
    if text in {"true", "false"}:
        return text == "true"
    return int(text[:-1]) if text.endswith("i") else float(text)


@given(calls)
def test_a_line_reads_back_as_the_call(one: Any) -> None:
    measurement, tags, fields, time = read(call_point(one, SITE))
    assert measurement == "call"
    expected = {
        "site": "hq",
        "source": one.source,
        "direction": one.direction,
        "outcome": one.outcome,
        "class": one.class_,
        "department": one.department,
        "extension": one.extension,
        "trunk": one.trunk,
        "carrier": one.carrier,
    }
    assert tags == {key: tag_value(value) for key, value in expected.items() if value}
    assert time == one.start * 10**9 + one.offset % 10**9
    for name in ("number", "did", "person", "account_code"):
        value = getattr(one, name)
        assert fields.get(name) == (None if value is None else written(value))
    for name in ("talk_s", "ring_s", "hold_s"):
        assert fields.get(name) == getattr(one, name)
    assert fields.get("cost") == (None if one.cost is None else float(one.cost))
    assert fields["answered"] == (one.outcome == "answered")
    timed = one.ring_s is not None and one.direction == "incoming" and one.outcome == "answered"
    assert fields.get("within_target") == ((one.ring_s <= 15) if timed else None)
    assert fields.get("rings") == (None if one.ring_s is None else (one.ring_s + 4) // 5)


@given(texts)
def test_a_tag_keeps_what_line_protocol_can_say(text: str) -> None:
    kept = tag_value(text)
    assert len(kept) == len(text)
    assert tag_value(kept) == kept
    if not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]|\\(?=[\\,= ]|$)", text):
        assert kept == text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(calls, min_size=1, max_size=20, unique_by=lambda c: (c.start, c.offset)))
def test_the_real_server_keeps_every_call_as_written(influxd: Influxd, batch: list[Any]) -> None:
    database = influxd.create_database()
    lines = [call_point(one, SITE) for one in batch]
    influxd.write("\n".join(lines), database)
    stored = {
        r.pop("time"): {k: v for k, v in r.items() if v is not None}
        for r in influxd.rows("SELECT * FROM call", database)
    }
    for line in lines:
        _, tags, fields, time = read(line)
        assert stored.pop(time) == tags | fields
    assert not stored
    influxd.query(f'DROP DATABASE "{database}"')


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_in_traffic_and_profile(text: str) -> None:
    sums = row(WHEN // 3600 * 3600, department=text, extension="", trunk="")
    hour = (sums.hour, sums.hour + 3600)
    _, tags, fields, time = read(traffic_point("hq", "hour", sums.dims, hour, sums))
    assert tags["department"] == tag_value(text)
    assert "extension" not in tags
    assert (fields["calls"], fields["cost"], fields["erlangs"], time) == (2, 1.5, 0.025, sums.hour * 10**9)
    line = profile_point("hq", ("pbx1", "incoming", text), sums.hour, ZoneInfo("Asia/Kolkata"), (2, 60, 90))
    _, tags, fields, _ = read(line)
    assert tags == {
        "department": tag_value(text),
        "direction": "incoming",
        "hour": "19",
        "site": "hq",
        "source": "pbx1",
        "weekday": "1",
    }
    assert fields == {"calls": 2, "talk_s": 60, "held_s": 90}
