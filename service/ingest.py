"""``copytaster ingest``: feeds, from files or addresses, sent to a running service item by item, as a CMS would."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.table import Table

from detector.terminal import Console
from service.client import Client, ServiceProblemError
from service.feed_reader import Feed, FeedError, read_feed
from service.messages import ItemIn
from service.outbound import Answer, Caller, CallError, RefusedAddressError

MOST_BYTES = 20 * 1024 * 1024
_SECONDS = 30.0
_SET_ASIDE = 3  # exit status: done, but some of it could not be
_ACCEPTED = "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.8"


@dataclass(slots=True)
class Outcome:
    """What became of one feed."""

    feed: str
    statuses: Counter[str] = field(default_factory=Counter)  # published, held, rejected, known, unchanged, failed
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A feed's bytes, and what to ask with next time; no bytes when nothing has changed."""

    data: bytes | None
    content_type: str = ""
    validators: dict[str, str] = field(default_factory=dict)  # request headers of the next conditional GET


def ingest(
    feeds: Annotated[list[str], typer.Argument(help="Files, or http and https addresses, of RSS or Atom feeds.")],
    service: Annotated[
        str, typer.Option(envvar="COPYTASTER_SERVICE", help="The running service.")
    ] = "http://127.0.0.1:8765",
    key: Annotated[
        str | None,
        typer.Option(envvar="COPYTASTER_KEY", help="A key with the scope write; better set in the environment."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Name of the source (default: the host that the feed names).")
    ] = None,
    state: Annotated[
        Path, typer.Option(dir_okay=False, help="Where it is kept which version of a feed was read last.")
    ] = Path("copytaster-feeds.json"),
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also call addresses of this machine and its network.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each feed.")] = False,
) -> None:
    """Send the items of feeds to a running service: what is new, and what has changed."""
    with Client(service, key) as client:
        to = f"{service.rstrip('/')} as {source}" if source else service.rstrip("/")
        outcomes = [_ingest(feed, client, source, _State(state, to), allow_private=allow_private) for feed in feeds]
    _print(outcomes, as_json=as_json)
    raise typer.Exit(_SET_ASIDE if any(outcome.faults for outcome in outcomes) else 0)


@dataclass(frozen=True, slots=True)
class _State:
    """Which version of each feed was read last, kept in a file: for each service and name of a source."""

    file: Path
    to: str  # the service, and the source's name where one was given

    def validators(self, name: str) -> dict[str, str]:
        """Headers of the conditional GET of a feed."""
        return _read_state(self.file).get(f"{name} to {self.to}", {})

    def keep(self, name: str, validators: dict[str, str]) -> None:
        """All of a feed's items have arrived."""
        _write_state(self.file, {**_read_state(self.file), f"{name} to {self.to}": validators})


def _ingest(name: str, client: Client, source: str | None, state: _State, *, allow_private: bool) -> Outcome:
    outcome = Outcome(name)
    try:
        fetched = _fetch(name, state.validators(name), allow_private=allow_private)
        if fetched.data is None:
            outcome.statuses["unchanged"] += 1
            return outcome
        url = name if _is_address(name) else ""
        _send(read_feed(fetched.data, url=url, content_type=fetched.content_type, source=source), client, outcome)
        # Only once all of it has arrived: a feed that was sent in part is read again next time.
        if fetched.validators and not outcome.statuses["failed"]:
            state.keep(name, fetched.validators)
    except (FeedError, CallError, RefusedAddressError, OSError, httpx.TransportError) as error:
        outcome.faults.append(str(error) or type(error).__name__)
    return outcome


def _send(feed: Feed, client: Client, outcome: Outcome) -> None:
    """Send a feed's items, the oldest first: a feed begins with the latest."""
    outcome.faults += feed.faults
    for item in reversed(feed.items):
        try:
            outcome.statuses[_put(item, client)] += 1
        except ServiceProblemError as problem:
            outcome.statuses["failed"] += 1
            outcome.faults.append(f"{item.id}: {problem}")
            if problem.status in (401, 403):
                return  # it will be the same for each of the others


def _put(item: ItemIn, client: Client) -> str:
    try:
        admitted, new = client.admitted(item)
    except ServiceProblemError as problem:
        if problem.name != "item-conflict":
            raise
        return f"updated, {client.supersede(item).status}"
    return admitted.status if new else "known"


def _is_address(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def _fetch(name: str, validators: dict[str, str], *, allow_private: bool) -> _Fetched:
    if not _is_address(name):
        with Path(name).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise FeedError(f"{name} has more than {MOST_BYTES:,} bytes, more than any feed")
        return _Fetched(data)
    answer = asyncio.run(_get(name, validators, allow_private=allow_private))
    if answer.status == 304:
        return _Fetched(None)
    if answer.status != 200:
        where = f" (it names {answer.headers['location']})" if "location" in answer.headers else ""
        raise CallError(f"{name} answered {answer.status}{where}; give the address where the feed itself is")
    if not answer.complete:
        raise FeedError(f"{name} has more than {MOST_BYTES:,} bytes, more than any feed")
    pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
    following = {asked: answer.headers[told] for asked, told in pairs if told in answer.headers}
    return _Fetched(answer.body, answer.headers.get("content-type", ""), following)


async def _get(url: str, validators: dict[str, str], *, allow_private: bool) -> Answer:
    caller = Caller(seconds=_SECONDS, most_bytes=MOST_BYTES, allow_private=allow_private)
    headers = {"accept": _ACCEPTED, "accept-encoding": "identity", "user-agent": "copytaster", **validators}
    try:
        return await caller.call("GET", url, headers)
    finally:
        await caller.close()


def _read_state(file: Path) -> dict[str, dict[str, str]]:
    if not file.exists():
        return {}
    try:
        known: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return known
    except ValueError:
        pass
    raise FeedError(f"{file} is not what this command wrote; delete it, or name another with --state")


def _write_state(file: Path, known: dict[str, dict[str, str]]) -> None:
    """Beside it first: a full disk or a kill must not leave half of it, which no later run could read."""
    beside = file.with_name(f"{file.name}.new")
    beside.write_text(json.dumps(known, indent=1), encoding="utf-8")
    beside.replace(file)


def _print(outcomes: Iterable[Outcome], *, as_json: bool) -> None:
    if as_json:
        for outcome in outcomes:
            line = {"feed": outcome.feed, "items": dict(outcome.statuses), "faults": outcome.faults}
            typer.echo(json.dumps(line, ensure_ascii=False))
        return
    table = Table("feed", "what became of it")
    table.add_column("items", justify="right")
    for outcome in outcomes:
        for status, count in sorted(outcome.statuses.items()):
            table.add_row(outcome.feed, status, str(count))
    Console().print(table)
    for outcome in outcomes:
        for fault in outcome.faults:
            typer.echo(f"{outcome.feed}: {fault}", err=True)
