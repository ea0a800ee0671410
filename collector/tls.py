"""TLS: with the site's own certificate for whatever listens, and as a client of servers an authority vouches for."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from collector.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


class TlsError(UserError):
    """A certificate or its key cannot be used; the message says which and why."""


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a listener needs to speak TLS 1.2 or newer, from the files as they are now (PEM; a chain begins with its own).

    Raises `TlsError`.
    """
    for path in (certificate, key):
        try:
            path.open("rb").close()
        except OSError as error:
            raise TlsError(f"cannot read {path.name}: {error.strerror}") from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        raise TlsError(_explained(error, certificate, key)) from None
    except _EncryptedKeyError:
        raise TlsError(
            f"{key.name} is encrypted: nobody is there to type its password, so store it without one"
        ) from None
    return context


def client_context(authorities: Path | None) -> ssl.SSLContext:
    """What it takes to trust a server: the authorities of a PEM file, or those of the system.

    Raises `TlsError`.
    """
    try:
        return ssl.create_default_context(cafile=authorities)
    except ssl.SSLError:
        raise TlsError(f"{authorities} holds no certificates in PEM form") from None
    except OSError as error:
        raise TlsError(f"cannot read {authorities}: {error.strerror}") from None


def expiry(certificate: Path) -> float:
    """When the first certificate of a PEM file ends to be valid, in POSIX seconds. Raises `TlsError`."""
    from cryptography import x509  # noqa: PLC0415  (costs memory: only where there is a certificate)

    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc.timestamp()
    except OSError as error:
        raise TlsError(f"cannot read {certificate.name}: {error.strerror}") from None
    except ValueError:
        raise TlsError(f"{certificate.name} is not a certificate in PEM form") from None


class _EncryptedKeyError(Exception):
    pass


def _no_password() -> str:
    raise _EncryptedKeyError


def _explained(error: ssl.SSLError, certificate: Path, key: Path) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"{key.name} is not the key of {certificate.name}"
    return f"{certificate.name} and {key.name} are not a certificate and its key in PEM form"
