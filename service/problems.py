"""Every error as an RFC 9457 problem: a stable type, and what to do about it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from detector import InvalidItemError
from service.gate import OverloadedError
from service.sqlite import UNAVAILABLE, StoreError

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:copytaster:problem:"

# The stable names. One that is published here is never given another meaning.
TITLES = {
    "bad-request": "The request could not be read",
    "malformed-json": "The body is not JSON",
    "too-deep": "The body nests too deep",
    "unauthorized": "This takes a key",
    "forbidden": "This key may not do that",
    "not-found": "There is nothing here",
    "method-not-allowed": "This address does not answer that method",
    "item-conflict": "The id belongs to an item with other content",
    "idempotency-in-flight": "A request with this Idempotency-Key is being answered",
    "idempotency-mismatch": "The Idempotency-Key was used for another request",
    "precondition-failed": "The item is another by now",
    "item-retracted": "The item was retracted",
    "body-too-large": "The body is too large",
    "unsupported-media-type": "The body must be JSON",
    "wrong-host": "This service does not go by that name",
    "invalid-request": "The request does not fit the schema",
    "too-many-requests": "This key is used too often",
    "overloaded": "There is too much to do",
    "internal-error": "Something went wrong here",
    "store-unavailable": "The store does not answer",
}
_BY_STATUS = {
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "unsupported-media-type",
    500: "internal-error",
}


class ProblemError(HTTPException):
    """An error with its problem's name; raised anywhere, answered as problem+json."""

    def __init__(self, status: int, name: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.name = name


class Fault(BaseModel):
    """One place of the request that does not fit."""

    pointer: str = Field(description="JSON pointer into the body, or the name of a parameter")
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:copytaster:problem:item-conflict",
                "title": "The id belongs to an item with other content",
                "status": 409,
                "detail": "item 'bus-lanes' is stored with other content; post the new text under an id of its own",
            }
        }
    )

    type: str = Field(description="stable: what a program should look at")
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = Field(default=None, description="with invalid-request: each place that does not fit")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI ``responses`` of a route that can answer with these problems."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def answer(
    status: int, name: str, detail: str, headers: Mapping[str, str] | None = None, faults: Sequence[Fault] | None = None
) -> JSONResponse:
    """A problem as a response."""
    problem = Problem(
        type=TYPE + name, title=TITLES[name], status=status, detail=detail, errors=list(faults) if faults else None
    )
    return JSONResponse(problem.model_dump(exclude_none=True), status, dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` as a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(InvalidItemError, _invalid_item)
    for error in UNAVAILABLE:
        app.add_exception_handler(error, _store)
    app.add_exception_handler(StoreError, _store_of_no_use)
    app.add_exception_handler(Exception, _unexpected)
    app.openapi = partial(_schema, app.openapi)  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _schema(original: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The app's OpenAPI schema with the problem's, which no route returns as its model."""
    schema = original()
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    components.update(problem.pop("$defs"), Problem=problem)
    return schema


async def _http(request: Request, error: Exception) -> JSONResponse:
    raised = cast("HTTPException", error)
    if isinstance(raised, ProblemError):
        return answer(raised.status_code, raised.name, raised.detail, raised.headers)
    name = _BY_STATUS.get(raised.status_code, "bad-request")
    detail = f"{request.method} {request.url.path}: {raised.detail}"
    return answer(raised.status_code, name, detail, raised.headers)


_MOST_FAULTS = 50  # in one answer: a body of unknown names must not be answered with five times its size


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    errors = cast("RequestValidationError", error).errors()
    if errors[0]["type"] == "json_invalid":
        return answer(400, "malformed-json", f"the body is not JSON: {errors[0]['ctx']['error']}")
    # The input is not repeated: it may be a whole article.
    faults = faults_of(errors[:_MOST_FAULTS])
    detail = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults[:5])
    if len(errors) > _MOST_FAULTS:
        detail = f"{len(errors):,} faults, of which {_MOST_FAULTS} are listed: {detail}"
    return answer(422, "invalid-request", detail, faults=faults)


def faults_of(errors: Sequence[Any]) -> list[Fault]:
    """Pydantic's errors as places that do not fit."""
    return [Fault(pointer=_pointer(error["loc"]), detail=error["msg"]) for error in errors]


async def _invalid_item(_request: Request, error: Exception) -> JSONResponse:
    return answer(422, "invalid-request", str(error))


async def _store(_request: Request, error: Exception) -> JSONResponse:
    _log.error("the store failed", exc_info=error)
    return store_unavailable()


def store_unavailable() -> JSONResponse:
    """The answer while the store does not answer."""
    # Whether a commit that was broken off took place can nobody tell; sent again, nothing is done twice.
    detail = "perhaps nothing was stored; send it again, which stores nothing twice, and look at the server's log"
    return answer(503, "store-unavailable", detail, {"Retry-After": "5"})


def overloaded(retry_after: int) -> JSONResponse:
    """The answer to a request for which there is no room; it may come again in so many seconds."""
    return answer(503, "overloaded", str(OverloadedError(retry_after)), {"Retry-After": str(retry_after)})


def stopping() -> JSONResponse:
    """The answer to a request that a stopping server waited for no longer."""
    detail = "the server stops; perhaps nothing was stored: send it again, which stores nothing twice"
    return answer(503, "store-unavailable", detail, {"Retry-After": "5", "Connection": "close"})


async def _store_of_no_use(_request: Request, error: Exception) -> JSONResponse:
    return answer(503, "store-unavailable", str(error), {"Retry-After": "30"})


async def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
    # The server logs the trace itself: Starlette raises the error again once this is sent.
    return answer(500, "internal-error", "nothing was stored; the server's log has the trace")


def _pointer(location: Sequence[str | int]) -> str:
    if location and location[0] == "body":
        return "#/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in location[1:])
    return str(location[-1]) if location else "#"
