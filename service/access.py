"""Which route needs which scope, in one table; what is not in it is closed. Checked before a body is read."""

from __future__ import annotations

import logging
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from service.callers import LOCAL, UNKNOWN, Caller, holder
from service.keys import Key, Keyring, Scope
from service.problems import answer, documented, store_unavailable
from service.rates import Buckets, Grant, Rate
from service.settings import Settings, is_loopback
from service.sqlite import UNAVAILABLE, StoreError

_log = logging.getLogger(__name__)
Scopes = frozenset[Scope]

OPEN: Scopes = frozenset()  # for everybody, without a key
CHECK: Scopes = frozenset({"check", "write"})  # who may store an item may also ask about one
WRITE: Scopes = frozenset({"write"})
REVIEW: Scopes = frozenset({"review"})
READ: Scopes = frozenset({"write", "review"})
ANY: Scopes = frozenset({"check", "write", "review"})
ADMIN: Scopes = frozenset({"admin"})

# One of the scopes is enough, and ``admin`` always is. A route that is missing here is not there. Where two addresses
# fit, the first counts, as it does in the routers.
ACCESS: Mapping[str, Scopes] = {
    "POST /v1/check": CHECK,
    "POST /v1/items": WRITE,
    "GET /v1/items": READ,
    "GET /v1/items/{item_id}/matches": READ,
    "GET /v1/items/{item_id}/story": READ,
    "POST /v1/items/{item_id}/retract": REVIEW,
    "GET /v1/items/{item_id:path}": READ,
    "PUT /v1/items/{item_id:path}": WRITE,
    "DELETE /v1/items/{item_id:path}": WRITE,
    "POST /v1/decisions": REVIEW,
    "GET /v1/decisions": REVIEW,
    "GET /v1/decisions.jsonl": REVIEW,
    "POST /v1/batches": WRITE,
    "GET /v1/jobs/{job_id}": WRITE,
    "GET /v1/jobs/{job_id}/results": WRITE,
    "GET /v1/jobs/{job_id}/events": WRITE,
    "POST /v1/jobs/{job_id}/cancel": WRITE,
    "GET /feed.atom": ANY,
    "HEAD /feed.atom": ANY,
    "GET /feed.rss": ANY,
    "HEAD /feed.rss": ANY,
    "GET /feed.json": ANY,
    "HEAD /feed.json": ANY,
    "POST /v1/webhooks": ADMIN,
    "GET /v1/webhooks": ADMIN,
    "GET /v1/webhooks/{webhook_id}": ADMIN,
    "DELETE /v1/webhooks/{webhook_id}": ADMIN,
    "POST /v1/webhooks/{webhook_id}/rotate": ADMIN,
    "GET /v1/webhooks/{webhook_id}/deliveries": ADMIN,
    "POST /v1/webhooks/{webhook_id}/replay": ADMIN,
    # The review page has an entrance of its own (service/review/visitors.py), with pages for those it turns away.
    "GET /review": OPEN,
    "GET /review/item": OPEN,
    "GET /review/decisions": OPEN,
    "GET /review/decision": OPEN,
    "GET /review/decisions.jsonl": OPEN,
    "GET /review/overview": OPEN,
    "GET /review/advisor": OPEN,
    "GET /review/live": OPEN,
    "GET /review/feed.atom": OPEN,
    "GET /review/sign-in": OPEN,
    "GET /review/static/{name}": OPEN,
    "POST /review/decide": OPEN,
    "POST /review/claim": OPEN,
    "POST /review/pin": OPEN,
    "POST /review/label": OPEN,
    "POST /review/give-back": OPEN,
    "POST /review/bulk": OPEN,
    "POST /review/undo": OPEN,
    "POST /review/advisor": OPEN,
    "POST /review/sign-in": OPEN,
    "POST /review/sign-out": OPEN,
    "GET /metrics": ADMIN,
    "GET /livez": OPEN,
    "GET /readyz": OPEN,
    "GET /docs": OPEN,
    "GET /openapi.json": OPEN,
    "HEAD /openapi.json": OPEN,
    "GET /docs/assets/{file:path}": OPEN,
}
_ROUTES = [
    (method, template, compile_path(template)[0], scopes)
    for (method, template), scopes in ((name.split(" "), scopes) for name, scopes in ACCESS.items())
]
_CHALLENGE = 'Bearer realm="copytaster"'
_FORWARDED = ("forwarded", "x-forwarded-for", "via")


@lru_cache(maxsize=4_096)
def needed(method: str, path: str) -> Scopes | None:
    """The scopes of which a request needs one: any of all for a method not answered there; None: no such address."""
    fitting = [(known, scopes) for known, _, address, scopes in _ROUTES if address.match(path)]
    exact = next((scopes for known, scopes in fitting if known == method), None)
    return exact if exact is not None else (ANY if fitting else None)


@lru_cache(maxsize=4_096)
def template_of(path: str) -> str:
    """The address that ``path`` is one of, with its parameters' names; "none" where it is none."""
    return next((template for _, template, address, _ in _ROUTES if address.match(path)), "none")


