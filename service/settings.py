"""What an operator can set, checked once: the only place of the service that reads the environment."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each setting is read from ``COPYTASTER_<NAME>`` unless it is passed in."""

    model_config = SettingsConfigDict(env_prefix="COPYTASTER_", frozen=True)

    database: str = "copytaster.db"  # an SQLite file, made when it is not there, or postgresql://user@host/name
    host: str = "127.0.0.1"  # one that other machines reach takes a key (copytaster keys create)
    port: int = Field(default=8765, ge=1, le=65_535)
    public_url: str = ""  # where readers reach the feeds; empty: http://host:port
    feed_title: str = "copytaster"
    feed_items: int = Field(default=50, ge=1, le=500)
    max_body_bytes: int = Field(default=4 * 1024 * 1024, ge=1024)
    max_batch_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)  # of one POST /v1/batches
    workers: int = Field(default=2, ge=1, le=64)  # processes that read and examine items
    source_window: int = Field(default=500, ge=16)  # a source's last items, by which it is known what it repeats
    examine_seconds: float = Field(default=10.0, gt=0, le=300)  # by the clock, for one item, before its worker is ended
    examine_megabytes: int = Field(default=512, ge=64)  # of memory, beside what a worker has itself; on Linux

    rate: float = Field(default=100.0, gt=0)  # requests a second that a key may make …
    burst: int = Field(default=500, ge=1)  # … and at once
    queue_seconds: float = Field(default=2.0, gt=0)  # a request that would wait for longer is turned away
    queue_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)  # of bodies that are held at a time
    policy: Path | None = None  # TOML, read again when it changes; none: the default policy
    shadow_policy: Path | None = None  # TOML: a policy on trial, whose decisions are recorded and never acted on
    webhooks_private: bool = False  # call webhooks on this machine and its network too
    webhook_seconds: float = Field(default=10.0, gt=0, le=60)  # for one attempt
    webhook_retry_seconds: float = Field(default=5.0, gt=0)  # before the second attempt; then twice that, and so on
    event_days: float = Field(default=30.0, gt=0)  # for how long events can be sent again
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        if self.public_url and urlsplit(self.public_url).scheme not in ("http", "https"):
            raise ValueError(f"public_url is {self.public_url!r}; it must begin with http:// or https://")
        return self

    @property
    def base_url(self) -> str:
        """The address before every path, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Names by which the service may be called while there is no key.

        This stops a web page whose own name was made to resolve to 127.0.0.1 from reading the answers.
        """
        public = urlsplit(self.public_url).hostname
        return frozenset({"localhost", "127.0.0.1", "::1", self.host} | ({public} if public else set()))


@lru_cache(maxsize=4_096)  # asked of every request's sender
def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
