"""What comes in and what goes out about webhooks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.messages import Text, WebAddress
from service.store.events import EventKind


def _in_utc(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class WebhookIn(BaseModel):
    """A subscription."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://cms.example/hooks/copytaster", "events": ["item.published"]}]},
    )

    url: WebAddress = Field(description="http or https, on the open internet unless the service allows others")
    events: list[EventKind] = Field(default_factory=list, max_length=20, description="empty: every kind of event")


class WebhookOut(BaseModel):
    """A subscription as it stands."""

    id: str
    url: str
    events: list[str]
    active: bool = Field(description="false once the receiver answered 410; replay makes it active again")
    created: datetime
    created_by: str
    failing_since: datetime | None = Field(description="since when every attempt has failed")
    secret: str | None = Field(default=None, description="only in the answer that made it: keep it")


class Webhooks(BaseModel):
    """Every subscription."""

    webhooks: list[WebhookOut]


class DeliveryOut(BaseModel):
    """An event on its way."""

    event: str = Field(description="the webhook-id header: the same at every attempt")
    kind: str
    item: str
    created: datetime
    state: Literal["waiting", "delivered", "dead"]
    attempts: int
    next_attempt: datetime | None
    status: int | None = Field(description="HTTP status of the last attempt")
    error: str | None


class DeliveryPage(BaseModel):
    """Deliveries, the latest event first."""

    deliveries: list[DeliveryOut]
    next: str | None


class ReplayIn(BaseModel):
    """What to send again: the events named, or all since a moment; without either all that are dead."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"since": "2026-03-02T00:00:00Z"}]})

    since: Moment | None = Field(default=None, description="ISO 8601; UTC when it names no zone")
    events: list[Text] = Field(default_factory=list, max_length=1000)


class ReplayOut(BaseModel):
    """How many deliveries will be attempted again."""

    events: int
