"""The HTTP API of copytaster, as far as a CMS needs it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from copytaster_wagtail import conf

_PASSING = frozenset({401, 403, 408, 425, 429})  # the first two until somebody puts the key right


class ServiceError(Exception):
    """copytaster gave no usable answer; ``passing`` says whether it is worth asking again."""

    def __init__(self, message: str, *, status: int = 0, passing: bool) -> None:
        super().__init__(message)
        self.status = status
        self.passing = passing


def check(item: dict[str, Any]) -> dict[str, Any]:
    """The verdict on an item, of which nothing is stored."""
    return _call("POST", "/v1/check", item)


def admit(item: dict[str, Any]) -> dict[str, Any]:
    """Store an item that is published here; a changed one becomes a new version of it."""
    try:
        status, stored = _ask("POST", "/v1/items", item)
    except ServiceError as error:
        if error.status != 409:
            raise
        return _supersede(item)
    if status == 200 and stored["status"] != "published":
        # It was retracted or held with these words, and comes to the readers now. Under a name of its own the version
        # is judged anew; without one it would be the same again, and be answered as it was.
        return _supersede(item | {"version": datetime.now(UTC).isoformat(timespec="seconds")})
    return stored


def _supersede(item: dict[str, Any]) -> dict[str, Any]:
    """Store a version of an item. Its id stands in the address alone."""
    return _call("PUT", _path(item["id"]), {name: value for name, value in item.items() if name != "id"})


def retract(item_id: str, reason: str) -> None:
    """Say that an item is no longer published, so that copies of it can be found; one that never came is no error."""
    _unless_gone("POST", f"{_path(item_id)}/retract", {"why": reason})


def erase(item_id: str) -> None:
    """Erase an item with its text; one that is gone already is no error."""
    _unless_gone("DELETE", _path(item_id))


def _unless_gone(method: str, path: str, body: dict[str, Any] | None = None) -> None:
    try:
        _call(method, path, body)
    except ServiceError as error:
        if error.status != 404:
            raise


def decide(decision: dict[str, Any], key: str) -> None:
    """Record what an editor decided, against the verdict; ``key`` names it, so that it is recorded once."""
    _call("POST", "/v1/decisions", decision, key)


def _path(item_id: str) -> str:
    return f"/v1/items/{quote(item_id, safe='')}"


def _call(method: str, path: str, body: dict[str, Any] | None = None, key: str = "") -> dict[str, Any]:
    return _ask(method, path, body, key)[1]


def _ask(method: str, path: str, body: dict[str, Any] | None = None, key: str = "") -> tuple[int, dict[str, Any]]:
    """The status and the body of an answer; raises ServiceError for one that is no success."""
    settings = conf.current()
    headers = {"Accept": "application/json"}
    if settings.key:
        headers["Authorization"] = f"Bearer {settings.key}"
    content = None if body is None else json.dumps(body).encode()
    if content is not None:
        headers["Content-Type"] = "application/json"
    if key:
        headers["Idempotency-Key"] = key
    try:
        # A proxy of the machine's has no business with the key; redirects are not followed for the same reason.
        answer = httpx.request(
            method,
            settings.url.rstrip("/") + path,
            content=content,
            headers=headers,
            timeout=settings.timeout,
            trust_env=False,
        )
    except httpx.TransportError as error:
        raise ServiceError(f"copytaster could not be reached ({error})", passing=True) from error
    return answer.status_code, _read(answer)


def _read(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json() if answer.content else {}
    except ValueError:
        body = None
    if answer.is_success and isinstance(body, dict):
        return body
    detail = body.get("detail") if isinstance(body, dict) else answer.reason_phrase
    passing = answer.is_success or answer.is_server_error or answer.status_code in _PASSING
    raise ServiceError(
        f"copytaster answered {answer.status_code}: {detail}", status=answer.status_code, passing=passing
    )
