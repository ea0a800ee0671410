"""RFC 2217: a serial port at the far end of a network, behind a device server (ser2net, Moxa, Digi, Lantronix).

The library that drives local ports speaks RFC 2217 too, but throws away what the PBX sends while the port is being
set, gives up on device servers that leave one of its requests unanswered, and leaves the connection without
keep-alive. For a PBX that prints each record once, none of that will do; so here is the client's side, without I/O.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.inputs.base import Reconnecting, describe
from collector.inputs.talking import talk
from collector.inputs.tcp import connect, parting

if TYPE_CHECKING:
    from collector.config import Serial
    from collector.inputs.chunks import Chunks

SE, SB, WILL, WONT, DO, DONT, IAC = 240, 250, 251, 252, 253, 254, 255
BINARY, SUPPRESS_GO_AHEAD, COM_PORT = 0, 3, 44
BAUD, DATA_BITS, PARITY, STOP_BITS, CONTROL, LINE_STATE_MASK, MODEM_STATE_MASK = 1, 2, 3, 4, 5, 10, 11
ANSWER = 100
FLOWS = {"none": 1, "xonxoff": 2, "rtscts": 3}
DTR_ON, RTS_ON = 8, 11

_ACCEPTED = (BINARY, SUPPRESS_GO_AHEAD, COM_PORT)
_TELNET = re.compile(
    rb"\xff(?:"
    rb"(?P<escaped>\xff)"
    rb"|(?P<verb>[\xfb-\xfe])(?P<option>.)"
    rb"|\xfa(?P<sub>(?:[^\xff]|\xff\xff){0,512})\xff\xf0"
    rb"|[\x00-\xf9]"
    rb"|(?P<unfinished>(?:[\xfb-\xfe]|\xfa(?:[^\xff]|\xff\xff){0,512}\xff?)?)\Z"
    rb")",
    re.DOTALL,
)


class ComPort:
    """The client's side of the negotiation.

    ``outgoing`` collects bytes to send. ``situation`` says how the device server took the settings.
    """

    def __init__(self, line: Serial) -> None:
        self.outgoing = bytearray()
        self._line = line
        self._wanted = {
            BAUD: line.baud,
            DATA_BITS: line.data_bits,
            PARITY: 1 + "NOEMS".index(line.parity),
            STOP_BITS: line.stop_bits,
        }
        self._answered: dict[int, int] = {}
        self._refused = False
        self._asked = False
        self._promised = {(WILL, COM_PORT), (WILL, BINARY), (DO, BINARY)}
        self._unfinished = b""
        for verb, option in sorted(self._promised):
            self._send(verb, option)

    @property
    def situation(self) -> str:
        """One sentence about the far port's settings."""
        if self._refused:
            return "The device server does not let its port be set from here: its own settings are in force."
        missing = self._wanted.keys() - self._answered.keys()
        if missing:
            return (
                f"The device server has not confirmed {describe(self._line)} yet "
                f"(if it never does, its port is in raw mode: use tcp:// and set it there)."
            )
        if self._answered != self._wanted:
            return f"The device server did not take {describe(self._line)}: its port is at {self._actual()}."
        return f"The device server's port is at {describe(self._line)}."

    def feed(self, data: bytes) -> bytes:
        """Take what arrived; return the bytes of the serial line in it."""
        data = self._unfinished + data
        self._unfinished = b""
        return data if IAC not in data else _TELNET.sub(self._command, data)

    def _command(self, match: re.Match[bytes]) -> bytes:
        if match["escaped"]:
            return match["escaped"]
        if match["verb"]:
            self._option(match["verb"][0], match["option"][0])
        elif match["sub"]:
            self._answer(match["sub"].replace(b"\xff\xff", b"\xff"))
        elif match["unfinished"] is not None:
            self._unfinished = match[0]
        return b""

    def _option(self, verb: int, option: int) -> None:
        if verb in (WILL, DO):
            reply, refusal = (DO, DONT) if verb == WILL else (WILL, WONT)
            if option not in _ACCEPTED:
                self._send(refusal, option)
            elif (reply, option) not in self._promised:
                self._promised.add((reply, option))
                self._send(reply, option)
        if option == COM_PORT and verb == DO:
            self._set_port()
        elif option == COM_PORT and verb == DONT:
            self._refused = True

    def _set_port(self) -> None:
        if self._asked:
            return
        self._asked = True
        for command, value in self._wanted.items():
            self._request(command, value.to_bytes(4 if command == BAUD else 1, "big"))
        self._request(CONTROL, bytes([FLOWS[self._line.flow]]))
        self._request(CONTROL, bytes([DTR_ON]))
        if self._line.flow != "rtscts":
            self._request(CONTROL, bytes([RTS_ON]))
        self._request(LINE_STATE_MASK, b"\0")
        self._request(MODEM_STATE_MASK, b"\0")

    def _answer(self, sub: bytes) -> None:
        command = sub[1] - ANSWER if len(sub) > 2 and sub[0] == COM_PORT else 0
        if command in self._wanted:
            self._answered[command] = int.from_bytes(sub[2:], "big")

    def _actual(self) -> str:
        answered = self._answered
        parity = "?NOEMS"[answered[PARITY]] if answered[PARITY] <= len("NOEMS") else "?"
        return f"{answered[BAUD]} {answered[DATA_BITS]}{parity}{answered[STOP_BITS]}"

    def _request(self, command: int, value: bytes) -> None:
        escaped = value.replace(b"\xff", b"\xff\xff")
        self.outgoing += bytes([IAC, SB, COM_PORT, command]) + escaped + bytes([IAC, SE])

    def _send(self, verb: int, option: int) -> None:
        self.outgoing += bytes([IAC, verb, option])


class Rfc2217Port(Reconnecting):
    """A PBX on the serial port of a device server."""

    ceiling = 30.0

    async def session(self) -> str:
        """Read the far port until the connection ends."""
        link = self.source.link
        chunks = await connect(link)
        port = ComPort(self.source.serial)
        try:
            self.opened("open", f"Connected to {link}. {port.situation}")
            await talk(self.source, _Negotiated(self, chunks, port), self.sink)
        finally:
            await chunks.close()
        return f"{parting(str(link), chunks)} It is connected to again."


class _Negotiated:
    """The serial line's bytes out of a connection that carries the negotiation too."""

    def __init__(self, owner: Rfc2217Port, chunks: Chunks, port: ComPort) -> None:
        self._owner = owner
        self._chunks = chunks
        self._port = port
        self._send()

    async def read(self) -> bytes:
        before = self._port.situation
        while data := await self._chunks.read():
            payload = self._port.feed(data)
            self._send()
            if self._port.situation != before:
                before = self._port.situation
                self._owner.say("open", f"Connected to {self._owner.source.link}. {before}")
            if payload:
                return payload
        return b""

    def write(self, data: bytes) -> None:
        self._chunks.write(data.replace(b"\xff", b"\xff\xff"))

    def _send(self) -> None:
        self._chunks.write(bytes(self._port.outgoing))
        self._port.outgoing.clear()
