"""``copytaster serve``: settings from the command line or the environment, then uvicorn."""

from __future__ import annotations

import gc
import resource
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from pydantic import ValidationError

from detector import DetectorError
from detector.workers import GARBAGE
from service import logs
from service.access import require_key
from service.app import create_app
from service.keys import Keyring
from service.policies import Policies
from service.settings import Settings
from service.store import Store, StoreError
from service.store.keys import all_keys
from service.turnstile import Turnstile

# How long a thread may keep the others waiting. The line lets go of Python at every query; under a flood the thread
# that turns requests away would take 5 ms, the usual, before it gives it back.
_SWITCH_SECONDS = 0.0005
_MOST_FILES = 65_536


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (default 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (default 8765).")] = None,
    database: Annotated[
        str | None, typer.Option(help="SQLite file (default copytaster.db), or postgresql://user@host/name.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that examine items (default 2).")] = None,
    policy: Annotated[Path | None, typer.Option(help="Policy file, read again when it changes.")] = None,
    shadow_policy: Annotated[Path | None, typer.Option(help="A policy on trial: recorded, never acted on.")] = None,
) -> None:
    """Serve the HTTP API and the feeds. COPYTASTER_HOST, COPYTASTER_PORT and so on set what is not given here."""
    given: dict[str, Any] = {
        "host": host, "port": port, "database": database, "workers": workers,
        "policy": policy, "shadow_policy": shadow_policy,
    }  # fmt: skip
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        for fault in error.errors():
            typer.echo(f"error: {fault['msg'].removeprefix('Value error, ')}", err=True)
        raise typer.Exit(2) from error
    try:
        has_keys = _can_start(settings)  # so that what is wrong is said in one line
    except (StoreError, DetectorError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    run(settings, has_keys=has_keys)


def _can_start(settings: Settings) -> bool:
    """Whether there are keys; raises StoreError or PolicyError for what would end the start."""
    store = Store.open(settings.database)
    try:
        keyring = Keyring(partial(store.read, all_keys))
        require_key(settings, keyring)
    finally:
        store.close()
    Policies(settings.policy, settings.shadow_policy)
    return not keyring.empty


def run(settings: Settings, *, has_keys: bool) -> None:
    """Serve until the process is told to stop; requests that are being answered are answered first."""
    logs.set_up(settings.log_level)
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.set_threshold(GARBAGE)  # under a flood some hundred requests are held, in which no cycle is to be found
    _hold_many_connections()
    who = "with keys" if has_keys else "no key was made: everybody on this machine may do everything, and nobody else"
    typer.echo(f"copytaster listens on {settings.base_url} ({who}; docs at {settings.base_url}/docs)")
    uvicorn.run(
        Turnstile(create_app(settings)),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=15,
    )


def _hold_many_connections() -> None:
    """Let this process have as many open files as it may; the usual 1,024 end with a flood's connections."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if most == resource.RLIM_INFINITY else min(most, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
