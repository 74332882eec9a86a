"""What a person is shown when something cannot be done: a page that says so and keeps their note, never JSON."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.problems import ProblemError
from service.review.gateway import show_entrance
from service.review.rendering import rendered
from service.review.visitors import ForgedError, NotSignedInError
from service.sqlite import UNAVAILABLE

_log = logging.getLogger(__name__)
_HEADINGS = {
    404: "There is nothing here",
    409: "Somebody was faster",
    412: "The item is another by now",
    403: "Not allowed",
    503: "The store does not answer",
}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose errors are pages."""

    def get_route_handler(self) -> Handler:
        """The route's handler, with its errors shown."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except NotSignedInError as error:
                return show_entrance(request, error)
            except ForgedError:
                detail = "This form did not come from this page, or the page was too old. Nothing was changed."
                return await _shown(request, 403, detail)
            except RequestValidationError as error:
                told = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors()[:5])
                return await _shown(request, 422, told)
            except UNAVAILABLE:
                _log.exception("the store failed")
                shown = await _shown(request, 503, "Perhaps nothing was changed. Try again in a moment.")
                shown.headers["Retry-After"] = "5"
                return shown
            except HTTPException as error:
                if isinstance(error, ProblemError) and error.status_code == 413:
                    raise
                return await _shown(request, error.status_code, error.detail)

        return handle


async def _shown(request: Request, status: int, detail: str) -> Response:
    form = await request.form() if request.method == "POST" else {}
    note, item = form.get("note", ""), form.get("item", "")
    back = f"/review/item?id={quote(item)}" if isinstance(item, str) and item else "/review"
    heading = _HEADINGS.get(status, "This cannot be done")
    return rendered(request, "problem.html", status, heading=heading, detail=detail, note=note, back=back)
