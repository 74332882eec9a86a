"""Who looks at the review page: a session, the holder of a key, or anybody here while there are neither.

A session is a random token in a cookie (HttpOnly, SameSite=Strict), new at every sign-in. Each form carries a token
derived from it, which no other site can know; besides, a form that a browser says came from another site is refused.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from service.callers import LOCAL, Caller
from service.keys import Scope
from service.review.passwords import fits
from service.state import Service, ServiceDep
from service.store import people
from service.store.people import SESSION_LIFETIME, Reviewer, Session
from service.store.records import now

COOKIE = "copytaster_session"
REVIEW: frozenset[Scope] = frozenset({"review"})
_TOKEN_BYTES = 32
_RENEWED = timedelta(minutes=15)  # a session is prolonged in the store at most so often


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for a page, and the token of their forms."""

    caller: Caller
    csrf: str
    signed_in: bool  # by a session that can be ended

    @property
    def name(self) -> str:
        """As it stands in the audit."""
        return self.caller.name

    @property
    def is_admin(self) -> bool:
        """Whether they may change the policy."""
        return "admin" in self.caller.scopes


class NotSignedInError(Exception):
    """Nobody is signed in, or somebody who may not review; ``form`` is what they had sent."""

    def __init__(self, form: Mapping[str, str], problem: str = "") -> None:
        super().__init__(problem or "sign in first")
        self.form, self.problem = form, problem


class ForgedError(Exception):
    """A form that did not come from our own page, or from one that is too old."""


async def visitor(request: Request, service: ServiceDep) -> Visitor:
    """Whoever asks, when they may review; raises NotSignedInError otherwise, and ForgedError for a forged form."""
    form = await _form(request)
    request.state.review_token = request.cookies.get(COOKIE) or new_token()
    found = await _by_session(request, service) or await _without_session(request, service)
    if found is None:
        raise NotSignedInError(form)
    if not found.caller.may(REVIEW):
        raise NotSignedInError(form, f"{found.name} may not review; sign in as somebody who may")
    if request.method == "POST":
        require_ours(request, form, request.state.review_token)
    return found


VisitorDep = Annotated[Visitor, Depends(visitor)]


async def _form(request: Request) -> dict[str, str]:
    """The single values of a form that was sent; empty for a GET."""
    if request.method != "POST":
        return {}
    form: FormData = await request.form(max_files=0, max_fields=1_000)
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _by_session(request: Request, service: Service) -> Visitor | None:
    token = request.cookies.get(COOKIE, "")
    session = await asyncio.to_thread(_session, service, token) if token else None
    if session is None:
        return None
    if session.key_id is not None and not service.keyring.opens(session.key_id):
        return None
    caller = Caller(session.key_id or f"reviewer:{session.who}", session.who, frozenset(session.scopes))  # type: ignore[arg-type]
    return Visitor(caller, csrf_of(token), signed_in=True)


def _session(service: Service, token: str) -> Session | None:
    moment = now()
    session = service.store.read(people.find_session, token, moment)
    if session and session.expires - moment < SESSION_LIFETIME - _RENEWED:
        service.store.write(people.prolong, token, moment + SESSION_LIFETIME)
    return session


async def _without_session(request: Request, service: Service) -> Visitor | None:
    """The holder of a key in a header; or anybody, while there are neither keys nor reviewers."""
    caller: Caller = request.state.caller
    if caller is LOCAL and await asyncio.to_thread(lambda: service.store.read(people.count_reviewers)) > 0:
        return None
    if not caller.may(REVIEW):
        return None
    return Visitor(caller, csrf_of(request.state.review_token), signed_in=False)


def csrf_of(token: str) -> str:
    """What the forms of a session carry; from it nobody finds the session's own token."""
    return sha256(f"csrf:{token}".encode()).hexdigest()


def require_ours(request: Request, form: Mapping[str, str], token: str) -> None:
    """Raise ForgedError for a form that another site sent, or that no page of ours was shown with."""
    from_ours = request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    if not token or not from_ours or not hmac.compare_digest(form.get("csrf", ""), csrf_of(token)):
        raise ForgedError


async def sign_in(service: Service, name: str, password: str) -> str | None:
    """The token of a new session for a reviewer's name and password, or for an API key; None when neither fits."""
    moment = now()
    reviewer = None
    if name:
        reviewer = await asyncio.to_thread(service.store.read, _by_password, name, password)
        session = _session_of(reviewer, moment) if reviewer else None
    else:
        await service.keyring.refresh()
        key = service.keyring.find(password, moment)
        session = Session(key.name, frozenset(key.scopes), key.id, moment + SESSION_LIFETIME) if key else None
    if session is None or not session.scopes & {"review", "admin"}:
        return None
    token = token_urlsafe(_TOKEN_BYTES)
    by = reviewer.hash if reviewer else None
    opened = await asyncio.to_thread(service.store.write, people.open_session, token, session, moment, password_hash=by)
    return token if opened else None


def _by_password(connection: Connection, name: str, password: str) -> Reviewer | None:
    known = people.find_reviewer(connection, name)
    return known if fits(password, known.hash if known and not known.disabled else None) else None


def _session_of(reviewer: Reviewer, moment: datetime) -> Session:
    scopes = {"review", "admin"} if reviewer.role == "admin" else {"review"}
    return Session(reviewer.name, frozenset(scopes), None, moment + SESSION_LIFETIME)


async def sign_out(service: Service, token: str) -> None:
    """End the session."""
    await asyncio.to_thread(service.store.write, people.close_session, token)


def set_cookie(response: Response, request: Request, token: str) -> None:
    """Give the browser its session; over HTTPS it never sends it otherwise."""
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/review", secure=secure)


def new_token() -> str:
    """A token for a visitor who has no session yet: it binds the forms that they are shown."""
    return token_urlsafe(_TOKEN_BYTES)
