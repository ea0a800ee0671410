"""Certificates of an authority of the tests' own."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NamedTuple

import trustme

if TYPE_CHECKING:
    from pathlib import Path


class Issued(NamedTuple):
    """A certificate for this machine, its key, and a client that trusts who issued it."""

    certificate: Path
    key: Path
    trusting: ssl.SSLContext


def issue(folder: Path) -> Issued:
    """Issue one, into ``smdr.pem`` and ``smdr.key`` of a folder."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    certificate, key = folder / "smdr.pem", folder / "smdr.key"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.touch(0o600)
    key.write_bytes(issued.private_key_pem.bytes())
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    return Issued(certificate, key, trusting)
