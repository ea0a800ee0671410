"""E-mail, and telling of alarms by it."""

from __future__ import annotations

import asyncio
import io
import logging
import smtplib
import time
from datetime import datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from collector.legible import legible
from collector.secret import secret
from collector.tls import client_context

if TYPE_CHECKING:
    import ssl

    from typing_extensions import Buffer

    from collector.config import Alarms, Site
    from collector.store.events_db import Delivery

_log = logging.getLogger(__name__)

MOST_SAID = 1 << 16
"""Bytes; the replies to one mail are a hundredth of that."""
LONGEST_S = 600.0
"""Seconds that one mail may take, with a large report on a slow line."""

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
        message["Subject"] = legible(f"[{self._site.name}] {over}{delivery.kind} {delivery.subject}")
        message["From"] = self._alarms.mail_from
        message["To"] = ", ".join(self._alarms.mail_to)
        message["Message-ID"] = f"<{quote(self._site.name)}.{delivery.alarm}.{delivery.event}@smdr-collector>"
        at = datetime.fromtimestamp(delivery.at, self._zone)
        since = datetime.fromtimestamp(delivery.raised, self._zone)
        lines = [delivery.said, "", f"{at:%Y-%m-%d %H:%M:%S %Z}"]
        if delivery.event == "cleared":
            lines += [f"It stood since {since:%Y-%m-%d %H:%M:%S %Z}: {delivery.sentence}"]
        message.set_content("\n".join(lines))
        return message


class _Replies(io.RawIOBase):
    """What a server says in one session: a hostile or broken one says it without end, or letter by letter."""

    def __init__(self, session: _Session) -> None:
        self._session = session

    def readable(self) -> bool:
        """It is read."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Read what there is. Raises OSError where that is too much, or takes too long."""
        session = self._session
        left_s = session.until - time.monotonic()
        if session.said >= MOST_SAID or left_s <= 0:
            raise OSError("the mail server talks without end")
        sock = session.sock
        assert sock is not None  # noqa: S101  (it is asked for a reply)
        sock.settimeout(min(_TIMEOUT_S, left_s))
        size = sock.recv_into(buffer)
        session.said += size
        return size


class _Session(smtplib.SMTP):
    """A session that comes to an end, whatever the server says."""

    said = 0
    """bytes the server has said"""

    def __init__(self, host: str, port: int) -> None:
        self.until = time.monotonic() + LONGEST_S
        super().__init__(host, port, timeout=_TIMEOUT_S)

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply. Raises `smtplib.SMTPException`."""
        if self.file is None:
            self.file = io.BufferedReader(_Replies(self))
        return super().getreply()


class _TlsSession(_Session, smtplib.SMTP_SSL):
    """The same, where TLS is spoken from the beginning."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        self.until = time.monotonic() + LONGEST_S
        smtplib.SMTP_SSL.__init__(self, host, port, timeout=_TIMEOUT_S, context=context)


def send(alarms: Alarms, message: EmailMessage) -> None:
    """Hand a mail to the server of a configuration. Raises OSError, SecretError or TlsError where that fails now."""
    server, context = urlsplit(alarms.mail_server), client_context(alarms.ca_file)
    host = server.hostname or ""
    smtp: _Session = (
        _TlsSession(host, server.port or 465, context)
        if server.scheme == "smtps"
        else _Session(host, server.port or 25)
    )
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
