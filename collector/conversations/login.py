"""A login before the records: wait for a text, send an answer, and so on; after the last answer records follow.

What comes before is dialogue, and so is the echo of the last answer, whole, in other case, or as stars. Texts are
compared without regard to case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from collector.conversations import BANNER, RECORDS, Conversation, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BLANKS = b"\r\n\0"
_MOST_STARS = 64


class Step(NamedTuple):
    """Wait for ``expect`` (nothing: do not wait), then send ``send``."""

    expect: bytes
    send: bytes


class Login(Conversation):
    """One login.

    ``refusals``: texts with which the PBX turns it away, each with the sentence for the technician. One that is also
    waited for is a refusal only after the last answer: the PBX asks again.
    """

    def __init__(self, steps: Iterable[Step], refusals: Mapping[bytes, str]) -> None:
        super().__init__()
        self._steps = [Step(step.expect.lower(), step.send) for step in steps]
        self._refusals = {text.lower(): sentence for text, sentence in refusals.items()}
        asked = {step.expect for step in self._steps}
        self._interruptions = {text: said for text, said in self._refusals.items() if text not in asked}
        self._longest = max(map(len, [*asked, *self._interruptions]), default=0)
        self._step = 0
        self._seen = b""
        self._held = b""
        self._echo = self._steps[-1].send.strip(_BLANKS).lower() if self._steps else b""
        self._through = False
        self._answer()

    def feed(self, data: bytes) -> list[Piece]:
        """Take what arrived; return what is certain by now, in order."""
        if self._through:
            return [Piece(RECORDS, data)]
        dialogue = 0
        if self._step < len(self._steps):
            dialogue = len(data) - len(self._converse(data))
        pieces = [Piece(BANNER, data[:dialogue])] if dialogue else []
        if dialogue < len(data):
            pieces += self._settle(data[dialogue:])
        return pieces

    def finish(self) -> list[Piece]:
        """The link has ended: what might have become an echo is what it looks like."""
        held, self._held = self._held, b""
        return [Piece(RECORDS, held)] if held else []

    def tick(self) -> None:
        """Give up on a PBX that does not ask."""
        if self._step < len(self._steps) and self.failure is None:
            awaited = self._steps[self._step].expect.decode("latin-1")
            self.failure = (
                f'The PBX did not show "{awaited}" within {self.every:g} s of being connected to: check that this is its '
                f"record port and that the login is the one it asks for."
            )

    def _answer(self) -> None:
        """Give the answers that wait for nothing."""
        while self._step < len(self._steps) and not self._steps[self._step].expect:
            self.outgoing += self._steps[self._step].send
            self._step += 1

    def _converse(self, data: bytes) -> bytes:
        """Go through the steps with ``data``; return what follows the last of them."""
        rest = data
        while rest and self._step < len(self._steps) and self.failure is None:
            seen = self._seen + rest.lower()
            texts = sorted({self._steps[self._step].expect, *self._interruptions}, key=len, reverse=True)
            ends = {text: at + len(text) for text in texts if (at := seen.find(text)) >= 0}
            if not ends:
                self._seen = seen[-self._longest :]
                return b""
            found = min(ends, key=ends.__getitem__)
            rest = rest[ends[found] - len(self._seen) :]
            self._seen = b""
            if found == self._steps[self._step].expect:
                self.outgoing += self._steps[self._step].send
                self._step += 1
                self._answer()
            else:
                self.failure = self._interruptions[found]
        return b"" if self.failure else rest

    def _settle(self, data: bytes) -> list[Piece]:
        """Tell the echo of the last answer, or a refusal, from the first record."""
        held = self._held + data
        pieces = []
        while not self._through:
            body = held.lstrip(_BLANKS)
            dialogue = len(held) - len(body)
            end = re.search(rb"[\r\n]", body)
            if self.failure or self._refused(body):
                dialogue, body = len(held), b""
            elif end and self._is_echo(body[: end.start()]):
                dialogue, body = dialogue + end.end(), body[end.end() :]
                self._echo = b""
            elif body and not self._may_become_dialogue(body):
                self._through = True
            if dialogue:
                pieces.append(Piece(BANNER, held[:dialogue]))
            if not dialogue or not body:
                self._held = body
                break
            held = body
        if self._through:
            self._held = b""
            pieces.append(Piece(RECORDS, body))
        return pieces

    def _refused(self, body: bytes) -> bool:
        for text, sentence in self._refusals.items():
            if body.lower().startswith(text):
                self.failure = sentence
                return True
        return False

    def _is_echo(self, line: bytes) -> bool:
        return bool(self._echo) and (line.lower() == self._echo or _stars(line))

    def _may_become_dialogue(self, body: bytes) -> bool:
        begun = body.lower()
        if any(text.startswith(begun) for text in self._refusals):
            return True
        return bool(self._echo) and (self._echo.startswith(begun) or _stars(body))


def _stars(text: bytes) -> bool:
    return not text.strip(b"*") and len(text) <= _MOST_STARS
