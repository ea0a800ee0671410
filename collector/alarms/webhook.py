"""Telling of alarms by a webhook: a POST of JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import aiohttp

from collector.secret import secret
from collector.tls import client_context

if TYPE_CHECKING:
    from collector.config import Alarms, Site
    from collector.store.events_db import Delivery

_TIMEOUT = aiohttp.ClientTimeout(total=15)


class Webhook:
    """Posts ``id, site, kind, subject, event, at, sentence``. Told twice, ``Idempotency-Key`` is the same."""

    def __init__(self, site: Site, alarms: Alarms) -> None:
        self._site = site
        self._alarms = alarms
        self._zone = ZoneInfo(site.timezone)

    async def tell(self, delivery: Delivery) -> None:
        """Post it; any answer but 2xx is a failure."""
        await self.post(f"{self._site.name}-{delivery.alarm}-{delivery.event}", self._body(delivery))

    async def post(self, key: str, body: dict[str, object]) -> None:
        """Post a body under its ``Idempotency-Key``. Raises OSError, SecretError or TlsError where that fails now."""
        headers = {"Idempotency-Key": key}
        if self._alarms.webhook_token_file:
            headers["Authorization"] = f"Bearer {secret(self._alarms.webhook_token_file)}"
        trust = aiohttp.TCPConnector(ssl=client_context(self._alarms.ca_file))
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers, connector=trust) as session,
                session.post(str(self._alarms.webhook), json=body, allow_redirects=False) as answer,
            ):
                if 300 <= answer.status < 400:
                    raise OSError(f"it answers {answer.status}, that it is elsewhere: write the address it leads to")
                if not 200 <= answer.status < 300:
                    raise OSError(f"it answers {answer.status}")
        except aiohttp.ClientError as error:
            raise OSError(str(error)) from error

    def _body(self, delivery: Delivery) -> dict[str, object]:
        return {
            "id": delivery.alarm,
            "site": self._site.name,
            "kind": delivery.kind,
            "subject": delivery.subject,
            "event": delivery.event,
            "at": datetime.fromtimestamp(delivery.at, self._zone).isoformat(timespec="seconds"),
            "sentence": delivery.said,
        }
