"""What is turned away before it is read to its end: too much at once, or JSON nested too deep."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access import template_of
from service.depth import Depth
from service.gate import Gate, OverloadedError
from service.problems import ProblemError, answer

MOST_DEPTH = 32
_UNKNOWN_BYTES = 64 * 1024  # what a body is taken to have whose length is not declared

# What makes work; a batch waits until checks and single items leave room.
_WORK = frozenset({"POST /v1/check", "POST /v1/items", "PUT /v1/items/{item_id:path}"})
_BATCHES = frozenset({"POST /v1/batches"})


class Admission:
    """Pure ASGI middleware before the routes that make work."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on while there is room, or answer it with a problem."""
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT"):
            return await self._app(scope, receive, send)
        receive = _shallow(receive)
        route = f"{scope['method']} {template_of(scope['path'])}"
        if route not in _WORK and route not in _BATCHES:
            return await self._app(scope, receive, send)
        gate: Gate = scope["app"].state.service.gate
        try:
            with gate.admitted(_size(scope), batch=route in _BATCHES):
                return await self._app(scope, receive, send)
        except OverloadedError as error:
            scope.setdefault("state", {})["turned_away"] = True
            await asyncio.sleep(gate.pause())
            return await _overloaded(error.retry_after)(scope, receive, send)


@lru_cache(maxsize=64)
def _overloaded(retry_after: int) -> ASGIApp:
    """The answer to who is turned away: the same to many, who come in when there is least time to write it."""
    error = OverloadedError(retry_after)
    return answer(503, "overloaded", str(error), {"Retry-After": str(retry_after)})


def _size(scope: Scope) -> int:
    declared = Headers(scope=scope).get("content-length", "")
    return int(declared) if declared.isdecimal() else _UNKNOWN_BYTES


def _shallow(receive: Receive) -> Receive:
    """``receive``, which raises ProblemError once what came nests deeper than any item does."""
    depth = Depth()

    async def counted() -> Message:
        message = await receive()
        if message["type"] == "http.request" and depth.feed(message.get("body", b"")) > MOST_DEPTH:
            raise ProblemError(400, "too-deep", f"JSON may nest {MOST_DEPTH} deep; an item has one level")
        return message

    return counted
