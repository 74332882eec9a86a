"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.rates import Buckets, Rate
from service.review.failures import PageRoute
from service.review.gateway import KEPT, local, sign_in_form, with_note
from service.review.visitors import COOKIE, VisitorDep, require_ours, set_cookie, sign_in, sign_out
from service.state import ServiceDep

router = APIRouter(prefix="/review", include_in_schema=False, route_class=PageRoute)

Value = Annotated[str, Form(max_length=4_000)]
_BY_NAME = Rate(per_second=1 / 20, burst=5)
_BY_ADDRESS = Rate(per_second=1 / 2, burst=30)  # a newsroom may have one address
_buckets = Buckets()


@router.get("/sign-in")
async def show_sign_in(request: Request, next: str = "/review") -> HTMLResponse:  # noqa: A002
    """Ask for a name and a password, or a key."""
    return sign_in_form(request, after=local(next))


@router.post("/sign-in")
async def take_sign_in(request: Request, service: ServiceDep, name: Value = "", password: Value = "") -> Response:
    """Open a session, under a token that nobody had before."""
    form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
    require_ours(request, form, request.cookies.get(COOKIE, ""))
    kept = {key: form[f"kept_{key}"] for key in KEPT if form.get(f"kept_{key}")}
    after = local(form.get("next", "/review"))
    address = request.client.host if request.client else ""
    limits = {f"name {name}" if name else f"key {address}": _BY_NAME, f"address {address}": _BY_ADDRESS}
    if not all(_buckets.take(caller, rate).allowed for caller, rate in limits.items()):
        problem = "Too many attempts; wait a minute."
        return sign_in_form(request, after=after, kept=kept, problem=problem, name=name, status=429)
    opened = await sign_in(service, name.strip(), password)
    if opened is None:
        problem = "This name and password do not fit, or the key may not review."
        return sign_in_form(request, after=after, kept=kept, problem=problem, name=name, status=401)
    response = RedirectResponse(with_note(after, kept), 303)
    set_cookie(response, request, opened)
    return response


@router.post("/sign-out")
async def take_sign_out(request: Request, _: VisitorDep, service: ServiceDep) -> Response:
    """End the session, here and in the store."""
    await sign_out(service, request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/review/sign-in", 303)
    response.delete_cookie(COOKIE, path="/review")
    return response
