"""One line in the log and one count for every request, whoever answered it."""

from __future__ import annotations

import logging
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access import template_of

_log = logging.getLogger("copytaster.requests")
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})  # asked every few seconds by machines
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

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            _note(scope, status, time.perf_counter() - started)


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
    caller = state.get("caller")
    facts = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "caller": caller.id if caller else None,
        "request": state.get("request_id"),
    }
    _log.info("answered", extra=facts)
