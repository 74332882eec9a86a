"""The way in: the form of those who are not signed in, with what they had typed."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.review.rendering import rendered
from service.review.visitors import COOKIE, NotSignedInError, csrf_of, new_token

KEPT = ("item", "note", "list")  # of a form that came too late: what a person typed, and where


def sign_in_form(
    request: Request,
    *,
    after: str,
    kept: Mapping[str, str] | None = None,
    problem: str = "",
    name: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Ask for a name and a password, or a key; ``after`` is where to go then."""
    token = request.cookies.get(COOKIE) or new_token()
    request.state.review_token = token
    context = {"next": after, "kept": dict(kept or {}), "problem": problem, "name": name, "csrf": csrf_of(token)}
    return rendered(request, "sign_in.html", status, **context)


def show_entrance(request: Request, error: NotSignedInError) -> Response:
    """The way in, for whoever asked for a page or sent a form; of the form the note is kept."""
    if request.method == "GET":
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if not error.problem:
            return RedirectResponse(f"/review/sign-in?{urlencode({'next': asked})}", 303)
        return sign_in_form(request, after=local(asked), problem=error.problem, status=403)
    kept = {name: error.form[name] for name in KEPT if error.form.get(name)}
    after = f"/review/item?{urlencode({'id': kept['item']})}" if "item" in kept else "/review"
    return sign_in_form(request, after=after, kept=kept, problem=error.problem, status=401)


def local(address: str) -> str:
    """An address of the review page, whatever was asked for: nobody is sent elsewhere after signing in.

    >>> local("/review/item?id=a"), local("//evil.example/review"), local("/review\\\\evil.example")
    ('/review/item?id=a', '/review', '/review')
    """
    parts = urlsplit(address)
    ours = not parts.scheme and not parts.netloc and (parts.path == "/review" or parts.path.startswith("/review/"))
    return address if ours and "\\" not in address else "/review"


def with_note(address: str, kept: Mapping[str, str]) -> str:
    """``address`` with the note that was kept, to be written again into its form."""
    if not kept.get("note"):
        return address
    joined = urlencode({"note": kept["note"]})
    return f"{address}{'&' if '?' in address else '?'}{joined}"
