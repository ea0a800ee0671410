"""E-mail, and telling of alarms by it."""

from __future__ import annotations

import asyncio
import logging
import smtplib
from datetime import datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from collector.secret import secret
from collector.tls import client_context

if TYPE_CHECKING:
    from collector.config import Alarms, Site
    from collector.store.events_db import Delivery

_log = logging.getLogger(__name__)

_TIMEOUT_S = 15.0


class Mail:
    """An e-mail in plain text through an SMTP server."""

    def __init__(self, site: Site, alarms: Alarms) -> None:
        self._site = site
        self._alarms = alarms
        self._zone = ZoneInfo(site.timezone)

    async def tell(self, delivery: Delivery) -> None:
        """Hand it to the server."""
        await asyncio.to_thread(send, self._alarms, self._message(delivery))

    def _message(self, delivery: Delivery) -> EmailMessage:
        message = EmailMessage()
        over = "over: " if delivery.event == "cleared" else ""
        message["Subject"] = f"[{self._site.name}] {over}{delivery.kind} {delivery.subject}"
        message["From"] = self._alarms.mail_from
        message["To"] = ", ".join(self._alarms.mail_to)
        message["Message-ID"] = f"<{self._site.name}.{delivery.alarm}.{delivery.event}@smdr-collector>"
        at = datetime.fromtimestamp(delivery.at, self._zone)
        since = datetime.fromtimestamp(delivery.raised, self._zone)
        lines = [delivery.said, "", f"{at:%Y-%m-%d %H:%M:%S %Z}"]
        if delivery.event == "cleared":
            lines += [f"It stood since {since:%Y-%m-%d %H:%M:%S %Z}: {delivery.sentence}"]
        message.set_content("\n".join(lines))
        return message


def send(alarms: Alarms, message: EmailMessage) -> None:
    """Hand a mail to the server of a configuration. Raises OSError, SecretError or TlsError where that fails now."""
    server, context = urlsplit(alarms.mail_server), client_context(alarms.ca_file)
    if server.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.hostname or "", server.port or 465, timeout=_TIMEOUT_S, context=context
        )
    else:
        smtp = smtplib.SMTP(server.hostname or "", server.port or 25, timeout=_TIMEOUT_S)
    try:
        with smtp:
            if server.scheme == "smtp+starttls":
                smtp.starttls(context=context)
            if alarms.mail_user and alarms.mail_password_file:
                smtp.login(alarms.mail_user, secret(alarms.mail_password_file))
            refused = smtp.send_message(message)
    except smtplib.SMTPException as error:
        raise OSError(str(error)) from error
    if refused:
        _log.warning("The mail server refused %s; others got the mail.", ", ".join(refused))
