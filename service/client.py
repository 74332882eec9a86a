"""A client of the service: typed answers, retries where they are safe, problems as exceptions."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel

from service.editor_messages import (
    DecisionIn,
    DecisionOut,
    MatchesOut,
    RetractionIn,
    RetractionOut,
    StoryOut,
)
from service.jobs import JobOut
from service.messages import ItemIn, ItemOut, ItemPage, VerdictOut

M = TypeVar("M", bound=BaseModel)

_PROBLEM = "urn:copytaster:problem:"
_LATER = frozenset({429, 503})
_NOT_THERE, _CONFLICT = 404, 409
_LONGEST_PAUSE = 30.0


class ServiceProblemError(Exception):
    """A problem that the service answered with (RFC 9457)."""

    def __init__(self, status: int, name: str, detail: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(f"{status} {name}: {detail}")
        self.status = status
        self.name = name  # the problem's stable name: "item-conflict", "invalid-request", …
        self.detail = detail
        self.errors = errors or []


class Client:
    """Calls one service. Use it as a context manager, or ``close`` it."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = 30.0,
        attempts: int = 4,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """``attempts``: how often a call is made at most when the service is busy, out of reach, or limits the key."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, transport=transport)
        self._attempts = attempts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def check(self, item: ItemIn | Mapping[str, Any], *, html: bool = False) -> VerdictOut:
        """The verdict on an item; nothing is stored."""
        return self._get(VerdictOut, "POST", "/v1/check", params=_flag(html), json=_sent(item))

    def admit(self, item: ItemIn | Mapping[str, Any], *, html: bool = False) -> ItemOut:
        """Check an item and store it. The same item again gives the stored one."""
        return self.admitted(item, html=html)[0]

    def admitted(self, item: ItemIn | Mapping[str, Any], *, html: bool = False) -> tuple[ItemOut, bool]:
        """The same, and whether it is new."""
        response = self.call("POST", "/v1/items", params=_flag(html), json=_sent(item), once=True)
        return ItemOut.model_validate_json(response.content), response.status_code == 201

    def supersede(self, item: ItemIn | Mapping[str, Any], *, html: bool = False) -> ItemOut:
        """Store another version of an item."""
        sent = _sent(item)
        path = _item(sent.pop("id"))
        return self._get(ItemOut, "PUT", path, params=_flag(html), json=sent, once=True)

    def item(self, item_id: str, *, html: bool = False) -> ItemOut:
        """A stored item."""
        return self._get(ItemOut, "GET", _item(item_id), params=_flag(html))

    def items(self, *, status: str | None = None, source: str | None = None) -> Iterator[ItemOut]:
        """Stored items, the latest first; pages are asked for as they are needed."""
        wanted = {name: value for name, value in (("status", status), ("source", source)) if value is not None}
        cursor: str | None = None
        while True:
            page = self._get(ItemPage, "GET", "/v1/items", params={**wanted, **({"cursor": cursor} if cursor else {})})
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def delete(self, item_id: str, *, why: str = "") -> None:
        """Erase an item, with all its versions."""
        self.call("DELETE", _item(item_id), params={"why": why} if why else {}, gone=True)

    def matches(self, item_id: str) -> MatchesOut:
        """The earlier items that say the same as a stored one, with both texts side by side."""
        return self._get(MatchesOut, "GET", f"{_item(item_id)}/matches")

    def story(self, item_id: str) -> StoryOut:
        """The family tree that an item stands in."""
        return self._get(StoryOut, "GET", f"{_item(item_id)}/story")

    def retract(self, item_id: str, *, why: str = "", by: str | None = None) -> RetractionOut:
        """Take an item back; the published near-copies of it."""
        given = RetractionIn(why=why, by=by).model_dump(exclude_none=True)
        return self._get(RetractionOut, "POST", f"{_item(item_id)}/retract", json=given, once=True)

    def decide(self, decision: DecisionIn) -> DecisionOut:
        """Put an editor's word before the verdict."""
        given = decision.model_dump(exclude_unset=True)  # a pair's null is a word: it takes a pin back
        return self._get(DecisionOut, "POST", "/v1/decisions", json=given, once=True)

    def batch(self, items: Iterable[ItemIn | Mapping[str, Any]]) -> JobOut:
        """Send many items at once; they are admitted in order while ``job`` tells how far."""
        lines = "\n".join(json.dumps(_sent(item), ensure_ascii=False) for item in items)
        headers = {"Content-Type": "application/x-ndjson"}
        return self._get(JobOut, "POST", "/v1/batches", content=lines.encode(), headers=headers, once=True)

    def job(self, job_id: str) -> JobOut:
        """How a batch stands."""
        return self._get(JobOut, "GET", f"/v1/jobs/{quote(job_id, safe='')}")

    def _get(self, model: type[M], method: str, path: str, **request: Any) -> M:
        return model.model_validate_json(self.call(method, path, **request).content)

    def call(self, method: str, path: str, *, once: bool = False, gone: bool = False, **request: Any) -> httpx.Response:
        """One call, made again while it may help; raises ServiceProblemError, or httpx.TransportError.

        ``once``: with an Idempotency-Key, so that a call that was heard but not answered is not done twice.
        ``gone``: that there is no such thing (404) is as good as success to a call that is made again.
        """
        headers = {**request.pop("headers", {}), **({"Idempotency-Key": str(uuid4())} if once else {})}
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                response = self._http.request(method, path, headers=headers, **request)
            except httpx.TransportError:
                if last:
                    raise
                time.sleep(_pause(attempt, None))
                continue
            if last or not _passes(response):
                break
            time.sleep(_pause(attempt, response.headers.get("retry-after")))
        # A redirect is not followed, for the key would travel along: it is a problem like others.
        if not response.is_success and not (gone and attempt > 1 and response.status_code == _NOT_THERE):
            raise _problem(response)
        return response


def _passes(response: httpx.Response) -> bool:
    """Whether the same call may be answered otherwise a little later."""
    return response.status_code in _LATER or (
        response.status_code == _CONFLICT and _problem(response).name == "idempotency-in-flight"
    )


def _pause(attempt: int, asked: str | None) -> float:
    """Seconds until the next attempt: what the service asks for, or ever longer."""
    wanted = float(asked) if asked and asked.isdecimal() else 0.25 * 2.0**attempt
    return min(wanted, _LONGEST_PAUSE)


def _problem(response: httpx.Response) -> ServiceProblemError:
    try:
        told = response.json()
        name = str(told["type"]).removeprefix(_PROBLEM)
        return ServiceProblemError(response.status_code, name, told["detail"], told.get("errors"))
    except (ValueError, KeyError, TypeError):  # not ours: a proxy's page, say
        where = f"it names {response.headers['location']}: " if "location" in response.headers else ""
        return ServiceProblemError(response.status_code, "unknown", where + response.text[:200])


def _sent(item: ItemIn | Mapping[str, Any]) -> dict[str, Any]:
    return item.model_dump(mode="json", exclude_defaults=True) if isinstance(item, ItemIn) else dict(item)


def _item(item_id: str) -> str:
    return f"/v1/items/{quote(item_id, safe='')}"


def _flag(html: bool) -> dict[str, str]:
    return {"html": "true"} if html else {}
