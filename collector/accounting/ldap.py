"""Who holds which extension by a directory server, LDAP or Active Directory."""

from __future__ import annotations

import ipaddress
import ssl
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import LDAPException

from collector.errors import UserError
from collector.secret import secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.config.model import Ldap

_CONNECT_S = 10
_ANSWER_S = 30
_PAGE = 500


class Listed(NamedTuple):
    """A person's extension, as the server has it."""

    extension: str
    department: str
    person: str
    post: str
    site: str = ""


def listed(settings: Ldap) -> list[Listed]:
    """Everybody the server lists with an extension. Raises `UserError` where it cannot be asked, `SecretError`."""
    password = secret(settings.password_file)
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(settings.ca_file) if settings.ca_file else None)
    try:
        server = ldap3.Server(settings.url, tls=tls, connect_timeout=_CONNECT_S, get_info=ldap3.NONE)
        connection = ldap3.Connection(
            server,
            settings.user,
            password or None,
            receive_timeout=_ANSWER_S,
            read_only=True,
            raise_exceptions=True,
            authentication=ldap3.SIMPLE if settings.user else ldap3.ANONYMOUS,
        )
        connection.open()
        try:
            if settings.url.startswith("ldap://") and not _is_here(settings.url):
                connection.start_tls()
            connection.bind()
            return sorted(set(_people(connection, settings)))
        finally:
            connection.unbind()
    except (LDAPException, OSError) as error:
        raise UserError(f"{settings.url}: {str(error) or type(error).__name__}") from None


def _people(connection: ldap3.Connection, settings: Ldap) -> Iterator[Listed]:
    attributes = [settings.extension, settings.department, settings.person, settings.post]
    attributes += [settings.site] if settings.site else []
    found = connection.extend.standard.paged_search(
        settings.base, settings.filter, attributes=attributes, paged_size=_PAGE, generator=True
    )
    for entry in found:
        if entry["type"] == "searchResEntry":  # a server may refer to others, too
            yield from _extensions(entry["attributes"], settings)


def _extensions(attributes: dict[str, Any], settings: Ldap) -> Iterator[Listed]:
    person = _first(attributes.get(settings.person))
    for text in _texts(attributes.get(settings.extension)):
        digits = "".join(char for char in text if char.isascii() and char.isdigit())
        extension = digits[-settings.extension_digits :]
        if extension and person:
            department, post = attributes.get(settings.department), attributes.get(settings.post)
            site = _first(attributes.get(settings.site)) if settings.site else ""
            yield Listed(extension, _first(department), person, _first(post), site)


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [" ".join(text.split()) for text in values if isinstance(text, str)]


def _first(value: object) -> str:
    return next(iter(_texts(value)), "")


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
