"""The app, made from its settings: everything that it needs is started with it and ended with it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from detector import Sketching
from service import (
    conditional,
    decisions,
    family,
    feeds,
    health,
    items,
    jobs,
    pages,
    problems,
    repeats,
    review,
    webhooks,
)
from service.access import Access, described, require_key
from service.admission import Admission
from service.batches import Batches
from service.delivery import Deliverer, Delivering, Patience
from service.desk import Desk
from service.gate import Gate
from service.keys import Keyring
from service.limits import Limits
from service.metrics import Metrics
from service.parting import Parting
from service.paths import EncodedSlashes
from service.policies import Policies
from service.rates import Rate
from service.settings import Settings
from service.state import Service
from service.store import Store, making
from service.store.keys import all_keys
from service.store.policies import recorder
from service.sweeping import sweep
from service.telemetry import Telemetry
from service.workers import Examiners

_DESCRIPTION = (
    "Checks news items before they are published: cleaned of the page around them, compared with everything that was"
    " admitted before, assessed sentence by sentence, and decided with reasons."
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
    routers = (family.router, items.router, decisions.router, jobs.router, webhooks.router, feeds.router, health.router)
    for router in routers:
        app.include_router(router)
    pages.install(app)
    review.install(app)
    for part in (problems, repeats, conditional):
        part.install(app)
    app.openapi = partial(described, app.openapi)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    # The last one is met first.
    app.add_middleware(Admission)
    app.add_middleware(Access, rate=Rate(settings.rate, settings.burst))
    app.add_middleware(
        Limits,
        max_body_bytes=settings.max_body_bytes,
        larger={"/v1/batches": settings.max_batch_bytes},
        allowed_hosts=settings.allowed_hosts,
    )
    app.add_middleware(Parting)
    app.add_middleware(Telemetry)
    app.add_middleware(EncodedSlashes)
    return app


@asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[Service]:
    store = Store.open(settings.database)
    try:
        keyring = Keyring(partial(store.read, all_keys))
        require_key(settings, keyring)
        metrics = Metrics()
        policies = Policies(settings.policy, settings.shadow_policy, recorder(store, metrics))
        async with _judging(settings, store, policies, metrics) as (examiners, desk, batches):
            gate = Gate(settings.queue_seconds, settings.queue_bytes)
            deliverer = Deliverer(store, _delivering(settings), observe=metrics.delivered)
            service = Service(settings, store, examiners, desk, batches, keyring, gate, policies, deliverer, metrics)
            async with _beside(policies.watch(), deliverer.run(), sweep(store)):
                metrics.watch(health.gauges(service))
                gc.collect()
                gc.freeze()  # what is there now stays: no collection need look through it again
                yield service
    finally:
        store.close()


@asynccontextmanager
async def _judging(
    settings: Settings, store: Store, policies: Policies, metrics: Metrics
) -> AsyncIterator[tuple[Examiners, Desk, Batches]]:
    # Of this store alone: who knows the code still cannot tell which texts will share a bucket.
    with store.admitting() as connection:  # one node draws it
        sketching = Sketching(secret=making.secret(connection))
        number = making.require(connection, sketching.header, making.cleaner_version())
    examiners = Examiners(settings.workers, settings.examine_seconds, sketching, settings.examine_megabytes)
    desk = Desk(store, examiners, policies, settings.source_window, sketching, number, metrics)
    try:
        await asyncio.gather(desk.fill(), examiners.start())  # each takes a processor
        await desk.warm_up()
        batches = Batches(store, desk, examiners, settings.max_body_bytes)
        try:
            batches.start()
            yield examiners, desk, batches
        finally:
            await batches.stop()
    finally:
        desk.close()
        examiners.stop()


def _delivering(settings: Settings) -> Delivering:
    return Delivering(
        seconds=settings.webhook_seconds,
        allow_private=settings.webhooks_private,
        keep=timedelta(days=settings.event_days),
        patience=Patience(first=settings.webhook_retry_seconds),
    )


@asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run ``work`` beside what happens in the block, and end it with that."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