def require_key(settings: Settings, keyring: Keyring) -> None:
    """Raise StoreError when others could reach a service for which no key was ever made."""
    if keyring.empty and not is_loopback(settings.host):
        raise StoreError(
            f"host is {settings.host!r}, which other machines can reach, and there is no key yet; make one with"
            " copytaster keys create NAME --scope write (and the same --database), or use 127.0.0.1"
        )


class Access:
    """Pure ASGI middleware: finds who calls, whether they may, and whether they may so often."""

    def __init__(self, app: ASGIApp, *, rate: Rate) -> None:
        self._app = app
        self._rate = rate
        self._buckets = Buckets()

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Pass a request on with its caller in ``request.state.caller``, or answer it with a problem."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        keyring: Keyring = scope["app"].state.service.keyring
        wanted = needed(scope["method"], scope["path"])
        try:
            await keyring.refresh()
        except UNAVAILABLE:
            # Whether a key was revoked cannot be known: what takes one is closed, and what takes none goes on.
            _log.warning("the keys cannot be read")
            if wanted != OPEN:
                return await store_unavailable()(scope, receive, send)
        headers = Headers(scope=scope)
        token = _token(headers)
        key = keyring.find(token) if token else None
        caller = holder(key) if key else LOCAL if keyring.empty and is_local(scope) else UNKNOWN
        scope.setdefault("state", {})["caller"] = caller
        refusal = _refusal(wanted, caller, scope, invalid=token is not None and key is None)
        if refusal is not None:
            return await refusal(scope, receive, send)
        if key is None:
            return await self._app(scope, receive, send)
        grant = self._buckets.take(key.id, _rate(key, self._rate))
        if not grant.allowed:
            return await _too_often(grant)(scope, receive, send)
        return await self._app(scope, receive, _telling(send, grant))


def _rate(key: Key, usual: Rate) -> Rate:
    return Rate(key.rate or usual.per_second, key.burst or usual.burst)


def _token(headers: Headers) -> str | None:
    """The key in an Authorization header: as a bearer's, or as the password that a feed reader sends."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(value.strip(), validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return None


def _refusal(wanted: Scopes | None, caller: Caller, scope: Connection, *, invalid: bool) -> ASGIApp | None:
    """The problem that answers a caller who may not; None for one who may."""
    if wanted == OPEN or (scope["path"] == "/metrics" and is_local(scope)):
        return None
    if caller is UNKNOWN:
        return _who_are_you(invalid=invalid)
    if wanted is None:
        return answer(404, "not-found", f"{scope['method']} {scope['path']}: there is no such address")
    return None if caller.may(wanted) else _not_yours(caller, wanted)


def _who_are_you(*, invalid: bool) -> ASGIApp:
    if invalid:
        detail = "this key is unknown, expired or revoked; ask the service's operator for another one"
        return answer(401, "unauthorized", detail, {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'})
    detail = "send a key (Authorization: Bearer ct_…); the service's operator makes one with: copytaster keys create"
    return answer(401, "unauthorized", detail, {"WWW-Authenticate": _CHALLENGE})


def _not_yours(caller: Caller, wanted: Scopes) -> ASGIApp:
    names = sorted(wanted)
    challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{" ".join(names)}"'
    detail = (
        f"the key {caller.name!r} has the scopes {', '.join(sorted(caller.scopes))}; this needs {' or '.join(names)}"
    )
    return answer(403, "forbidden", detail, {"WWW-Authenticate": challenge})


def _too_often(grant: Grant) -> ASGIApp:
    detail = f"this key may make {grant.rate.per_second:g} requests a second, {grant.rate.burst} at once"
    headers = {"Retry-After": str(grant.retry_after), **grant.headers()}
    return answer(429, "too-many-requests", detail, headers)


def _telling(send: Send, grant: Grant) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(grant.headers())
        await send(message)

    return sending


def is_local(scope: Connection) -> bool:
    """Whether a request comes from this machine itself, and through no proxy on it."""
    headers = Headers(scope=scope)
    client = scope.get("client")
    if client is None or any(name in headers for name in _FORWARDED):
        return False
    return is_loopback(client[0])


def described(original: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The app's OpenAPI schema with the scopes that each route needs, and how those who lack them are answered."""
    schema = original()
    components = schema.setdefault("components", {})
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": _ABOUT_KEYS}}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            scopes = ACCESS.get(f"{method.upper()} {path}") or ACCESS.get(f"{method.upper()} {_as_routed(path)}")
            if scopes:
                operation["security"] = [{"key": [scope]} for scope in sorted(scopes | {"admin"})]
                operation["responses"] |= {str(code): value for code, value in documented(401, 403, 429).items()}
    return schema


def _as_routed(path: str) -> str:
    """A path of the schema as the table has it: the schema leaves out that an item's id may hold slashes."""
    return path.replace("{item_id}", "{item_id:path}")


_ABOUT_KEYS = "A key, as `copytaster keys create` shows it once. While there is none, this machine needs none."
