"""What the routes work with: made when the app starts, found through the request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from service.batches import Batches
from service.delivery import Deliverer
from service.desk import Desk
from service.gate import Gate
from service.keys import Keyring
from service.metrics import Metrics
from service.policies import Policies
from service.settings import Settings
from service.store import Store
from service.workers import Examiners


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a running service."""

    settings: Settings
    store: Store
    examiners: Examiners
    desk: Desk
    batches: Batches
    keyring: Keyring
    gate: Gate
    policies: Policies
    deliverer: Deliverer
    metrics: Metrics
    in_flight: set[tuple[str, str]] = field(default_factory=set)  # caller and Idempotency-Key of what is being answered


def _running(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(_running)]
