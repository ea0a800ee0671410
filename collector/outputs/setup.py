"""``smdr influx setup``: make on the server what the output writes to. Running it again changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp

from collector.errors import UserError
from collector.outputs.influx_server import TIMEOUT, Failure, new_session, version_of, words

if TYPE_CHECKING:
    from collector.config import Output

RETENTION_POLICY = "autogen"


async def setup(output: Output) -> list[str]:
    """Create the database, or the bucket with the mapping InfluxQL needs; returns a sentence for each step.

    Raises `UserError` where the server refuses or cannot be reached.
    """
    try:
        async with new_session(output, TIMEOUT) as session:
            version = await version_of(session, output.url)
            if version is None:
                return [f"{output.url} does not say which InfluxDB it is: nothing was created there."]
            if version < (2, 0):
                return await _database(session, output)
            return await (_bucket(session, output) if version < (3, 0) else _database3(session, output))
    except Failure as failure:
        raise UserError(f"InfluxDB at {output.url} answers {failure}; {_fix(output, failure.status)}.") from None
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise UserError(f"InfluxDB at {output.url} cannot be reached: {error or type(error).__name__}.") from None


async def _database(session: aiohttp.ClientSession, output: Output) -> list[str]:
    """1.x: a database, which keeps everything for ever unless told otherwise."""
    name = output.database or output.bucket or ""
    shown = await _query(session, output, "SHOW DATABASES")
    if [name] in shown["results"][0]["series"][0].get("values", []):
        return [f'Database "{name}" exists already.']
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    await _query(session, output, f'CREATE DATABASE "{quoted}"')
    return [f'Created database "{name}".']


async def _query(session: aiohttp.ClientSession, output: Output, query: str) -> dict[str, Any]:
    answer = await _ask(session, "POST", f"{output.url}/query", data={"q": query})
    for result in answer["results"]:
        if "error" in result:
            raise Failure(200, result["error"])
    return answer


async def _bucket(session: aiohttp.ClientSession, output: Output) -> list[str]:
    """2.x: a bucket without an end of retention, and its name as a database for InfluxQL."""
    name = output.bucket or output.database or ""
    org = await _organisation(session, output)
    api = f"{output.url}/api/v2"
    found = await _ask(session, "GET", f"{api}/buckets", params={"orgID": org, "name": name})
    if found["buckets"]:
        bucket = found["buckets"][0]
        done = [f'Bucket "{name}" exists already.']
    else:
        bucket = await _ask(session, "POST", f"{api}/buckets", json={"orgID": org, "name": name, "retentionRules": []})
        done = [f'Created bucket "{name}".']
    mapping = {"orgID": org, "bucketID": bucket["id"], "database": name, "retention_policy": RETENTION_POLICY}
    mapped = await _ask(session, "GET", f"{api}/dbrps", params={"orgID": org, "db": name, "rp": RETENTION_POLICY})
    if any(one["bucketID"] == bucket["id"] and not one.get("virtual") for one in mapped["content"]):
        return [*done, f'InfluxQL finds it as database "{name}" already.']
    await _ask(session, "POST", f"{api}/dbrps", json=mapping | {"default": True})
    return [*done, f'InfluxQL finds it as database "{name}" now.']


async def _organisation(session: aiohttp.ClientSession, output: Output) -> str:
    params = {"org": output.org} if output.org else {}
    found = await _ask(session, "GET", f"{output.url}/api/v2/orgs", params=params)
    names = [one["name"] for one in found["orgs"]]
    if len(names) != 1:
        known = ", ".join(names) or "none that this token may see"
        raise UserError(f'Set org of output "{output.name}" to one of the organisations on the server: {known}.')
    return str(found["orgs"][0]["id"])


async def _database3(session: aiohttp.ClientSession, output: Output) -> list[str]:
    """3.x: a database; InfluxQL needs no mapping."""
    name = output.bucket or output.database or ""
    try:
        await _ask(session, "POST", f"{output.url}/api/v3/configure/database", json={"db": name})
    except Failure as failure:
        if failure.status != 409:
            raise
        return [f'Database "{name}" exists already.']
    return [f'Created database "{name}".']


async def _ask(session: aiohttp.ClientSession, method: str, url: str, **content: Any) -> dict[str, Any]:
    """Return the JSON of an answer, {} where it has none; raises `Failure` unless it is 2xx."""
    async with session.request(method, url, allow_redirects=False, **content) as answer:
        text = await words(answer)
        if not 200 <= answer.status < 300:
            raise Failure(answer.status, text, answer.headers)
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if text and not isinstance(found, dict):
        raise Failure(answer.status, "the answer is not that of InfluxDB")
    return found or {}


def _fix(output: Output, status: int) -> str:
    if status in {401, 403}:
        return f'creating takes an administrator: for this once, give output "{output.name}" the login of one'
    return "check url and org of this output"
