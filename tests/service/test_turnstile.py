"""Under overload a request that makes work is answered before anything else looks at it, as fully as by anybody."""

import asyncio
import json
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest

from service.gate import Gate
from service.metrics import Metrics
from service.turnstile import Turnstile

PASSED: list[dict[str, Any]] = [{"type": "passed"}]


class App:
    """The service, as far as a turnstile sees of it."""

    def __init__(self, *, is_full: bool) -> None:
        self.gate, self.metrics = Gate(longest_wait=0.5, most_bytes=1 << 30), Metrics()
        self.state = SimpleNamespace(service=SimpleNamespace(gate=self.gate, metrics=self.metrics))
        self._held = ExitStack()
        while self.gate.is_full != is_full:
            self._held.enter_context(self.gate.admitted(0))

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        await send(PASSED[0])


def _answer(app: Any, method: str, path: str, *headers: tuple[bytes, bytes]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("the body of a request that is turned away is not read")

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    asyncio.run(Turnstile(app)(scope, receive, send))
    return sent


def test_who_finds_no_room_is_told_when_to_come_again() -> None:
    app = App(is_full=True)
    start, body = _answer(app, "POST", "/v1/check", (b"x-request-id", b"from-the-proxy"))
    headers = dict(start["headers"])
    assert (start["status"], headers[b"content-type"]) == (503, b"application/problem+json")
    assert headers[b"retry-after"] == str(app.gate.retry_after).encode()
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"x-request-id"] == b"from-the-proxy"
    assert int(headers[b"content-length"]) == len(body["body"])
    assert json.loads(body["body"])["type"] == "urn:copytaster:problem:overloaded"
    counted = app.metrics.requests.labels("POST", "/v1/check", 503)._value.get()
    assert counted == 1


def test_each_answer_has_an_id_of_its_own() -> None:
    app = App(is_full=True)
    ids = {dict(_answer(app, "PUT", f"/v1/items/{n}")[0]["headers"])[b"x-request-id"] for n in range(3)}
    assert len(ids) == 3
    assert all(len(one) == 32 for one in ids)


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/items"), ("GET", "/livez"), ("POST", "/v1/decisions")])
def test_what_makes_no_work_passes_whatever_waits(method: str, path: str) -> None:
    assert _answer(App(is_full=True), method, path) == PASSED


def test_while_there_is_room_everything_passes() -> None:
    assert _answer(App(is_full=False), "POST", "/v1/items") == PASSED
