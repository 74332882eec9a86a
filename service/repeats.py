"""Requests that may come twice: under an Idempotency-Key a thing is done once, and answered alike each time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request, Response

from service.callers import Caller, CallerDep
from service.problems import ProblemError, answer
from service.state import Service, ServiceDep
from service.store import idempotency
from service.store.idempotency import AnsweredError, Claim

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="drawn by the sender for this request: sent again with the same body, it does nothing twice",
    ),
]


async def _claim(
    request: Request, service: ServiceDep, caller: CallerDep, key: Key = None
) -> AsyncIterator[Claim | None]:
    """The claim of a request that named a key; one that was answered before, or is being answered, ends here."""
    if key is None:
        yield None
        return
    digest = digest_of(request)
    digest.update(await request.body())
    claim = Claim(caller.id, key, digest.digest())
    with alone(service, caller, key):
        await asyncio.to_thread(service.store.read, idempotency.begin, claim)
        yield claim


ClaimDep = Annotated[Claim | None, Depends(_claim)]


@contextmanager
def alone(service: Service, caller: Caller, key: str | None) -> Iterator[None]:
    """Answer one request of a caller's key at a time; raises ProblemError for another one."""
    if key is None:
        yield
        return
    name = (caller.id, key)
    if name in service.in_flight:
        detail = f"a request with the Idempotency-Key {key!r} is being answered; wait for it, or send it again later"
        raise ProblemError(409, "idempotency-in-flight", detail, {"Retry-After": "1"})
    service.in_flight.add(name)
    try:
        yield
    finally:
        service.in_flight.discard(name)


def digest_of(request: Request) -> blake2b:
    """What tells a request from another, before its body."""
    return blake2b(f"{request.method} {request.url.path}?{request.url.query}\n".encode(), digest_size=16)


def install(app: FastAPI) -> None:
    """Answer a request that was answered before as it was answered then."""
    app.add_exception_handler(AnsweredError, _again)
    app.add_exception_handler(idempotency.OtherRequestError, _other)


async def _again(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AnsweredError)  # noqa: S101  # it is registered for no other
    answered = error.answered
    headers = {**answered.headers, "Idempotency-Replayed": "true"}
    return Response(answered.answer, answered.status, headers, "application/json")


async def _other(_request: Request, error: Exception) -> Response:
    return answer(422, "idempotency-mismatch", str(error))
