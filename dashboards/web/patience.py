"""How long the console waits for a request to be sent whole: connections that never ask take up what others need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

ASKS_WITHIN_S = 20.0
"""From the beginning of a connection, or of a request on it, to the end of its headers."""
SENDS_WITHIN_S = 600.0
"""From there to the end of what is sent: a bill over a slow line takes minutes."""


class Patient(HttpToolsProtocol):
    """Hangs up on who does not come to an end."""

    def __init__(self, *settings: Any, **more: Any) -> None:
        super().__init__(*settings, **more)
        self._giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait(ASKS_WITHIN_S)

    def on_message_begin(self) -> None:
        """Wait for its headers."""
        self._wait(ASKS_WITHIN_S)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Wait for what is sent with it."""
        self._wait(SENDS_WITHIN_S)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is there: answering may take as long as it takes."""
        self._wait(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a socket, which has a pulse of its own."""
        self._wait(None)
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nothing to wait for."""
        self._wait(None)
        super().connection_lost(exc)

    def _wait(self, seconds: float | None) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
        self._giving_up = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)
