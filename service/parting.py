"""Whoever waits longer than a stopping server does is told so, rather than broken off without a word."""

from __future__ import annotations

import asyncio
import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import stopping

_log = logging.getLogger(__name__)


class Parting:
    """Pure ASGI middleware: a request that the server gives up while it stops is answered with 503."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and answer it where that is broken off before there was any answer."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except asyncio.CancelledError:
            if has_begun:
                raise
            _log.warning("a request was given up, for the server stops: %s %s", scope["method"], scope["path"])
            await stopping()(scope, receive, send)
