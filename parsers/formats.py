"""What a format is, and the list of all of them.

A format is a declaration: layouts (Construct), a function that gives a line's cells their meaning, what its page
headings look like, how its legs belong together, and sample lines. The decoder is derived from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

import msgspec

from parsers.continuing import unwrapped
from parsers.layout import arranged
from parsers.records import Leg, Noise, Record, Rejected
from parsers.stamps import DateOrder, Stamps

if TYPE_CHECKING:
    from datetime import datetime
    from types import ModuleType

    from parsers.blocks import Blocks
    from parsers.continuing import Continued
    from parsers.layout import Cells, Layout, Matcher
    from parsers.records import Direction, Outcome

_FAMILIES = (
    "panasonic",
    "panasonic_dbs",
    "panasonic_kxt",
    "siemens",
    "siemens_columns",
    "siemens_masks",
    "avaya",
    "mitel",
    "samsung",
    "lg",
    "samsung_nx",
    "lg_gps",
    "multicom",
    "hybrex",
    "telrad",
    "ericsson",
    "alcatel",
    "nec",
    "nec_flexible",
    "nortel",
    "nortel_bcm",
    "nortel_norstar",
    "nortel_realtime",
    "definity",
    "avaya_cm",
    "asterisk",
    "freeswitch",
    "threecx",
    "fritzbox",
    "fritzbox_list",
    "beronet",
    "cisco",
    "alcatel_oxe",
    "ascotel",
    "comdial",
    "nec_ipk",
    "shenou",
    "shoretel",
    "vodavi",
    "toshiba",
    "zte",
    "toshiba_dk",
)

_NEVER = "(?!)"
_MOSTLY_TEXT = 0.9
_CONTROLS = "".join(map(chr, (*range(9), *range(10, 32), 127)))
"""What is stripped from both ends of a line: line ends, padding NULs, XON and XOFF, and the like."""
_LEFT_OUT = dict.fromkeys(map(ord, _CONTROLS))
_BLANKED = dict.fromkeys(map(ord, _CONTROLS), " ")

Decoder = Callable[[bytes, int, float], Record]
"""``decoder(frame, offset, received)``: never raises, whatever the bytes."""


class Line(msgspec.Struct, gc=False):
    """One line whose cells fit a layout, as handed to a format's `read`."""

    cells: Cells
    layout: int
    """which of the format's layouts fitted"""
    text: str
    offset: int
    received: float


class Planned(NamedTuple):
    """A leg to be printed: what the simulator hands to `Format.line`. Times are local wall clock; seconds are whole."""

    start: datetime
    end: datetime
    direction: Direction
    outcome: Outcome
    extension: str
    ring_s: int
    talk_s: int
    trunk: str | None = None
    number: str | None = None
    peer_extension: str | None = None
    transferred: bool = False
    account_code: str | None = None
    serial: int = 0
    """counts the calls: formats that print a call number print this; legs of one call share it"""
    last: bool = True
    """no further leg of this call follows"""
    call_start: datetime | None = None
    """when the call began, on its later legs: some formats print this on every leg"""


class SoFar(Protocol):
    """A call as far as its legs are known: their first start, and the sums."""

    start: int
    direction: Direction
    outcome: Outcome
    extension: str | None
    peer_extension: str | None
    trunk: str | None
    number: str | None
    ring_s: int | None
    talk_s: int | None


@dataclass(frozen=True, slots=True)
class Joining:
    """How legs of a format belong to calls.

    Legs with the same ``key`` may belong together (None: stands alone). ``continues(last, leg)`` tells whether
    ``leg`` goes on with the call whose last leg is ``last``. ``more(leg)``: another leg is to come, so outputs wait for
    it, at most ``open_s``. ``done(leg)``: nothing can follow. A leg that comes in more than ``timeout_s`` after the one
    before begins a new call. ``rings``: an incoming call tells itself while it rings, as a leg of unknown outcome.
    ``adds(call, leg)``: the leg as the call takes it up; what several lines tell together (how long it rang, where each
    tells a moment) is worked out here, and what two lines tell alike is left out. It may take back what an
    earlier leg seemed to say.
    """

    key: Callable[[Leg], str | None]
    continues: Callable[[Leg, Leg], bool]
    more: Callable[[Leg], bool] = lambda _leg: False
    done: Callable[[Leg], bool] = lambda _leg: False
    timeout_s: int = 4 * 3600
    open_s: int = 4 * 3600
    adds: Callable[[SoFar, Leg], Leg] = lambda _call, leg: leg
    rings: bool = False


STANDS_ALONE = Joining(key=lambda _leg: None, continues=lambda _last, _leg: False)


