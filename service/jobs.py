"""The routes for batches: send many items at once, watch what becomes of them, cancel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from service.callers import Caller, CallerDep
from service.problems import ProblemError, documented
from service.repeats import Key, alone, digest_of
from service.sqlite import UNAVAILABLE
from service.state import Service, ServiceDep
from service.store import Store, idempotency
from service.store import jobs as store
from service.store.idempotency import Answered, Claim
from service.store.jobs import Job, Line
from service.store.records import now

router = APIRouter(prefix="/v1", tags=["batches"])

_LINES = 500  # written at a time while they come in, and read at a time when they go out
_LOOK_SECONDS = 0.5  # between two looks at a job that is watched
_OVER = ("done", "cancelled")
_READ = documented(404, 421, 422, 500, 503)
_NDJSON = "application/x-ndjson"
_MEDIA_TYPES = (_NDJSON, "application/jsonl", "application/json-seq")


class JobOut(BaseModel):
    """A batch as it stands."""

    id: str
    state: Literal["receiving", "queued", "running", "done", "cancelled"]
    created: datetime
    started: datetime | None
    finished: datetime | None
    total: int = Field(description="lines")
    waiting: int
    done: int = Field(description="lines whose item is stored, now or before")
    failed: int = Field(description="lines that could not be stored; results has the problem of each")
    results: str = Field(description="where what became of each line is, as lines of JSON")
    events: str = Field(description="where progress is told as it is made (server-sent events)")


class LineOut(BaseModel):
    """What became of a line."""

    line: int = Field(description="1, 2, 3, …")
    state: Literal["done", "failed", "cancelled"]
    id: str | None = None
    status: Literal["published", "held", "rejected", "retracted"] | None = None
    new: bool | None = Field(default=None, description="false when the same item was stored before")
    reasons: list[str] | None = None
    problem: dict[str, Any] | None = None


@router.post(
    "/batches",
    status_code=202,
    responses=documented(400, 409, 413, 415, 421, 422, 500, 503),
    openapi_extra={"requestBody": {"required": True, "content": {_NDJSON: {"schema": {"type": "string"}}}}},
    summary="Admit many items",
)
async def send(request: Request, response: Response, service: ServiceDep, caller: CallerDep, key: Key = None) -> JobOut:
    """Take in items as lines of JSON, each as ``POST /v1/items`` takes it, and answer at once with a job.

    202 is answered once all lines are on the disk. They are admitted in order; a line that cannot be is reported and
    holds up no other. The same batch may be sent again: items that are stored already are left alone.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise ProblemError(415, "unsupported-media-type", f"send lines of JSON with Content-Type: {_NDJSON}")
    with alone(service, caller, key):
        job = await _receive(request, service, caller, key)
    service.batches.wake()
    response.headers["Location"] = _address(job)
    return job


async def _receive(request: Request, service: Service, caller: Caller, key: str | None) -> JobOut:
    """Write the lines of a request as they come in; nothing of them is left when that fails."""
    job_seq = await asyncio.to_thread(service.store.write, store.create, caller.id, now())
    try:
        digest = digest_of(request)
        total = await _write(request, service, job_seq, digest)
        if not total:
            raise ProblemError(422, "invalid-request", "the batch has no line; send one item a line")
        claim = None if key is None else Claim(caller.id, key, digest.digest())
        return await asyncio.to_thread(service.store.write, _queue, job_seq, total, claim)
    except BaseException:
        with suppress(*UNAVAILABLE):  # the next start takes it back
            service.store.write(store.drop, job_seq)
        raise


async def _write(request: Request, service: Service, job_seq: int, digest: blake2b) -> int:
    """How many lines a request has, which are written."""
    kept: list[Line] = []
    total = 0
    async for line in _lines(request, digest):
        if line.strip():
            total += 1
            kept.append(Line(total, line.decode("utf-8", "replace").replace("\x00", "\ufffd")))
        if len(kept) == _LINES:
            await asyncio.to_thread(service.store.write, store.append, job_seq, kept)
            kept = []
    await asyncio.to_thread(service.store.write, store.append, job_seq, kept)
    return total


