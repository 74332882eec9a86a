"""One line in the log, one count and one id for every request, whoever answered it."""

from __future__ import annotations

import logging
import random
import re
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access import template_of
from service.metrics import Metrics

_log = logging.getLogger("copytaster.requests")
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})  # asked every few seconds by machines
_chance = random.Random()  # noqa: S311  # an id is no secret; the system's own chance lets go of Python at every draw
_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


class Telemetry:
    """Pure ASGI middleware, the outermost: measures from the request's first byte to the answer's last."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note how it ended."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = time.perf_counter()
        status = 500  # what the server answers when the app gives none
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            _note(scope, status, time.perf_counter() - started)


def request_id_of(scope: Scope) -> str:
    """The id that a proxy gave a request, where it is one that a log can hold; else a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _ID.fullmatch(given) else f"{_chance.getrandbits(128):032x}"


def count_turned_away(metrics: Metrics, scope: Scope) -> None:
    """Count a request that was turned away before anything else looked at it."""
    metrics.requests.labels(scope["method"], template_of(scope["path"]), 503).inc()


def _note(scope: Scope, status: int, seconds: float) -> None:
    # By the template: an address of its own for every item would be a label of its own for every item.
    route = template_of(scope["path"])
    method = scope["method"] if scope["method"] in _METHODS else "other"
    metrics = scope["app"].state.service.metrics
    metrics.requests.labels(method, route, status).inc()
    metrics.request_seconds.labels(route).observe(seconds)
    if route in _QUIET and status < 400:
        return
    state: dict[str, Any] = scope.get("state", {})
    # A flood would write as many lines as there are requests in it: what is turned away is counted above.
    level = logging.DEBUG if state.get("turned_away") else logging.INFO
    if not _log.isEnabledFor(level):
        return
    caller = state.get("caller")
    facts = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "caller": caller.id if caller else None,
        "request": state.get("request_id"),
    }
    _log.log(level, "answered", extra=facts)
