"""Certificates of an authority of the tests' own."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import trustme
from servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path


class Issued(NamedTuple):
    """A certificate for this machine, its key, and a client that trusts who issued it, by the file ``authority``."""

    certificate: Path
    key: Path
    trusting: ssl.SSLContext
    authority: Path


def issue(folder: Path, until: datetime | None = None) -> Issued:
    """Issue one, valid ``until`` then, into ``smdr.pem`` and ``smdr.key`` of a folder."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost", not_after=until)
    certificate, key, vouching = (folder / name for name in ("smdr.pem", "smdr.key", "authority.pem"))
    authority.cert_pem.write_to_path(vouching)
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.touch(0o600)
    key.write_bytes(issued.private_key_pem.bytes())
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    return Issued(certificate, key, trusting, vouching)


@contextmanager
def over_tls(url: str, issued: Issued) -> Iterator[str]:
    """The same server, reached over TLS: socat with the certificate stands before it. Gives its address."""
    port, behind = free_port(), urlsplit(url)
    socat = shutil.which("socat")
    assert socat, "socat is missing: scripts/test-servers"
    listen = f"OPENSSL-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,verify=0,cert={issued.certificate},key={issued.key}"
    with subprocess.Popen([socat, listen, f"TCP:{behind.hostname}:{behind.port}"]) as process:
        try:
            _answering(port)
            yield f"https://127.0.0.1:{port}"
        finally:
            process.terminate()


def _answering(port: int) -> None:
    for _ in range(200):
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise TimeoutError("socat does not listen")
