"""What is turned away unread: a foreign host name, a body that is too large, a body that is not JSON."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.keys import Keyring
from service.problems import ProblemError, answer


class Limits:
    """Pure ASGI middleware: counts a body as it streams in, whatever its headers say of its length."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body_bytes: int,
        allowed_hosts: frozenset[str],
        larger: Mapping[str, int] | None = None,
    ) -> None:
        """``larger``: addresses whose bodies may have more bytes, and how many."""
        self._app = app
        self._max = max_body_bytes
        self._larger = larger or {}
        self._hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a problem."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        keyring: Keyring = scope["app"].state.service.keyring
        if keyring.empty and _host_name(headers.get("host", "")) not in self._hosts:
            detail = "call it by its address, name it in public_url (COPYTASTER_PUBLIC_URL), or make a key"
            return await answer(421, "wrong-host", detail)(scope, receive, send)
        most = self._larger.get(scope["path"], self._max)
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > most:
            problem = _too_large(most)
            refusal = answer(problem.status_code, problem.name, problem.detail, problem.headers)
            return await refusal(scope, receive, send)
        return await self._app(scope, _counted(receive, most), _without_sniffing(send))


def _counted(receive: Receive, most: int) -> Receive:
    """Receive no more than ``most`` bytes of body."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise _too_large(most)
        return message

    return counted


def _too_large(most: int) -> ProblemError:
    detail = f"a body may have {most:,} bytes here (COPYTASTER_MAX_BODY_BYTES, COPYTASTER_MAX_BATCH_BYTES)"
    return ProblemError(413, "body-too-large", detail, {"Connection": "close"})


def _without_sniffing(send: Send) -> Send:
    """Send with a header that keeps browsers from reading an answer as anything but what it says it is."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["X-Content-Type-Options"] = "nosniff"
        await send(message)

    return sending


def _host_name(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


async def require_json(request: Request) -> None:
    """A route's dependency: other media types would be read as JSON by nobody, and let a foreign page post a form."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ProblemError(415, "unsupported-media-type", "send the item with Content-Type: application/json")
