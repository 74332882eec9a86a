"""``make demo-review``: a service on loopback with the sample archive in it, in a database that is thrown away.

python -m service.review.demo fixtures/archive.jsonl
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import typer
import uvicorn
from fastapi import FastAPI

from service.app import create_app
from service.messages import ItemIn
from service.settings import Settings
from service.state import Service

_FIELDS = frozenset(ItemIn.model_fields)


def main(archive: Path) -> None:
    """Serve the items of ``archive``, lines of JSON, until it is interrupted."""
    with tempfile.TemporaryDirectory(prefix="copytaster-demo-") as folder:
        shadow = Path(folder, "shadow.toml")
        shadow.touch()  # the default policy, until somebody tries other thresholds
        settings = Settings(database=str(Path(folder, "demo.db")), shadow_policy=shadow)
        app = create_app(settings)
        within = app.router.lifespan_context

        @asynccontextmanager
        async def filled(app: FastAPI) -> AsyncIterator[None]:
            async with within(app):
                await _fill(app.state.service, archive)
                typer.echo(f"Open {settings.base_url}/review (Ctrl-C ends it)")
                yield

        app.router.lifespan_context = filled
        uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning")


async def _fill(service: Service, archive: Path) -> None:
    with archive.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    rows.sort(key=lambda row: str(row.get("published")))
    for row in rows:
        await service.desk.admit(ItemIn.model_validate({name: row[name] for name in row.keys() & _FIELDS}))
        await asyncio.sleep(0)
    typer.echo(f"{len(rows)} items of {archive} were judged")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
