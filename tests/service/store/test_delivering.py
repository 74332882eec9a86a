"""How events are delivered by one process: side by side, and nobody waits for who does not answer."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from service.delivery import Deliverer, Delivering
from service.signing import make_secret
from service.store import Store, events, items, webhooks
from tests.service.conftest import Receiver
from tests.service.store.conftest import T0, news


@contextmanager
def _silent() -> Iterator[str]:
    """The address of somebody who takes every call and answers none."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            ended.wait(60)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        ended.set()
        server.shutdown()


def _subscribe(store: Store, name: str, url: str) -> None:
    store.write(webhooks.add_webhook, name, url, (), make_secret(), "test", T0)


def _deliver(store: Store, until: Callable[[], bool]) -> bool:
    """Whether ``until`` held within a few seconds of delivering."""

    async def deliver() -> bool:
        deliverer = Deliverer(store, Delivering(seconds=60, allow_private=True))
        running = asyncio.create_task(deliverer.run())
        for _ in range(200):
            if until():
                break
            await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return until()

    return asyncio.run(deliver())


def test_who_does_not_answer_holds_up_nobody_else(store: Store, receiver: Callable[..., Receiver]) -> None:
    hook = receiver()
    with _silent() as silent:
        _subscribe(store, "silent", silent)
        _subscribe(store, "hook", hook.url)
        item = store.write(items.insert_item, news("a"))
        for _ in range(20):
            store.write(events.emit, "item.published", item, T0)
        assert _deliver(store, lambda: len(hook.calls) >= 20), f"{len(hook.calls)} of 20 events were delivered"


def test_a_stop_that_comes_with_news_is_a_stop(store: Store) -> None:
    """An attempt that ends just then wakes the loop that is being ended."""

    async def stop() -> None:
        deliverer = Deliverer(store, Delivering(poll_seconds=60))
        running = asyncio.create_task(deliverer.run())
        while not deliverer._wake._waiters:  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
        deliverer.wake()
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=5)
        assert done == {running}
        assert running.cancelled()

    asyncio.run(stop())
