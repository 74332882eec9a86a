"""Pages from templates, with the headers that keep foreign text from doing anything."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from service.review.visitors import COOKIE, set_cookie

_HERE = Path(__file__).parent
# No script but our own file, nothing from elsewhere, no frame: an item's text is shown, and cannot act.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_MEDIA_TYPES = {"review.css": "text/css", "review.js": "text/javascript", "icon.svg": "image/svg+xml"}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = FileSystemLoader(_HERE / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def rendered(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page; a visitor without a session is given the cookie that binds its forms."""
    response = HTMLResponse(_environment().get_template(template).render(context), status, HEADERS)
    token = getattr(request.state, "review_token", None)
    if token and token != request.cookies.get(COOKIE):
        set_cookie(response, request, token)
    return response


@lru_cache(maxsize=len(_MEDIA_TYPES))
def static_file(name: str) -> Response | None:
    """One of the page's own files; None where there is none of that name."""
    if name not in _MEDIA_TYPES:
        return None
    headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
    return Response((_HERE / "static" / name).read_bytes(), 200, headers, f"{_MEDIA_TYPES[name]}; charset=utf-8")
