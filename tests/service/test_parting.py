"""A stopping server that waits for a request no longer says so, unless it has begun to answer."""

import asyncio
import json
from typing import Any

import pytest

from service.parting import Parting

SCOPE: dict[str, Any] = {"type": "http", "method": "POST", "path": "/v1/items", "headers": []}
START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}


async def _broken_off(begun: bool) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        if begun:
            await send(START)
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read of it any more")

    task = asyncio.create_task(Parting(app)(SCOPE, receive, send))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        sent.append({"type": "broken off"})
    return sent


def test_it_is_told_to_come_again() -> None:
    start, body = asyncio.run(_broken_off(begun=False))
    headers = dict(start["headers"])
    assert (start["status"], headers[b"retry-after"]) == (503, b"5")
    problem = json.loads(body["body"])
    assert problem["type"].endswith(":store-unavailable")
    assert "send it again" in problem["detail"]


def test_an_answer_that_has_begun_is_broken_off() -> None:
    assert asyncio.run(_broken_off(begun=True)) == [START, {"type": "broken off"}]


def test_what_is_no_request_passes() -> None:
    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.sleep(60 if scope["type"] == "lifespan" else 0)

    async def run() -> None:
        await asyncio.wait_for(Parting(app)({"type": "lifespan"}, None, None), 0.01)  # type: ignore[arg-type]

    with pytest.raises(TimeoutError):
        asyncio.run(run())
