"""Ids with slashes in addresses: ``/v1/items/a%2Fb/story`` is about the item ``a/b``, and not about ``a/b/story``."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Receive, Scope, Send

MARK = "\x1f"  # stands for an encoded slash on the way to the route; no id may have it
_SLASH = re.compile(rb"%2f", re.IGNORECASE)


class EncodedSlashes:
    """Pure ASGI middleware: keeps slashes that were sent encoded apart from those that part an address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its path as the routes are to see it."""
        raw: bytes = scope.get("raw_path") or b""
        if scope["type"] == "http" and _SLASH.search(raw):
            marked = unquote_to_bytes(_SLASH.sub(MARK.encode(), raw.partition(b"?")[0]))
            scope = {**scope, "path": marked.decode("utf-8", "replace")}
        await self._app(scope, receive, send)


def unmarked(value: str) -> str:
    """An id as it was sent."""
    return value.replace(MARK, "/")