@dataclass(frozen=True, slots=True)
class Format:
    """One vendor's record, with everything the product knows about it.

    ``read(line, stamps)`` turns fitting cells into a leg, or into noise (an event that is no call), or refuses it
    (`Rejected`). ``noise`` maps expressions, matched from a line's start, to kinds of `NOISE`. ``cells`` turns a
    planned leg into the cells of the first layout, or of several lines, each with the number of its layout. ``stamp``
    says whether the printed time is the start or the end of the leg, ``heading`` is what the PBX prints at the top of a
    page (``%d``, ``%m``, ``%y``, ``%Y`` in it are its date: such a heading comes at midnight, too), ``internal`` whether
    it prints calls between extensions, ``incoming`` calls from outside, ``outgoing`` calls to there; ``step_s`` is the step
    of its durations. ``begins`` is an expression of a record's beginning: what is glued in front of one is passed
    over, and the leg says so, unless it is blank. ``cuts`` tells how many characters may be missing where a line
    begins: blanks, when a program has trimmed it, or a first column that the PBX may be set not to print. ``ends`` are
    bytes that end a line beside line ends; ``continued`` tells how a record goes on over several lines.

    ``named(text)``: a heading that names its columns gives the layout of the records behind it, until the next one.
    The cells come to `read` in the order of the first layout. A decoder that begins in mid-stream is given the last
    such heading first.

    ``blocks``: records are no lines but bytes, all of one size; the one layout is `Packed`, ``heading`` what the
    simulator puts in front of the first.
    """

    name: str
    title: str
    status: Literal["verified", "from manual", "site"]
    layouts: tuple[Layout, ...]
    read: Callable[[Line, Stamps], Record]
    noise: tuple[tuple[str, str], ...]
    stamp: Literal["start", "end"]
    transport: str
    samples: tuple[bytes, ...]
    cells: Callable[[Planned], Mapping[str, str] | Sequence[tuple[int, Mapping[str, str]]]]
    order: DateOrder = "dmy"
    ring_time: bool = False
    answered: bool = False
    account_code: bool = False
    internal: bool = True
    incoming: bool = True
    outgoing: bool = True
    step_s: int = 1
    begins: str = _NEVER
    cuts: tuple[int, ...] = ()
    line_end: bytes = b"\r\n"
    ends: bytes = b""
    continued: Continued | None = None
    blocks: Blocks | None = None
    heading: bytes = b""
    named: Callable[[str], Layout | None] = lambda _heading: None
    joining: Joining = field(default=STANDS_ALONE)

    def decoder(self, stamps: Stamps | None = None) -> Decoder:
        """The fast decoder, derived from the layouts; ``stamps`` carries the source's zone and date order."""
        decoder = _decoder if self.blocks is None else _decoder_of_blocks
        return decoder(self, stamps or Stamps(order=self.order, printed=self.stamp))

    @property
    def dated(self) -> bool:
        """Whether the heading tells the day."""
        return b"%" in self.heading

    def page_heading(self, at: datetime) -> bytes:
        """The heading of a page that begins at this moment of the PBX's clock."""
        return at.strftime(self.heading.decode("latin-1")).encode("latin-1") if self.dated else self.heading

    def line(self, leg: Planned) -> bytes:
        """Print one leg the way the PBX does, line end included."""
        cells = self.cells(leg)
        lines = [(0, cells)] if isinstance(cells, Mapping) else cells
        return b"".join(self.layouts[number].build(told) + self.line_end for number, told in lines)


_of_site: dict[str, Format] = {}


@cache
def built_in() -> dict[str, Format]:
    """Every format the product itself declares, by its name."""
    return {declared.name: declared for family in families() for declared in family.FORMATS}


def families() -> tuple[ModuleType, ...]:
    """The modules in which formats are declared."""
    return tuple(import_module(f"parsers.{family}") for family in _FAMILIES)


def know(site: Iterable[Format]) -> None:
    """Have these formats of the site beside the built-in ones, in place of those known before."""
    _of_site.clear()
    _of_site.update((declared.name, declared) for declared in site)


def names() -> tuple[str, ...]:
    """Every format's name, sorted."""
    return tuple(sorted({*built_in(), *_of_site}))


def get(name: str) -> Format:
    """The format called ``name``; KeyError if there is none."""
    return _of_site.get(name) or built_in()[name]


def is_binary(name: str) -> bool:
    """Whether the records of the format called ``name`` are bytes, not text; formats of a site never are."""
    declared = built_in().get(name)
    return declared is not None and declared.blocks is not None


