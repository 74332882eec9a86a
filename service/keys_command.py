"""``copytaster keys``: make, list, revoke and rotate API keys, beside a running service or without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from detector.terminal import Console
from service.keys import SCOPES, Key, Scope, make_key, rotate
from service.settings import Settings
from service.store import Store, StoreError
from service.store.keys import add_key, all_keys, expire_key, revoke_key

keys = typer.Typer(no_args_is_help=True, help="API keys of the service: create, list, revoke, rotate.")

Database = Annotated[str | None, typer.Option(help="The service's database (default: COPYTASTER_DATABASE).")]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as list shows it.")]


@contextmanager
def open_store(database: str | None) -> Iterator[Store]:
    """The service's store, beside a running service or without one; what is wrong ends the command."""
    try:
        address = database or Settings().database
        try:
            store = Store.open(address)
        except StoreError:
            store = Store.open(address, claim=False)  # a service is running on it; it notices the change by itself
    except StoreError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    try:
        yield store
    finally:
        store.close()


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, for lists and the audit.")],
    scope: Annotated[list[str], typer.Option(help="check, write, review or admin; may be given several times.")],
    days: Annotated[float | None, typer.Option(min=0, help="How long it works (default: until it is revoked).")] = None,
    rate: Annotated[float | None, typer.Option(min=0.01, help="Requests a second (default: COPYTASTER_RATE).")] = None,
    burst: Annotated[int | None, typer.Option(min=1, help="Requests at once (default: COPYTASTER_BURST).")] = None,
    database: Database = None,
) -> None:
    """Make a key and show it, this once: the store keeps a digest alone."""
    lifetime = None if days is None else timedelta(days=days)
    token, key = make_key(name, _scopes(scope), datetime.now(UTC), lifetime=lifetime, rate=rate, burst=burst)
    with open_store(database) as store:
        store.write(add_key, key)
    _show(token, key)


@keys.command(name="list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each key.")] = False,
    database: Database = None,
) -> None:
    """List the keys that were ever made, without what would open anything."""
    now = datetime.now(UTC)
    with open_store(database) as store:
        known = store.read(all_keys).values()
    if as_json:
        for key in known:
            typer.echo(json.dumps(_told(key, now)))
        return
    table = Table("id", "name", "scopes", "state", "created", "expires", "replaces")
    for key in known:
        expires = f"{key.expires:%Y-%m-%d %H:%M}" if key.expires else ""
        scopes = " ".join(sorted(key.scopes))
        table.add_row(key.id, key.name, scopes, key.state(now), f"{key.created:%Y-%m-%d}", expires, key.replaces or "")
    Console().print(table)


@keys.command()
def revoke(key_id: KeyId, database: Database = None) -> None:
    """End a key at once; a running service notices within two seconds."""
    with open_store(database) as store:
        if not store.write(revoke_key, key_id, datetime.now(UTC)):
            typer.echo(f"error: no key that works has the id {key_id!r}; see copytaster keys list", err=True)
            raise typer.Exit(1)
    typer.echo(f"{key_id} opens nothing any more")


@keys.command(name="rotate")
def rotate_(
    key_id: KeyId,
    overlap_hours: Annotated[float, typer.Option(min=0, help="How long the old key goes on to work.")] = 24.0,
    database: Database = None,
) -> None:
    """Make a key that takes the place of another one, which goes on to work for a while."""
    now = datetime.now(UTC)
    with open_store(database) as store:
        old = store.read(all_keys).get(key_id)
        if old is None or not old.works(now):
            typer.echo(f"error: no key that works has the id {key_id!r}; see copytaster keys list", err=True)
            raise typer.Exit(1)
        token, new, ending = rotate(old, now, timedelta(hours=overlap_hours))
        assert ending.expires is not None  # noqa: S101  # a rotated key always ends
        with store.writing() as connection:
            add_key(connection, new)
            expire_key(connection, old.id, ending.expires)
    _show(token, new)
    typer.echo(f"{old.id} works until {ending.expires:%Y-%m-%d %H:%M} UTC", err=True)


def _scopes(given: list[str]) -> frozenset[Scope]:
    known: frozenset[Scope] = frozenset(scope for scope in SCOPES if scope in given)
    if unknown := set(given) - SCOPES:
        raise typer.BadParameter(
            f"{', '.join(sorted(unknown))} is not check, write, review or admin", param_hint="--scope"
        )
    return known


def _show(token: str, key: Key) -> None:
    """The key on standard output, by itself, so that it can be piped to where it is kept; the rest beside it."""
    scopes = ", ".join(sorted(key.scopes))
    typer.echo(f"{key.name}: id {key.id}, {scopes}; keep the key, it is not shown again:", err=True)
    typer.echo(token)


def _told(key: Key, now: datetime) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "state": key.state(now),
        "created": key.created.isoformat(),
        "expires": key.expires.isoformat() if key.expires else None,
        "replaces": key.replaces,
        "rate": key.rate,
        "burst": key.burst,
    }
