"""One InfluxDB server: which API it has, writing and deleting points there, and what its refusals mean.

1.x below 1.8 takes points at ``/write``; 1.8, 2.x and 3.x at ``/api/v2/write``, through influxdb-client. The answer to
``/ping`` names the version; a server that names none (a proxy, VictoriaMetrics) is taken for what is configured:
2.x where there is a bucket, 1.x where there is a database.
"""

from __future__ import annotations

import re
from base64 import b64encode
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal

import aiohttp

from collector.outputs.points import tag_value
from collector.secret import secret
from collector.tls import client_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync

    from collector.config import Output

Meaning = Literal["split", "bad point", "refused", "retry"]

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10)
"""Seconds. A server that hangs is noticed after a minute, one that cannot be reached after ten seconds."""

LONGEST_RETRY_AFTER = 3600.0

_CAPACITY = re.compile("max-(series-per-database|values-per-tag) limit exceeded")


class Failure(Exception):  # noqa: N818  (it is the table's word, not always an error)
    """The server's answer was not "stored". ``retry_after`` is in seconds; ``meaning`` says what to do."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {text.strip()[:500]}")
        self.status = status
        self.full = bool(_CAPACITY.search(text))
        self.meaning = _meaning(status, full=self.full)
        self.retry_after = _retry_after((headers or {}).get("Retry-After"))


def _meaning(status: int, *, full: bool) -> Meaning:
    """Look up an answer in the table of ``docs/influxdb.md``. ``full``: a limit of the server is reached."""
    if status == 413:
        return "split"
    if status in {400, 422} and not full:
        return "bad point"
    if status in {408, 429} or status >= 500:
        return "retry"
    return "refused"


def token(output: Output) -> str:
    """Return the API token: the token file's, or user and password as 1.8 takes them; raises `SecretError`."""
    if output.token_file:
        return secret(output.token_file)
    return f"{output.username}:{secret(output.password_file)}" if output.username else ""


def new_session(output: Output, limits: aiohttp.ClientTimeout) -> aiohttp.ClientSession:
    """Return a session with the output's credentials, for 1.x and 2.x alike; raises `SecretError` and `TlsError`."""
    headers = {}
    if output.token_file:
        headers["Authorization"] = f"Token {secret(output.token_file)}"
    elif output.username:
        login = f"{output.username}:{secret(output.password_file)}"
        headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
    trust = aiohttp.TCPConnector(ssl=client_context(output.ca_file)) if output.ca_file else None
    return aiohttp.ClientSession(headers=headers, timeout=limits, connector=trust)


MOST_WORDS = 1 << 20
"""Bytes; answers of a server in order are a thousandth of that."""


async def words(answer: aiohttp.ClientResponse) -> str:
    """Return what an answer says, at most `MOST_WORDS` of it: a broken proxy may say anything, in no encoding, for ever."""
    return (await _said(answer)).decode(errors="replace")


class Answer(aiohttp.ClientResponse):
    """An answer of which the client library, too, reads no more than `MOST_WORDS`."""

    async def read(self) -> bytes:
        """Return what it says."""
        return await _said(self)


async def _said(answer: aiohttp.ClientResponse) -> bytes:
    said = bytearray()
    async for part in answer.content.iter_any():
        said += part
        if len(said) >= MOST_WORDS:
            answer.close()
            break
    return bytes(said[:MOST_WORDS])


async def version_of(session: aiohttp.ClientSession, url: str) -> tuple[int, int] | None:
    """Ask ``/ping`` for (major, minor); None where the server does not say. Raises `Failure` and network errors."""
    async with session.get(f"{url}/ping") as answer:
        text = await words(answer)
        if answer.status in {401, 403, 429} or answer.status >= 500:
            raise Failure(answer.status, text, answer.headers)
        found = re.match(r"v?(\d+)\.(\d+)", answer.headers.get("X-Influxdb-Version", ""))
    return (int(found[1]), int(found[2])) if found else None


@asynccontextmanager
async def connected(output: Output, limits: aiohttp.ClientTimeout) -> AsyncIterator[Server]:
    """Find out which API the server has; raises `Failure`, `SecretError`, `TlsError` and network errors."""
    async with new_session(output, limits) as session:
        version = await version_of(session, output.url)
        if version is None:
            kind = Server3 if output.bucket else Server
        else:
            kind = next(kind for oldest, kind in _KINDS if version >= oldest)
        server = kind(output, session)
        try:
            await server.open()
            yield server
        finally:
            await server.close()


