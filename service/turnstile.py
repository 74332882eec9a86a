"""The shortest way out: under overload a request that makes work is turned away before anything else looks at it.

A flood is turned away by the processor that is to do the work of those who were let in, so that what this costs is what
they lose. Whoever is let through meets the same gate again behind the checks of keys and hosts.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from service.access import template_of
from service.admission import makes_work
from service.gate import Gate
from service.problems import overloaded
from service.telemetry import count_turned_away, request_id_of


class Turnstile:
    """An ASGI app around the service's: passes requests on while the gate has room."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with 503 when it would be turned away."""
        if scope["type"] == "http" and makes_work(scope["method"], template_of(scope["path"])):
            gate: Gate = self._app.state.service.gate
            if gate.is_full:
                await asyncio.sleep(gate.pause())
                count_turned_away(self._app.state.service.metrics, scope)
                start, body = _refusal(gate.retry_after)
                identity = (b"x-request-id", request_id_of(scope).encode())
                await send({**start, "headers": [*start["headers"], identity]})
                await send(body)
                return
        await self._app(scope, receive, send)


@lru_cache(maxsize=64)
def _refusal(retry_after: int) -> tuple[Message, Message]:
    """The messages of the answer: the same to many, who come in when there is least time to write it."""
    response = overloaded(retry_after)
    headers = [*response.raw_headers, (b"x-content-type-options", b"nosniff")]
    start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
    return start, {"type": "http.response.body", "body": response.body}
