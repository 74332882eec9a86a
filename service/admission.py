"""What is turned away before it is read to its end: too much at once, or JSON nested too deep."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access import template_of
from service.depth import Depth
from service.gate import Gate, OverloadedError
from service.problems import ProblemError, overloaded

MOST_DEPTH = 32
_UNKNOWN_BYTES = 64 * 1024  # what a body is taken to have whose length is not declared

# What makes work; a batch waits until checks and single items leave room.
_BATCHES = "/v1/batches"
_WORK = frozenset(
    {("POST", "/v1/check"), ("POST", "/v1/items"), ("PUT", "/v1/items/{item_id:path}"), ("POST", _BATCHES)}
)


class Admission:
    """Pure ASGI middleware before the routes that make work."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on while there is room, or answer it with a problem."""
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT"):
            return await self._app(scope, receive, send)
        receive = _shallow(receive)
        template = template_of(scope["path"])
        if not makes_work(scope["method"], template):
            return await self._app(scope, receive, send)
        gate: Gate = scope["app"].state.service.gate
        try:
            with gate.admitted(_size(scope), batch=template == _BATCHES):
                return await self._app(scope, receive, send)
        except OverloadedError as error:
            scope.setdefault("state", {})["turned_away"] = True
            await asyncio.sleep(gate.pause())
            return await overloaded(error.retry_after)(scope, receive, send)


def makes_work(method: str, template: str) -> bool:
    """Whether a request to an address with this template is one that the gate looks at."""
    return (method, template) in _WORK


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
