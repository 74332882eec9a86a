"""Conditional requests (RFC 9110, 13): nothing is sent again that is there, nor changed that is another by now."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Header, Request, Response

from service.problems import ProblemError
from service.store import StoredItem

IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="the ETag of the item as you know it; 412 when it is another")
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="the ETag that you have; 304 when it holds")
]


def names(header: str, tag: str) -> bool:
    """Whether a header of entity tags names ``tag``; weak and strong ones compare alike.

    >>> names('"a", W/"b"', '"b"'), names("*", '"b"'), names('"a"', '"b"')
    (True, True, False)
    """
    tags = {part.strip().removeprefix("W/") for part in header.split(",")}
    return tag in tags or "*" in tags


class UnchangedError(Exception):
    """The reader has it already."""

    def __init__(self, etag: str) -> None:
        super().__init__(f"{etag} has not changed")
        self.etag = etag


def unless_known(header: str | None, etag: str) -> None:
    """Raise UnchangedError, answered with 304, when the header names what would be sent."""
    if header is not None and names(header, etag):
        raise UnchangedError(etag)


def install(app: FastAPI) -> None:
    """Answer a reader who has it already with 304."""
    app.add_exception_handler(UnchangedError, _unchanged)


async def _unchanged(_request: Request, error: Exception) -> Response:
    assert isinstance(error, UnchangedError)  # noqa: S101  # it is registered for no other
    return Response(status_code=304, headers={"ETag": error.etag})


def require(header: str | None, item: StoredItem) -> None:
    """Raise ProblemError unless the header is absent or names the item as it stands."""
    if header is not None and not names(header, item.etag):
        detail = f"item {item.id!r} is {item.etag} by now (version {item.version}, {item.status}); read it again"
        raise ProblemError(412, "precondition-failed", detail, {"ETag": item.etag})
