"""``copytaster serve``: settings from the command line or the environment, then uvicorn."""

from __future__ import annotations

import logging
from typing import Annotated, Any

import typer
import uvicorn
from pydantic import ValidationError

from service.app import create_app
from service.settings import Settings
from service.store import Store, StoreError


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (default 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (default 8765).")] = None,
    database: Annotated[
        str | None, typer.Option(help="SQLite file (default copytaster.db), or postgresql://user@host/name.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that examine items (default 2).")] = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Listen beyond this machine, though nobody has to authenticate.")
    ] = False,
) -> None:
    """Serve the HTTP API and the feeds. COPYTASTER_HOST, COPYTASTER_PORT and so on set what is not given here."""
    given: dict[str, Any] = {"host": host, "port": port, "database": database, "workers": workers}
    chosen = {name: value for name, value in given.items() if value is not None}
    if allow_remote:
        chosen["allow_remote"] = True
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        for fault in error.errors():
            typer.echo(f"error: {fault['msg'].removeprefix('Value error, ')}", err=True)
        raise typer.Exit(2) from error
    try:
        Store.open(settings.database).close()  # so that what is wrong with the file is said in one line
    except StoreError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    run(settings)


def run(settings: Settings) -> None:
    """Serve until the process is told to stop; requests that are being answered are answered first."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    typer.echo(f"copytaster listens on {settings.base_url} (no authentication; docs at {settings.base_url}/docs)")
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=15,
    )
