"""Listeners that speak TLS, met by real clients."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import pytest
from certificates import Issued, issue
from cryptography.hazmat.primitives import serialization
from recording import QuickClock, Recorder, reading, talking
from servers import free_port

from collector.inputs import tcp
from collector.tls import TlsError, server_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    return issue(tmp_path)


@contextlib.asynccontextmanager
async def secured(port: int, issued: Issued) -> AsyncIterator[asyncio.StreamWriter]:
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=issued.trusting, server_hostname="127.0.0.1")
    try:
        yield writer
    finally:
        writer.close()


async def test_what_comes_over_tls_is_read(issued: Issued) -> None:
    sink, port = Recorder(), free_port()
    of = talking(f"tcp-listen://127.0.0.1:{port}", certificate_file=issued.certificate, key_file=issued.key)
    async with reading(of, sink):
        await sink.until_link("waiting")
        async with secured(port, issued) as line:
            line.write(b"x" * 500_000)
            await sink.until(lambda: sink.position() == 500_000)
        await sink.until(lambda: sink.states[-1] == "waiting")


async def test_syslog_over_tls_is_read(issued: Issued) -> None:
    sink, port = Recorder(), free_port()
    of = talking(f"syslog-tcp://127.0.0.1:{port}", certificate_file=issued.certificate, key_file=issued.key)
    async with reading(of, sink):
        await sink.until_link("waiting")
        async with secured(port, issued) as line:
            line.write(b"<134>one record\n")
            await sink.until(lambda: b"one record" in b"".join(data for _, data, _ in sink.chunks))


async def test_who_speaks_no_tls_is_refused_and_the_next_one_is_read(
    issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "HANDSHAKE_TIMEOUT", 0.3)
    sink, port = Recorder(), free_port()
    of = talking(f"tcp-listen://127.0.0.1:{port}", certificate_file=issued.certificate, key_file=issued.key)
    async with reading(of, sink, QuickClock()):
        await sink.until_link("waiting")
        for said in (b"GET / HTTP/1.0\r\n\r\n", b""):
            with socket.create_connection(("127.0.0.1", port)) as plain:
                plain.send(said)
                await sink.until_link("waiting", "was not understood", since=len(sink.links))
        async with secured(port, issued) as line:
            line.write(b"hello")
            await sink.until(lambda: sink.position() == len(b"hello"))
    assert sink.bytes_of() == b"hello"


async def test_a_renewed_certificate_is_taken_for_the_next_connection(tmp_path: Path, issued: Issued) -> None:
    sink, port = Recorder(), free_port()
    of = talking(f"tcp-listen://127.0.0.1:{port}", certificate_file=issued.certificate, key_file=issued.key)
    async with reading(of, sink):
        await sink.until_link("waiting")
        async with secured(port, issued) as line:
            renewed = issue(tmp_path)
            async with secured(port, renewed) as other:
                line.write(b"one")
                await sink.until(lambda: sink.position() == len(b"one"))
                other.write(b"two")
                await sink.until(lambda: sink.position() == len(b"onetwo"))


async def test_a_certificate_that_is_gone_is_told_and_taken_once_it_is_there(tmp_path: Path, issued: Issued) -> None:
    sink, port = Recorder(), free_port()
    issued.key.rename(tmp_path / "away")
    of = talking(f"tcp-listen://127.0.0.1:{port}", certificate_file=issued.certificate, key_file=issued.key)
    async with reading(of, sink, QuickClock()):
        assert "TLS cannot be spoken: cannot read" in await sink.until_link("failed")
        (tmp_path / "away").rename(issued.key)
        await sink.until_link("waiting")


def test_what_is_wrong_with_a_certificate_is_told(tmp_path: Path, issued: Issued) -> None:
    (tmp_path / "other").mkdir()
    other = issue(tmp_path / "other")
    with pytest.raises(TlsError, match=r"smdr\.key is not the key of"):
        server_context(issued.certificate, other.key)
    with pytest.raises(TlsError, match=r"cannot read .*: No such file"):
        server_context(issued.certificate, tmp_path / "none")
    (tmp_path / "text").write_text("no certificate")
    with pytest.raises(TlsError, match=r"are not a certificate and its key in PEM form"):
        server_context(tmp_path / "text", issued.key)


def test_a_key_that_asks_for_a_password_is_refused(tmp_path: Path, issued: Issued) -> None:
    locked = tmp_path / "locked.key"
    key = serialization.load_pem_private_key(issued.key.read_bytes(), None)
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(TlsError, match=r"locked\.key is encrypted"):
        server_context(issued.certificate, locked)
