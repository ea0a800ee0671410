"""Telling people of alarms. What cannot be told now is told later, in order, over restarts too."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Protocol

from collector.secret import SecretError
from collector.tls import TlsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.config import Alarms, Site
    from collector.store.events_db import Delivery, EventsDb

_log = logging.getLogger(__name__)

_FIRST_WAIT_S = 5.0
_LONGEST_WAIT_S = 600.0
_IDLE_S = 5.0


class Channel(Protocol):
    """A way to tell people."""

    async def tell(self, delivery: Delivery) -> None:
        """Tell it. Raises OSError, SecretError or TlsError where that fails now."""


def channels_of(site: Site, alarms: Alarms) -> dict[str, Channel]:
    """The channels that are configured, by their names. Each brings its own library: only those in use are loaded."""
    channels: dict[str, Channel] = {}
    if alarms.webhook:
        from collector.alarms.webhook import Webhook  # noqa: PLC0415

        channels["webhook"] = Webhook(site, alarms)
    if alarms.mail_to:
        from collector.alarms.mail import Mail  # noqa: PLC0415

        channels["mail"] = Mail(site, alarms)
    return channels


class Teller:
    """Tells what is to be told, on every channel in order; a channel that fails holds up no other."""

    def __init__(self, events: EventsDb, channels: Mapping[str, Channel]) -> None:
        self._events = events
        self._channels = channels
        self._failures = dict.fromkeys(channels, 0)
        self._not_before = dict.fromkeys(channels, 0.0)

    async def run(self) -> None:
        """Tell for ever."""
        while True:
            await self.tell_due()
            await asyncio.sleep(_IDLE_S)

    async def tell_due(self) -> None:
        """Tell what is due now."""
        due = await self._events.due()
        for name, channel in self._channels.items():
            for delivery in due:
                if delivery.channel == name and not await self._tell(name, channel, delivery):
                    break

    async def _tell(self, name: str, channel: Channel, delivery: Delivery) -> bool:
        if time.monotonic() < self._not_before[name]:
            return False
        try:
            await channel.tell(delivery)
        except (OSError, SecretError, TlsError) as error:
            if not self._failures[name]:
                _log.warning("Alarms cannot be told by %s (%s); they are told when they can be.", name, error)
            wait = min(_FIRST_WAIT_S * 2 ** self._failures[name], _LONGEST_WAIT_S)
            self._failures[name] += 1
            self._not_before[name] = time.monotonic() + wait
            await self._events.not_delivered(delivery, str(error) or type(error).__name__)
            return False
        self._failures[name] = 0
        await self._events.delivered(delivery, time.time())
        return True
