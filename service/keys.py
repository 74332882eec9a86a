"""API keys: made once and shown once, kept as digests, compared in constant time, looked up a moment after they change.

A key is ``ct_<id>_<secret>``. The id names it in lists, logs and limits; the secret has 256 random bits, so that one
round of SHA-256 is all that its digest needs: there is no dictionary of such secrets to try.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal, get_args

Scope = Literal["check", "write", "review", "admin"]
SCOPES: frozenset[Scope] = frozenset(get_args(Scope))

FRESH_SECONDS = 2.0  # for so long may a key that was made, or revoked, elsewhere be unknown here
_FORM = re.compile(r"ct_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NOBODY = bytes(32)  # what an unknown id is compared with, so that knowing an id saves no time


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key: enough to recognise it, not enough to use it."""

    id: str
    name: str
    digest: bytes  # SHA-256 of the whole key
    scopes: frozenset[Scope]
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    replaces: str | None = None  # id of the key that this one was rotated from
    rate: float | None = None  # requests a second; None: as the service is set
    burst: int | None = None

    def works(self, now: datetime) -> bool:
        """Whether it opens anything at ``now``."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    def state(self, now: datetime) -> str:
        """One word for a list."""
        if self.revoked is not None:
            return "revoked"
        return "active" if self.works(now) else "expired"


def make_key(
    name: str,
    scopes: frozenset[Scope],
    now: datetime,
    *,
    lifetime: timedelta | None = None,
    rate: float | None = None,
    burst: int | None = None,
) -> tuple[str, Key]:
    """A new key as its holder must keep it, and as it is stored. Raises ValueError for scopes that there are not."""
    if not scopes or scopes - SCOPES:
        raise ValueError(f"scopes are {', '.join(sorted(scopes)) or 'none'}; give some of {', '.join(get_args(Scope))}")
    key_id = secrets.token_hex(6)
    token = f"ct_{key_id}_{secrets.token_urlsafe(32)}"
    expires = None if lifetime is None else now + lifetime
    return token, Key(key_id, name, _digest(token), scopes, now, expires, rate=rate, burst=burst)


def rotate(old: Key, now: datetime, overlap: timedelta) -> tuple[str, Key, Key]:
    """A key that takes the place of ``old``, which goes on to work for ``overlap``: token, new key, old key.

    The new one lives as long from now as the old one did from its making.
    """
    lifetime = None if old.expires is None else old.expires - old.created
    token, new = make_key(old.name, old.scopes, now, lifetime=lifetime, rate=old.rate, burst=old.burst)
    end = now + overlap
    return token, replace(new, replaces=old.id), replace(old, expires=min(old.expires, end) if old.expires else end)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


class Keyring:
    """The keys of the store as this process knows them, read again when they are older than ``FRESH_SECONDS``."""

    def __init__(self, read: Callable[[], Mapping[str, Key]]) -> None:
        self._read = read
        self._keys: Mapping[str, Key] = read()
        self._at = time.monotonic()
        self._reading: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Read the keys again when it is time to."""
        if self._is_fresh():
            return
        # Many requests may notice at once: one reads, and all go on together. Behind a lock they would go on one at a
        # time, each a turn of a busy loop after the one before, and under a flood wait longer than for their work.
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_again())
        await asyncio.shield(self._reading)  # one that is given up must not end it for the others

    async def _read_again(self) -> None:
        self._keys = await asyncio.to_thread(self._read)
        self._at = time.monotonic()

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._at < FRESH_SECONDS

    @property
    def empty(self) -> bool:
        """Whether no key was ever made. One that expired still counts: a service does not open when its keys end."""
        return not self._keys

    def find(self, token: str, now: datetime | None = None) -> Key | None:
        """The key that ``token`` is, if it works."""
        form = _FORM.fullmatch(token)
        key = self._keys.get(form[1]) if form else None
        same = hmac.compare_digest(_digest(token), key.digest if key else _NOBODY)
        return key if key and same and key.works(now or datetime.now(UTC)) else None

    def opens(self, key_id: str, now: datetime | None = None) -> bool:
        """Whether the key of this id still works: what it opened ends with it."""
        key = self._keys.get(key_id)
        return key is not None and key.works(now or datetime.now(UTC))