def _queue(connection: Connection, job_seq: int, total: int, claim: Claim | None) -> JobOut:
    """Let a job run, and keep with it how its request was answered."""
    if claim is not None:
        idempotency.begin(connection, claim)
    store.queue(connection, job_seq, total)
    job = _out(store.of_seq(connection, job_seq))
    if claim is not None:
        answered = Answered(202, {"location": _address(job)}, job.model_dump_json())
        idempotency.keep(connection, claim, answered, now(), None)
    return job


def _address(job: Job | JobOut) -> str:
    return f"/v1/jobs/{job.id}"


async def _lines(request: Request, digest: blake2b) -> AsyncIterator[bytes]:
    rest: list[bytes] = []
    async for chunk in request.stream():
        digest.update(chunk)
        head, *more = chunk.split(b"\n")
        rest.append(head)
        for line in more:
            yield b"".join(rest)
            rest = [line]
    yield b"".join(rest)


@router.get("/jobs/{job_id}", responses=_READ, summary="How a batch stands")
async def read(job_id: str, service: ServiceDep) -> JobOut:
    """How many lines are done, failed, and wait."""
    return _out(await _find(service, job_id))


@router.get(
    "/jobs/{job_id}/results",
    responses={200: {"content": {_NDJSON: {"schema": {"type": "string"}}}}, **_READ},
    response_class=StreamingResponse,
    summary="What became of each line",
)
async def results(
    job_id: str,
    service: ServiceDep,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="leave out the lines up to this one")] = 0,
) -> StreamingResponse:
    """What became of the lines that are over, in order, a line of JSON each."""
    job = await _find(service, job_id)
    return StreamingResponse(_outcomes(service.store, job.seq, after), media_type=_NDJSON)


def _outcomes(store_: Store, job_seq: int, after: int) -> Iterator[str]:
    while outcomes := store_.read(store.outcomes, job_seq, after, _LINES):
        for outcome in outcomes:
            line = LineOut.model_validate({"line": outcome.number, "state": outcome.state} | outcome.answer)
            yield line.model_dump_json(exclude_none=True) + "\n"
        after = outcomes[-1].number


@router.get(
    "/jobs/{job_id}/events",
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}, **_READ},
    response_class=StreamingResponse,
    summary="Watch a batch",
)
async def watch(job_id: str, request: Request, service: ServiceDep) -> StreamingResponse:
    """The job each time that it has changed, as server-sent events named ``progress``; the last one is ``over``."""
    await _find(service, job_id)
    return StreamingResponse(
        _progress(job_id, request, service), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _progress(job_id: str, request: Request, service: Service) -> AsyncIterator[str]:
    told = None
    while not await request.is_disconnected():
        job = await asyncio.to_thread(service.store.read, store.find, job_id)
        if job is None:
            return
        shown = _out(job).model_dump(mode="json")
        if shown != told:
            name = "over" if job.state in _OVER else "progress"
            yield f"event: {name}\nid: {job.total - job.waiting}\ndata: {json.dumps(shown)}\n\n"
            told = shown
        if job.state in _OVER:
            return
        await asyncio.sleep(_LOOK_SECONDS)


@router.post("/jobs/{job_id}/cancel", responses=_READ, summary="Cancel a batch")
async def cancel(job_id: str, service: ServiceDep) -> JobOut:
    """Admit no more lines of a batch; what was admitted stays. One that is over is left as it is."""
    job = await _find(service, job_id)
    await asyncio.to_thread(service.store.write, store.cancel, job.seq, now())
    return _out(await _find(service, job_id))


async def _find(service: Service, job_id: str) -> Job:
    job = await asyncio.to_thread(service.store.read, store.find, job_id)
    if job is None:
        raise ProblemError(404, "not-found", f"no job has the id {job_id[:80]!r}")
    return job


def _out(job: Job) -> JobOut:
    address = _address(job)
    values = {name: getattr(job, name) for name in Job.__slots__ if name != "seq"}
    return JobOut(**values, results=f"{address}/results", events=f"{address}/events")
