"""The threshold advisor: what the policy's scores are worth by people's decisions, and a shadow policy on trial."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from detector.verdict import thresholds
from service.problems import ProblemError
from service.review.advice import Advice, Decided, Scored, advise
from service.review.failures import PageRoute
from service.review.pages import frame_of, reading
from service.review.rendering import rendered
from service.review.visitors import VisitorDep
from service.state import ServiceDep
from service.store import decisions, overview
from service.store.records import now

router = APIRouter(prefix="/review", include_in_schema=False, route_class=PageRoute)
_DAYS = 30
Score = Annotated[float, Form(ge=0, le=1)]
_OWN_LINES = re.compile(r"^\s*(review_score|reject_score|false_hold_rate|false_reject_rate)\s*=.*\n?", re.MULTILINE)


@router.get("/advisor")
async def show_advisor(
    request: Request,
    visitor: VisitorDep,
    service: ServiceDep,
    hold: float | None = Query(None, ge=0, le=1),
    reject: float | None = Query(None, ge=0, le=1),
) -> Response:
    """Precision and recall of the thresholds, their curve, and a replay with others."""
    at = thresholds(service.policies.active)
    then = (at[0] if hold is None else hold, at[1] if reject is None else reject)
    found = await reading(service, _advice, at, then)
    frame = await frame_of(service, visitor, "advisor")
    return rendered(request, "advisor.html", advice=found, shadow=service.settings.shadow_policy, **frame)


def _advice(connection: Connection, at: tuple[float, float], then: tuple[float, float]) -> Advice:
    judged = [Decided(score, after == "rejected") for score, after in decisions.with_scores(connection)]
    rows = overview.scored(connection, overview.days_ago(now(), _DAYS))
    return advise(judged, [Scored(row["score"], row["action"]) for row in rows], now=at, then=then)


@router.post("/advisor")
async def try_in_shadow(visitor: VisitorDep, service: ServiceDep, hold: Score, reject: Score) -> Response:
    """Write these thresholds as the shadow policy, which decides beside the real one and changes nothing."""
    if not visitor.is_admin:
        raise ProblemError(403, "forbidden", f"{visitor.name} may review but not change policies; that takes an admin")
    file = service.settings.shadow_policy
    if file is None:
        detail = "no file is named for a shadow policy; set COPYTASTER_SHADOW_POLICY and start the service again"
        raise ProblemError(409, "no-shadow-file", detail)
    if hold > reject:
        raise ProblemError(422, "invalid-request", f"hold is {hold} and reject {reject}; hold must not be the greater")
    active = service.settings.policy
    await asyncio.to_thread(_write, file, active.read_text(encoding="utf-8") if active else "", hold, reject)
    await asyncio.to_thread(service.policies.look)
    return RedirectResponse(f"/review/advisor?hold={hold}&reject={reject}", 303)


def _write(file: Path, active: str, hold: float, reject: float) -> None:
    """The active policy with these two scores, whole or not at all."""
    head, bracket, rest = active.partition("\n[")
    mine = f"review_score = {hold}\nreject_score = {reject}\n{_OWN_LINES.sub('', head)}{bracket}{rest}"
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as new:
        new.write(mine)
    os.replace(new.name, file)  # noqa: PTH105  # atomic, and Path.replace is the same