def text_of(frame: bytes) -> str:
    """The text of a frame, as records keep it: latin-1, without the control bytes around it."""
    return frame.decode("latin-1").strip(_CONTROLS)


def _decoder(declared: Format, stamps: Stamps) -> Decoder:
    name, read = declared.name, declared.read
    layouts = list(declared.layouts)
    matchers: list[tuple[int, Matcher]] = [(n, layout.matcher()) for n, layout in enumerate(declared.layouts)]
    noises = [(re.compile(expression).match, kind) for expression, kind in declared.noise]
    moved = _moves(declared)
    joined = unwrapped if declared.continued and declared.continued.wrapped else str

    def understood(text: str, offset: int, received: float) -> Record | None:
        for number, match in matchers:
            cells = match(text)
            if cells is not None:
                return read(Line(cells, number, text, offset, received), stamps)
        return None

    def decode(frame: bytes, offset: int, received: float) -> Record:
        text = joined(text_of(frame))
        record = understood(text, offset, received)
        if record is not None:
            return record
        if not text or text.isspace():
            return Noise(offset, name, _emptiness(frame), text)
        layout = declared.named(text)
        if layout is not None:
            layouts[:] = [layout]
            matchers[:] = [(0, _reordered(layout, declared.layouts[0].names))]
            return Noise(offset, name, "heading", text)
        for front, body in moved(text):
            record = understood(body, offset, received)
            if isinstance(record, Leg) or (record and not front):
                return _moved(record, text, front)
        kind = next((kind for is_noise, kind in noises if is_noise(text)), None)
        return Noise(offset, name, kind, text) if kind else _refuse(declared.name, layouts, text, offset)

    return decode


def _decoder_of_blocks(declared: Format, stamps: Stamps) -> Decoder:
    """Every byte of a binary record is its own: nothing around it is stripped, and nothing is noise."""
    name, read, (layout,) = declared.name, declared.read, declared.layouts
    match = layout.matcher()

    def decode(frame: bytes, offset: int, received: float) -> Record:
        text = frame.decode("latin-1")
        cells = match(text)
        if cells is not None:
            return read(Line(cells, 0, text, offset, received), stamps)
        misfit = layout.misfit(text)
        assert misfit  # noqa: S101  (what the matcher refuses has a place where it does not fit: a test holds the two equal)
        return Rejected(offset, name, misfit.reason, misfit.hint, text)

    return decode


def _reordered(layout: Layout, names: Sequence[str]) -> Matcher:
    """The matcher of ``layout``, its cells in the order of ``names``."""
    match, order = layout.matcher(), arranged(layout, names)

    def matches(text: str) -> Cells | None:
        cells = match(text)
        return None if cells is None else order(cells)

    return matches


def _moves(declared: Format) -> Callable[[str], Iterator[tuple[str, str]]]:
    """Of a line that is no record as it stands, what may be one in it, and the text in front of that."""
    begins = re.compile(declared.begins).finditer
    cuts = [" " * cut for cut in declared.cuts]

    def moved(text: str) -> Iterator[tuple[str, str]]:
        if not text.isprintable():  # XOFF or NUL between two characters, or in place of a blank
            yield from (("", text.translate(controls)) for controls in (_LEFT_OUT, _BLANKED))
        yield from ((text[: begun.start()], text[begun.start() :]) for begun in begins(text, 1))
        yield from (("", cut + text) for cut in cuts)

    return moved


def _moved(record: Record, text: str, front: str) -> Record:
    """A record that is not all its line; blanks and control characters beside it are not worth a word."""
    if isinstance(record, Leg) and front.strip():
        record.extra = (record.extra or {}) | {"glued": front}
    record.raw = text
    return record


def _emptiness(frame: bytes) -> str:
    """The kind of noise of a frame without text."""
    if b"\f" in frame:
        return "form-feed"
    return "control" if frame.strip() else "blank"


def _refuse(name: str, layouts: Sequence[Layout], text: str, offset: int) -> Rejected | Noise:
    """Why a line that fits no layout does not, told of the layout it fits longest."""
    printable = sum(character.isprintable() or character == "\t" for character in text)
    if printable == 0:
        return Noise(offset, name, "control", text)
    if printable < _MOSTLY_TEXT * len(text):
        share = f"{len(text) - printable} of {len(text)} bytes are not text"
        return Rejected(offset, name, "control-bytes", share, text)
    misfits = [misfit for layout in layouts if (misfit := layout.misfit(text))]
    best = max(misfits, key=lambda misfit: misfit.fitted)
    if best.fitted == 0 and best.reason == "bad-field":
        return Rejected(offset, name, "not-this-format", best.hint, text)
    return Rejected(offset, name, best.reason, best.hint, text)