class Server:
    """InfluxDB 1.x below 1.8: ``/write``, and InfluxQL to delete."""

    def __init__(self, output: Output, session: aiohttp.ClientSession) -> None:
        self._output = output
        self._session = session
        self._store = output.bucket or output.database or ""

    async def open(self) -> None:
        """Make ready to write."""

    async def close(self) -> None:
        """Let go of connections."""

    async def write(self, lines: bytes) -> None:
        """Store line protocol; returns once the server says it is stored, raises `Failure` or a network error."""
        where = {"db": self._store, "precision": "ns"}
        async with self._session.post(
            f"{self._output.url}/write", params=where, data=lines, allow_redirects=False
        ) as answer:
            text = await words(answer)
            if answer.status != 204:
                raise Failure(answer.status, text, answer.headers)

    async def delete(self, site: str, source: str, first: int, last: int) -> None:
        """Delete the call points of a source of a site from ``first`` to ``last`` (ns, inclusive), whatever their other tags.

        Raises `Failure` or a network error.
        """
        query = (
            f'DELETE FROM "call" WHERE "site"={_quoted(tag_value(site))} AND "source"={_quoted(source)}'
            f" AND time >= {first} AND time <= {last}"
        )
        form = {"db": self._store, "q": query}
        async with self._session.post(f"{self._output.url}/query", data=form, allow_redirects=False) as answer:
            text = await words(answer)
            if answer.status != 200:
                raise Failure(answer.status, text, answer.headers)
        if '"error"' in text or not text.startswith("{"):
            raise Failure(500, text)


class Server18(Server):
    """InfluxDB 1.8: ``/api/v2/write`` with a database as the bucket, and InfluxQL to delete."""

    _client: InfluxDBClientAsync | None = None

    async def open(self) -> None:
        """Make ready to write. The client library is only loaded here: it costs 18 MB."""
        from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync  # noqa: PLC0415

        self._client = InfluxDBClientAsync(
            self._output.url,
            token=token(self._output),
            org=self._output.org or "",
            timeout=self._session.timeout,
            allow_redirects=False,
            client_session_kwargs={"response_class": Answer},
            ssl_ca_cert=str(self._output.ca_file) if self._output.ca_file else None,
        )
        self._write_api = self._client.write_api()
        self._delete_api = self._client.delete_api()

    async def close(self) -> None:
        """Let go of connections."""
        if self._client:
            await self._client.close()  # type: ignore[no-untyped-call]

    async def write(self, lines: bytes) -> None:
        """Store line protocol; returns once the server says it is stored, raises `Failure` or a network error."""
        with _failures():
            if not await self._write_api.write(bucket=self._store, record=lines):
                raise Failure(200, "the answer is not that of InfluxDB")


class Server2(Server18):
    """InfluxDB 2.x: ``/api/v2/write`` and ``/api/v2/delete``."""

    async def delete(self, site: str, source: str, first: int, last: int) -> None:
        """Delete the call points of a source of a site from ``first`` to ``last`` (ns, inclusive), whatever their other tags.

        Raises `Failure` or a network error.
        """
        site = _doubly_quoted(tag_value(site))
        predicate = f'_measurement="call" AND site={site} AND source={_doubly_quoted(source)}'
        with _failures():
            # One nanosecond more, should the end not count: no record begins one byte after another.
            await self._delete_api.delete(_rfc3339(first), _rfc3339(last + 1), predicate, self._store)


class Server3(Server18):
    """InfluxDB 3, and what only resembles InfluxDB 2: ``/api/v2/write``, and no way to delete single points."""

    async def delete(self, site: str, source: str, first: int, last: int) -> None:
        """Leave the points with the old tags: this server cannot delete them."""


_KINDS: tuple[tuple[tuple[int, int], type[Server]], ...] = (
    ((3, 0), Server3),
    ((2, 0), Server2),
    ((1, 8), Server18),
    ((0, 0), Server),
)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn the client library's exception into ours."""
    from influxdb_client.rest import ApiException  # noqa: PLC0415  (see `Server18.open`)

    try:
        yield
    except ApiException as error:
        raise Failure(error.status, (error.body or b"").decode(errors="replace"), error.headers) from None


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _doubly_quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _rfc3339(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:09}Z"


def _retry_after(text: str | None) -> float:
    """Read a Retry-After header, seconds or a date, as seconds from now."""
    if not text:
        return 0.0
    try:
        wait = float(text) if text.strip().isdigit() else _until(parsedate_to_datetime(text))
    except (ValueError, OverflowError):
        return 0.0
    return min(max(wait, 0.0), LONGEST_RETRY_AFTER)


def _until(moment: datetime) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)) / timedelta(seconds=1)
