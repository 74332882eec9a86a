"""The app, made from its settings: everything that it needs is started with it and ended with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from detector import Policy, Sketching
from service import conditional, decisions, family, feeds, health, items, jobs, pages, problems, repeats
from service.batches import Batches
from service.desk import Desk
from service.limits import Limits
from service.paths import EncodedSlashes
from service.settings import Settings
from service.state import Service
from service.store import Store, making
from service.workers import Examiners

_DESCRIPTION = (
    "Checks news items before they are published: cleaned of the page around them, compared with everything that was"
    " admitted before, assessed sentence by sentence, and decided with reasons. This version has no authentication."
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """An app that owns its store and its workers from start to end."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running(settings) as service:
            app.state.service = service
            yield

    app = FastAPI(
        title="copytaster",
        version=version("copytaster"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    # An item's parts before the item: an id may have any slashes.
    for router in (family.router, items.router, decisions.router, jobs.router, feeds.router, health.router):
        app.include_router(router)
    pages.install(app)
    for part in (problems, repeats, conditional):
        part.install(app)
    app.add_middleware(
        Limits,
        max_body_bytes=settings.max_body_bytes,
        larger={"/v1/batches": settings.max_batch_bytes},
        allowed_hosts=settings.allowed_hosts,
    )
    app.add_middleware(EncodedSlashes)
    return app


@asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[Service]:
    store = Store.open(settings.database)
    # Of this store alone: who knows the code still cannot tell which texts will share a bucket.
    sketching = Sketching(secret=store.write(making.secret))
    examiners = Examiners(settings.workers, settings.examine_seconds, sketching)
    try:
        number = store.write(making.require, await examiners.start(), making.cleaner_version())
        desk = Desk(store, examiners, Policy(), settings.source_window, sketching, number)
        batches = Batches(store, desk, examiners)
        try:
            await desk.warm_up()
            batches.start()
            yield Service(settings, store, examiners, desk, batches)
        finally:
            await batches.stop()
            desk.close()
    finally:
        examiners.stop()
        store.close()
