"""Signatures of webhooks as Standard Webhooks has them: HMAC-SHA256 over id, time and body, one for each secret.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256

PREFIX = "whsec_"
_SECRET_BYTES = 32  # the specification asks for 24 to 64


def make_secret() -> str:
    """A new secret to sign with, as its receiver must keep it."""
    return PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(message_id: str, timestamp: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The headers of one attempt at ``timestamp``, in seconds since 1970; one signature for each of ``keys``.

    There are two while a secret is rotated: a receiver takes a message when one of the signatures
    fits, so either secret will do.
    """
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_sign(key, content)}" for key in keys),
    }


def _sign(key: str, content: bytes) -> str:
    raw = b64decode(key.removeprefix(PREFIX), validate=True)
    return b64encode(hmac.new(raw, content, sha256).digest()).decode()
